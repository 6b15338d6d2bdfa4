"""The command line teaches, and an error that was foreseen is one line that helps."""

import subprocess
import sys
from pathlib import Path

import pytest

OBSERVATORY = Path(sys.executable).with_name("observatory")
COMMANDS = [
    "demo",
    "synthesize",
    "ingest",
    "deliveries",
    "quarantine",
    "vintages",
    "build",
    "pseudonymise",
    "survey-form",
    "verify",
    "serve",
    "dagster",
]


def observatory(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    where = ["--home", str(home)] if home else []
    return subprocess.run([OBSERVATORY, *arguments, *where], capture_output=True, text=True)


def test_help_lists_every_command_and_where_to_start() -> None:
    shown = observatory("--help").stdout
    assert all(f" {command} " in shown for command in COMMANDS)
    assert "observatory demo" in shown


def test_lists_of_an_empty_home_say_so(tmp_path: Path) -> None:
    for command in ("deliveries", "quarantine", "vintages"):
        done = observatory(command, home=tmp_path)
        assert done.returncode == 0
        assert "nothing yet" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ingest", "nowhere"], "Give a folder with delivery.json"),
        (["quarantine", "abc"], "no delivery abc"),
        (["serve"], "run `observatory build` first"),
        (["build", "2024Q9"], "is not a quarter"),
        (["build", "2024Q4"], "run `observatory ingest PATH`"),
    ],
)
def test_a_foreseen_error_is_one_line_with_the_remedy(
    tmp_path: Path, arguments: list[str], told: str
) -> None:
    done = observatory(*arguments, home=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_day_that_is_none_is_named_with_the_way_to_write_it() -> None:
    act = ("--who", "the coder", "--on", "2024-13-40", "--why", "a trial")
    done = observatory("testimony", "withdraw", "ZZ", "ZZ-0001", *act)
    assert done.returncode == 2
    assert "'2024-13-40' is no day: write YYYY-MM-DD" in done.stderr


def test_a_demonstration_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    done = observatory("demo", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "Choose another --out" in done.stderr
