"""Nothing that a whole run starts speaks to another host."""

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg

from pipelines.assets.instance import open_instance
from pipelines.paths import CHECKOUT, DBT_PROJECT, Home
from pipelines.telemetry import SWITCHES

WATCH = """
import os, sys

LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}

def watch(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if (host.decode() if isinstance(host, bytes) else host) not in LOCAL:
        with open(os.environ["WATCH_LOG"], "a") as log:
            log.write(f"{sys.argv}: {event} {host}\\n")

sys.addaudithook(watch)
"""


def watched(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """An environment in which every Python process writes down which other hosts it asked for."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    log = tmp_path / "hosts.log"
    log.touch()
    clean = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    return clean | {"PYTHONPATH": str(tmp_path / "watch"), "WATCH_LOG": str(log)}, log


def test_the_watch_sees_a_process_that_asks_for_another_host(tmp_path: Path) -> None:
    environment, log = watched(tmp_path)
    ask = "import socket\ntry: socket.getaddrinfo('telemetry.invalid', 443)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", ask], env=environment, check=True)
    assert "telemetry.invalid" in log.read_text(encoding="utf-8")


def test_a_whole_demonstration_asks_for_no_other_host(tmp_path: Path) -> None:
    environment, log = watched(tmp_path)
    observatory = Path(sys.executable).with_name("observatory")
    subprocess.run(
        [observatory, "demo", "--people", "300", "--quarters", "6", "--out", tmp_path / "demo"],
        env=environment,
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
    )
    assert log.read_text(encoding="utf-8") == ""


def test_every_switch_is_off(tmp_path: Path) -> None:
    import great_expectations as gx

    with open_instance(Home(tmp_path)) as instance:
        assert isinstance(instance, dg.DagsterInstance)
        assert not instance.telemetry_enabled
    assert "send_anonymous_usage_stats: false" in (DBT_PROJECT / "dbt_project.yml").read_text(
        encoding="utf-8"
    )
    assert gx.get_context(mode="ephemeral").config.analytics_enabled in (None, False)
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"
