"""The hash of an indicator's rows: what a council's ballots bind to.

The rule: it covers every column but the council's verdict, and the mark h, which is the council's
too. Two tables that differ in anything else of an indicator have different hashes for it.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipelines.disclosure.table import KEY
from pipelines.release.columns import COLUMNS


def rows_hashes(csv: Path) -> dict[str, str]:
    """indicator id → SHA-256 (hex) over its rows in ``indicators.csv``, in the order of the key."""
    fields = ", ".join(_field(column.name) for column in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute(
            "create temp table figures as select * from read_csv(?, header = true, "
            "all_varchar = true, nullstr = '', delim = ',', quote = '\"', escape = '\"')",
            [str(csv)],
        )
        found = connection.sql(
            f"""
            with lines as (
                select
                    indicator_id,
                    concat_ws(chr(31), {fields}) as line,
                    row_number() over (order by {", ".join(KEY)}) as place
                from figures
            )

            select
                indicator_id,
                sha256(string_agg(line, chr(30) order by place)) as hash
            from lines
            group by indicator_id
            order by indicator_id
            """
        ).fetchall()
    return dict(found)


def _field(name: str) -> str:
    if name == "council_verdict":
        return "''"
    if name == "mark":
        return "if(mark = 'h', '', coalesce(mark, ''))"
    return f"coalesce({name}, '')"
