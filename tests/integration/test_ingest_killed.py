"""SIGKILL at any moment, and running again, ends in the same home as one quiet run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from pipelines.deliveries import current_vintage, ingest
from pipelines.paths import Home
from tests.deliveries_kit import key, service_tables, write_delivery

RUN = """
import sys
from pathlib import Path
from pipelines.deliveries import current_vintage, ingest
from pipelines.paths import Home
home = Home(Path(sys.argv[1]))
print("begun", flush=True)
ingest(home, [Path(sys.argv[2])])
current_vintage(home)
"""


def write_many(folder: Path) -> None:
    """Four providers, a correction, one delivery with bad rows, one that is refused and kept."""
    for number in range(4):
        tables = service_tables(100)
        if number == 2:
            tables["persons"][0]["sex"] = "femail"
        name = f"provider {number}"
        first = write_delivery(folder / name, tables, provider_key=key(name))
    write_delivery(
        folder / "correction", service_tables(90), provider_key=key(name), supersedes=first
    )
    broken = folder / "broken"
    write_delivery(broken, service_tables(10), provider_key=key("broken"))
    (broken / "persons.csv").write_bytes(b"changed on the way")


def content(home: Home) -> dict[str, bytes]:
    """Everything in a home but the lock."""
    files = [p for p in home.root.rglob("*") if p.is_file() and p.parent != home.lock.parent]
    return {str(p.relative_to(home.root)): p.read_bytes() for p in files}


def run_and_kill(home: Home, deliveries: Path, after: float) -> bool:
    """Start an ingest in a process of its own and kill it; whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(home.root), str(deliveries)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
        time.sleep(after)
        running = process.poll() is None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    return running


def test_killed_and_run_again_it_ends_the_same(tmp_path: Path) -> None:
    deliveries = tmp_path / "in"
    write_many(deliveries)
    quiet = Home(tmp_path / "quiet")
    begun = time.monotonic()
    ingest(quiet, [deliveries])
    current_vintage(quiet)
    whole = time.monotonic() - begun
    expected = content(quiet)
    assert expected

    killed = Home(tmp_path / "killed")
    caught = sum(
        run_and_kill(killed, deliveries, whole * share) for share in (0.05, 0.15, 0.25, 0.35)
    )
    assert caught >= 2, "the kills came too late to interrupt anything"
    begun = time.monotonic()
    ingest(killed, [deliveries])
    current_vintage(killed)
    assert time.monotonic() - begun < 10 * whole + 10, "it waited on a dead lock"
    assert content(killed) == expected
