"""revisions.csv: every figure that says something else than in the release before.

The rule: a changed figure is listed with what it was, what it is and why; what is not listed has
not changed. Marks count as what a figure says.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import KEY

REVISIONS = "revisions.csv"


def write_revisions(now: pa.Table, before: Path | None, out: Path) -> None:
    """Compare a release's table with the release before (its folder; None for the first)."""
    with duckdb.connect() as connection:
        connection.register("now", now)
        if before is None:
            connection.execute("create temp view earlier as select * from now where false")
        else:
            connection.read_parquet(str(before / "indicators.parquet")).create_view("earlier")
        same = " and ".join(f"now.{name} is not distinct from earlier.{name}" for name in KEY)
        keys = ",\n".join(f"coalesce(now.{name}, earlier.{name}) as {name}" for name in KEY)
        connection.sql(
            f"""
            select
                {keys},
                earlier.estimate as was,
                earlier.mark as was_marked,
                now.estimate as now,
                now.mark as now_marked,
                case
                    when now.indicator_id is null then 'no longer estimated'
                    when earlier.mark = 'h' or now.mark = 'h' then 'council'
                    when now.mark <> earlier.mark then 'disclosure control or availability'
                    else 'deliveries, corrections or method'
                end as reason
            from earlier
            full join now on {same}
            where
                earlier.indicator_id is not null
                and (
                    now.indicator_id is null
                    or now.estimate is distinct from earlier.estimate
                    or now.mark <> earlier.mark
                )
            order by all
            """
        ).write_csv(str(out), header=True)
