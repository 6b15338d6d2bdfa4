"""What is known of the deliveries behind figures, as caveats of the figures that rest on them.

The rule: no provider can stall a release, and none is passed over in silence. A delivery that was
set aside after a critical failure makes the figures that rest on it x; one corrected here, one that
came late, one that the council doubts and a column that drifted hide nothing, and say so. A
provider is named by the first eight digits of its key.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.deliveries.findings import DRIFT, DRIFT_OF_ALL, EXPECTED_WITHIN, LATE
from pipelines.registry import Registry
from pipelines.release.resting import figures_resting_on

ASIDE = "provider_set_aside"
CORRECTED = "source_corrected"
CHALLENGED = "delivery_challenged"


@dataclass(frozen=True)
class Noted:
    """Rows with their flags, the caveats that rows gained, and those caveats' texts.

    ``caveats`` has indicator_id, period, cohort, breakdown and the ``;``-joined ids.
    """

    rows: pa.Table
    caveats: pa.Table
    texts: dict[str, str]


def note_deliveries(
    rows: pa.Table,
    deliveries: pa.Table,
    registry: Registry,
    lineage: pa.Table,
    challenged: Collection[str] = (),
) -> Noted:
    """Flag and annotate the contracted ``rows`` of one country.

    ``deliveries`` are that country's rows of vintage.parquet; ``lineage`` says which delivered
    columns touch which rows (``pipelines.lineage``); ``challenged`` are ids of deliveries that the
    council doubts.
    """
    with duckdb.connect() as connection:
        connection.register("deliveries", deliveries)
        doubted = pa.table({"delivery_id": pa.array(sorted(challenged), pa.string())})
        connection.register("challenged", doubted)
        notes = connection.sql(_NOTES).to_arrow_table()
        touched = figures_resting_on(notes, rows, registry, lineage)
        connection.register("rows", rows)
        connection.register("touched", touched)
        flagged = connection.sql(
            f"""
            select rows.* replace (if(unavailable.period is null, flag, 'x') as flag)
            from rows
            left join (
                select distinct indicator_id, period, cohort, breakdown
                from touched
                where starts_with(caveat, '{ASIDE}')
            ) as unavailable using (indicator_id, period, cohort, breakdown)
            """
        ).to_arrow_table()
        caveats = connection.sql(
            """
            select
                indicator_id,
                period,
                cohort,
                breakdown,
                string_agg(caveat, ';' order by caveat) as caveats
            from touched
            group by indicator_id, period, cohort, breakdown
            order by all
            """
        ).to_arrow_table()
    gained = sorted(set(touched["caveat"].to_pylist()))
    return Noted(flagged, caveats, {caveat: _text(caveat) for caveat in gained})


def _text(caveat: str) -> str:
    kind, provider, column = [*caveat.split(":", 2), "", ""][:3]
    return {
        ASIDE: (
            f"A delivery of the provider {provider} failed a critical check and was set aside. The "
            "figures that rest on it are not available."
        ),
        CORRECTED: (
            "Some values in the deliveries behind this figure were corrected here, each for a "
            "stated reason, because the source had not yet been put right."
        ),
        CHALLENGED: (
            f"The council doubts what the provider {provider} delivered for this time. Its "
            "question and the answer are on the council's agenda."
        ),
        LATE: (
            f"A delivery of the provider {provider} came more than {EXPECTED_WITHIN} months after "
            "its period ended. Earlier editions lacked it."
        ),
        DRIFT_OF_ALL: (
            f"In the time of this figure the records of all providers together changed in {column} "
            "by more than chance explains: perhaps a rule, perhaps how things are recorded. Take "
            "care when you compare periods."
        ),
        DRIFT: (
            f"In the time of this figure the records of the provider {provider} changed in "
            f"{column} by more than chance explains. The change may lie in how things are "
            "recorded, not in what happened. Take care when you compare periods."
        ),
    }[kind]


#: One row a note: the delivery's source and months, the caveat, and the column where it is one.
_NOTES = f"""
with notes as (
    select *, '{ASIDE}:' || left(provider_key, 8) as caveat, null as what
    from deliveries
    where status = 'aside'

    union all by name

    select *, '{CORRECTED}' as caveat, null as what
    from deliveries
    where corrections <> ''

    union all by name

    select deliveries.*, '{CHALLENGED}:' || left(provider_key, 8) as caveat, null as what
    from deliveries
    semi join challenged using (delivery_id)

    union all by name

    select *, '{LATE}:' || left(provider_key, 8) as caveat, null as what
    from deliveries
    where
        status = 'accepted'
        and not corrects
        and sent_month - period_last_month > {EXPECTED_WITHIN}

    union all by name

    select
        * exclude (moved),
        regexp_replace(moved, '^[^:]+:', '') as what,
        case
            when starts_with(moved, '{DRIFT}:')
                then '{DRIFT}:' || left(provider_key, 8) || ':' || what
            else '{DRIFT_OF_ALL}::' || what
        end as caveat
    from (
        select *, unnest(string_split(drifted, ';')) as moved
        from deliveries
        where status = 'accepted' and drifted <> ''
    )
)

select
    source,
    period_first_month as first_month,
    period_last_month as last_month,
    caveat,
    split_part(what, '.', 1) as table_name,
    split_part(split_part(what, '.', 2), ':', 1) as column_name
from notes
order by all
"""
