"""Stage 6: a closed review becomes a release, signed by two."""

from datetime import UTC, date, datetime

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.candidate import QUARTERS, candidate
from pipelines.assets.rebuild import again_in
from pipelines.assets.resources import Observatory, Stages
from pipelines.participation.store import open_store
from pipelines.release.due import publish_due


class PublishOn(dg.Config):
    """The day that counts as today, ISO; empty for the day of the run."""

    day: str = ""


@dg.asset(
    key=["release", "release"],
    deps=[candidate],
    partitions_def=QUARTERS,
    group_name="release",
    owners=OWNERS,
    kinds={"csv", "parquet"},
)
def release(
    context: dg.AssetExecutionContext,
    config: PublishOn,
    observatory: Observatory,
    stages: dg.ResourceParam[Stages],
) -> dg.MaterializeResult[None]:
    """What was reviewed, with the council's verdicts: published when two have signed, else waiting.

    One folder per country and version.
    """
    day = date.fromisoformat(config.day) if config.day else datetime.now(UTC).date()
    with stages.stage("publish what is due"):
        home = observatory.home
        found = publish_due(home, open_store(home), context.partition_key, day, again_in(home))
    return dg.MaterializeResult(
        metadata={
            "published": [str(one.folder) for one in found if one.folder],
            "waiting_for_signatures": [one.name for one in found if not one.folder],
        }
    )
