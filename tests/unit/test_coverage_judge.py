"""How often intervals hold a truth, worked out by hand, and when that is too seldom."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.coverage.judge import against_truth, bounds_of, by_indicator, shortcomings
from pipelines.synthetic.truth_rows import Expected

TRUTH = [Expected("kept", "value", 0.5, 12)]


def figures(*rows: dict[str, object]) -> pa.Table:
    plain = {
        "indicator_id": "kept",
        "measure": "value",
        "horizon_months": 12,
        "period": "2023",
        "cohort": "2022",
        "method": "AJ",
        "denominator": 100.0,
        "estimate": 0.5,
        "ci_low": 0.4,
        "ci_high": 0.6,
        "std_error": 0.05,
        "flag": "",
    }
    filled = [{"country": f"C{number}", **plain, **row} for number, row in enumerate(rows)]
    types = {"horizon_months": pa.int32(), "ci_low": pa.float64(), "ci_high": pa.float64()}
    columns = {name: [row[name] for row in filled] for name in filled[0]}
    return pa.table({n: pa.array(v, types.get(n)) for n, v in columns.items()})


def test_coverage_and_bias_are_those_worked_out_by_hand() -> None:
    # Intervals: 0.4-0.6 holds 0.5, 0.52-0.72 does not, one has no interval: 1 of 2.
    # Bias: (0 + 0.12 + 0) / 3 = 0.04, over sqrt((0.05² + 0.05² + 0.05²) / 3) = 0.05: 0.8 errors.
    found = against_truth(
        figures(
            {},
            {"estimate": 0.62, "ci_low": 0.52, "ci_high": 0.72},
            {"ci_low": None, "ci_high": None},
        ),
        TRUTH,
    )
    (one,) = found
    assert (one["estimates"], one["with_interval"], one["covered"]) == (3, 2, 1)
    assert one["coverage"] == 0.5
    assert one["bias_errors"] == pytest.approx(0.8)
    # Clopper-Pearson of 1 in 2: from 1 - sqrt(0.975) to sqrt(0.975).
    assert one["coverage_interval"] == pytest.approx([1 - 0.975**0.5, 0.975**0.5])


def test_estimates_of_few_people_are_counted_apart_and_a_difference_has_its_smaller_group() -> None:
    rows = figures(
        {"country": "A", "method": "D", "denominator": 60.0},
        {"country": "A", "measure": "one", "denominator": 45.0},
        {"country": "A", "measure": "other", "denominator": 15.0},
        {"country": "B", "method": "D", "denominator": 60.0},
        {"country": "B", "measure": "one", "denominator": 30.0},
        {"country": "B", "measure": "other", "denominator": 30.0},
    )
    (many,) = against_truth(rows, TRUTH)
    (few,) = against_truth(rows, TRUTH, many=False)
    assert (many["estimates"], few["estimates"]) == (1, 1)
    assert (many["denominator"], few["denominator"]) == (30, 15)


def test_a_period_or_cohort_of_its_own_has_its_own_truth() -> None:
    truths = [
        Expected("kept", "value", 0.5, 12, cohort="2021"),
        Expected("kept", "value", 0.8, 12, cohort="2022"),
    ]
    (one,) = against_truth(figures({"estimate": 0.5}), truths)
    assert one["truth"] == 0.8
    assert one["covered"] == 0


def test_too_little_coverage_counts_unless_chance_explains_it() -> None:
    # 18 of 20: 90 %, under the line of 93 %; P(18 or fewer of 20 | 0.93) = 0.41, so chance does.
    misses = [{"estimate": 0.5, "ci_low": 0.6, "ci_high": 0.7}] * 2
    judged = against_truth(figures(*misses, *[{}] * 18), TRUTH)
    assert shortcomings(judged) == ["kept value 12 months (AJ): coverage 90.0%"]
    assert shortcomings(judged, in_all=1) == []
    # 180 of 200: P(180 or fewer of 200 | 0.93) is about 0.07; of 2,000 with 1,800 under 1 in 1e6.
    judged = against_truth(figures(*misses * 100, *[{}] * 1800), TRUTH)
    assert shortcomings(judged, in_all=100) == ["kept value 12 months (AJ): coverage 90.0%"]


def test_bias_counts_from_fifteen_hundredths_of_a_standard_error() -> None:
    judged = against_truth(figures(*[{"estimate": 0.51}] * 2000), TRUTH)  # 0.2 errors
    assert shortcomings(judged) == ["kept value 12 months (AJ): bias +0.20 standard errors"]
    # Of four estimates the mean itself is off by half a standard error.
    assert shortcomings(against_truth(figures(*[{"estimate": 0.51}] * 4), TRUTH), in_all=1) == []


def test_a_ratio_is_shown_and_not_judged() -> None:
    judged = against_truth(figures({"method": "R", "ci_low": 0.9, "ci_high": 1.0}), TRUTH)
    assert shortcomings(judged) == []
    assert by_indicator(judged)[0]["lowest"] == "0.0 %"


def test_bounds_hold_the_truth_of_everybody_not_of_the_known() -> None:
    truths = [Expected("kept", "value", 0.7, 12, value_among_known=0.5)]
    rows = figures(
        {"country": "A"},
        {"country": "A", "measure": "unknown_low", "estimate": 0.4},
        {"country": "A", "measure": "unknown_high", "estimate": 0.75},
        {"country": "B"},
        {"country": "B", "measure": "unknown_low", "estimate": 0.4},
        {"country": "B", "measure": "unknown_high", "estimate": 0.65},  # short by half an interval
    )
    (one,) = bounds_of(rows, truths)
    assert (one["estimates"], one["held"], one["held_with_chance"]) == (2, 1, 2)
