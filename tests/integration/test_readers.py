"""Readers: each format has a fixture, names what it leaves out and never turns unknown into no."""

from __future__ import annotations

import datetime as dt
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.deliveries import Record, quarantined_rows
from pipelines.deliveries.readers import readers
from pipelines.deliveries.storage import landed_path
from pipelines.paths import Home
from tests.deliveries_kit import (
    everything_kept,
    service_tables,
    take_in,
    write_delivery,
    write_manifest,
)

FIXTURES = Path(__file__).parent.parent / "fixtures" / "readers"
#: Inspection formats; case sheets and survey exports are in test_native_deliveries.
FORMATS = sorted(n for n, one in readers().items() if getattr(one, "table", "") == "inspections")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home" / "countries").mkdir(parents=True)
    settings = "code: US\ncurrency: USD\nquarantine_tolerance: 0.2\n"
    (tmp_path / "home" / "countries" / "US.yml").write_text(settings, encoding="utf-8")
    return Home(tmp_path / "home")


def deliver_fixture(home: Home, folder: Path, name: str, extra_rows: str = "") -> Record:
    folder.mkdir()
    path = folder / f"{name}.csv"
    shutil.copy(FIXTURES / f"{name}.csv", path)
    path.write_text(path.read_text(encoding="utf-8") + extra_rows, encoding="utf-8")
    write_manifest(
        folder, {path.name: "inspections"}, source="labour_inspection", format=name, country="US",
        period="2010-2015", sent_month="2016-01",
    )  # fmt: skip
    return take_in(home, folder)


def landed(home: Home, record: Record, table: str, columns: str) -> list[tuple[Any, ...]]:
    path = str(landed_path(home, table, record.delivery_id))
    with duckdb.connect() as connection:
        return connection.execute(
            f"select {columns} from read_parquet(?) order by row_number", [path]
        ).fetchall()


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_fixture_that_its_reader_takes(
    home: Home, tmp_path: Path, name: str
) -> None:
    record = deliver_fixture(home, tmp_path / "d", name, _sound_rows(name))
    assert record.status == "accepted"
    assert {f.rule for f in record.findings} <= {"dropped_at_boundary", "month_format"}


def _sound_rows(name: str) -> str:
    """Further sound rows, so that the fixture's bad one stays within the tolerance."""
    if name != "us_dol_whisard":
        return ""
    line = (FIXTURES / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1]
    return f"9{line}\n"


def test_whisard_is_read_as_found_owed_and_not_paid(home: Home, tmp_path: Path) -> None:
    record = deliver_fixture(home, tmp_path / "d", "us_dol_whisard", _sound_rows("us_dol_whisard"))
    rows = landed(
        home, record, "inspections", "month, region, sector, violations, wages_owed, wages_paid"
    )
    assert rows[:3] == [
        ("2012-03", "nh", "I", 3, Decimal("511.93"), None),
        ("2012-06", "fl", "A", 0, Decimal("0.00"), None),
        ("2012-07", "zz", "H", 1, Decimal("41.20"), None),
    ]
    apart = quarantined_rows(home, record.delivery_id, "inspections").to_pylist()
    assert [(row["row_number"], row["rules"], row["sector"]) for row in apart] == [
        (4, ["month_format"], "E")
    ]


def test_massachusetts_never_says_what_was_paid(home: Home, tmp_path: Path) -> None:
    record = deliver_fixture(home, tmp_path / "d", "us_massachusetts_citations")
    rows = landed(
        home, record, "inspections", "month, region, sector, wages_owed, wages_paid, currency"
    )
    assert rows == [
        ("2015-01", "ma", "F", Decimal("750.00"), None, "USD"),
        ("2015-01", "ma", "F", Decimal("750.00"), None, "USD"),
        ("2015-02", "nh", "I", Decimal("9575.28"), None, "USD"),
        ("2015-03", "unknown", "unknown", None, None, None),
    ]
    keys = landed(home, record, "inspections", "inspection_key")
    assert len(set(keys)) == 4


@pytest.mark.parametrize("name", FORMATS)
def test_what_a_source_does_not_say_is_unknown(home: Home, tmp_path: Path, name: str) -> None:
    record = deliver_fixture(home, tmp_path / "d", name, _sound_rows(name))
    silent = (
        "immigration_present, police_present, data_shared_with_immigration, trigger, "
        "status_checks, persons_shared, workers_met, possible_victims"
    )
    rows = landed(home, record, "inspections", silent)
    assert set(rows) == {("unknown", "unknown", "unknown", "unknown", None, None, None, None)}


