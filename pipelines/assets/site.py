"""Stage 6: the newest candidate of each country becomes static pages."""

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.candidate import candidate
from pipelines.assets.resources import Observatory, Stages
from pipelines.release.candidates import newest_candidates


@dg.asset(
    key=["release", "site"],
    deps=[candidate],
    group_name="release",
    owners=OWNERS,
    kinds={"html"},
)
def site(observatory: Observatory, stages: dg.ResourceParam[Stages]) -> dg.MaterializeResult[None]:
    """Pages in every language of the site, built from signed folders alone.

    One page per indicator and language.
    """
    from dashboards.site import build_site  # loads the chart library: seconds

    home = observatory.home
    with stages.stage("build the pages") as report:
        summary = build_site(newest_candidates(home), home.site, on_progress=report)
    return dg.MaterializeResult(
        metadata={
            "pages": summary.pages,
            "index": dg.MetadataValue.path(home.site / "index.html"),
        }
    )
