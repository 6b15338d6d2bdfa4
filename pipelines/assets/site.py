"""Stage 7: what each country has published, or its first candidate, becomes static pages."""

import dagster as dg

from pipelines.assets import OWNERS
from pipelines.assets.release import release
from pipelines.assets.resources import Observatory, Stages
from pipelines.release.due import shown_folders


@dg.asset(
    key=["release", "site"],
    deps=[release],
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
        summary = build_site(shown_folders(home), home.site, on_progress=report)
    return dg.MaterializeResult(
        metadata={
            "pages": summary.pages,
            "index": dg.MetadataValue.path(home.site / "index.html"),
        }
    )
