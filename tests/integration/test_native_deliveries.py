"""Whole deliveries in their providers' own formats, through the gate into the landing area."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipelines.deliveries.readers import readers
from pipelines.paths import Home
from tests.deliveries_kit import (
    assert_whole,
    case_sheet,
    everything_kept,
    rules,
    survey_export,
    take_in,
)

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_every_format_that_is_no_inspection_format_is_delivered_here() -> None:
    others = {n for n, one in readers().items() if getattr(one, "table", "") != "inspections"}
    assert others == {"canonical", "htcds", "kobo"}


@pytest.mark.parametrize("name", ["htcds_filled_template.xlsx", "htcds_xlsform_export.csv"])
def test_a_case_sheet_lands_in_three_tables(home: Home, tmp_path: Path, name: str) -> None:
    record = take_in(home, case_sheet(tmp_path / "sheet", FIXTURES / "htcds" / name))
    assert record.status == "accepted", record.findings
    assert {file.table: file.rows_landed for file in record.files} == {
        "persons": 3, "support_episodes": 3, "case_events": 8, "providers": 1,
    }  # fmt: skip
    assert_whole(home, record)
    dropped = {f.message.split(":")[0] for f in record.findings if f.rule == "dropped_at_boundary"}
    assert {"prs_Citizenship", "prs_FirstName", "prs_Birthdate"} <= dropped


def test_a_case_sheet_that_names_somebody_is_refused_and_not_kept(
    home: Home, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(FIXTURES / "htcds" / "htcds_filled_template.xlsx")
    sheet = book.worksheets[0]
    place = [cell.value for cell in sheet[1]].index("prs_SecondName") + 1
    sheet.cell(row=3, column=place, value="Quisquilla")
    path = tmp_path / "named.xlsx"
    book.save(path)
    record = take_in(home, case_sheet(tmp_path / "sheet", path))
    assert (record.status, record.step) == ("refused", 2)
    assert (2, "identity_field") in rules(record)
    assert b"Quisquilla" not in everything_kept(home)


@pytest.mark.parametrize(
    "name", ["kobo_groups_semicolon.csv", "kobo_flat_comma.csv", "odk_central.csv"]
)
def test_a_survey_export_lands_beside_its_canonical_frame(
    home: Home, tmp_path: Path, name: str
) -> None:
    record = take_in(home, survey_export(tmp_path / "survey", FIXTURES / "kobo" / name))
    assert record.status == "accepted", record.findings
    landed = {file.table: file.rows_landed for file in record.files}
    assert landed == {"survey_responses": 3, "survey_frame": 2}
    assert_whole(home, record)
    assert b"enumerator" not in everything_kept(home)
    versions = [f.message for f in record.findings if "drift key" in f.message]
    assert versions == ["the form's version, a drift key: 1, 2"]
