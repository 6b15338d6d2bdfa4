"""Gate step 3: a bad row goes to quarantine with every rule it breaks; too many refuse all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.deliveries import Record, describe_quarantine, quarantined_rows
from pipelines.paths import Home
from tests.deliveries_kit import (
    Rows,
    key,
    rules,
    service_tables,
    sha256,
    survey_tables,
    take_in,
    write_delivery,
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def deliver(home: Home, folder: Path, tables: dict[str, Rows], **fields: Any) -> Record:
    write_delivery(folder, tables, **fields)
    return take_in(home, folder)


def apart(home: Home, record: Record, table: str) -> list[tuple[int, list[str], list[str]]]:
    found = quarantined_rows(home, record.delivery_id, table).to_pylist()
    return [(row["row_number"], row["rules"], row["fields"]) for row in found]


@pytest.mark.parametrize(
    ("table", "row", "change", "rule", "field"),
    [
        ("support_episodes", 5, {"services": "shelter;spa"}, "unknown_code", "services"),
        ("support_episodes", 5, {"services": "shelter;shelter"}, "unknown_code", "services"),
        ("support_episodes", 5, {"exit_reason": "gone"}, "unknown_code", "exit_reason"),
        ("support_episodes", 5, {"end_month": "2024-09"}, "end_not_before_start", ""),
        ("support_episodes", 4, {"exit_reason": "completed"}, "exit_reason_needs_end", ""),
        ("support_episodes", 5, {"end_month": "2025-01"}, "future_month", "end_month"),
        ("support_episodes", 5, {"start_month": ""}, "required", "start_month"),
        ("support_episodes", 5, {"start_month": "2024-1"}, "month_format", "start_month"),
        ("support_episodes", 5, {"person_key": key("nobody")}, "orphan", "person_key"),
        ("support_episodes", 5, {"provider_key": key("x")}, "foreign_provider", "provider_key"),
        ("case_events", 150, {"amount": "-1.00"}, "range", "amount"),
        ("case_events", 150, {"amount": "1.005"}, "amount_format", "amount"),
        ("case_events", 150, {"currency": ""}, "amount_needs_currency", ""),
        ("case_events", 150, {"claim_key": ""}, "needed", "claim_key"),
        ("case_events", 150, {"channel": "sheriff"}, "unknown_code", "channel"),
        ("case_events", 5, {"channel": "civil"}, "not_used", "channel"),
        ("case_events", 5, {"event_type": "abducted"}, "unknown_code", "event_type"),
        ("case_events", 5, {"person_key": key("nobody")}, "orphan", "person_key"),
        ("case_events", 5, {"recorded_month": "2025-01"}, "future_month", "recorded_month"),
    ],
)
def test_a_bad_row_goes_to_quarantine_alone(
    home: Home,
    tmp_path: Path,
    table: str,
    row: int,
    change: dict[str, str],
    rule: str,
    field: str,
) -> None:
    tables = service_tables()
    tables[table][row] |= change
    record = deliver(home, tmp_path / "d", tables)
    assert record.status == "accepted"
    found = apart(home, record, table)
    assert [number for number, _, _ in found] == [row + 1]
    assert (rule, field) in list(zip(found[0][1], found[0][2], strict=True))
    finding = next(f for f in record.findings if f.rule == rule)
    assert (finding.step, finding.row, finding.count) == (3, row + 1, 1)
    assert finding.file == f"{table}.csv"
    assert sum(file.rows_landed for file in record.files) == 400


def test_an_event_recorded_before_the_period(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["case_events"][5] |= {"event_month": "2024-08", "recorded_month": "2024-09"}
    record = deliver(home, tmp_path / "d", tables)
    assert apart(home, record, "case_events") == [(6, ["before_period"], ["recorded_month"])]


def test_one_row_may_break_several_rules(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["case_events"][150] |= {"amount": "-5", "currency": "", "recorded_month": "2024-10"}
    record = deliver(home, tmp_path / "d", tables)
    expected = ["range", "recorded_not_before_event", "amount_needs_currency"]
    assert [r for _, r, _ in apart(home, record, "case_events")] == [expected]
    listed = describe_quarantine(home, record.delivery_id[:10])
    assert [row["rule"] for row in listed] == expected
    assert {row["first_row"] for row in listed} == {151}


def test_rows_that_share_a_key_and_differ_all_go(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["case_events"].append({**tables["case_events"][0], "event_month": "2024-11"})
    record = deliver(home, tmp_path / "d", tables)
    assert [number for number, _, _ in apart(home, record, "case_events")] == [1, 201]
    assert rules(record) == {(3, "duplicate_key")}


def test_of_rows_alike_in_everything_the_first_stays(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    tables["case_events"].append(dict(tables["case_events"][0]))
    record = deliver(home, tmp_path / "d", tables)
    assert [number for number, _, _ in apart(home, record, "case_events")] == [201]


def test_who_depends_on_a_quarantined_person_goes_too(home: Home, tmp_path: Path) -> None:
    tables = service_tables(200)
    tables["persons"][10]["sex"] = "femail"
    record = deliver(home, tmp_path / "d", tables)
    assert record.status == "accepted"
    assert len(apart(home, record, "persons")) == 1
    assert [n for n, _, _ in apart(home, record, "support_episodes")] == [11]
    assert [n for n, _, _ in apart(home, record, "case_events")] == [11, 211]
    orphan = next(f for f in record.findings if f.rule == "orphan")
    assert "its row went to quarantine" in orphan.message


def test_more_than_the_tolerance_refuses_the_whole(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    for row in tables["support_episodes"][:9]:  # 9 of 401 rows: above 2 %
        row["region"] = "NORTH"
    record = deliver(home, tmp_path / "d", tables)
    assert (record.status, record.step, record.number) == ("refused", 3, None)
    assert record.findings[0].rule == "over_tolerance"
    assert "9 of 401 rows" in record.findings[0].message
    assert sum(file.rows_quarantined for file in record.files) == 401
    kinds = [r for _, r, _ in apart(home, record, "support_episodes")]
    assert kinds.count(["unknown_code"]) == 9
    assert kinds.count(["delivery_refused"]) == 91


def test_a_country_sets_its_own_tolerance(home: Home, tmp_path: Path) -> None:
    (home.root / "countries").mkdir(parents=True)
    settings = "code: ZZ\nquarantine_tolerance: 0.1\n"
    (home.root / "countries" / "ZZ.yml").write_text(settings, encoding="utf-8")
    tables = service_tables()
    for row in tables["support_episodes"][:9]:
        row["region"] = "NORTH"
    assert deliver(home, tmp_path / "d", tables).status == "accepted"


def test_a_column_no_contract_knows_refuses_the_whole(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    for row in tables["persons"]:
        row["shoe_size"] = "xl"
    record = deliver(home, tmp_path / "d", tables)
    assert rules(record) == {(3, "unknown_column")}
    assert record.findings[0].field == "shoe_size"


def test_a_required_column_is_missed(home: Home, tmp_path: Path) -> None:
    tables = service_tables()
    for row in tables["persons"]:
        del row["first_contact_month"]
    record = deliver(home, tmp_path / "d", tables)
    assert rules(record) == {(3, "missing_column")}
    assert record.findings[0].field == "first_contact_month"


def test_a_row_that_was_cut_off_goes_to_quarantine(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "d", service_tables())
    path = tmp_path / "d" / "case_events.csv"
    before = sha256(path)
    path.write_bytes(path.read_bytes().rstrip().removesuffix(b",EUR"))
    manifest = tmp_path / "d" / "delivery.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace(before, sha256(path)))
    record = take_in(home, tmp_path / "d")
    assert record.status == "accepted"
    assert [(n, r) for n, r, _ in apart(home, record, "case_events")] == [
        (200, ["amount_needs_currency", "short_row"])
    ]


def test_survey_answers_need_an_interview(home: Home, tmp_path: Path) -> None:
    tables = survey_tables()
    tables["survey_responses"][3]["disposition"] = "refusal"
    tables["survey_responses"][4]["stratum"] = "south"
    record = deliver(
        home, tmp_path / "d", tables, source="survivor_survey", provider_key=key("body")
    )
    found = apart(home, record, "survey_responses")
    assert [(n, r) for n, r, _ in found] == [(4, ["items_need_an_answer"]), (5, ["orphan"])]
