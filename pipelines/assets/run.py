"""Run a job in this process, for the command line and the demonstration."""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.assets.candidate import QUARTERS
from pipelines.assets.instance import open_instance
from pipelines.assets.resources import Observatory, Progress, Stages
from pipelines.definitions import defs
from pipelines.paths import Home
from pipelines.periods import PeriodError

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True)
class Run:
    """What a run took: own work a stage, and of dbt's stage what its nodes took (seconds)."""

    stage_seconds: dict[str, float]
    dbt_model_seconds: float


def run_whole_path(home: Home, quarter: str, listener: Progress, *, threads: int = 2) -> Run:
    """Everything from the inbox to the pages of one quarter's candidate; see ``run_job``."""
    return run_job("whole_path", home, quarter, listener, threads=threads)


def run_job(
    job: str,
    home: Home,
    quarter: str | None,
    listener: Progress,
    *,
    threads: int = 2,
    day: date | None = None,
) -> Run:
    """A job by its name, of a quarter where it has quarters.

    ``day`` counts as today for what is due to be published.

    The run appears in the home's Dagster instance; what dbt prints goes to the home's run log. The
    first stage that fails raises its own error; PeriodError when it is not a quarter that can be
    built.
    """
    if quarter is not None and not QUARTERS.has_partition_key(quarter):
        first, *_, last = QUARTERS.get_partition_keys()
        raise PeriodError(f"{quarter!r} is not a quarter from {first} to {last}: write 2024Q4")
    stages = Stages(listener)
    resources = {
        **(defs.resources or {}),
        "observatory": Observatory(root=str(home.root), threads=threads),
        "stages": stages,
    }
    with (
        open_instance(home) as instance,
        home.run_log.open("w", encoding="utf-8") as log,
        redirect_stdout(log),
    ):
        defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=quarter,
            resources=resources,
            run_config=_QUIET | (_on(day) if day else {}),
        )
    return Run(stages.seconds, stages.dbt_model_seconds)


def _on(day: date) -> dict[str, Any]:
    return {"ops": {"release__release": {"config": {"day": day.isoformat()}}}}
