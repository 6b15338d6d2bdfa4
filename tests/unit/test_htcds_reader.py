"""HTCDS 2.0: the filled template and the XLSForm's export say the same; identity refuses both."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.deliveries.contract import contracts
from pipelines.deliveries.findings import Refused
from pipelines.deliveries.readers import reader
from pipelines.deliveries.readers.htcds_sheet import IDENTITY, standard_field
from tests.deliveries_kit import PROVIDER, key

FIXTURES = Path(__file__).parent.parent / "fixtures" / "htcds"
FILES = ["htcds_filled_template.xlsx", "htcds_xlsform_export.csv"]


def rows(path: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect()
    htcds = reader("htcds")
    raw = htcds.load(connection, path, path.name, f"raw_{table}")
    translation = htcds.translate(raw, contracts()[table], PROVIDER)
    assert translation.missing == ()
    assert translation.unknown == ()
    found = connection.execute(f"select {columns} from ({translation.sql}) order by all")
    return found.fetchall()


@pytest.mark.parametrize("name", FILES)
def test_cases_become_persons(name: str) -> None:
    columns = (
        "row_number, person_key, first_contact_month, sex, age_band, citizenship_region, "
        "exploitation_form, linkage_refused, residence_at_first_contact"
    )
    assert rows(FIXTURES / name, "persons", columns) == [
        (1, key("p1"), "2024-10", "female", "25-34", "other_region", "labour;sexual", "no", None),
        (2, key("p2"), "2024-11", "male", "18-24", None, "domestic_servitude", None, None),
        (3, key("p3"), "2024-12", "unknown", None, None, None, None, None),
    ]


@pytest.mark.parametrize("name", FILES)
def test_cases_become_episodes_of_support(name: str) -> None:
    columns = "row_number, region, start_month, end_month, exit_reason, services"
    assert rows(FIXTURES / name, "support_episodes", columns) == [
        (1, "north", "2024-10", "2024-12", "transferred", "health;legal"),
        (2, "south", "2024-11", None, None, None),
        (3, None, "2024-12", None, None, None),
    ]


@pytest.mark.parametrize("name", FILES)
def test_remedy_and_retrafficking_come_from_the_extension(name: str) -> None:
    columns = "row_number, event_month, event_type, outcome, channel, amount, currency"
    assert rows(FIXTURES / name, "case_events", columns) == [
        (1, "2024-10", "first_contact", None, None, None, None),
        (1, "2024-10", "remedy_claimed", None, "civil", "12000.50", "EUR"),
        (1, "2024-11", "identified", "formal", None, None, None),
        (1, "2024-11", "remedy_decided", "partly_granted", "civil", "6000", "EUR"),
        (1, "2024-12", "remedy_paid", None, None, "1500", "EUR"),
        (2, "2024-11", "first_contact", None, None, None, None),
        (2, "2024-12", "retrafficked", "service_recorded", None, None, None),
        (3, "2024-12", "first_contact", None, None, None, None),
    ]


@pytest.mark.parametrize("name", FILES)
def test_one_case_has_one_claim_and_every_event_its_own_key(name: str) -> None:
    found = rows(FIXTURES / name, "case_events", "row_number, event_key, claim_key")
    assert len({event for _, event, _ in found}) == len(found)
    assert len({claim for _, _, claim in found if claim}) == 1


@pytest.mark.parametrize("field", ["prs_FirstName", "prs_Birthdate", "con_Consent"])
def test_identity_or_a_refused_consent_refuses_the_whole_sheet(tmp_path: Path, field: str) -> None:
    book = openpyxl.load_workbook(FIXTURES / FILES[0])
    sheet = book.worksheets[0]
    place = [cell.value for cell in sheet[1]].index(field) + 1
    sheet.cell(row=4, column=place, value="FALSE" if field == "con_Consent" else "1994-05-17")
    path = tmp_path / "cases.xlsx"
    book.save(path)
    with pytest.raises(Refused) as refused:
        rows(path, "persons", "*")
    (finding,) = refused.value.findings
    assert (finding.step, finding.field, finding.row, finding.count) == (2, field, 2, 1)
    assert "1994" not in str(refused.value)


def test_the_forms_own_spelling_of_an_identity_field_is_known(tmp_path: Path) -> None:
    with (FIXTURES / FILES[1]).open(newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    lines[1][lines[0].index("prs_Second_Name")] = "x"
    path = tmp_path / "cases.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=";").writerows(lines)
    with pytest.raises(Refused, match="prs_SecondName"):
        rows(path, "persons", "*")


def test_a_column_that_only_begins_like_the_standards_is_left_for_the_scan(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("cas_Status,Victor,vic_Village,obs_person_key\nActive,x,y,z\n")
    raw = reader("htcds").load(duckdb.connect(), path, path.name, "raw_persons")
    translation = reader("htcds").translate(raw, contracts()["persons"], PROVIDER)
    assert translation.unknown == ("Victor", "vic_Village")


def test_a_sheet_without_pseudonyms_lacks_a_column(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_text("cas_Status,prs_Gender\nActive,Feminine\n")
    raw = reader("htcds").load(duckdb.connect(), path, path.name, "raw_persons")
    translation = reader("htcds").translate(raw, contracts()["persons"], PROVIDER)
    assert translation.missing == ("obs_person_key",)


def test_the_published_template_is_understood_column_by_column(shared_data: Path) -> None:
    connection = duckdb.connect()
    template = shared_data / "case" / "HTCDS_Excel_v2.0.xlsx"
    raw = reader("htcds").load(connection, template, template.name, "raw_persons")
    translation = reader("htcds").translate(raw, contracts()["persons"], PROVIDER)
    assert len(raw.columns) == 38
    assert translation.unknown == ()
    assert connection.execute("select count(*) from raw_persons").fetchall() == [(0,)]


def test_the_published_xlsforms_fields_are_all_known(shared_data: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(shared_data / "case" / "htcds_xlsform.xlsx")
    fields = [row[1] for row in book["survey"].iter_rows(min_row=2, values_only=True)]
    path = tmp_path / "export.csv"
    path.write_text(";".join(f'"{field}"' for field in fields) + "\n")
    raw = reader("htcds").load(duckdb.connect(), path, path.name, "raw_persons")
    assert reader("htcds").translate(raw, contracts()["persons"], PROVIDER).unknown == ()
    spelt = {standard_field(name) for name in fields}
    assert len(spelt & set(IDENTITY)) == 13
