"""The whole path as its users run it: the command, the folders it leaves, and what a kill does.

The demonstration here is small; `make demo` is the same with more people.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from host_watch import watched
from scipy.stats import binom

from dashboards.site.layout import indicator_page
from pipelines.assets.run import run_whole_path
from pipelines.deliveries import describe_deliveries
from pipelines.deliveries.drift import FALSE_ALARM
from pipelines.participation.ledger import verify_chain
from pipelines.paths import CHECKOUT, Home
from pipelines.registry import load_registry
from pipelines.release.council import read_record
from pipelines.release.reading import read_candidate
from pipelines.synthetic.council import SCRIPTED
from pipelines.testimony.desk import describe_comments, describe_quotations
from tests.catalogue import IDS

PEOPLE, QUARTERS, LAST = 2_000, 16, "2024Q4"
FEW_PEOPLE, FEW_QUARTERS, EARLY = 400, 6, "2022Q2"
"""Where every run must only end in the same bytes."""

OBSERVATORY = Path(sys.executable).with_name("observatory")
STAGES = [
    "make the deliveries",
    "land",
    "check",
    "code the comments",
    "fix the vintage",
    "build the warehouse",
    "build the candidate",
    "build the engineers' pages",
    "hold a scripted review",
    "publish what is due",
    "build the pages",
]
WRITING = ["land", "build the warehouse", "build the candidate"]
"""Stages whose half-done work lies in files that the next run reads."""

SYNTHETIC = ("Synthetic data", "Datos sintéticos", "Données synthétiques", "بيانات اصطناعية")
SAME_BYTES = ["indicators.csv", "indicators.parquet", "MANIFEST.json"]


def demo_command(out: Path, people: int = PEOPLE, quarters: int = QUARTERS) -> list[str | Path]:
    size = ("--people", str(people), "--quarters", str(quarters))
    return [OBSERVATORY, "demo", *size, "--out", out]


@dataclass(frozen=True)
class Finished:
    """A finished demonstration, and the hosts it asked for."""

    home: Home
    printed: str
    hosts: str

    @property
    def candidate(self) -> Path:
        return self.home.candidates / "ZZ" / LAST

    @property
    def summary(self) -> dict[str, dict[str, int]]:
        return json.loads((self.home.root / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("demo")
    environment, log = watched(folder)
    done = subprocess.run(
        demo_command(folder / "home"),
        env=environment,
        cwd=CHECKOUT,
        check=True,
        capture_output=True,
        text=True,
    )
    return Finished(Home(folder / "home"), done.stdout, log.read_text(encoding="utf-8"))


def test_it_leaves_what_it_promises_and_says_where(demo: Finished) -> None:
    for path in (demo.candidate, demo.home.site / "index.html", demo.home.root / "summary.json"):
        assert path.exists()
        assert str(path) in demo.printed
    assert (demo.home.data_docs / "index.html").exists()


def test_it_asks_for_no_other_host(demo: Finished) -> None:
    assert demo.hosts == ""


def test_every_file_and_row_is_accounted_for(demo: Finished) -> None:
    listed = describe_deliveries(demo.home)
    for one in listed:
        assert one["rows_read"] == one["rows_landed"] + one["rows_quarantined"], one["delivery_id"]
    summary = demo.summary
    arrived = list(demo.home.inbox.iterdir())
    assert sum(summary["deliveries"].values()) == len(listed) == len(arrived)
    assert summary["rows"]["read"] == summary["rows"]["landed"] + summary["rows"]["quarantined"]
    landed = sum(
        pq.read_metadata(path).num_rows for path in demo.home.landing.glob("*/*/part.parquet")
    )
    assert landed == summary["rows"]["landed"]
    assert summary["deliveries"]["refused"] > 0, "the demonstration shows refusals"
    assert summary["rows"]["quarantined"] > 0, "and quarantine"


def test_the_candidate_verifies_is_synthetic_and_cleared_as_its_audit_says(
    demo: Finished,
) -> None:
    subprocess.run([OBSERVATORY, "verify", demo.candidate], check=True, capture_output=True)
    candidate = read_candidate(demo.candidate)
    assert candidate.status.synthetic
    assert candidate.status.audit
    assert candidate.status.cleared_for_release == (candidate.status.audit.exposed == 0)
    assert {figure.indicator_id for figure in candidate.figures} == set(load_registry().indicators)
    verify_chain(demo.home.ledger)


def test_the_scripted_coder_has_read_every_comment_and_quotations_reach_the_candidate(
    demo: Finished,
) -> None:
    comments = describe_comments(demo.home, "ZZ")
    assert comments
    assert all(one["themes"] for one in comments)
    quotations = describe_quotations(demo.home, "ZZ")
    assert {one["who"] for one in quotations} == {SCRIPTED}
    shown = set(pyarrow.csv.read_csv(demo.candidate / "quotations.csv")["quotation_id"].to_pylist())
    # Words of a theme whose count is hidden wait.
    assert shown
    assert shown <= {one["quotation"] for one in quotations}


def test_the_scripted_review_ends_in_a_release_that_verifies_and_is_what_the_pages_show(
    demo: Finished,
) -> None:
    release = demo.home.releases / "ZZ" / LAST / "v1"
    assert str(release) in demo.printed
    subprocess.run([OBSERVATORY, "verify", release], check=True, capture_output=True)
    assert read_record(release).scripted
    verdicts = {figure.council_verdict for figure in read_candidate(release).figures}
    assert verdicts == {"endorsed", "endorsed_with_note", "objected", "not_reviewed"}
    shown = (demo.home.site / "data" / "indicators.csv").read_bytes()
    assert shown == (release / "indicators.csv").read_bytes()


def test_the_planted_break_marks_the_figures_that_it_touches_and_no_others(
    demo: Finished,
) -> None:
    """From 2023Q1 less support is conditional: seen in all providers together, in that quarter."""
    caveat = "drift_of_all::support_episodes.conditional_on_cooperation"
    candidate = read_candidate(demo.candidate)
    marked = [figure for figure in candidate.figures if caveat in figure.caveats]
    with duckdb.connect(str(demo.home.warehouse), read_only=True) as warehouse:
        touched = warehouse.execute(
            "select distinct indicator_id from landing.lineage "
            "where table_name = 'support_episodes' and column_name = 'conditional_on_cooperation'"
        ).fetchall()
    indicators = {f.indicator_id for f in marked}
    assert "inclusion_unconditional_support" in indicators
    assert indicators <= {indicator for (indicator,) in touched}
    quarters = {f.period for f in marked if "Q" in f.period}
    assert "2023Q1" in quarters
    assert not quarters & {"2022Q4", "2024Q1"}
    assert len(candidate.status.freshness) == len(
        {(entry.provider, entry.source) for entry in candidate.status.freshness}
    )


def test_what_was_not_planted_alarms_no_more_often_than_chance_may(demo: Finished) -> None:
    """A quiet table alarms with probability FALSE_ALARM, so a few of hundreds of tables may."""
    compared: set[tuple[str, str, str]] = set()
    alarmed: set[tuple[str, str, str]] = set()
    for path in demo.home.root.glob("drift/**/verdicts.json"):
        for column in json.loads(path.read_text(encoding="utf-8"))["columns"]:
            if column["value"] is None or column["column"] == "conditional_on_cooperation":
                continue
            table = (path.parent.name, column["provider_key"], column["table"])
            compared.add(table)
            if column["drifted"]:
                alarmed.add(table)
    assert len(compared) > 100
    assert len(alarmed) <= binom.ppf(0.999, len(compared), FALSE_ALARM)


def test_rows_and_pages_are_those_of_the_catalogue_and_of_nothing_else(demo: Finished) -> None:
    assert {figure.indicator_id for figure in read_candidate(demo.candidate).figures} == IDS
    folders = [path for path in demo.home.site.rglob("indicators") if path.is_dir()]
    assert len(folders) == len(SYNTHETIC), "one a language"
    expected = {PurePosixPath(indicator_page(one)).name for one in IDS}
    for folder in folders:
        assert {path.name for path in folder.glob("*.html")} == expected, folder


def test_a_changed_byte_is_named_and_the_command_fails(demo: Finished, tmp_path: Path) -> None:
    copy = shutil.copytree(demo.candidate, tmp_path / LAST)
    with (copy / "indicators.csv").open("ab") as file:
        file.write(b" ")
    key = demo.home.keys / "observatory.pub"
    result = subprocess.run(
        [OBSERVATORY, "verify", copy, "--key", key], capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "indicators.csv was changed" in result.stderr


def test_every_page_says_that_it_is_synthetic(demo: Finished) -> None:
    pages = list(demo.home.site.rglob("*.html"))
    assert len(pages) > 20
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert any(words in text for words in SYNTHETIC), page.name


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A small demonstration with two threads, run once."""
    home = Home(tmp_path_factory.mktemp("undisturbed") / "home")
    command = demo_command(home.root, FEW_PEOPLE, FEW_QUARTERS)
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    return home


