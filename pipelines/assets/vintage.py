"""Stage 3: the set of deliveries that a candidate will rest on gets its name."""

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.corrections import CORRECTIONS
from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory, Stages
from pipelines.deliveries import current_vintage


@dg.asset(
    key=["landing", "vintage"],
    deps=[*LANDED.values(), CORRECTIONS],
    group_name="landing",
    owners=OWNERS,
    kinds={"parquet"},
)
def vintage(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> dg.MaterializeResult[None]:
    """The accepted deliveries that no correction supersedes, with what is corrected in them.

    One row per delivery.
    """
    with stages.stage("fix the vintage"):
        fixed = current_vintage(observatory.home)
    return dg.MaterializeResult(
        metadata={"vintage": fixed.hash, "deliveries": len(fixed.deliveries)}
    )
