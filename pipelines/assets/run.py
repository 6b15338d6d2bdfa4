"""Run the whole path in this process, for the command line and the demonstration."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from pipelines.assets.instance import open_instance
from pipelines.assets.resources import Observatory, Progress
from pipelines.definitions import defs
from pipelines.paths import Home


@dataclass(frozen=True)
class Run:
    """What a run took: own work a stage, and of dbt's stage what its nodes took (seconds)."""

    stage_seconds: dict[str, float]
    dbt_model_seconds: float


def run_whole_path(home: Home, quarter: str, listener: Progress, *, threads: int = 2) -> Run:
    """Everything from the inbox to the pages of one quarter's candidate.

    The run appears in the home's Dagster instance. The first stage that fails raises its own error.
    """
    observatory = Observatory(root=str(home.root), threads=threads)
    observatory.listen(listener)
    logging.getLogger("dagster").setLevel(logging.CRITICAL)
    with open_instance(home) as instance:
        defs.get_job_def("whole_path").execute_in_process(
            instance=instance,
            partition_key=quarter,
            resources={**defs.resources, "observatory": observatory},
        )
    return Run(observatory.seconds, observatory.dbt_model_seconds)
