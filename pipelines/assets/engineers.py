"""Beside the way to a candidate: what happened to deliveries becomes pages for engineers.

They rest on the records of landing and checks alone, so they are there also when a later stage
fails: that is when they are needed.
"""

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.corrections import CORRECTIONS
from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory, Stages

PAGES = dg.AssetKey(["engineers", "pages"])


@dg.asset(
    key=PAGES,
    deps=[*LANDED.values(), CORRECTIONS, dg.AssetKey(["landing", "vintage"])],
    group_name="engineers",
    owners=OWNERS,
    kinds={"html"},
)
def engineers_pages(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> dg.MaterializeResult[None]:
    """Deliveries, lateness, quarantine, checks, lineage and the ledger, for this machine only."""
    from dashboards.engineers import build_pages

    with stages.stage("build the engineers' pages"):
        built = build_pages(observatory.home)
    return dg.MaterializeResult(
        metadata={"pages": built.pages, "index": dg.MetadataValue.path(built.index)}
    )
