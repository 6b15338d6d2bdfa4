"""Two dimensions at once, and age groups: which periods have them, and what they add up to."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import pytest
from warehouse_kit import compile_macro

from pipelines.disclosure.counted import Point

SPEC = (
    "{'breakdowns': ['sex', 'age_band', 'age_group', 'sex*age_group', 'sex*age_band'], "
    "'horizons': [12]}"
)
ONE_EVENT = "[{'measure': 'value', 'axis': 'seen', 'events': ['event'], 'competing': []}]"
METHODS = {
    "P": f"{{{{ method_p('members', {SPEC}) }}}}",
    "S": f"{{{{ method_s('members', {SPEC}, {{'value': 'in'}}) }}}}",
    "AJ": f"with ended as (select *, {{{{ clock_end('duration', 'cause', 'lost', {ONE_EVENT}) }}}} "
    f"as seen_end from members) from ({{{{ method_aj('ended', {SPEC}, {ONE_EVENT}) }}}})",
}
# Two of three women are under 25, so are three of four men; every other person has the outcome.
PEOPLE = [
    ("female", "18-24"), ("female", "18-24"), ("female", "25-34"),
    ("male", "18-24"), ("male", "18-24"), ("male", "18-24"), ("male", "25-34"),
    ("female", "0-8"), ("female", "9-17"), ("male", "9-17"), ("male", "unknown"),
]  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> dict[str, list[dict[str, Any]]]:
    """By method, the rows of a year (2020) and of two pools, each with more dimensions."""
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_period as from (values "
            "('ZZ', '2020', 'year', 24240, 24251, 1, 24299), "
            "('ZZ', '2019-2021', 'years', 24228, 24263, 2, 24299), "
            "('ZZ', '2018-2020', 'years', 24216, 24251, 3, 24299)) "
            "as t (country, period, kind, first_month, last_month, dimensions, cutoff_month)"
        )
        connection.execute("create table people (number integer, sex varchar, age_band varchar)")
        connection.executemany(
            "insert into people values (?, ?, ?)", [(n, *one) for n, one in enumerate(PEOPLE)]
        )
        connection.execute(
            "create table members as select 'ZZ' as country, 24245 as flow_month, "
            "24245 as origin_month, 'value' as measure, 12 as horizon_months, "
            "-1 as entry, 20 - 10 * (number % 2) as duration, false as lost, "
            "case number % 2 when 1 then 'yes' else 'no' end as answer, "
            "case number % 2 when 1 then 'in' else 'out' end as state, "
            "case number % 2 when 1 then 'event' else '' end as cause, sex, age_band from people"
        )
        return {
            method: connection.sql(compile_macro(call)).to_arrow_table().to_pylist()
            for method, call in METHODS.items()
        }


@pytest.mark.parametrize("method", METHODS)
def test_only_a_period_of_many_persons_has_crossed_groups(
    figures: dict[str, list[dict[str, Any]]], method: str
) -> None:
    shown = defaultdict(set)
    for row in figures[method]:
        shown[row["cohort"] or row["period"]].add(row["breakdown"])
    assert shown["2020"] == {"total", "sex", "age_band"}
    few = {"total", "sex", "age_band", "age_group", "sex*age_group"}
    assert shown["2019-2021"] == few
    assert shown["2018-2020"] == few | {"sex*age_band"}


@pytest.mark.parametrize("method", METHODS)
def test_crossed_groups_are_counted(figures: dict[str, list[dict[str, Any]]], method: str) -> None:
    crossed = {
        row["category"]: (row["numerator"], row["denominator"], row["estimate"])
        for row in figures[method]
        if row["breakdown"] == "sex*age_band"
    }
    assert {group: counts[:2] for group, counts in crossed.items()} == {
        "female*0-8": (1, 1),
        "female*9-17": (0, 1),
        "male*9-17": (1, 1),
        "male*unknown": (0, 1),
        "female*18-24": (1, 2),
        "female*25-34": (0, 1),
        "male*18-24": (2, 3),
        "male*25-34": (0, 1),
    }
    assert crossed["male*18-24"][2] == pytest.approx(2 / 3)


@pytest.mark.parametrize("method", METHODS)
def test_who_is_not_known_to_be_a_child_stands_with_the_adults(
    figures: dict[str, list[dict[str, Any]]], method: str
) -> None:
    assert {
        row["category"]: (row["numerator"], row["denominator"])
        for row in figures[method]
        if (row["cohort"] or row["period"], row["breakdown"]) == ("2019-2021", "sex*age_group")
    } == {
        "female*child": (1, 2),
        "female*adult_or_unknown": (1, 3),
        "male*child": (1, 1),
        "male*adult_or_unknown": (2, 5),
    }


@pytest.mark.parametrize("method", METHODS)
def test_groups_add_up_as_disclosure_control_takes_them_to(
    figures: dict[str, list[dict[str, Any]]], method: str
) -> None:
    found: dict[Point, tuple[int, int]] = {}
    sums: dict[tuple[Point, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in figures[method]:
        if (row["cohort"] or row["period"]) != "2018-2020":
            continue
        point = Point("ZZ", False, (0, 0), row["breakdown"], row["category"])
        found[point] = (row["numerator"], row["denominator"])
        for margin in point.margins:
            for place in (0, 1):
                sums[margin, point.breakdown][place] += found[point][place]
    assert len({(margin.breakdown, breakdown) for margin, breakdown in sums}) == 9
    for (margin, breakdown), counts in sums.items():
        assert found[margin] == tuple(counts), (margin, breakdown)
