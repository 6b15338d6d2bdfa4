"""An environment in which every Python process writes down which other hosts it asks for."""

import os
from pathlib import Path

from pipelines.telemetry import SWITCHES

_WATCH = """
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


def watched(folder: Path) -> tuple[dict[str, str], Path]:
    """The environment, without any switch that the observatory sets itself, and the log."""
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(_WATCH, encoding="utf-8")
    log = folder / "hosts.log"
    log.touch()
    clean = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    return clean | {"PYTHONPATH": str(folder / "watch"), "WATCH_LOG": str(log)}, log
