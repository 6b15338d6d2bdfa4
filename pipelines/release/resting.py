"""Which figures rest on which deliveries.

The rule: a figure rests on a delivery of one of its sources whose period overlaps the figure's
time: its period, or for a cohort from the first entry to the end of the period. On a column of the
delivery it rests only where the column touches the figure's rows, as the lineage says.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.periods import Period
from pipelines.registry import Registry


def figures_resting_on(
    notes: pa.Table, rows: pa.Table, registry: Registry, lineage: pa.Table
) -> pa.Table:
    """indicator_id, period, cohort, breakdown and caveat, once each and in that order.

    ``notes`` have source, first_month, last_month, caveat, table_name and column_name; the last two
    are null where the whole delivery is meant. ``rows`` are contracted rows, ``lineage`` has
    ``pipelines.lineage.LINEAGE_SCHEMA``.
    """
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        spans = connection.sql(
            "select distinct period, cohort from rows order by period, cohort"
        ).fetchall()
        for name, table in {
            "notes": notes,
            "sources": _sources(registry),
            "windows": _windows(spans),
            "lineage": lineage,
        }.items():
            connection.register(name, table)
        return connection.sql(_TOUCHED).to_arrow_table()


def _sources(registry: Registry) -> pa.Table:
    pairs = [
        (indicator.id, source)
        for indicator in registry.indicators.values()
        for source in indicator.sources
    ]
    return pa.table(
        {
            "indicator_id": pa.array([indicator for indicator, _ in pairs], pa.string()),
            "source": pa.array([source for _, source in pairs], pa.string()),
        }
    )


def _windows(spans: list[tuple[str, str]]) -> pa.Table:
    first = [Period.parse(cohort or period).first for period, cohort in spans]
    last = [Period.parse(period).last for period, _ in spans]
    return pa.table(
        {
            "period": pa.array([period for period, _ in spans], pa.string()),
            "cohort": pa.array([cohort for _, cohort in spans], pa.string()),
            "first_month": pa.array(first, pa.int64()),
            "last_month": pa.array(last, pa.int64()),
        }
    )


_TOUCHED = """
with figures as (
    select distinct
        indicator_id,
        period,
        cohort,
        breakdown
    from rows
)

select distinct
    figures.indicator_id,
    figures.period,
    figures.cohort,
    figures.breakdown,
    notes.caveat
from figures
inner join windows using (period, cohort)
inner join sources using (indicator_id)
inner join notes
    on
        sources.source = notes.source
        and windows.first_month <= notes.last_month
        and windows.last_month >= notes.first_month
left join lineage
    on
        figures.indicator_id = lineage.indicator_id
        and notes.table_name = lineage.table_name
        and notes.column_name = lineage.column_name
where
    notes.table_name is null
    or lineage.breakdown = ''
    or list_contains(string_split(figures.breakdown, '*'), lineage.breakdown)
order by all
"""
