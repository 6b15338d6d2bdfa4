"""One writer at a time, and a killed writer holds nobody up."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.locking import Busy, writer_lock
from pipelines.paths import Home

HOLDER = """
import sys, time
from pathlib import Path
from pipelines.locking import writer_lock
from pipelines.paths import Home
with writer_lock(Home(Path(sys.argv[1])), "holding on"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_writer_is_told_who_holds_the_lock_and_a_kill_frees_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        with (
            pytest.raises(Busy, match=rf"process {other.pid} \(holding on\)"),
            writer_lock(home, "waiting", wait_seconds=0.1),
        ):
            pass
        other.kill()
        other.wait()
    began = time.monotonic()
    with writer_lock(home, "after the kill"):
        assert time.monotonic() - began < 5
