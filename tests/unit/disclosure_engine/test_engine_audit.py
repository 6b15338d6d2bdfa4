from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.audit import ContradictionError, audit_intervals

SUM = {"sum": {"all": 1, "a": -1, "b": -1, "c": -1}}


def test_a_cell_that_a_subtraction_gives_away_has_width_zero() -> None:
    audit = audit_intervals({"all": 20, "a": 8, "b": 9}, SUM, {"c": 6})
    assert [(i.low, i.high, i.narrow) for i in audit.intervals] == [(3, 3, True)]
    assert audit.narrow


def test_two_unknown_cells_share_what_is_left() -> None:
    audit = audit_intervals({"all": 20, "a": 8}, SUM, {"c": 6, "b": 6})
    assert [(i.low, i.high) for i in audit.intervals] == [(0, 12), (0, 12)]
    assert (audit.smallest, audit.largest, audit.narrow) == (12, 12, ())


def test_a_protected_cell_that_is_printed_is_narrow() -> None:
    assert audit_intervals({"all": 20, "a": 8, "b": 9, "c": 3}, SUM, {"c": 6}).smallest == 0


def test_bounds_are_whole_numbers_where_the_linear_program_is_not() -> None:
    rows = {"twice": {"x": 2, "y": 2, "odd": -1}, "odd": {"odd": 1, "z": 1, "n": -1}}
    audit = audit_intervals({"n": 7}, rows, {"x": 6})
    assert (audit.intervals[0].low, audit.intervals[0].high) == (0, 3)


def test_an_earlier_release_narrows_a_later_one() -> None:
    rows = {
        "new": {"n all": 1, "n a": -1, "n b": -1},
        "old": {"o all": 1, "o a": -1, "o b": -1},
        "change": {"n a": 1, "o a": -1, "gain": -1},
    }
    printed = {"n all": 30, "o all": 27}
    apart = audit_intervals(printed, rows, {"n a": 6}, ranges={"gain": (-math.inf, math.inf)})
    frozen = audit_intervals(printed | {"o a": 4}, rows, {"n a": 6}, ranges={"gain": (0, 3)})
    assert apart.intervals[0].width == 30
    assert (frozen.intervals[0].low, frozen.intervals[0].high) == (4, 7)


def test_a_quick_audit_stops_when_the_interval_is_wide_enough() -> None:
    cells = {f"c{i}": 6.0 for i in range(50)}
    rows = {"sum": {"all": 1} | dict.fromkeys(cells, -1)}
    exact = audit_intervals({"all": 100}, rows, cells)
    quick = audit_intervals({"all": 100}, rows, cells, exact=False)
    assert quick.programs < exact.programs == 100
    assert not quick.narrow
    assert all(interval.exact for interval in exact.intervals)


def test_printed_numbers_that_contradict_each_other_are_named() -> None:
    with pytest.raises(ContradictionError, match=r"'sum'.*off by -1"):
        audit_intervals({"all": 20, "a": 8, "b": 9, "c": 4}, SUM, {})
    with pytest.raises(ContradictionError, match="'c'"):
        audit_intervals({"all": 20, "a": 18, "b": 9}, SUM, {"c": 6})


def test_a_cell_in_no_relation_is_known_only_by_its_range() -> None:
    audit = audit_intervals({}, SUM, {"free": 6}, ranges={"free": (0, 4)})
    assert audit.narrow[0].width == 4


@given(
    st.lists(st.integers(0, 4), min_size=5, max_size=5),
    st.lists(
        st.dictionaries(st.integers(0, 4), st.sampled_from([-2, -1, 1, 2, 3]), min_size=2),
        min_size=1,
        max_size=3,
    ),
)
def test_exact_intervals_are_those_of_all_whole_numbers(
    truth: list[int], sums: list[dict[int, int]]
) -> None:
    cells, most = range(5), 4
    fits = np.array(list(itertools.product(range(most + 1), repeat=len(cells))))
    rows, printed = {}, {}
    for number, factors in enumerate(sums):
        total = sum(factor * truth[cell] for cell, factor in factors.items())
        rows[f"sum {number}"] = {f"c{cell}": factor for cell, factor in factors.items()} | {
            f"total {number}": -1
        }
        printed[f"total {number}"] = float(total)
        fits = fits[sum(factor * fits[:, cell] for cell, factor in factors.items()) == total]
    audit = audit_intervals(
        printed,
        rows,
        {f"c{cell}": 3.0 for cell in cells},
        ranges={f"c{cell}": (0.0, float(most)) for cell in cells},
    )
    found = [(interval.low, interval.high) for interval in audit.intervals]
    assert found == list(zip(fits.min(axis=0), fits.max(axis=0), strict=True))
