"""Stage 2, beside plausibility: the declared corrections are held against what has landed."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory, Stages
from pipelines.deliveries import check_corrections

CORRECTIONS = dg.AssetKey(["landing", "corrections"])
CHECK = "corrections_are_needed"


@dg.asset(
    key=CORRECTIONS,
    deps=list(LANDED.values()),
    group_name="landing",
    owners=OWNERS,
    kinds={"yaml"},
    check_specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=CORRECTIONS,
            description="The source still holds every value that an open correction changes.",
        )
    ],
)
def corrections(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Values that are changed by hand until the source is put right, each for a stated reason.

    One row per delivery, table, row and field.
    """
    with stages.stage("check"):
        declared = check_corrections(observatory.home)
    yield dg.MaterializeResult(
        metadata={
            "declared": len(declared),
            "open": sum(one.correction.status == "open" for one in declared),
            "values": sum(one.rows for one in declared),
        }
    )
    failing = [one.message for one in declared if one.fails]
    yield dg.AssetCheckResult(
        check_name=CHECK,
        passed=not failing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failures": failing},
    )
