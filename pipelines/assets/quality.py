"""Stage 2: an implausible delivery is set aside before a vintage is fixed.

The checks block in Dagster's sense, so that they run before anything downstream, but a failure is
reported as a warning: a failed expectation stops the delivery, drift and lateness become caveats,
and none of them stops the release.
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets.landing import LANDED
from pipelines.assets.resources import Observatory, Stages
from pipelines.deliveries import check_drift, check_plausibility
from pipelines.deliveries.drift_landed import compared_tables

CHECK = "deliveries_are_plausible"
DRIFT_CHECK = "deliveries_look_like_earlier_ones"


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


@dg.multi_asset_check(
    name="drift",
    specs=[
        dg.AssetCheckSpec(
            DRIFT_CHECK,
            asset=LANDED[table],
            blocking=True,
            description="Evidently on each delivery's columns against its provider's last four.",
        )
        for table in compared_tables()
    ],
)
def drift(
    observatory: Observatory, stages: dg.ResourceParam[Stages]
) -> Iterator[dg.AssetCheckResult]:
    """Compare what is new with what came before, and note what moved or came late."""
    with stages.stage("look for drift"):
        found = check_drift(observatory.home)
    for table in compared_tables():
        moved = [verdict for verdict in found.drifted if verdict.table == table]
        yield dg.AssetCheckResult(
            asset_key=LANDED[table],
            check_name=DRIFT_CHECK,
            passed=not moved,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "deliveries": found.deliveries,
                "late": list(found.late),
                "drifted": [f"{verdict.provider_key[:8]} {verdict.column}" for verdict in moved],
            },
        )
