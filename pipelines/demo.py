"""The demonstration: synthetic deliveries all the way to a signed release and its pages.

Everything it makes lies in one folder and is labelled synthetic. Running it again does no harm:
the same people are there already, and what is built from them comes out the same. Coder, council
and both signers are scripted, and the release says so.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.deliveries import count_deliveries
from pipelines.errors import Foreseen
from pipelines.participation.calendar import usual_dates
from pipelines.paths import Home
from pipelines.periods import quarters
from pipelines.release.candidates import newest_candidates
from pipelines.release.publishing import newest_release
from pipelines.scripted_coding import code_and_quote
from pipelines.scripted_release import review_and_sign
from pipelines.synthetic import Scenario, synthesize

COUNTRY = "ZZ"
FIRST_QUARTER = "2021Q1"
Until = Literal["candidate", "release"]
BEFORE_THE_REVIEW = dt.timedelta(days=7)
_JOB_UNTIL = {"candidate": "whole_path", "release": "to_candidate"}
"""The job before the review; pages come with the release where there will be one."""


class DemoError(Foreseen, RuntimeError):
    """The folder can't be used; the message says why and what to do."""


@dataclass(frozen=True)
class Demo:
    """Where a finished demonstration is, and its summary; no release if it stopped before."""

    home: Home
    candidate: Path
    release: Path | None
    summary: dict[str, object]


def run_demo(
    folder: Path,
    people: int,
    quarter_count: int,
    seed: int,
    listener: Callable[[str, str], None],
    *,
    until: Until = "release",
) -> Demo:
    """Make the deliveries where they are not there yet, run the whole path, write summary.json.

    ``until`` says where to stop: before or after the scripted review and its release.

    DemoError when ``folder`` holds a demonstration of other people.
    """
    began = time.perf_counter()
    home = Home.find(folder)
    made = {"people": people, "quarters": quarter_count, "seed": seed}
    synthesis = _deliveries(home, made, listener)
    listener("start the orchestrator", "")
    from pipelines.assets.rebuild import again_in  # costs seconds: after the first sign of life
    from pipelines.assets.run import run_job

    period = quarters(FIRST_QUARTER, quarter_count)[-1]
    stages = {"make the deliveries": synthesis}
    stages |= run_job("land_and_validate", home, None, listener).stage_seconds
    listener("code the comments", "")
    coding = time.perf_counter()
    code_and_quote(home, COUNTRY, usual_dates(period).opens_on - BEFORE_THE_REVIEW)
    stages["code the comments"] = time.perf_counter() - coding
    run = run_job(_JOB_UNTIL[until], home, period, listener)
    _add(stages, run.stage_seconds)
    (candidate,) = newest_candidates(home)
    release = None
    if until == "release":
        listener("hold a scripted review", "")
        reviewing = time.perf_counter()
        day = review_and_sign(home, period, again_in(home))
        stages["hold a scripted review"] = time.perf_counter() - reviewing
        published = run_job("publish", home, period, listener, day=day)
        _add(stages, published.stage_seconds)
        release = newest_release(home, COUNTRY)
    wall = time.perf_counter() - began
    summary: dict[str, object] = {
        "synthetic": True,
        "made": made,
        "candidate": str(candidate.relative_to(home.root)),
        "release": str(release.relative_to(home.root)) if release else None,
        "site": str((home.site / "index.html").relative_to(home.root)),
        **count_deliveries(home),
        "seconds": {
            "stages": {name: round(spent, 2) for name, spent in stages.items()},
            "dbt_models": round(run.dbt_model_seconds, 2),
            "wall": round(wall, 2),
            "overhead": round(
                wall - sum(stages.values()) + stages["build the warehouse"] - run.dbt_model_seconds,
                2,
            ),
        },
    }
    (home.root / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return Demo(home, candidate, release, summary)


def _add(stages: dict[str, float], seconds: Mapping[str, float]) -> None:
    for name, spent in seconds.items():
        stages[name] = stages.get(name, 0.0) + spent


def _deliveries(home: Home, made: dict[str, int], listener: Callable[[str, str], None]) -> float:
    """Fill the inbox once; seconds spent. A killed attempt left no inbox and starts over."""
    record = home.root / "synthetic.json"
    if home.inbox.exists():
        there = json.loads(record.read_text(encoding="utf-8")) if record.exists() else None
        if there != made:
            raise DemoError(
                f"{home.root} holds a demonstration of {there}, not of {made}. "
                "Choose another --out, or remove that folder."
            )
        return 0.0
    began = time.perf_counter()
    listener("make the deliveries", "")
    work = home.root / "synthetic"
    synthesize(
        work,
        made["people"],
        made["quarters"],
        made["seed"],
        country=COUNTRY,
        first_quarter=FIRST_QUARTER,
        scenario=Scenario(defects=True),
        on_progress=lambda what, done, total: listener(
            "make the deliveries", f"{what} {done} of {total}"
        ),
    )
    record.write_text(json.dumps(made), encoding="utf-8")
    (work / "deliveries").replace(home.inbox)
    return time.perf_counter() - began
