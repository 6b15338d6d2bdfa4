"""Gate step 2: what looks like an identifier is refused, and neither it nor its file is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.deliveries import quarantined_rows
from pipelines.paths import Home
from tests.deliveries_kit import (
    everything_kept,
    key,
    rules,
    service_tables,
    survey_tables,
    take_in,
    write_delivery,
    write_manifest,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def refused_at_step_2(home: Home, folder: Path, rule: str, field: str, value: str) -> None:
    record = take_in(home, folder)
    assert (record.status, record.step) == ("refused", 2)
    assert (2, rule) in rules(record)
    finding = next(f for f in record.findings if f.rule == rule)
    assert (finding.file, finding.field, finding.count) == ("persons.csv", field, 1)
    assert value.encode() not in everything_kept(home)
    assert not (home.refused / record.delivery_id).exists()
    assert record.files == []


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("sex", "ana@example.org", "email"),
        ("sex", "+34 600 123 456", "phone"),
        ("age_band", "X1234567", "passport_number"),
        ("citizenship_region", "12345678Z", "national_number"),
        ("person_key", "DE89370400440532013000", "iban"),
        ("first_contact_month", "2024-10-17", "exact_date"),
        ("first_contact_month", "17/10/2024", "exact_date"),
        ("sex", "40.4168, -3.7038", "coordinates"),
        ("person_key", "Ana Example", "person_name"),
    ],
)
def test_a_value_that_identifies(
    home: Home, tmp_path: Path, column: str, value: str, rule: str
) -> None:
    tables = service_tables()
    tables["persons"][40][column] = value
    write_delivery(tmp_path / "d", tables)
    refused_at_step_2(home, tmp_path / "d", rule, column, value)


def test_a_phone_number_that_fits_a_free_code(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["support_episodes"][3]["region"] = "600123456"
    write_delivery(tmp_path / "d", tables)
    record = take_in(home, tmp_path / "d")
    assert (2, "phone") in rules(record)
    assert b"600123456" not in everything_kept(home)


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("first_name", "person_name"),
        ("Surname", "person_name"),
        ("prs_FirstName", "person_name"),
        ("e-mail", "contact"),
        ("street", "address"),
        ("passport_no", "document_number"),
        ("date_of_birth", "birth_date"),
        ("_geolocation", "coordinates"),
        ("deviceid", "device"),
        ("start", "timestamp"),
    ],
)
def test_a_column_that_identifies(home: Home, tmp_path: Path, column: str, rule: str) -> None:
    tables = service_tables()
    for row in tables["persons"]:
        row[column] = "qqq"
    write_delivery(tmp_path / "d", tables)
    refused_at_step_2(home, tmp_path / "d", rule, column, "qqq")


def test_the_first_row_is_not_quoted_where_a_header_is_missing(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "d", service_tables())
    path = tmp_path / "d" / "persons.csv"
    rows = path.read_text(encoding="utf-8").splitlines()[1:]
    first = rows[0].replace("female", "Ana Example")
    write = "\n".join([first, *rows[1:]])
    path.write_text(write, encoding="utf-8")
    write_manifest(tmp_path / "d", {f"{t}.csv": t for t in service_tables()})
    record = take_in(home, tmp_path / "d")
    assert (record.status, record.step) == ("refused", 2)
    assert (2, "person_name") in rules(record)
    assert b"Ana Example" not in everything_kept(home)


def survey(folder: Path, comment: str, **answers: str) -> None:
    tables = survey_tables()
    tables["survey_responses"][7] |= {"comment": comment, **answers}
    write_delivery(folder, tables, source="survivor_survey", provider_key=key("body"))


@pytest.mark.parametrize(
    "comment",
    [
        "write to ana@example.org please",
        "my number is 600 123 456",
        "they took passport X1234567",
        "since 3 May 2023 I wait",
        "since 2023-05-03 I wait",
        "find me @ana_example",
    ],
)
def test_only_the_comment_is_dropped_and_the_answers_stay(
    home: Home, tmp_path: Path, comment: str
) -> None:
    survey(tmp_path / "d", comment)
    record = take_in(home, tmp_path / "d")
    assert record.status == "accepted"
    assert record.comments_dropped == 1
    assert rules(record) == {(2, "comment_dropped")}
    assert sum(file.rows_landed for file in record.files) == 101
    kept = everything_kept(home)
    assert comment.encode() not in kept
    assert kept.count(b"The house is quiet.") == 99


def test_an_innocent_comment_stays(home: Home, tmp_path: Path) -> None:
    comment = "I waited 2 years (2021-2023) and got 1,500.50 in 2024-05; 3 of 10 came."
    survey(tmp_path / "d", comment)
    assert take_in(home, tmp_path / "d").comments_dropped == 0
    assert comment.encode() in everything_kept(home)


def test_a_dropped_comment_is_not_kept_in_quarantine_either(home: Home, tmp_path: Path) -> None:
    survey(tmp_path / "d", "write to ana@example.org", housing_secure="9")
    record = take_in(home, tmp_path / "d")
    apart = quarantined_rows(home, record.delivery_id, "survey_responses").to_pylist()
    assert [(row["row_number"], row["rules"], row["comment"]) for row in apart] == [
        (8, ["range"], None)
    ]
    assert b"ana@example.org" not in everything_kept(home)


def test_odd_numbers_are_no_identifiers(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["case_events"][150]["amount"] = "-15000.00"
    tables["case_events"][151]["amount"] = "12.345.678"
    write_delivery(tmp_path / "d", tables)
    record = take_in(home, tmp_path / "d")
    assert record.status == "accepted"
    assert rules(record) == {(3, "range"), (3, "amount_format")}
