"""Drift over landed deliveries: which periods are compared, what is kept, when it is made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.deliveries import Record, Register, check_drift, check_plausibility
from pipelines.deliveries.drift_landed import compare_delivery, earlier_periods
from pipelines.paths import Home
from tests.deliveries_kit import key, take_in, write_delivery

QUARTERS = ["2023Q2", "2023Q3", "2023Q4", "2024Q1", "2024Q2", "2024Q3"]


def tables(quarter: str, granted: int, people: int = 120) -> dict[str, list[dict[str, Any]]]:
    """People with a decided claim each, the first ``granted`` of them granted."""
    month = f"{quarter[:4]}-{int(quarter[-1]) * 3:02d}"
    persons = [
        {"person_key": key(f"{quarter} {i}"), "first_contact_month": month, "sex": "female"}
        for i in range(people)
    ]
    events = [
        {
            "event_key": key(f"{quarter} claim {i}"),
            "person_key": key(f"{quarter} {i}"),
            "event_month": month,
            "recorded_month": month,
            "event_type": "remedy_decided",
            "claim_key": key(f"{quarter} claim {i}"),
            "channel": "civil",
            "outcome": "granted" if i < granted else "refused",
            "amount": "",
            "currency": "",
        }
        for i in range(people)
    ]
    provider = {"kind": "ngo", "region": "north", "observed_from": "2020-01"}
    return {"providers": [provider], "persons": persons, "case_events": events}


def deliver(home: Home, folder: Path, quarter: str, granted: int, **fields: Any) -> Record:
    write_delivery(folder, tables(quarter, granted), period=quarter, **fields)
    record = take_in(home, folder)
    assert record.status == "accepted", record.findings
    return record


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, Record]]:
    folder = tmp_path_factory.mktemp("drift")
    home = Home(folder / "home")
    records = {
        quarter: deliver(home, folder / quarter, quarter, granted)
        for quarter, granted in zip(QUARTERS, [60, 64, 58, 61, 62, 20], strict=True)
    }
    return home, records


def test_only_the_last_four_like_periods_are_compared(
    delivered: tuple[Home, dict[str, Record]],
) -> None:
    home, records = delivered
    register = Register(home)
    found = [record.delivery_id for record in earlier_periods(register, records["2024Q3"])]
    assert found == [records[quarter].delivery_id for quarter in QUARTERS[1:5]]
    assert earlier_periods(register, records["2023Q2"]) == []


def test_the_column_that_moved_is_named_and_a_quiet_quarter_is_quiet(
    delivered: tuple[Home, dict[str, Record]],
) -> None:
    home, records = delivered
    register = Register(home)
    moved = compare_delivery(home, register, records["2024Q3"].delivery_id)
    assert [(c.table, c.column) for c in moved if c.drifted] == [("case_events", "outcome")]
    quiet = compare_delivery(home, register, records["2024Q2"].delivery_id)
    assert quiet
    assert not [column for column in quiet if column.drifted]
    first = compare_delivery(home, register, records["2023Q2"].delivery_id)
    assert {column.note for column in first} == {"fewer than 2 earlier periods"}


def test_what_moved_or_came_late_is_a_finding_that_stops_nothing_and_survives_other_checks(
    delivered: tuple[Home, dict[str, Record]], tmp_path: Path
) -> None:
    home, _ = delivered
    late = deliver(home, tmp_path / "late", "2023Q1", 60, sent_month="2024-01").delivery_id
    summary = check_drift(home)
    assert [(c.table, c.column) for c in summary.drifted] == [("case_events", "outcome")]
    check_plausibility(home)
    before = {record.delivery_id: record.status for record in Register(home).current()}
    check_drift(home)
    current = Register(home).current()
    assert {record.delivery_id: record.status for record in current} == before
    found = {
        ((r.manifest or {})["period"], f.rule, f.field)
        for r in current for f in r.findings if f.rule in ("drift", "late")
    }  # fmt: skip
    assert ("2024Q3", "drift", "outcome") in found
    assert ("2023Q1", "late", "sent_month") in found
    assert late in summary.late


def test_verdicts_are_kept_and_made_again_only_when_a_correction_changed_a_reference(
    delivered: tuple[Home, dict[str, Record]], tmp_path: Path
) -> None:
    home, records = delivered
    last = records["2024Q3"].delivery_id
    path = home.drift / last / "verdicts.json"
    before = compare_delivery(home, Register(home), last)
    written = path.stat().st_mtime_ns
    assert compare_delivery(home, Register(home), last) == before
    assert path.stat().st_mtime_ns == written
    assert json.loads((home.drift / last / "case_events.json").read_text())["metrics"]

    old = records["2024Q2"]
    new = deliver(home, tmp_path / "again", "2024Q2", 63, supersedes=old.delivery_id)
    compare_delivery(home, Register(home), last)
    references = json.loads(path.read_text())["references"]
    assert new.delivery_id in references
    assert old.delivery_id not in references
