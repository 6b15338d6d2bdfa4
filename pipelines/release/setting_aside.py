"""What a delivery that was set aside does to the figures: they are not available, and say why.

The rule: a critical failure of one provider's delivery never stalls a release. The figures that
rest on its source and time become x and name the provider by the first eight digits of its key;
all others go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.registry import Registry
from pipelines.release.resting import resting_on, sources_of, windows_of

CAVEAT = "provider_set_aside"


@dataclass(frozen=True)
class SetAside:
    """Rows with their flags, the caveats that each row gained, and those caveats' texts.

    ``caveats`` has the key columns indicator_id, period, cohort and one caveat id a row.
    """

    rows: pa.Table
    caveats: pa.Table
    texts: dict[str, str]


def flag_set_aside(rows: pa.Table, deliveries: pa.Table, registry: Registry) -> SetAside:
    """Flag x every row whose time overlaps a set-aside delivery of one of its sources.

    ``rows`` are contracted rows of one country, ``deliveries`` that country's rows of
    vintage.parquet.
    """
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.register("deliveries", deliveries)
        noted = connection.sql(
            f"select *, '{CAVEAT}:' || left(provider_key, 8) as caveat "
            "from deliveries where status = 'aside' order by all"
        ).to_arrow_table()
        gained = resting_on(noted, sources_of(registry), windows_of(rows))
        connection.register("gained", gained)
        flagged = connection.sql(
            """
            select rows.* replace (if(touched.period is not null, 'x', flag) as flag)
            from rows
            left join (select distinct indicator_id, period, cohort from gained) as touched
                using (indicator_id, period, cohort)
            """
        ).to_arrow_table()
    texts = {
        caveat: (
            f"A delivery of the provider {caveat.partition(':')[2]} failed a critical check and "
            "was set aside. The figures that rest on it are not available."
        )
        for caveat in sorted(set(noted["caveat"].to_pylist()))
    }
    return SetAside(flagged, gained, texts)
