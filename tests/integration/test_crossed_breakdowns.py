"""Two dimensions at once: which periods have them, and that their groups add up to either's."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import pytest
from warehouse_kit import compile_macro

SPEC = "{'breakdowns': ['sex', 'age_band', 'sex*age_band'], 'horizons': [12]}"
METHODS = {
    "P": f"{{{{ method_p('members', {SPEC}) }}}}",
    "S": f"{{{{ method_s('members', {SPEC}, {{'value': 'in'}}) }}}}",
    "AJ": f"{{{{ method_aj('members', {SPEC}, [{{'measure': 'value', 'axis': 'seen', "
    "'events': ['event'], 'competing': []}]) }}",
}
# Two of three women are under 25, so are three of four men; every other person has the outcome.
PEOPLE = [
    ("female", "18-24"), ("female", "18-24"), ("female", "25-34"),
    ("male", "18-24"), ("male", "18-24"), ("male", "18-24"), ("male", "25-34"),
]  # fmt: skip


@pytest.fixture(scope="module")
def figures() -> dict[str, list[dict[str, Any]]]:
    """By method, the rows of a year of one dimension (2020) and of a pool of two (2018-2020)."""
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_period as from (values "
            "('ZZ', '2020', 'year', 24240, 24251, 1, 24299), "
            "('ZZ', '2018-2020', 'years', 24216, 24251, 2, 24299)) "
            "as t (country, period, kind, first_month, last_month, dimensions, cutoff_month)"
        )
        connection.execute("create table people (number integer, sex varchar, age_band varchar)")
        connection.executemany(
            "insert into people values (?, ?, ?)", [(n, *one) for n, one in enumerate(PEOPLE)]
        )
        connection.execute(
            "create table members as select 'ZZ' as country, 24245 as flow_month, "
            "24245 as origin_month, 'value' as measure, 12 as horizon_months, 'seen' as axis, "
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
def test_only_a_period_of_two_dimensions_has_crossed_groups(
    figures: dict[str, list[dict[str, Any]]], method: str
) -> None:
    shown = defaultdict(set)
    for row in figures[method]:
        shown[row["cohort"] or row["period"]].add(row["breakdown"])
    assert shown["2020"] == {"total", "sex", "age_band"}
    assert shown["2018-2020"] == {"total", "sex", "age_band", "sex*age_band"}


@pytest.mark.parametrize("method", METHODS)
def test_crossed_groups_are_counted(figures: dict[str, list[dict[str, Any]]], method: str) -> None:
    crossed = {
        row["category"]: (row["numerator"], row["denominator"], row["estimate"])
        for row in figures[method]
        if row["breakdown"] == "sex*age_band"
    }
    assert {group: counts[:2] for group, counts in crossed.items()} == {
        "female*18-24": (1, 2),
        "female*25-34": (0, 1),
        "male*18-24": (2, 3),
        "male*25-34": (0, 1),
    }
    assert crossed["male*18-24"][2] == pytest.approx(2 / 3)


@pytest.mark.parametrize("method", METHODS)
def test_crossed_groups_add_up_to_those_of_either_dimension(
    figures: dict[str, list[dict[str, Any]]], method: str
) -> None:
    single, sums = {}, defaultdict(lambda: [0, 0])
    for row in figures[method]:
        if (row["cohort"] or row["period"]) != "2018-2020":
            continue
        counts = [row["numerator"], row["denominator"]]
        if row["breakdown"] == "sex*age_band":
            for group in row["category"].split("*"):
                sums[group] = [a + b for a, b in zip(sums[group], counts, strict=True)]
        elif row["category"]:
            single[row["category"]] = counts
    assert sums == single
