"""No tool reports to anyone. That a whole run asks for no other host is shown in test_demo."""

import os
import subprocess
import sys
from pathlib import Path

from host_watch import watched

from pipelines.assets.instance import open_instance
from pipelines.paths import DBT_PROJECT, Home


def test_the_watch_sees_a_process_that_asks_for_another_host(tmp_path: Path) -> None:
    environment, log = watched(tmp_path)
    ask = "import socket\ntry: socket.getaddrinfo('telemetry.invalid', 443)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", ask], env=environment, check=True)
    assert "telemetry.invalid" in log.read_text(encoding="utf-8")


def test_every_switch_is_off(tmp_path: Path) -> None:
    import great_expectations as gx

    with open_instance(Home(tmp_path)) as instance:
        assert not instance.telemetry_enabled
    project = (DBT_PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    assert "send_anonymous_usage_stats: false" in project
    assert os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"
    assert not gx.get_context(mode="ephemeral").config.analytics_enabled
