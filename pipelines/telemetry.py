"""No tool that the observatory runs may report to anyone.

The switches are environment variables, so that child processes (dbt, the Dagster servers) inherit
them. Dagster reads its switch from ``dagster.yaml`` in its instance folder, which
``pipelines.assets.instance`` writes.
"""

from __future__ import annotations

import os

SWITCHES = {
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "False",
}


def silence() -> None:
    """Set every switch in this process and in all that it starts."""
    os.environ.update(SWITCHES)
