"""Stage 1: deliveries in the inbox become landed rows, or a refusal with its reason."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.resources import Observatory, Stages
from pipelines.deliveries import NoDelivery, contracts, ingest, landed_rows

INBOX = dg.AssetSpec(
    key=["inbox", "deliveries"],
    group_name="landing",
    owners=OWNERS,
    kinds={"file"},
    description="Folders or zips from service providers, labour inspectorates and survey bodies.",
)
LANDED = {table: dg.AssetKey(["landing", table]) for table in sorted(contracts())}


@dg.multi_asset(
    name="land",
    specs=[
        dg.AssetSpec(
            key=key,
            deps=[INBOX.key],
            group_name="landing",
            owners=OWNERS,
            kinds={"parquet"},
            description=contracts()[table].description,
        )
        for table, key in LANDED.items()
    ],
)
def land(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> Iterator[dg.MaterializeResult[None]]:
    """Take every delivery in the inbox through the gate; one that came before changes nothing."""
    with stages.stage("land") as report:
        home = observatory.home
        full = home.inbox.is_dir() and any(home.inbox.iterdir())
        ingest(  # also of nothing: it finishes what was cut short
            home,
            [home.inbox] if full else [],
            on_progress=lambda done, total, outcome: report(f"{done} of {total} deliveries"),
        )
        rows = landed_rows(home)
        if not rows:
            raise NoDelivery(
                f"no delivery has been taken in and none is in {home.inbox}: put one there, or "
                "run `observatory ingest PATH`"
            )
    for table, key in LANDED.items():
        yield dg.MaterializeResult(asset_key=key, metadata={"rows": rows.get(table, 0)})
