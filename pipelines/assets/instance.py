"""A Dagster instance that lives in the observatory's home and reports to no one.

Everything that would leave the machine is switched off in the instance's ``dagster.yaml``; a test
reads it back. Run history stays in the home, beside what the runs produced.
"""

from __future__ import annotations

import dagster as dg

from pipelines.paths import Home

DAGSTER_YAML = """\
# Written by the observatory at each start; change pipelines/assets/instance.py instead.
telemetry:
  enabled: false
nux:
  enabled: false
"""


def prepare_instance(home: Home) -> None:
    """Write the instance's settings; what else is in the folder stays."""
    home.dagster.mkdir(parents=True, exist_ok=True)
    (home.dagster / "dagster.yaml").write_text(DAGSTER_YAML, encoding="utf-8")


def open_instance(home: Home) -> dg.DagsterInstance:
    """The instance of a home, made on first use."""
    prepare_instance(home)
    return dg.DagsterInstance.from_config(str(home.dagster))
