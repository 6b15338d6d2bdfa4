"""The bench of methods in small: both sides compute the same; its ratios need a quiet machine."""

from __future__ import annotations

from tests.bench_methods import bench, shortcomings, table


def test_both_sides_compute_the_same_and_every_ratio_is_there() -> None:
    figures = bench(rows=20_000, many=50_000, tries=1)
    for name in ("months", "days", "many"):
        assert figures[name]["largest_difference"] < 1e-9, name
        assert figures[name]["times_faster"] > 0
    assert [row["ratio"] for row in table(figures)[:4] if row["ratio"] is None] == []


def test_a_ratio_that_is_missed_is_said() -> None:
    figures = {
        "months": {"times_faster": 7.0},
        "days": {"times_faster": 4.0},
        "stratified": {"times_plain": 6.5},
    }
    assert shortcomings(figures) == [
        "days: 4.0 times as fast as the peer, not 5",
        "stratified: 6.5 plain counts, not 6",
    ]
