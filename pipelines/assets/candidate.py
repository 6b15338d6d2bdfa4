"""Stage 5: indicator rows become a signed candidate, one folder a country and quarter."""

from collections.abc import Iterator

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.resources import Observatory, Stages
from pipelines.assets.warehouse import INDICATORS
from pipelines.periods import quarters
from pipelines.release.candidates import build_candidates, verify_candidates
from pipelines.release.forms_check import strange_files

QUARTERS = dg.StaticPartitionsDefinition(quarters("2010Q1", 100))


@dg.asset(
    key=["release", "candidate"],
    deps=INDICATORS,
    partitions_def=QUARTERS,
    group_name="release",
    owners=OWNERS,
    kinds={"csv", "parquet"},
    check_specs=[
        dg.AssetCheckSpec(
            "signature_is_valid",
            asset=["release", "candidate"],
            blocking=True,
            description="Each folder holds exactly what its signed manifest lists.",
        ),
        dg.AssetCheckSpec(
            "nothing_hidden_is_exposed",
            asset=["release", "candidate"],
            blocking=True,
            description="No hidden count can be computed from the figures in the files.",
        ),
        dg.AssetCheckSpec(
            "every_form_says_the_same",
            asset=["release", "candidate"],
            blocking=True,
            description="No file holds a number that the audited table doesn't.",
        ),
    ],
)
def candidate(
    context: dg.AssetExecutionContext,
    observatory: Observatory,
    stages: dg.ResourceParam[Stages],
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """What a quarter's release would say, protected by disclosure control and signed.

    One folder per country of the vintage.
    """
    period = context.partition_key
    with stages.stage("build the candidate") as report:
        built = build_candidates(observatory.home, period, on_progress=report)
    yield dg.MaterializeResult(
        metadata={
            "vintage": built[0].vintage if built else "",
            "folders": [str(one.folder) for one in built],
            "rows": sum(one.rows for one in built),
        }
    )
    problems = verify_candidates(observatory.home, [one.folder for one in built])
    yield dg.AssetCheckResult(
        check_name="signature_is_valid", passed=not problems, metadata={"problems": problems}
    )
    strange = {str(one.folder): names for one in built if (names := strange_files(one.folder))}
    yield dg.AssetCheckResult(
        check_name="every_form_says_the_same",
        passed=not strange,
        metadata={"files": strange},
    )
    exposed = {one.folder.name + " " + one.folder.parent.name: one.exposed for one in built}
    yield dg.AssetCheckResult(
        check_name="nothing_hidden_is_exposed",
        passed=not any(exposed.values()),
        # As at release: only made-up figures go on with a finding, and say so on every page.
        severity=dg.AssetCheckSeverity.WARN
        if all(one.synthetic for one in built)
        else dg.AssetCheckSeverity.ERROR,
        metadata={"exposed counts": exposed},
    )
