"""dbt on our own project, in a process of its own.

The rule: where dbt reads, writes and logs is said here, once, and by nobody's home folder; who may
start it is settled in ``tests/unit/test_architecture.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pipelines.paths import DBT_PROJECT

DBT = Path(sys.executable).with_name("dbt")


def run_dbt(
    *arguments: str, warehouse: Path, target: Path, threads: int | None = None, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run dbt with these arguments; what it printed is in the result.

    ``warehouse`` is the DuckDB file, ``target`` the folder for what it compiles and logs,
    ``threads`` the profile's own unless given. CalledProcessError when it fails, unless unchecked.
    """
    places = {"--project-dir": DBT_PROJECT, "--profiles-dir": DBT_PROJECT}
    output = {"--target-path": target, "--log-path": target}
    options = [str(part) for option in (places | output).items() for part in option]
    environment = {**os.environ, "OBSERVATORY_WAREHOUSE": str(warehouse)}
    if threads:
        environment["OBSERVATORY_THREADS"] = str(threads)
    return subprocess.run(  # noqa: S603 - our own project, our own dbt
        [str(DBT), *arguments, *options, "--quiet"],
        env=environment,
        check=check,
        stdout=subprocess.PIPE,
        text=True,
    )
