"""Declared corrections: applied where the source still errs, named where it no longer does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from warehouse_kit import build_over, build_warehouse, delivery, person_id, query
from warehouse_kit import key as plain_key

from pipelines.deliveries import (
    CorrectionError,
    Register,
    attach_landing,
    check_corrections,
    current_vintage,
    describe_corrections,
    erase,
    ingest,
)
from pipelines.paths import Home
from tests.deliveries_kit import everything_kept, key, service_tables, write_delivery

PROVIDER = key("a")
DECLARED = {
    "provider_key": PROVIDER,
    "period": "2024Q4",
    "table": "persons",
    "row": {"person_key": key("person 3")},
    "field": "sex",
    "from": "female",
    "to": "male",
    "reason": "The provider confirmed that the form was ticked in the wrong box.",
    "date": "2025-02-03",
    "who": "data engineering",
    "status": "open",
}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    write_delivery(tmp_path / "a", service_tables(20), provider_key=PROVIDER)
    ingest(home, [tmp_path / "a"])
    return home


def declare(home: Home, name: str = "ticked", **changes: Any) -> None:
    content = {k: v for k, v in {**DECLARED, **changes}.items() if v is not None}
    home.corrections.mkdir(exist_ok=True)
    (home.corrections / f"{name}.yml").write_text(yaml.safe_dump(content))


def guards(home: Home) -> dict[str, tuple[str, int]]:
    return {one.name: (one.guard, one.rows) for one in check_corrections(home)}


def test_a_correction_reaches_staging_and_leaves_the_landing_alone(
    home: Home, tmp_path: Path
) -> None:
    landed = {p: p.read_bytes() for p in home.landing.rglob("*.parquet")}
    before = current_vintage(home).hash
    declare(home)
    declare(
        home, "kept open", table="support_episodes", row=None, field="end_month",
        **{"from": "2024-12", "to": ""},
    )  # fmt: skip
    declare(
        home, "typed wrong", table="case_events", row={"event_key": key("claim 4")},
        field="amount", **{"from": "1500.5", "to": "150.05"},
    )  # fmt: skip
    assert guards(home) == {
        "kept open": ("applies", 10), "ticked": ("applies", 1), "typed wrong": ("applies", 1),
    }  # fmt: skip
    vintage = current_vintage(home)
    assert vintage.hash != before
    warehouse = build_over(
        tmp_path, lambda to: attach_landing(to, home, vintage.hash), "models/staging"
    )
    (people,) = query(
        warehouse,
        f"select sex, (select count(*) from staging.stg_persons where sex = 'female') as others "
        f"from staging.stg_persons where person_id = {person_id(key('person 3'))}",
    )
    assert people == {"sex": "male", "others": 6}
    (episodes,) = query(
        warehouse, "select count(end_month) as ended from staging.stg_support_episodes"
    )
    assert episodes["ended"] == 0
    amounts = query(
        warehouse, "select amount, count(*) as n from staging.stg_case_events group by 1 order by 1"
    )
    assert [(str(row["amount"]), row["n"]) for row in amounts if row["amount"]] == [
        ("150.05", 1),
        ("1500.50", 19),
    ]
    assert {p: p.read_bytes() for p in home.landing.rglob("*.parquet")} == landed


def test_reason_and_name_don_t_change_a_vintage_but_a_value_does(home: Home) -> None:
    declare(home)
    first = current_vintage(home).hash
    declare(home, reason="The same, in other words.")
    assert current_vintage(home).hash == first
    declare(home, to="other")
    assert current_vintage(home).hash != first


def test_once_the_source_is_fixed_the_guard_fails_and_nothing_is_changed(
    home: Home, tmp_path: Path
) -> None:
    declare(home)
    (first,) = Register(home).current()
    tables = service_tables(20)
    tables["persons"][3]["sex"] = "male"
    second = write_delivery(
        tmp_path / "b", tables, provider_key=PROVIDER, supersedes=first.delivery_id
    )
    ingest(home, [tmp_path / "b"])
    assert guards(home) == {"ticked": ("fixed_at_source", 0)}
    (finding,) = [f for f in Register(home).records[second].findings if f.step == 5]
    assert (finding.rule, finding.table, finding.field) == ("fixed_at_source", "persons", "sex")
    assert "close it with status: fixed_at_source" in finding.message
    declare(home, status="fixed_at_source")
    assert guards(home) == {"ticked": ("closed", 0)}
    assert not [f for f in Register(home).records[second].findings if f.step == 5]
    assert describe_corrections(home)[0]["reason"] == DECLARED["reason"]


def test_a_correction_that_finds_nothing_says_where_it_looked(home: Home) -> None:
    declare(home, "row", row={"person_key": key("nobody")})
    declare(home, "period", period="2023Q1")
    assert guards(home) == {"period": ("no_delivery", 0), "row": ("no_row", 0)}
    (record,) = Register(home).current()
    assert [f.rule for f in record.findings] == ["no_row"]
    assert key("nobody") not in record.findings[0].message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"table": "people"}, "table: not a table of the contract"),
        ({"field": "person_key"}, "field: a correction can change .*; never a key"),
        ({"to": "man"}, "to: not a value that persons.sex may have"),
        ({"to": ""}, "to: sex can't be empty; write unknown"),
        ({"row": {"event_key": "x"}}, "row: give person_key, or leave row out"),
        ({"period": None}, "give either delivery or period"),
        ({"reason": "typo"}, "reason: String should have at least 10"),
        ({"status": "done"}, "status: Input should be"),
    ],
)
def test_a_wrong_declaration_names_file_and_field(
    home: Home, change: dict[str, Any], said: str
) -> None:
    declare(home, **change)
    with pytest.raises(CorrectionError, match=rf"ticked\.yml: {said}") as error:
        current_vintage(home)
    assert key("person 3") not in str(error.value)


def test_two_corrections_of_one_value_are_refused(home: Home) -> None:
    declare(home)
    declare(home, "all", row=None)
    with pytest.raises(CorrectionError, match=r"both change persons\.sex of one row"):
        current_vintage(home)


def test_a_correction_that_names_an_erased_person_goes_with_them(home: Home) -> None:
    declare(home)
    declare(home, "of all", row=None, **{"from": "unknown"})
    erase(home, key("person 3"))
    assert [p.stem for p in home.corrections.iterdir()] == ["of all"]
    assert key("person 3").encode() not in everything_kept(home)


def test_the_join_in_staging_changes_only_its_own_delivery_and_row(tmp_path: Path) -> None:
    events = [
        {
            "delivery_id": f"d{d}", "row_number": r, "event_key": plain_key(f"{d}{r}"),
            "event_type": "died", "event_month": "2020-01", "recorded_month": "2020-01",
            "person_key": plain_key("p"),
        }
        for d in (1, 2) for r in (1, 2)
    ]  # fmt: skip
    change = {
        "correction": "x", "delivery_id": "d2", "table_name": "case_events", "row_number": 1,
        "field": "event_month", "from_value": "2020-01", "to_value": "2019-12",
    }  # fmt: skip
    vintage = [delivery("d1", period="2019"), delivery("d2", period="2020")]
    tables = {"vintage": vintage, "case_events": events, "corrections": [change]}
    warehouse = build_warehouse(tmp_path, tables, "stg_deliveries stg_case_events")
    rows = query(
        warehouse,
        "select event_key from staging.stg_case_events where event_month = 12 * 2019 + 11",
    )
    assert [row["event_key"] for row in rows] == [plain_key("21")]