def test_names_and_addresses_end_at_the_boundary(home: Home, tmp_path: Path) -> None:
    record = deliver_fixture(home, tmp_path / "d", "us_dol_whisard", _sound_rows("us_dol_whisard"))
    kept = everything_kept(home)
    for value in (b"Fixture", b"Invented Road", b"Nowhere", b"2012-03-13", b"2010-03-14"):
        assert value not in kept
    told = {f.field for f in record.findings if f.rule == "dropped_at_boundary"}
    assert {"trade_nm", "street_addr_1_txt", "city_nm", "zip_cd", "findings_start_date"} <= told


def test_keys_are_the_same_on_every_run(tmp_path: Path) -> None:
    keys = []
    for run in ("one", "two"):
        home = Home(tmp_path / run)
        folder = tmp_path / f"d{run}"
        record = deliver_fixture(home, folder, "us_massachusetts_citations")
        keys.append(landed(home, record, "inspections", "inspection_key, employer_key"))
    assert keys[0] == keys[1]


def test_a_column_its_reader_does_not_know_is_scanned(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    text = (FIXTURES / "us_massachusetts_citations.csv").read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    spoilt = "\n".join([f"{header},remark", *(f"{row},ana@example.org" for row in rows)])
    (folder / "c.csv").write_text(spoilt + "\n", encoding="utf-8")
    write_manifest(
        folder, {"c.csv": "inspections"}, source="labour_inspection", country="US",
        format="us_massachusetts_citations", period="2010-2015",
    )  # fmt: skip
    record = take_in(home, folder)
    assert [(f.step, f.rule, f.field, f.count) for f in record.findings] == [
        (2, "email", "remark", 4)
    ]


def convert(folder: Path, table: str, suffix: str) -> None:
    """Turn a table's CSV into another file type, as its users' tools would write it."""
    source, target = folder / f"{table}.csv", folder / f"{table}{suffix}"
    with duckdb.connect() as connection:
        rows = connection.execute("select * from read_csv(?, header = true)", [str(source)])
        names = [column[0] for column in rows.description or []]
        values = rows.fetchall()
        if suffix == ".parquet":
            query = "copy (select * from read_csv(?, header = true)) to '" + str(target) + "'"
            connection.execute(query, [str(source)])
    if suffix == ".xlsx":
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(names)
        for row in values:
            sheet.append([float(v) if isinstance(v, Decimal) else v for v in row])
        book.save(target)
    source.unlink()


@pytest.mark.parametrize("suffix", [".parquet", ".xlsx"])
def test_parquet_and_workbooks_land_the_same_rows_as_csv(tmp_path: Path, suffix: str) -> None:
    wanted, found = (Home(tmp_path / name) for name in ("csv", "other"))
    write_delivery(tmp_path / "a", service_tables())
    write_delivery(tmp_path / "b", service_tables())
    for table in service_tables():
        convert(tmp_path / "b", table, suffix)
    write_manifest(tmp_path / "b", {f"{t}{suffix}": t for t in service_tables()})
    one, two = take_in(wanted, tmp_path / "a"), take_in(found, tmp_path / "b")
    assert two.findings == []
    whole = "* exclude (delivery)"
    for table in service_tables():
        assert landed(wanted, one, table, whole) == landed(found, two, table, whole)


def test_a_month_that_a_spreadsheet_made_a_date_is_read_by_its_format(
    home: Home, tmp_path: Path
) -> None:
    write_delivery(tmp_path / "d", service_tables(60))
    for number_format, status in (("mmm-yy", "accepted"), ("yyyy-mm-dd", "refused")):
        folder = tmp_path / number_format
        shutil.copytree(tmp_path / "d", folder)
        convert(folder, "persons", ".xlsx")
        book = openpyxl.load_workbook(folder / "persons.xlsx")
        sheet = book.active
        column = [cell.value for cell in sheet[1]].index("first_contact_month") + 1
        cell = sheet.cell(row=2, column=column, value=dt.datetime(2024, 10, 1))
        cell.number_format = number_format
        book.save(folder / "persons.xlsx")
        files = {f"{t}.csv": t for t in service_tables() if t != "persons"}
        write_manifest(folder, {**files, "persons.xlsx": "persons"})
        assert take_in(home, folder).status == status
        home = Home(tmp_path / "another")


def test_a_workbook_with_a_second_sheet_is_refused(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "d", service_tables(10))
    convert(tmp_path / "d", "persons", ".xlsx")
    book = openpyxl.load_workbook(tmp_path / "d" / "persons.xlsx")
    book.create_sheet("names").sheet_state = "hidden"
    book.save(tmp_path / "d" / "persons.xlsx")
    files = {f"{t}.csv": t for t in service_tables() if t != "persons"}
    write_manifest(tmp_path / "d", {**files, "persons.xlsx": "persons"})
    record = take_in(home, tmp_path / "d")
    assert [(f.step, f.rule) for f in record.findings] == [(1, "sheets")]
