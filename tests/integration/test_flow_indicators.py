"""Flow indicators and remedy_paid, from landed rows to contracted figures with the real dbt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from warehouse_kit import build_warehouse, delivery, key, query

MODELS = [
    "inclusion_unconditional_support",
    "remedy_granted",
    "remedy_paid",
    "inspection_firewall",
    "inspection_wages_recovered",
    "participation_response",
]

# ZZ has 240 people in 2024 and three sources; YY is an inspectorate that says nothing of
# immigration or payments, as the real files do.
VINTAGE = [
    delivery("zz1", provider="shelter", period="2022-2023"),
    delivery("zz2", provider="shelter", period="2024"),
    delivery("zz3", provider="inspectorate", period="2022-2024", source="labour_inspection"),
    delivery("zz4", provider="survey", period="2024", source="survivor_survey"),
    delivery(
        "yy1", provider="bureau", country="YY", period="2022-2024", source="labour_inspection"
    ),
]

PERSONS = [
    {
        "delivery_id": "zz2",
        "person_key": key(n),
        "first_contact_month": "2024-01",
        "sex": "female" if n % 2 else "male",
        "age_band": "25-34",
        "exploitation_form": "labour;sexual" if n < 20 else "labour",
    }
    for n in range(240)
]

# In February 20 without a condition, 10 with one, 10 unknown; in December one more of each.
CONDITIONS = ["no"] * 20 + ["yes"] * 10 + ["unknown"] * 10
EPISODES = [
    {
        "delivery_id": "zz2",
        "episode_key": key(f"e{n}"),
        "person_key": key(n),
        "region": "north",
        "start_month": month,
        "conditional_on_cooperation": condition,
    }
    for n, (month, condition) in enumerate(
        [("2024-02", c) for c in CONDITIONS] + [("2024-12", c) for c in ("no", "yes", "unknown")]
    )
]


def event(number: int, kind: str, month: str, **fields: Any) -> dict[str, Any]:
    return {
        "delivery_id": "zz2" if month >= "2024" else "zz1",
        "event_key": key(f"{kind[:9]}{number}{month}"),
        "person_key": key(number),
        "event_type": kind,
        "event_month": month,
        "recorded_month": month,
        "claim_key": key(f"c{number}"),
        **fields,
    }


# Awards of 2023: person 0 is paid in full in two instalments, 1 in part, 2 after 13 months.
EVENTS = [
    event(0, "remedy_decided", "2023-03", outcome="granted", amount="1000.00", currency="EUR"),
    event(0, "remedy_paid", "2023-06", amount="600.00", currency="EUR"),
    event(0, "remedy_paid", "2023-09", amount="400.00", currency="EUR"),
    event(1, "remedy_decided", "2023-05", outcome="granted", amount="500.00", currency="EUR"),
    event(1, "remedy_paid", "2023-07", amount="125.50", currency="EUR"),
    event(2, "remedy_decided", "2023-11", outcome="granted", amount="300.00", currency="EUR"),
    event(2, "remedy_paid", "2024-12", amount="300.00", currency="EUR"),
    event(3, "remedy_decided", "2024-04", channel="civil", outcome="refused"),
    event(4, "remedy_decided", "2024-04", channel="labour", outcome="withdrawn"),
]


def inspection(delivery_id: str, number: int, month: str, **fields: Any) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "inspection_key": key(f"i{number}"),
        "month": month,
        "sector": "A",
        "region": "north",
        **fields,
    }


APART = {
    "immigration_present": "no",
    "police_present": "no",
    "status_checks": 0,
    "data_shared_with_immigration": "none",
}
INSPECTIONS = [
    inspection("zz3", 0, "2023-12", **APART, wages_owed="0.10", wages_paid="0.10", currency="EUR"),
    inspection("zz3", 1, "2023-12", **APART, wages_owed="0.20", wages_paid="0.00", currency="EUR"),
    inspection("zz3", 2, "2024-01", **APART, wages_owed="9.00", wages_paid="9.00", currency="EUR"),
    inspection("zz3", 3, "2024-01", **{**APART, "police_present": "yes"}),
    inspection("yy1", 4, "2023-06", wages_owed="700.00", currency="USD"),
]

RESPONSES = [
    {
        "delivery_id": "zz4",
        "response_key": key(f"r{number}"),
        "wave": "2024Q3",
        "stratum": "shelter",
        "disposition": disposition,
    }
    for number, disposition in enumerate(
        ["complete", "partial", "refusal", "unknown_eligibility", "not_eligible"]
    )
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(
        tmp_path_factory.mktemp("flow"),
        {
            "vintage": VINTAGE,
            "persons": PERSONS,
            "support_episodes": EPISODES,
            "case_events": EVENTS,
            "inspections": INSPECTIONS,
            "survey_responses": RESPONSES,
        },
        select=" ".join(f"+ind_{name}" for name in MODELS),
    )


def rows(warehouse: Path, indicator: str, condition: str) -> list[dict[str, Any]]:
    return query(warehouse, f"select * from indicators.ind_{indicator} where {condition}")


def row(warehouse: Path, indicator: str, condition: str) -> dict[str, Any]:
    (found,) = rows(warehouse, indicator, condition)
    return found


def figures(found: dict[str, Any]) -> tuple[float, float, float, float | None]:
    counts = (float(found[name]) for name in ("numerator", "denominator", "unknown"))
    return (*counts, found["estimate"])


def test_a_flow_is_counted_for_each_quarter_and_year_that_is_whole(warehouse: Path) -> None:
    found = {
        item["period"]: figures(item)
        for item in rows(
            warehouse,
            "inclusion_unconditional_support",
            "country = 'ZZ' and measure = 'value' and breakdown = 'total'",
        )
    }
    assert found == {
        "2024Q1": (20, 30, 10, 0.666666667),
        "2024Q4": (1, 2, 1, 0.5),
        "2024": (21, 32, 11, 0.65625),
        "2022-2024": (21, 32, 11, 0.65625),
    }


@pytest.mark.parametrize("breakdown", ["sex", "age_band", "form", "residence", "region"])
def test_categories_add_up_to_the_total(warehouse: Path, breakdown: str) -> None:
    (sums,) = query(
        warehouse,
        "select sum(numerator) filter (where breakdown <> 'total') as of_categories, "
        "sum(numerator) filter (where breakdown = 'total') as of_all "
        "from indicators.ind_inclusion_unconditional_support "
        f"where period = '2024' and measure = 'value' and breakdown in ('total', '{breakdown}')",
    )
    assert sums["of_categories"] == sums["of_all"] == 21


def test_a_person_with_several_forms_is_a_category_of_its_own(warehouse: Path) -> None:
    found = row(
        warehouse,
        "inclusion_unconditional_support",
        "period = '2024Q1' and measure = 'value' and category = 'several'",
    )
    assert figures(found)[:2] == (20, 20)


def test_bounds_show_what_unknown_answers_could_change(warehouse: Path) -> None:
    found = {
        item["measure"]: item["estimate"]
        for item in rows(
            warehouse,
            "inclusion_unconditional_support",
            "period = '2024Q1' and breakdown = 'total'",
        )
    }
    assert found == {"value": 0.666666667, "unknown_low": 0.5, "unknown_high": 0.75}


def test_withdrawn_claims_are_shown_beside_the_share_that_was_granted(warehouse: Path) -> None:
    condition = "period = '2024Q2' and breakdown = 'total' and measure = "
    assert figures(row(warehouse, "remedy_granted", condition + "'value'")) == (0, 1, 0, 0)
    assert figures(row(warehouse, "remedy_granted", condition + "'withdrawn'")) == (1, 2, 0, 0.5)


def test_payments_are_set_against_the_awards_of_the_same_claims(warehouse: Path) -> None:
    condition = "cohort = '2023' and breakdown = 'total' and measure = "
    paid = row(warehouse, "remedy_paid", condition + "'value'")
    assert (paid["period"], paid["horizon_months"], paid["units"]) == ("2024", 12, 3)
    assert figures(paid) == (1125.50, 1800, 0, 0.625277778)

    in_full = row(warehouse, "remedy_paid", condition + "'fully_paid'")
    assert figures(in_full) == (1, 3, 0, 0.333333333)
    assert in_full["method"] == "AJ"


def test_awards_whose_twelve_months_are_not_over_have_no_row(warehouse: Path) -> None:
    assert not rows(warehouse, "remedy_paid", "cohort = '2024'")


def test_each_flow_of_an_inspection_is_a_measure_of_its_own(warehouse: Path) -> None:
    found = {
        item["measure"]: figures(item)
        for item in rows(
            warehouse,
            "inspection_firewall",
            "country = 'ZZ' and period = '2024Q1' and breakdown = 'total'",
        )
    }
    none_of_two = (0, 2, 0, 0)
    assert found == {
        "value": (1, 2, 0, 0.5),
        "immigration_present": none_of_two,
        "police_present": (1, 2, 0, 0.5),
        "status_checked": none_of_two,
        "data_shared": none_of_two,
        "unknown_low": (1, 2, 0, 0.5),
        "unknown_high": (1, 2, 0, 0.5),
    }


def test_cents_add_up_exactly_and_recent_inspections_wait(warehouse: Path) -> None:
    found = {
        item["period"]: figures(item)
        for item in rows(
            warehouse,
            "inspection_wages_recovered",
            "country = 'ZZ' and measure = 'value' and breakdown = 'total'",
        )
    }
    assert found == {"2023": (0.10, 0.30, 0, 0.333333333)}


def test_what_an_inspectorate_does_not_say_is_not_available(warehouse: Path) -> None:
    of_2023 = "country = 'YY' and period = '2023' and measure = 'value'"
    firewall = row(warehouse, "inspection_firewall", of_2023)
    wages = row(warehouse, "inspection_wages_recovered", of_2023)
    for found in (firewall, wages):
        assert figures(found) == (0, 0, 1, None)
        assert (found["known_share"], found["flag"]) == (0, "x")
        assert (found["ci_low"], found["ci_high"]) == (None, None)


def test_a_small_country_shows_national_years_and_pooled_years_only(warehouse: Path) -> None:
    found = query(
        warehouse,
        "select distinct period, breakdown from indicators.ind_inspection_firewall "
        "where country = 'YY' order by all",
    )
    assert [(item["period"], item["breakdown"]) for item in found] == [
        ("2022-2024", "region"),
        ("2022-2024", "sector"),
        ("2022-2024", "total"),
        ("2023", "total"),
    ]


def test_invitations_found_not_eligible_leave_the_response_rate(warehouse: Path) -> None:
    found = row(
        warehouse,
        "participation_response",
        "period = '2024Q3' and measure = 'value' and category = 'shelter'",
    )
    assert figures(found) == (2, 4, 0, 0.5)


@pytest.mark.parametrize("indicator", MODELS)
def test_a_figure_has_one_row(warehouse: Path, indicator: str) -> None:
    repeated = query(
        warehouse,
        "select country, period, cohort, measure, horizon_months, breakdown, category "
        f"from indicators.ind_{indicator} group by all having count(*) > 1",
    )
    assert repeated == []
