"""Drift over landed deliveries: which periods are compared, what is kept, when it is made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.deliveries import (
    Record,
    Register,
    check_drift,
    check_plausibility,
    current_vintage,
)
from pipelines.deliveries.drift_landed import compare_delivery, earlier_periods
from pipelines.paths import Home
from tests.deliveries_kit import key, take_in, write_delivery

QUARTERS = ["2023Q2", "2023Q3", "2023Q4", "2024Q1", "2024Q2", "2024Q3"]


def tables(
    quarter: str, granted: int, people: int = 120, whose: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """People with a decided claim each, the first ``granted`` of them granted."""
    month = f"{quarter[:4]}-{int(quarter[-1]) * 3:02d}"
    persons = [
        {"person_key": key(f"{whose}{quarter} {i}"), "first_contact_month": month, "sex": "female"}
        for i in range(people)
    ]
    events = [
        {
            "event_key": key(f"{quarter} claim {i}"),
            "person_key": key(f"{whose}{quarter} {i}"),
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


def deliver(
    home: Home, folder: Path, quarter: str, granted: int, people: int = 120, **fields: Any
) -> Record:
    whose = fields.get("provider_key", "")[-6:]
    write_delivery(folder, tables(quarter, granted, people, whose), period=quarter, **fields)
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


def test_a_change_too_small_at_each_provider_is_found_in_all_together(tmp_path: Path) -> None:
    """Four providers of 40 people each; a fifth comes late and counts for nothing."""
    home = Home(tmp_path / "home")
    sent = [(quarter, name, granted)
            for quarter, granted in zip(QUARTERS[1:], [20, 21, 19, 20, 10], strict=True)
            for name in "abcd"]  # fmt: skip
    for quarter, name, granted in [*sent, (QUARTERS[-1], "e", 40)]:
        folder, provider = tmp_path / f"{quarter}{name}", key(f"provider {name}")
        deliver(home, folder, quarter, granted, people=40, provider_key=provider)
    summary = check_drift(home)
    assert [(c.provider_key, c.table, c.column) for c in summary.drifted] == [
        ("all", "case_events", "outcome")
    ]
    (verdict,) = summary.drifted
    assert (verdict.rows, verdict.reference_rows) == (160, 640)
    marked = {
        ((r.manifest or {})["period"], (r.manifest or {})["provider_key"], *r.drifted)
        for r in Register(home).current()
        if r.drifted
    }
    assert marked == {
        ("2024Q3", key(f"provider {name}"), "drift_of_all:case_events.outcome") for name in "abcd"
    }
    folder = home.drift / "ZZ service_provider 2024Q3"
    assert (folder / "case_events.html").stat().st_size > 100_000
    vintage = current_vintage(home)
    drifted = duckdb.sql(f"select drifted from '{vintage.path}' where drifted <> ''").fetchall()
    assert drifted == [("drift_of_all:case_events.outcome",)] * 4


def test_what_was_known_before_does_not_water_a_change_down(tmp_path: Path) -> None:
    """Each quarter brings 40 new episodes and all the older ones again."""
    home = Home(tmp_path / "home")
    begun: list[dict[str, Any]] = []
    for number, quarter in enumerate(QUARTERS[1:]):
        month = f"{quarter[:4]}-{int(quarter[-1]) * 3:02d}"
        conditional = 30 if quarter != QUARTERS[-1] else 5
        begun = begun + [
            {"episode_key": key(f"{number} {i}"), "person_key": key(f"p{number} {i}"),
             "start_month": month, "end_month": "", "region": "north", "exit_reason": "",
             "conditional_on_cooperation": "yes" if i < conditional else "no", "services": "legal"}
            for i in range(40)
        ]  # fmt: skip
        persons = [
            {"person_key": one["person_key"], "first_contact_month": one["start_month"]}
            for one in begun
        ]
        brought = {
            "providers": [{"kind": "ngo", "region": "north", "observed_from": "2020-01"}],
            "persons": persons,
            "support_episodes": begun,
        }
        write_delivery(tmp_path / quarter, brought, period=quarter)
        assert take_in(home, tmp_path / quarter).status == "accepted"
    found = [(c.column, c.rows, c.reference_rows) for c in check_drift(home).drifted]
    assert found == [("conditional_on_cooperation", 40, 160)]
