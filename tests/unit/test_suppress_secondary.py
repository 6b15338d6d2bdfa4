"""What is hidden can't be had by subtraction along any sum that the published cells obey."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.disclosure.protection import Protected, protect
from pipelines.disclosure.table import KEY, RowsError
from pipelines.registry import Registry
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table

THRESHOLD = 10
CHANNELS = ("civil", "criminal", "labour", "state_fund")
QUARTERS = ("2024Q1", "2024Q2", "2024Q3", "2024Q4")


def _hidden(*rows: dict[str, Any]) -> set[tuple[Any, ...]]:
    """(period, measure, category) of every row that is confidential."""
    protected = protect(table(*rows), _registry(), THRESHOLD).rows.to_pylist()
    return {
        (one["period"], one["measure"], one["category"]) for one in protected if one["mark"] == "c"
    }


def _channel(category: str, numerator: int, denominator: int, **other: Any) -> dict[str, Any]:
    return row(numerator, denominator, breakdown="channel", category=category, **other)


def test_a_lone_category_takes_its_smallest_neighbour_with_it() -> None:
    hidden = _hidden(
        row(85, 200),
        _channel("civil", 5, 30),
        _channel("criminal", 50, 100),
        _channel("labour", 30, 70),
    )
    assert hidden == {("2024Q4", "value", "civil"), ("2024Q4", "value", "labour")}


def test_two_hidden_categories_that_are_few_together_take_a_third() -> None:
    hidden = _hidden(
        row(84, 230),
        _channel("civil", 2, 40),
        _channel("labour", 2, 40),
        _channel("criminal", 80, 150),
    )
    assert ("2024Q4", "value", "criminal") in hidden


def test_an_only_category_takes_the_total() -> None:
    hidden = _hidden(row(5, 50), _channel("civil", 5, 50))
    assert hidden == {("2024Q4", "value", ""), ("2024Q4", "value", "civil")}


def test_a_hidden_quarter_takes_another_of_its_year() -> None:
    counts = dict(zip(QUARTERS, (5, 40, 30, 60), strict=True))
    quarters = [row(n, 100, period=quarter) for quarter, n in counts.items()]
    hidden = _hidden(row(135, 400, period="2024"), *quarters)
    assert len(hidden) == 2
    assert ("2024Q1", "value", "") in hidden
    assert ("2024", "value", "") not in hidden


def test_a_hidden_cohort_takes_another_of_its_pool() -> None:
    cohorts = {"2019": 4, "2020": 30, "2021": 40}
    at = {"method": "S", "horizon_months": 12}
    rows = [row(n, 90, cohort=c, period=str(int(c) + 1), **at) for c, n in cohorts.items()]
    hidden = _hidden(row(74, 270, cohort="2019-2021", period="2022", **at), *rows)
    assert {period for period, *_ in hidden} == {"2020", "2021"}


def test_a_category_in_which_nobody_is_known_covers_for_no_other() -> None:
    hidden = _hidden(
        row(45, 130),
        _channel("civil", 5, 30),
        _channel("criminal", 0, 0, unknown=40, flag="x"),
        _channel("labour", 40, 100),
    )
    assert hidden == {("2024Q4", "value", "civil"), ("2024Q4", "value", "labour")}


def test_bounds_share_the_mark_of_their_value() -> None:
    hidden = _hidden(
        row(50, 100, unknown=4),
        row(50, 104, measure="unknown_low"),
        row(54, 104, measure="unknown_high"),
    )
    assert {measure for _, measure, _ in hidden} == {"value", "unknown_low", "unknown_high"}


def test_states_that_fill_the_population_are_not_left_alone() -> None:
    hidden = _hidden(
        row(60, 100, measure="in_support"),
        row(4, 100, measure="died"),
        row(36, 100, measure="left"),
    )
    assert hidden == {("2024Q4", "died", ""), ("2024Q4", "left", "")}


def test_a_few_people_in_none_of_the_states_are_not_told_by_the_rest() -> None:
    at = {"method": "S", "horizon_months": 12, "cohort": "2021", "period": "2022"}
    hidden = _hidden(
        row(60, 100, **at),
        row(15, 100, measure="removed", **at),
        row(20, 100, measure="returned", **at),
    )
    assert hidden == {("2022", "removed", "")}


def test_a_step_is_not_told_by_the_steps_around_it() -> None:
    years = {
        "2020": (5, 60),
        "2021": (20, 70),
        "2022": (30, 80),
        "2023": (40, 90),
        "2024": (50, 99),
    }
    rows = []
    for period, (lost, claimed) in years.items():
        rows += [
            row(claimed, 200, measure="claimed", period=period),
            row(claimed - lost, 200, measure="granted", period=period),
            row(claimed - lost, claimed, measure="granted_of_claimed", period=period),
        ]
    hidden = {(period, measure) for period, measure, _ in _hidden(*rows)}
    assert ("2020", "granted_of_claimed") in hidden
    assert {("2020", "granted"), ("2020", "claimed")} & hidden


def _registry() -> Registry:
    return candidate_kit.registry()


def _shown(protected: Protected) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {
        tuple(one[name] for name in KEY): one
        for one in protected.rows.to_pylist()
        if not one["mark"]
    }


_count = st.one_of(st.integers(0, 12), st.integers(0, 200))
_cell = st.tuples(_count, _count, st.one_of(st.just(0), _count))


@st.composite
def additive_tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A year of four quarters by up to four channels, with all margins."""
    channels = CHANNELS[: draw(st.integers(1, 4))]
    base = {(q, c): draw(_cell) for q in QUARTERS for c in channels}
    found = []
    for period in ("2024", *QUARTERS):
        for channel in ("", *channels):
            yes, no, unknown = (
                sum(
                    cell[part]
                    for (q, c), cell in base.items()
                    if period in (q, "2024") and channel in (c, "")
                )
                for part in range(3)
            )
            breakdown = "channel" if channel else "total"
            found.append(
                row(yes, yes + no, unknown=unknown, period=period, breakdown=breakdown,
                    category=channel, flag="" if yes + no else "x")
            )  # fmt: skip
    return found