def assert_the_same_candidate(one: Home, other: Home) -> None:
    for name in SAME_BYTES:
        first, second = (at.candidates / "ZZ" / EARLY / name for at in (one, other))
        assert first.read_bytes() == second.read_bytes(), name


def test_another_folder_and_one_thread_give_the_same_bytes(
    undisturbed: Home, tmp_path: Path
) -> None:
    other = Home(tmp_path / "elsewhere")
    shutil.copytree(undisturbed.inbox, other.inbox)
    shutil.copytree(undisturbed.keys, other.keys)
    shutil.copytree(
        undisturbed.testimony_register("ZZ").parent, other.testimony_register("ZZ").parent
    )
    run_whole_path(other, EARLY, lambda stage, what: None, threads=1)
    assert_the_same_candidate(undisturbed, other)


@pytest.mark.parametrize(
    "stages",
    [
        pytest.param(WRITING, id="writing"),
        pytest.param(STAGES, id="all", marks=pytest.mark.slow),
    ],
)
def test_killed_and_run_again_it_ends_in_the_same_candidate(
    undisturbed: Home, tmp_path: Path, stages: list[str]
) -> None:
    home = Home(tmp_path / "home")
    shutil.copytree(undisturbed.keys, home.keys)
    for stage in stages:
        kill_in(stage, home.root)
    command = demo_command(home.root, FEW_PEOPLE, FEW_QUARTERS)
    subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True)
    assert_the_same_candidate(undisturbed, home)
    verify_chain(home.ledger)


def kill_in(stage: str, home: Path) -> None:
    """Run the demonstration and SIGKILL it, and all it started, as soon as a stage has begun."""
    with subprocess.Popen(
        demo_command(home, FEW_PEOPLE, FEW_QUARTERS),
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        process_group=0,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.strip() == f"{stage} …":
                break
        else:
            pytest.fail(f"the stage {stage!r} was never reached")
        os.killpg(process.pid, signal.SIGKILL)
