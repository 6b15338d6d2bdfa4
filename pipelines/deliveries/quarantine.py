"""The quarantine: rows that broke the contract, as they were delivered, with every rule they broke.

Rule guarded: a bad row is set apart, never dropped and never mended here. Its values passed the
identifier scan, or the delivery would have been refused before.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.checks import Checked
from pipelines.deliveries.forms import quoted
from pipelines.deliveries.storage import write_parquet
from pipelines.paths import Home

REFUSED_WITH_DELIVERY = "delivery_refused"


def quarantine_path(home: Home, table: str, delivery_id: str) -> Path:
    """Where a delivery's bad rows of a table lie."""
    return home.quarantine / table / f"delivery={delivery_id}" / "part.parquet"


def set_apart(
    connection: DuckDBPyConnection, home: Home, checked: Checked, delivery_id: str, whole: bool
) -> None:
    """Write the breaking rows of ``text_<t>``; every row, where the delivery is refused ``whole``.

    Columns: row_number, rules, fields, messages (lists of equal length), then the contract's
    columns as text. A row that is here only because its delivery was refused has rule
    ``delivery_refused``.
    """
    table = checked.contract.table
    columns = ", ".join(column.name for column in checked.contract.columns)
    described = ", ".join(
        f"({number}, {quoted([check.rule, check.field, check.message])})"
        for number, check in enumerate(checked.checks)
    )
    kind = "left" if whole else "inner"
    write_parquet(
        connection,
        f"""
        with described(check_number, rule, field, message) as (values {described}),
        broken as (
            select
                row_number,
                list(rule order by check_number) as rules,
                list(field order by check_number) as fields,
                list(message order by check_number) as messages
            from (select distinct row_number, check_number from breach_{table})
            inner join described using (check_number)
            group by row_number
        )
        select
            row_number,
            coalesce(rules, ['{REFUSED_WITH_DELIVERY}']) as rules,
            coalesce(fields, ['']) as fields,
            coalesce(messages, ['its delivery was refused']) as messages,
            {columns}
        from text_{table} {kind} join broken using (row_number)
        order by row_number
        """,
        quarantine_path(home, table, delivery_id),
    )


def quarantined_rows(home: Home, delivery_id: str, table: str) -> pa.Table:
    """A delivery's quarantined rows of a table, in file order; no rows when it has none."""
    path = quarantine_path(home, table, delivery_id)
    if not path.exists():
        return pa.table({"row_number": pa.array([], pa.int64())})
    with duckdb.connect() as connection:
        return connection.sql("select * from read_parquet(?)", params=[str(path)]).to_arrow_table()