def _sums(rows: list[dict[str, Any]]) -> Iterator[tuple[Any, list[Any]]]:
    """Every parent and its children, as (period, category): known by how the table was made."""
    channels = sorted({one["category"] for one in rows} - {""})
    for period in ("2024", *QUARTERS):
        yield (period, ""), [(period, channel) for channel in channels]
    for channel in ("", *channels):
        yield ("2024", channel), [(quarter, channel) for quarter in QUARTERS]


@settings(max_examples=12, deadline=None)
@given(additive_tables())
def test_no_sum_gives_a_hidden_cell_or_a_small_count_away(rows: list[dict[str, Any]]) -> None:
    protected = protect(table(*rows), _registry(), THRESHOLD)
    shown = {(one["period"], one["category"]): one for one in _shown(protected).values()}
    nobody = {
        (one["period"], one["category"]) for one in protected.rows.to_pylist() if one["mark"] == "x"
    }
    counts = {(one["period"], one["category"]): one for one in rows}
    told = shown.keys() | nobody
    for cell, published in shown.items():
        numerator, denominator = published["numerator"], published["denominator"]
        assert numerator == counts[cell]["numerator"]
        assert denominator == counts[cell]["denominator"]
        for count in (numerator, denominator - numerator, counts[cell]["unknown"], denominator):
            assert count == 0 or count >= THRESHOLD
    for parent, children in _sums(rows):
        line = [parent, *children]
        assert sum(cell not in told for cell in line) != 1, "a lone hidden cell"
        if parent in shown:
            lost = [counts[cell] for cell in children if cell not in shown]
            left = sum(one["numerator"] for one in lost)
            base = sum(one["denominator"] for one in lost)
            for count in (left, base - left):
                assert count == 0 or count >= THRESHOLD, "a small count by subtraction"


@settings(max_examples=4, deadline=None)
@given(additive_tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[dict[str, Any]], random: Any) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    one = protect(table(*rows), _registry(), THRESHOLD)
    other = protect(table(*mixed), _registry(), THRESHOLD)
    assert one.rows.equals(other.rows)
    assert one.suppression == other.suppression


def test_marked_rows_are_blank_and_no_internal_column_leaves() -> None:
    protected = protect(
        table(row(5, 100), row(50, 100, period="2024Q3", flag="u")), _registry(), THRESHOLD
    )
    assert set(protected.rows.column_names) & {"std_error", "units", "unknown", "at_risk"} == set()
    for one in protected.rows.to_pylist():
        assert one["mark"] in ("c", "u")
        assert {one[name] for name in ("numerator", "denominator", "estimate", "ci_low")} == {None}


def test_a_flag_is_kept_even_where_the_count_is_small() -> None:
    protected = protect(table(row(5, 100, flag="x")), _registry(), THRESHOLD)
    assert protected.rows["mark"].to_pylist() == ["x"]
    assert protected.suppression.primary == 1


def test_rows_broken_by_two_dimensions_are_dropped_and_counted() -> None:
    crossed = row(50, 100, breakdown="sex*form", category="female*labour")
    protected = protect(table(row(50, 100), crossed), _registry(), THRESHOLD)
    assert protected.rows.num_rows == 1
    assert protected.suppression.dropped == 1


def test_an_unknown_indicator_is_refused() -> None:
    with pytest.raises(RowsError, match="rows of luck: no such indicator"):
        protect(table(row(50, 100, indicator_id="luck")), _registry(), THRESHOLD)


def test_a_threshold_under_five_is_refused() -> None:
    with pytest.raises(ValueError, match="give 5 or more"):
        protect(table(row(50, 100)), _registry(), 4)


def test_an_empty_table_stays_empty() -> None:
    assert protect(table(), _registry(), THRESHOLD).rows.num_rows == 0


def test_the_made_up_candidate_leaves_most_totals_standing() -> None:
    protected = protect(candidate_kit.rows(), _registry(), THRESHOLD)
    totals = [one for one in protected.rows.to_pylist() if one["breakdown"] == "total"]
    shown = [one for one in totals if not one["mark"]]
    assert isinstance(protected.rows, pa.Table)
    assert len(shown) > 0.7 * len(totals)
