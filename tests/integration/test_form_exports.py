"""A case form filled in on a server: however it is exported, the same rows land.

The exports are laid out by hand as the server's exporter writes them (every field quoted, headers
with their group, the server's own columns at the end), never by a writer of ours.
"""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.deliveries import Record
from pipelines.deliveries.storage import landed_path
from pipelines.paths import Home
from tests.deliveries_kit import case_sheet, everything_kept, key, take_in

FORMS = ["ForcedLabour", "SexualExploitation", "ForcedBegging"]
SUPPORT = ["Health", "Legal", "Education"]
#: What three people answered; None where a question wasn't answered at all.
CASES: list[dict[str, Any]] = [
    {"forms": ["SexualExploitation", "ForcedLabour"], "support": ["Legal"], "version": "vA1"},
    {"forms": ["ForcedBegging"], "support": ["Health", "Education"], "version": "vA1"},
    {"forms": None, "support": None, "version": "vB2"},
]
#: The same, counted by hand.
WANTED = [("labour;sexual", "legal"), ("begging", "education;health"), (None, None)]
SHAPES = ("summary", "details", "both")


def several(
    shape: str, question: str, choices: list[str], chosen: list[str] | None
) -> dict[str, str]:
    """A select-multiple question's columns: ``a b``, or 1/0 a choice (blank when unanswered)."""
    summary = {question: " ".join(chosen or [])}
    details = {f"{question}/{one}": "" if chosen is None else str(int(one in chosen))
               for one in choices}  # fmt: skip
    return {"summary": summary, "details": details, "both": summary | details}[shape]


def submission(shape: str, number: int, case: dict[str, Any]) -> dict[str, str]:
    """One row of an export, in the order of the form."""
    return {
        "start": f"2024-11-0{number}T09:00:11.000+01:00",
        "deviceid": f"ee.fixture:{number}",
        "consent/con_Consent": "TRUE",
        "person/prs_First_Name": "",
        "person/prs_Gender": "Feminine",
        **several(shape, "person/vic_TypeOfExploitation", FORMS, case["forms"]),
        "case/cas_Status": "Active",
        "case/cas_IncomingReferralDate": f"2024-11-0{number}",
        **several(shape, "case/spl_Type", SUPPORT, case["support"]),
        "obs/obs_person_key": key(f"case {number}"),
        "_id": str(7000 + number),
        "_submission_time": f"2024-11-0{number}T09:20:00",
        "_submitted_by": "caseworker_seven",
        "__version__": case["version"],
        "_index": str(number),
    }


def export(path: Path, shape: str, separator: str) -> Path:
    rows = [submission(shape, number, case) for number, case in enumerate(CASES, start=1)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
    return path


def landed(home: Home, record: Record, table: str, columns: str) -> list[tuple[Any, ...]]:
    path = landed_path(home, table, record.delivery_id)
    return duckdb.sql(f"select {columns} from '{path}' order by row_number").fetchall()


@pytest.mark.parametrize(("shape", "separator"), list(product(SHAPES, ";,")))
def test_every_shape_and_separator_lands_the_same_answers(
    tmp_path: Path, shape: str, separator: str
) -> None:
    home = Home(tmp_path / "home")
    sheet = export(tmp_path / "cases.csv", shape, separator)
    record = take_in(home, case_sheet(tmp_path / "delivery", sheet))
    assert record.status == "accepted", record.findings
    assert not any(file.rows_quarantined for file in record.files)
    forms = [forms for (forms,) in landed(home, record, "persons", "exploitation_form")]
    support = [codes for (codes,) in landed(home, record, "support_episodes", "services")]
    assert [f if f != "unknown" else None for f in forms] == [forms for forms, _ in WANTED]
    assert [s if s != "unknown" else None for s in support] == [codes for _, codes in WANTED]
    versions = [f.message for f in record.findings if "drift key" in f.message]
    assert set(versions) == {"the form's version, a drift key: vA1, vB2"}
    kept = everything_kept(home)
    assert b"caseworker_seven" not in kept
    assert b"ee.fixture" not in kept


def test_the_published_template_filled_by_hand_lands(tmp_path: Path, shared_data: Path) -> None:
    """Codes as the standard spells them, and labels as people type them."""
    book = openpyxl.load_workbook(shared_data / "case" / "HTCDS_Excel_v2.0.xlsx")
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1] if cell.value}
    for name in (
        "obs_person_key",
        "obs_region",
        "obs_retrafficked_month",
        "obs_retrafficked_outcome",
    ):
        places[name] = sheet.max_column + 1
        sheet.cell(row=1, column=places[name], value=name)
        sheet.cell(row=2, column=places[name], value=name.removeprefix("obs_"))
    people = [
        {"prs_Gender": "Feminine", "vic_TypeOfExploitation": "SexualExploitation;ForcedLabour",
         "cas_Status": "Closed Referred", "cas_IncomingReferralDate": "2024-10",
         "cas_OutgoingReferralDate": "2024-12",
         "obs_person_key": key("one"), "obs_region": "north", "obs_retrafficked_month": "2024-12",
         "obs_retrafficked_outcome": "service_recorded"},
        {"prs_Gender": "Masculine", "vic_TypeOfExploitation": "Forced Begging",
         "cas_Status": "Active", "cas_IncomingReferralDate": "2024-11",
         "obs_person_key": key("two"), "obs_region": "south"},
    ]  # fmt: skip
    for row, person in enumerate(people, start=3):
        for name, value in {"con_Consent": "TRUE", **person}.items():
            sheet.cell(row=row, column=places[name], value=value)
    filled = tmp_path / "HTCDS filled.xlsx"
    book.save(filled)
    home = Home(tmp_path / "home")
    record = take_in(home, case_sheet(tmp_path / "delivery", filled))
    assert record.status == "accepted", record.findings
    assert landed(home, record, "persons", "first_contact_month, sex, exploitation_form") == [
        ("2024-10", "female", "labour;sexual"),
        ("2024-11", "male", "begging"),
    ]
    events = landed(home, record, "case_events", "event_month, event_type")
    assert sorted(events) == [
        ("2024-10", "first_contact"), ("2024-11", "first_contact"), ("2024-12", "retrafficked"),
    ]  # fmt: skip
