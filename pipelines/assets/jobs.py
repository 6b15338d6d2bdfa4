"""What runs, and what sets it off: a delivery arrives, a quarter has ended, a review is closed."""

import hashlib
from datetime import UTC, datetime

import dagster as dg

from pipelines.assets.corrections import CORRECTIONS
from pipelines.assets.engineers import PAGES
from pipelines.assets.landing import LANDED
from pipelines.assets.release import release
from pipelines.assets.resources import Observatory
from pipelines.participation.store import open_store
from pipelines.paths import Home
from pipelines.periods import month_number, quarter_of
from pipelines.release.due import move_on
from pipelines.release.taking_down import pending_take_downs

land_and_validate = dg.define_asset_job(
    "land_and_validate",
    selection=dg.AssetSelection.assets(*LANDED.values(), CORRECTIONS, PAGES),
    description="Take new deliveries through the gate, check them, tell the engineers.",
)
whole_path = dg.define_asset_job(
    "whole_path",
    selection=dg.AssetSelection.all(),
    description="From the inbox to a signed candidate, what is due to be published, and its pages.",
)
to_candidate = dg.define_asset_job(
    "to_candidate",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(release).downstream(),
    description="From the inbox to a signed candidate, and no further.",
)
make_candidate = dg.define_asset_job(
    "make_candidate",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(*LANDED.values(), PAGES),
    description="From what has landed to a signed candidate and its pages.",
)
publish = dg.define_asset_job(
    "publish",
    selection=dg.AssetSelection.assets(release).downstream(),
    description="From a closed review to a release, once two have signed, and its pages.",
)


def inbox_fingerprint(home: Home) -> str:
    """A hash that changes when a delivery arrives in the inbox or one there is replaced."""
    arrived = sorted(
        f"{path.relative_to(home.inbox)} {path.stat().st_mtime_ns}"
        for path in home.inbox.rglob("*")
        if path.name == "delivery.json" or path.suffix == ".zip"
    )
    return hashlib.sha256("\n".join(arrived).encode()).hexdigest() if arrived else ""


@dg.sensor(job=land_and_validate, minimum_interval_seconds=60)
def new_delivery(
    context: dg.SensorEvaluationContext, observatory: Observatory
) -> dg.SensorResult | dg.SkipReason:
    """Land deliveries as they arrive; the same inbox twice asks for nothing."""
    fingerprint = inbox_fingerprint(observatory.home)
    if not fingerprint or fingerprint == context.cursor:
        return dg.SkipReason(f"no new delivery in {observatory.home.inbox}")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=fingerprint)], cursor=fingerprint)


@dg.sensor(job=publish, minimum_interval_seconds=3600)
def closed_review(
    context: dg.SensorEvaluationContext, observatory: Observatory
) -> dg.SensorResult | dg.SkipReason:
    """Move reviews on by their dates; prepare a closed one's release, publish it once signed.

    A take-down for harm asks for new files and pages at the next look, within the hour.
    """
    store = open_store(observatory.home)
    due = move_on(observatory.home, store, datetime.now(UTC).date())
    asked = [dg.RunRequest(run_key=one.name, partition_key=one.review.period) for one in due]
    for folder in pending_take_downs(observatory.home, store):
        stones = len(list(folder.glob("tombstone-*.json")))
        asked.append(
            dg.RunRequest(
                run_key=f"take-down-{'-'.join(folder.parts[-3:])}-{stones}",
                partition_key=folder.parent.name,
            )
        )
    return dg.SensorResult(run_requests=asked) if asked else dg.SkipReason("nothing is due")


@dg.schedule(job=make_candidate, cron_schedule="0 5 15 2,5,8,11 *", execution_timezone="UTC")
def release_calendar(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Six weeks after a quarter ends, its candidate is built."""
    due = context.scheduled_execution_time
    quarter = quarter_of(month_number(f"{due:%Y-%m}") - 3)
    return dg.RunRequest(partition_key=quarter, run_key=f"candidate-{quarter}")
