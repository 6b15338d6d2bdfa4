"""Drift and lateness of deliveries as caveats of the figures that rest on them.

The rule: a delivery that no longer looks like its provider's earlier ones, or came late, hides no
figure. The figures that rest on its source and time say so, by the first eight digits of the
provider's key.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.deliveries.findings import DRIFT, EXPECTED_WITHIN, LATE
from pipelines.registry import Registry
from pipelines.release.resting import resting_on, sources_of, windows_of

#: What moved: one row a delivery and column that drifted.
DRIFT_SCHEMA = pa.schema(
    [("delivery_id", pa.string()), ("table", pa.string()), ("column", pa.string())]
)


def quality_caveats(
    rows: pa.Table, deliveries: pa.Table, drift: pa.Table, registry: Registry
) -> tuple[pa.Table, dict[str, str]]:
    """The caveats each row gained (indicator_id, period, cohort, caveat), and their texts.

    ``deliveries`` are one country's rows of vintage.parquet, ``drift`` has ``DRIFT_SCHEMA``.
    Deliveries set aside are left out: nothing rests on them.
    """
    with duckdb.connect() as connection:
        connection.register("deliveries", deliveries)
        connection.register("drift", drift)
        noted = connection.sql(
            f"""
            select deliveries.*, '{DRIFT}:' || left(provider_key, 8) || ':'
                || drift.table || '.' || drift.column as caveat
            from deliveries
            inner join drift using (delivery_id)
            where status = 'accepted'
            union all
            select *, '{LATE}:' || left(provider_key, 8) as caveat
            from deliveries
            where status = 'accepted' and sent_month - period_last_month > {EXPECTED_WITHIN}
            order by all
            """
        ).to_arrow_table()
    gained = resting_on(noted, sources_of(registry), windows_of(rows))
    return gained, {name: _text(name) for name in sorted(set(gained["caveat"].to_pylist()))}


def _text(caveat: str) -> str:
    kind, provider, *rest = caveat.split(":", 2)
    if kind == LATE:
        return (
            f"A delivery of the provider {provider} came more than {EXPECTED_WITHIN} months after "
            "its period ended. Earlier editions lacked it."
        )
    return (
        f"In the time of this figure the records of the provider {provider} changed in "
        f"{rest[0]} by more than chance explains. The change may lie in how things are recorded, "
        "not in what happened. Take care when you compare periods."
    )
