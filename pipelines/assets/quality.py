"""Stage 2: an implausible delivery is set aside before a vintage is fixed.

The checks block in Dagster's sense, so that they run before anything downstream, but a failed
expectation is reported as a warning: it stops the delivery, never the release.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory, Stages
from pipelines.deliveries import check_plausibility

CHECK = "deliveries_are_plausible"


@dg.multi_asset_check(
    name="expectations",
    specs=[
        dg.AssetCheckSpec(
            CHECK,
            asset=key,
            blocking=True,
            description="Great Expectations on the profile of each delivery of this table.",
        )
        for key in LANDED.values()
    ],
)
def expectations(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> Iterator[dg.AssetCheckResult]:
    """Run every suite, set critical failures aside and publish the Data Docs."""
    with stages.stage("check"):
        results = check_plausibility(observatory.home)
    for result in results:
        aside = sorted({failure.delivery_id for failure in result.failures if failure.critical})
        yield dg.AssetCheckResult(
            asset_key=LANDED[result.table],
            check_name=CHECK,
            passed=not result.failures,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "deliveries": result.deliveries,
                "expectations": result.expectations,
                "set_aside": aside,
                "failures": [failure.finding().message for failure in result.failures],
                "data_docs": dg.MetadataValue.path(observatory.home.data_docs / "index.html"),
            },
        )
