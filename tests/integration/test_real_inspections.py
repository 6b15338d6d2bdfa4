"""Real inspection files: what lands equals what the csv module counts and sums in the same file."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.assets.run import run_whole_path
from pipelines.deliveries import attach_landing, current_vintage
from pipelines.paths import Home
from pipelines.release.reading import read_candidate
from tests.deliveries_kit import key, take_in, write_manifest

CENT = Decimal("0.01")
SOURCES = {
    "us_dol_whisard": ("us_whd_whisard_sample.csv", "bw_atp_amt", "2003-2013"),
    "us_massachusetts_citations": (
        "us_ma_ag_fair_labor_citations_deidentified.csv",
        "Total Assessed",
        "2015-2022",
    ),
}

# What neither file says anything of.
SILENT = (
    "inspection_coverage",
    "inspection_due_diligence",
    "inspection_fees_reimbursed",
    "inspection_firewall",
    "inspection_identification_gap",
    "inspection_public_contractors",
    "inspection_referral",
    "inspection_wages_recovered",
)


@pytest.fixture(scope="module")
def home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that took in both files."""
    root = tmp_path_factory.mktemp("real")
    home = Home(root / "home")
    for name, (file, _, period) in SOURCES.items():
        folder = root / name
        folder.mkdir()
        shutil.copy(shared_data / "inspection" / file, folder / file)
        write_manifest(
            folder, {file: "inspections"}, source="labour_inspection", format=name, country="US",
            period=period, provider_key=key(name), synthetic=False,
        )  # fmt: skip
        assert take_in(home, folder).status == "accepted"
    return home


@pytest.fixture(scope="module")
def landing(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Its landing views."""
    with duckdb.connect() as connection:
        attach_landing(connection, home, current_vintage(home).hash)
        yield connection


def of(name: str) -> str:
    return f"from landing.inspections where provider_key = '{key(name)}'"


@pytest.mark.parametrize("name", SOURCES)
def test_inspections_and_wages_equal_the_file(
    landing: duckdb.DuckDBPyConnection, shared_data: Path, name: str
) -> None:
    file, amount, _ = SOURCES[name]
    with (shared_data / "inspection" / file).open(encoding="utf-8", newline="") as text:
        amounts = [row[amount] for row in csv.DictReader(text)]
    said = [Decimal(text).quantize(CENT, ROUND_HALF_UP) for text in amounts if text]
    counted, keys, owed, total = landing.execute(
        "select count(*), count(distinct inspection_key), count(wages_owed), sum(wages_owed) "
        + of(name)
    ).fetchall()[0]
    assert (counted, keys, owed, total) == (len(amounts), len(amounts), len(said), sum(said))


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_files_do_not_say_is_unknown(
    landing: duckdb.DuckDBPyConnection, name: str
) -> None:
    silent = (
        "immigration_present, police_present, data_shared_with_immigration, status_checks, "
        "persons_shared, wages_paid"
    )
    said = landing.execute(f"select distinct {silent} {of(name)}").fetchall()
    assert said == [("unknown", "unknown", "unknown", None, None, None)]


def test_most_citations_find_a_sector(landing: duckdb.DuckDBPyConnection) -> None:
    known, total = landing.execute(
        "select count(*) filter (sector <> 'unknown'), count(*) " + of("us_massachusetts_citations")
    ).fetchall()[0]
    assert known / total > 0.9


def test_the_candidate_says_that_nobody_knows_and_never_that_there_was_none(home: Home) -> None:
    run_whole_path(home, "2022Q4", lambda stage, what: None)
    candidate = read_candidate(home.candidates / "US" / "2022Q4")
    for indicator in SILENT:
        values = [figure for figure in candidate.of(indicator) if figure.measure == "value"]
        assert values
        assert {figure.mark for figure in values} == {"x"}
        assert {figure.estimate for figure in values} == {None}
        bounds = [figure for figure in candidate.of(indicator) if figure.measure == "unknown_high"]
        assert {figure.known_share for figure in bounds if not figure.mark} <= {0}
    page = home.site / "indicators" / "inspection-firewall.html"
    assert "Synthetic data" not in page.read_text(encoding="utf-8")
