"""From contracted result rows to the published table.

The rule: the order of the steps is part of disclosure control. What is not available is flagged
first, suppression sees exact numbers, and rounding comes after it; nothing that rounding hides is
relied on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.disclosure.earlier import HELD, HELD_TEXT, Edition
from pipelines.disclosure.primary import Selection
from pipelines.disclosure.protection import Suppression, protect
from pipelines.disclosure.rounded import ROUNDED, ROUNDED_TEXT
from pipelines.disclosure.rounding import Rounding
from pipelines.disclosure.table import KEY, check_rows
from pipelines.periods import Period
from pipelines.registry import Registry
from pipelines.release.columns import COLUMNS, SDMX_STATUS, Column
from pipelines.release.delivery_notes import note_deliveries


@dataclass(frozen=True)
class Figures:
    """The published table (``release.columns.COLUMNS``), what was hidden or rounded, and caveats
    gained."""

    table: pa.Table
    suppression: Suppression
    rounding: Rounding | None
    caveats: dict[str, str]


def publishable(
    rows: pa.Table,
    *,
    country: str,
    period: str,
    deliveries: pa.Table,
    registry: Registry,
    lineage: pa.Table,
    threshold: int,
    withheld: Sequence[Selection] = (),
    challenged: Collection[str] = (),
    editions: Sequence[Edition] = (),
    base: int | None = None,
) -> Figures:
    """The figures of one country whose period ends no later than ``period`` does.

    ``deliveries`` are that country's rows of vintage.parquet; ``lineage`` says which delivered
    columns touch which rows, ``withheld`` what the council withholds, ``challenged`` the deliveries
    that it doubts, ``editions`` are all earlier releases; counts of people are rounded to ``base``
    where there is one. Sorted by key.
    """
    chosen = _select(check_rows(rows), country, Period.parse(period))
    noted = note_deliveries(chosen, deliveries, registry, lineage, challenged)
    protected = protect(noted.rows, registry, threshold, withheld, editions, base)
    with duckdb.connect() as connection:
        connection.register("protected", protected.rows)
        connection.register("gained", noted.caveats)
        connection.register("declared", _declared(registry))
        connection.register("statuses", _statuses())
        columns = ",\n".join(f"{_value(column)} as {column.name}" for column in COLUMNS)
        table = connection.sql(
            f"""
            select {columns}
            from protected
            inner join declared using (indicator_id)
            inner join statuses using (mark)
            left join gained using (indicator_id, period, cohort, breakdown)
            order by {", ".join(KEY)}
            """
        ).to_arrow_table()
    texts = dict(noted.texts)
    if protected.suppression.held:
        texts[HELD] = HELD_TEXT
    if base:
        texts[ROUNDED] = ROUNDED_TEXT
    return Figures(table, protected.suppression, protected.rounding, texts)


def _select(rows: pa.Table, country: str, until: Period) -> pa.Table:
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        periods = connection.sql("select distinct period from rows order by period").fetchall()
        due = [text for (text,) in periods if Period.parse(text).last <= until.last]
        connection.register("due", pa.table({"period": pa.array(due, pa.string())}))
        return connection.sql(
            "select rows.* from rows semi join due using (period) where country = ?",
            params=[country],
        ).to_arrow_table()


def _declared(registry: Registry) -> pa.Table:
    entries = registry.indicators.values()
    return pa.table(
        {
            "indicator_id": pa.array([entry.id for entry in entries], pa.string()),
            "declared": pa.array([";".join(sorted(entry.caveats)) for entry in entries]),
        }
    )


def _statuses() -> pa.Table:
    return pa.table(
        {
            "mark": list(SDMX_STATUS),
            "obs_status": [obs for obs, _ in SDMX_STATUS.values()],
            "conf_status": [conf for _, conf in SDMX_STATUS.values()],
        }
    )


def _value(column: Column) -> str:
    """Two decimals are rounded from the decimal the warehouse rounded to nine, half away from 0."""
    if column.name == "council_verdict":
        return "'pending'"
    if column.name == "caveats":
        own = f"if(held, '{HELD}', null), if(rounded and mark = '', '{ROUNDED}', null)"
        return f"concat_ws(';', nullif(declared, ''), gained.caveats, {own})"
    if column.sql_type == "decimal(18,2)":
        return f"cast(round(cast({column.name} as decimal(38,9)), 2) as decimal(18,2))"
    return f"cast({column.name} as {column.sql_type})"
