"""The warehouse, built by the real dbt from landed rows: what counts, and that it is repeatable."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from warehouse_cases import landed
from warehouse_kit import build_warehouse, key, person_id, query

from pipelines.periods import month_text


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Path]:
    """The same rows, built with one thread and with two."""
    tables = landed()
    return {
        threads: build_warehouse(
            tmp_path_factory.mktemp(f"threads-{threads}"), tables, threads=threads
        )
        for threads in (1, 2)
    }


@pytest.fixture(scope="module")
def warehouse(warehouses: Mapping[int, Path]) -> Path:
    return warehouses[2]


def months(warehouse: Path, table: str, name: str, *columns: str) -> list[tuple[str | None, ...]]:
    """Month columns of a person's rows, as texts, in order."""
    rows = query(
        warehouse,
        f"select {', '.join(columns)} from core.{table} "
        f"where person_id = {person_id(key(name))} order by all",
    )
    return [
        tuple(month_text(row[c]) if row[c] is not None else None for c in columns) for row in rows
    ]


def person(warehouse: Path, name: str) -> dict[str, Any]:
    rows = query(warehouse, f"from core.dim_person where person_id = {person_id(key(name))}")
    assert len(rows) == 1
    return rows[0]


def test_the_latest_periods_version_of_a_row_counts(warehouse: Path) -> None:
    updated = person(warehouse, "updated")
    assert (updated["sex"], updated["form"], updated["providers"]) == ("male", "labour", 1)
    assert months(warehouse, "fct_joined_support", "updated", "start_month", "end_month") == [
        ("2020-11", "2021-02")
    ]


def test_a_delivery_set_aside_does_not_count(warehouse: Path) -> None:
    assert not query(warehouse, f"from core.dim_person where person_id = {person_id(key('aside'))}")


def test_the_earliest_contact_decides_and_contradictions_become_unknown(warehouse: Path) -> None:
    contradicted = person(warehouse, "contradicted")
    assert (contradicted["sex"], contradicted["age_band"]) == ("unknown", "25-34")
    assert contradicted["conflicts"] == 2, "sex and the providers' regions"
    changed = person(warehouse, "changed")
    assert (changed["sex"], changed["conflicts"], changed["region"]) == ("female", 0, "a")


def test_support_joins_over_two_months_and_not_over_three(warehouse: Path) -> None:
    spells = query(
        warehouse,
        "select spell_number, exit_reason from core.fct_joined_support "
        f"where person_id = {person_id(key('joined'))} order by all",
    )
    assert [tuple(spell.values()) for spell in spells] == [(1, "completed"), (2, "independent")]
    assert months(warehouse, "fct_person_exits", "joined", "exit_month") == [
        ("2019-08",),
        ("2019-12",),
    ]


def test_seven_silent_months_end_observation_and_register_events_do_not_prolong_it(
    warehouse: Path,
) -> None:
    spell = ("observed_from_month", "observed_to_month")
    assert months(warehouse, "fct_observation", "silent", *spell) == [
        ("2019-01", "2019-07"),
        ("2020-02", "2020-02"),
    ]


def test_a_death_within_six_months_of_a_contact_ends_an_observation_that_lasted_until_then(
    warehouse: Path,
) -> None:
    spell = ("observed_from_month", "observed_to_month")
    assert months(warehouse, "fct_observation", "seen", *spell) == [("2019-01", "2019-06")]
    assert ("2019-01", "2019-01") in months(warehouse, "fct_observation", "unseen", *spell)


def test_six_silent_months_before_the_cut_off_are_no_lapse(warehouse: Path) -> None:
    spell = ("observed_from_month", "observed_to_month")
    assert months(warehouse, "fct_observation", "recent", *spell) == [("2024-06", "2024-12")]


def test_observation_stays_inside_the_months_that_a_provider_observes(warehouse: Path) -> None:
    spell = ("observed_from_month", "observed_to_month")
    assert months(warehouse, "fct_observation", "stopped", *spell) == [("2021-10", "2021-12")]
    assert months(warehouse, "fct_observation", "late", *spell) == [("2022-03", "2022-03")]
    assert months(warehouse, "fct_person_exits", "late", "exit_month", *spell) == [
        ("2021-05", "2022-03", "2022-03")
    ]


def test_a_status_granted_in_the_month_another_ended_is_held(warehouse: Path) -> None:
    assert months(
        warehouse, "fct_residence_status", "secure", "secure_from_month", "ended_month"
    ) == [("2019-05", "2020-05")]


def test_a_payment_that_two_providers_report_is_one_payment(warehouse: Path) -> None:
    paid = person_id(key("paid"))
    (claim,) = query(warehouse, f"from core.fct_remedy_claims where person_id = {paid}")
    assert (claim["channel"], claim["awarded_amount"], claim["paid_amount"]) == ("labour", 100, 100)
    assert month_text(claim["fully_paid_month"]) == "2020-01"


def test_a_small_country_shows_annual_totals_and_pooled_years_only(warehouse: Path) -> None:
    periods = query(
        warehouse,
        "select distinct kind, dimensions from core.dim_period where country = 'YY' order by all",
    )
    assert [tuple(row.values()) for row in periods] == [("year", 0), ("years", 1)]


def test_periods_that_observation_or_the_cut_off_cuts_short_are_not_shown(
    warehouse: Path,
) -> None:
    (span,) = query(
        warehouse,
        "select min(first_month) as first, max(last_month) as last from core.dim_period "
        "where country = 'ZZ'",
    )
    assert (month_text(span["first"]), month_text(span["last"])) == ("2019-01", "2024-12")


def test_a_view_outlives_the_renaming_of_its_file(warehouse: Path) -> None:
    (count,) = query(warehouse, "select count(*) as events from core.fct_case_events")
    assert count["events"] > 0


def test_one_and_two_threads_give_equal_rows(warehouses: Mapping[int, Path]) -> None:
    tables = query(
        warehouses[1],
        "select table_schema || '.' || table_name as name from information_schema.tables "
        "where table_schema in ('core', 'indicators') order by name",
    )
    filled = 0
    for table in tables:
        one, two = (query(w, f"from {table['name']} order by all") for w in warehouses.values())
        assert one == two, table["name"]
        filled += bool(one) and table["name"].startswith("indicators.")
    assert filled >= 5, "the crowd should fill the indicators that rest on cases"
