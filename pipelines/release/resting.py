"""Which figures rest on which deliveries: those of the same source whose times overlap.

The time of a figure is its period; for a cohort, from the first entry to the end of the period.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.periods import Period
from pipelines.registry import Registry


def sources_of(registry: Registry) -> pa.Table:
    """indicator_id and source: one row a source that an indicator draws on."""
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


def windows_of(rows: pa.Table) -> pa.Table:
    """period, cohort, first_month and last_month: one row a period and cohort of ``rows``."""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        pairs = connection.sql(
            "select distinct period, cohort from rows order by period, cohort"
        ).fetchall()
    first = [Period.parse(cohort or period).first for period, cohort in pairs]
    last = [Period.parse(period).last for period, _ in pairs]
    return pa.table(
        {
            "period": pa.array([period for period, _ in pairs], pa.string()),
            "cohort": pa.array([cohort for _, cohort in pairs], pa.string()),
            "first_month": pa.array(first, pa.int64()),
            "last_month": pa.array(last, pa.int64()),
        }
    )


def resting_on(noted: pa.Table, sources: pa.Table, windows: pa.Table) -> pa.Table:
    """indicator_id, period, cohort and caveat, for deliveries that carry a ``caveat`` each."""
    with duckdb.connect() as connection:
        for name, table in {"noted": noted, "sources": sources, "windows": windows}.items():
            connection.register(name, table)
        return connection.sql(
            """
            select distinct
                sources.indicator_id,
                windows.period,
                windows.cohort,
                noted.caveat
            from noted
            inner join sources using (source)
            inner join windows
                on
                    windows.first_month <= noted.period_last_month
                    and windows.last_month >= noted.period_first_month
            order by all
            """
        ).to_arrow_table()
