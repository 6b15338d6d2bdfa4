"""What a delivery that was set aside, or corrected by us, does to the figures that rest on it.

The rule: a critical failure of one provider's delivery never stalls a release. The figures that
rest on its source and time become x and name the provider by the first eight digits of its key;
all others go on. Figures that rest on values corrected by hand say so and stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.periods import Period
from pipelines.registry import Registry

CAVEAT = "provider_set_aside"
CORRECTED = "source_corrected"
_CORRECTED_TEXT = (
    "Some values in the deliveries behind this figure were corrected here, each for a stated "
    "reason, because the source had not yet been put right."
)


@dataclass(frozen=True)
class SetAside:
    """Rows with their flags, the caveats that each row gained, and those caveats' texts.

    ``caveats`` has the key columns indicator_id, period, cohort and the ``;``-joined ids.
    """

    rows: pa.Table
    caveats: pa.Table
    texts: dict[str, str]


def flag_set_aside(rows: pa.Table, deliveries: pa.Table, registry: Registry) -> SetAside:
    """Flag x every row whose time overlaps a set-aside delivery of one of its sources.

    ``rows`` are contracted rows of one country, ``deliveries`` that country's rows of
    vintage.parquet. The time of a row is its period; for a cohort, from the first entry to the end
    of the period.
    """
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.register("deliveries", deliveries)
        connection.register("sources", _sources(registry))
        windows = connection.sql(
            "select distinct period, cohort from rows order by period, cohort"
        ).fetchall()
        connection.register("windows", _windows(windows))
        connection.execute(_GAINED)
        caveats = connection.sql(
            "select * exclude (aside) from gained order by all"
        ).to_arrow_table()
        flagged = connection.sql(
            """
            select rows.* replace (if(gained.aside, 'x', flag) as flag)
            from rows
            left join gained using (indicator_id, period, cohort)
            """
        ).to_arrow_table()
        keys = connection.sql(
            "select distinct provider_key from deliveries where status = 'aside' order by all"
        ).fetchall()
    texts = {
        f"{CAVEAT}:{key[:8]}": (
            f"A delivery of the provider {key[:8]} failed a critical check and was set aside. The "
            "figures that rest on it are not available."
        )
        for (key,) in keys
    }
    if any(deliveries["corrections"].to_pylist()):
        texts[CORRECTED] = _CORRECTED_TEXT
    return SetAside(flagged, caveats, texts)


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


def _windows(pairs: list[tuple[str, str]]) -> pa.Table:
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


_GAINED = f"""
create temp table gained as
with touched as (
    select distinct
        sources.indicator_id,
        windows.period,
        windows.cohort,
        deliveries.status = 'aside' as aside,
        case
            when deliveries.status = 'aside'
                then '{CAVEAT}:' || left(deliveries.provider_key, 8)
            else '{CORRECTED}'
        end as caveat
    from deliveries
    inner join sources using (source)
    inner join windows
        on
            windows.first_month <= deliveries.period_last_month
            and windows.last_month >= deliveries.period_first_month
    where deliveries.status = 'aside' or deliveries.corrections <> ''
)

select
    indicator_id,
    period,
    cohort,
    bool_or(aside) as aside,
    string_agg(caveat, ';' order by caveat) as caveats
from touched
group by indicator_id, period, cohort
"""
