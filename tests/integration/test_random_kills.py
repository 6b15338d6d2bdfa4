"""A hundred SIGKILLs at random moments of ingest, check, build and candidate change no byte.

Slow, so by hand: ``make kills``. ``test_demo.py`` kills once in every stage on every run.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from pipelines.deliveries import check_plausibility, ingest
from pipelines.participation.ledger import verify_chain
from pipelines.paths import Home
from pipelines.release.candidates import build_candidates, verify_candidates
from pipelines.release.signing import signing_key
from pipelines.synthetic import Scenario, synthesize

KILLS, SEED, LAST = 100, 2024, "2022Q2"
#: How often each step is killed in one home; then it runs to its end and the next one begins.
A_ROUND = {"ingest": 4, "check": 1, "build": 3, "candidate": 2}
#: Every run is a process of its own; they are forked from one that has done the slow imports.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pipelines.assets.run", "great_expectations"])


def build(home: Home) -> None:
    from pipelines.assets.run import run_job

    run_job("make_candidate", home, LAST, lambda stage, what: None)


STEPS: dict[str, Callable[[Home], object]] = {
    "ingest": lambda home: ingest(home, [home.inbox]),
    "check": check_plausibility,
    "build": build,
    "candidate": lambda home: build_candidates(home, LAST),
}


def take(step: str, home: Home) -> None:
    """A step, as the leader of a process group, so that what it starts dies with it."""
    os.setpgrp()
    STEPS[step](home)


def finish(step: str, home: Home) -> float:
    """Run a step to its end; seconds."""
    began = time.monotonic()
    process = FORKS.Process(target=take, args=(step, home))
    process.start()
    process.join()
    assert process.exitcode == 0, f"{step} failed; its trace is in this test's standard error"
    return time.monotonic() - began


def kill(step: str, home: Home, after: float) -> bool:
    """Start a step and SIGKILL it and all it started; whether it was still running."""
    process = FORKS.Process(target=take, args=(step, home))
    process.start()
    process.join(after)
    if process.exitcode is not None:
        assert process.exitcode == 0, f"{step} failed after a kill"
        return False
    process.kill()
    with suppress(ProcessLookupError):  # killed before it led a group
        os.killpg(process.pid, signal.SIGKILL)
    process.join()
    return True


def outcome(home: Home) -> dict[str, bytes]:
    """The candidate and the register, as bytes; the candidate verified, and the ledger too."""
    folder = home.candidates / "ZZ" / LAST
    assert verify_candidates(home, [folder]) == []
    verify_chain(home.ledger)
    names = ("indicators.csv", "indicators.parquet", "MANIFEST.json")
    kept = [*(folder / name for name in names), *home.register.iterdir()]
    return {str(path.relative_to(home.root)): path.read_bytes() for path in kept}


@pytest.mark.slow
def test_a_hundred_kills_end_in_the_same_candidate(tmp_path: Path) -> None:
    synthesize(tmp_path / "made", 300, 6, 1, country="ZZ", scenario=Scenario(defects=True))

    def new_home(name: str) -> Home:
        home = Home(tmp_path / name)
        home.root.mkdir()
        home.inbox.symlink_to(tmp_path / "made" / "deliveries")
        shutil.copytree(tmp_path / "keys", home.keys)
        return home

    signing_key(tmp_path / "keys")
    quiet = new_home("quiet")
    seconds = {step: finish(step, quiet) for step in A_ROUND}
    expected = outcome(quiet)

    moments = random.Random(SEED)
    caught = dict.fromkeys(A_ROUND, 0)
    missed = homes = 0
    while sum(caught.values()) < KILLS:
        homes += 1
        home = new_home(f"killed {homes}")
        for step, times in A_ROUND.items():
            # ingest goes on where it was stopped, so its kills have to share its seconds
            longest = seconds[step] / (times if step == "ingest" else 1)
            for _ in range(times):
                hit = kill(step, home, moments.uniform(0, longest))
                caught[step] += hit
                missed += not hit
            finish(step, home)
        assert outcome(home) == expected
        print(f"{homes} homes, killed {caught}, {missed} kills came too late", flush=True)
        assert missed < KILLS, "the kills come too late to interrupt anything"
