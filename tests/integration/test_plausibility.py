"""An implausible delivery is set aside, it alone, and a correction gives it back its place."""

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.deliveries import Register, check_plausibility, contracts, current_vintage
from pipelines.deliveries.expectations import SuiteError, check_deliveries, load_suites
from pipelines.deliveries.landing import show_landed
from pipelines.participation import ledger
from pipelines.paths import Home
from tests.deliveries_kit import key, service_tables, take_in, write_delivery

SUITES = load_suites()


def without_sexes(tables: dict[str, Any]) -> dict[str, Any]:
    """The tables of an export from which the column sex was left out."""
    persons = [{**row, "sex": "unknown"} for row in tables["persons"]]
    return {**tables, "persons": persons}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_critical_failure_sets_one_delivery_aside_and_no_other(
    home: Home, tmp_path: Path
) -> None:
    write_delivery(tmp_path / "sound", service_tables(), provider_key=key("sound"))
    write_delivery(tmp_path / "hollow", without_sexes(service_tables()), provider_key=key("hollow"))
    sound = take_in(home, tmp_path / "sound").delivery_id
    hollow = take_in(home, tmp_path / "hollow").delivery_id
    before = current_vintage(home).hash

    results = check_plausibility(home)

    critical = {f.delivery_id for r in results for f in r.failures if f.critical}
    assert critical == {hollow}
    records = Register(home).records
    assert (records[sound].status, records[hollow].status) == ("accepted", "aside")
    finding = next(f for f in records[hollow].findings if f.rule == "critical_expectation")
    assert (finding.step, finding.table, finding.field) == (4, "persons", "sex_unknown_share")
    assert "Check the export and correct the delivery." in finding.message
    assert current_vintage(home).hash != before, "a vintage says what was set aside"
    assert ledger.entries(home.ledger)[-1].body["status"] == "aside"


def test_checking_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "hollow", without_sexes(service_tables()))
    take_in(home, tmp_path / "hollow")
    check_plausibility(home)
    said = [path.read_bytes() for path in sorted(home.register.iterdir())]
    entries = len(ledger.entries(home.ledger))
    check_plausibility(home)
    assert said == [path.read_bytes() for path in sorted(home.register.iterdir())]
    assert entries == len(ledger.entries(home.ledger))


def test_a_correction_takes_the_place_of_a_delivery_set_aside(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "hollow", without_sexes(service_tables()))
    hollow = take_in(home, tmp_path / "hollow").delivery_id
    check_plausibility(home)
    write_delivery(tmp_path / "whole", service_tables(), supersedes=hollow)
    whole = take_in(home, tmp_path / "whole").delivery_id
    check_plausibility(home)
    assert [(r.delivery_id, r.status) for r in Register(home).current()] == [(whole, "accepted")]


def test_a_warning_travels_with_the_delivery_and_stops_nothing(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    persons = [
        {**row, "sex": "unknown"} if number % 10 < 6 else row
        for number, row in enumerate(tables["persons"])
    ]
    write_delivery(tmp_path / "thin", {**tables, "persons": persons})
    thin = take_in(home, tmp_path / "thin").delivery_id
    check_plausibility(home)
    record = Register(home).records[thin]
    assert record.status == "accepted"
    assert "warning_expectation" in {finding.rule for finding in record.findings}


def test_the_data_docs_open_without_a_network_and_hold_no_row(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "sound", service_tables())
    take_in(home, tmp_path / "sound")
    check_plausibility(home)
    pages = list(home.data_docs.rglob("*.html"))
    assert len(pages) > len(SUITES)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "default-src 'none'" in text
        assert not re.search(r"<(script|link|img)\b[^>]*(src|href)=[\"']https?:", text), page.name
        assert key("person 1") not in text


@pytest.mark.parametrize("table", sorted(SUITES))
def test_a_suite_belongs_to_a_contract_and_says_why(table: str) -> None:
    assert table in contracts()
    for expectation in SUITES[table]["expectations"]:
        assert expectation["severity"] in {"critical", "warning"}
        assert expectation["meta"]["reason"].endswith(".")
        measures = {"delivered_rows", *SUITES[table]["meta"]["measures"]}
        assert expectation["kwargs"]["column"] in measures


def test_every_table_has_a_suite() -> None:
    assert set(SUITES) == set(contracts())


def test_a_broken_suite_blames_itself_and_no_delivery(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "sound", service_tables())
    sound = take_in(home, tmp_path / "sound").delivery_id
    broken = {
        "name": "persons",
        "meta": {"measures": {"shares": "'many'"}},
        "expectations": [
            {
                "type": "expect_column_values_to_be_between",
                "kwargs": {"column": "shares", "max_value": 1},
                "severity": "critical",
                "meta": {"reason": "It can't be compared with a number."},
            }
        ],
    }
    with duckdb.connect() as connection:
        show_landed(connection, home, [sound])
        with pytest.raises(SuiteError, match=r"expectations/persons\.json"):
            check_deliveries(connection, home.data_docs, {"persons": broken})
