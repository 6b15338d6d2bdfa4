from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pipelines.disclosure.audit import audit_intervals
from pipelines.disclosure.linked_tables import (
    Status,
    TableError,
    build_table,
    sum_relation,
    table_from_array,
)
from pipelines.disclosure.rounding import Released, round_table


def test_every_sum_of_rounded_numbers_adds_up() -> None:
    rng = np.random.default_rng(0)
    table = table_from_array(rng.poisson(8, size=(12, 9)))
    rounding = round_table(table)
    assert rounding.proved
    assert rounding.reach == 4
    assert not (rounding.values % 5).any()
    assert not table.relations.residuals(rounding.values).any()
    assert (np.abs(rounding.values - table.values) < 5).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_other_additive_rounding_is_closer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    counts = rng.integers(0, 12, size=(3, 3))
    table = table_from_array(counts)
    best = np.inf
    choices = [sorted({5 * (n // 5), -5 * (-n // 5)}) for n in counts.ravel().tolist()]
    for inner in product(*choices):
        full = table_from_array(np.array(inner).reshape(3, 3))
        distance = np.abs(full.values - table.values)
        if (distance < 5).all():
            best = min(best, distance.sum())
    assert round_table(table).distance == best


def test_a_structural_zero_stays_zero() -> None:
    table = table_from_array([[0, 7, 3], [4, 6, 8]])
    table = table.mark([("0", "0")], Status.STRUCTURAL_ZERO)
    rounding = round_table(table)
    assert rounding.values[table.index["0", "0"]] == 0
    assert rounding.implied_ranges(table)["0", "0"] == (0, 0)


def test_the_audit_reads_what_each_multiple_implies() -> None:
    table = table_from_array([[3, 7, 3], [4, 6, 8], [12, 9, 1]])
    relations = table.relations
    rows = {
        name: {
            table.ids[relations.cells[e]]: int(relations.coefficients[e])
            for e in range(relations.starts[r], relations.starts[r + 1])
        }
        for r, name in enumerate(relations.names)
    }
    ranges = round_table(table).implied_ranges(table)
    audit = audit_intervals({}, rows, dict.fromkeys(table.ids, 4.0), ranges=ranges)
    assert not audit.narrow
    for interval, value in zip(audit.intervals, table.values, strict=True):
        assert interval.low <= value <= interval.high


def test_a_base_that_is_none_is_refused() -> None:
    with pytest.raises(TableError, match="base 1"):
        round_table(table_from_array([1, 2]), base=1)


def _line(counts: list[int]) -> dict[str, int]:
    return {str(number): count for number, count in enumerate(counts)} | {"sum": sum(counts)}


def test_what_no_row_prints_is_a_multiple_from_0_and_costs_nothing() -> None:
    counts = _line([3, 4, 1, 2])
    table = build_table(counts, {"sum": sum_relation("sum", list("0123"))})
    shown = round_table(table)
    hidden = round_table(table.mark(["3"], Status.HIDDEN))
    assert hidden.printed == shown.printed - 1
    assert hidden.distance <= shown.distance
    assert hidden.values[table.index["3"]] % 5 == 0
    assert (hidden.values >= 0).all()
    assert "3" not in hidden.implied_ranges(table.mark(["3"], Status.HIDDEN))


def test_where_no_multiple_next_to_each_count_adds_up_one_lies_further_and_all_say_so() -> None:
    # four equal counts of 2 are all 0 or all 5, and neither 0 nor 20 is next to 8
    counts = {"a": 2, "b": 2, "c": 2, "d": 2, "sum": 8}
    rows = {
        "sum": sum_relation("sum", list("abcd")),
        "a is b": {"a": 1, "b": -1},
        "b is c": {"b": 1, "c": -1},
        "c is d": {"c": 1, "d": -1},
    }
    rounding = round_table(build_table(counts, rows))
    assert rounding.reach == 9
    assert rounding.beyond == 1
    assert not build_table(counts, rows).relations.residuals(rounding.values).any()


def test_a_count_that_stayed_keeps_its_multiple_and_one_that_moved_far_has_a_new_one() -> None:
    rows = {"sum": sum_relation("sum", list("012"))}
    first = build_table(_line([7, 12, 21]), rows)
    before = round_table(first)
    released = Released(dict(zip(first.ids, before.values.tolist(), strict=True)), before.reach)
    # nearer to 10 by itself, but 5 was printed of it, or the other way round
    second = build_table(_line([7, 12, 40]), rows)
    now = round_table(second, earlier=[released])
    assert now.values[:2].tolist() == before.values[:2].tolist()
    assert now.values[2] == 40
    other = Released({"0": 15 - int(before.values[0])}, 4)
    assert round_table(second, earlier=[other]).values[0] == 15 - before.values[0]


def test_sums_of_a_release_tell_a_multiple_that_it_did_not_print() -> None:
    rows = {"sum": sum_relation("sum", list("012"))}
    table = build_table(_line([7, 12, 21]), rows)
    before = round_table(table)
    printed = dict(zip(table.ids, before.values.tolist(), strict=True))
    del printed["1"]
    printed |= {"0": 5 if before.values[0] == 10 else 10}
    printed["sum"] = 40
    told = 40 - printed["0"] - printed["2"]
    assert abs(told - 12) <= 4, "else the example says nothing"
    now = round_table(table, earlier=[Released(printed, 4)])
    assert now.values[table.index["1"]] == told


def test_releases_that_leave_no_room_are_refused() -> None:
    table = build_table(_line([7, 12, 21]), {"sum": sum_relation("sum", list("012"))})
    # whoever takes 7, 12 and 21 for unchanged knows each to four values: nothing else may be told,
    # and 10 + 15 + 25 is no multiple near 40
    below = Released({"0": 5, "1": 10, "2": 20, "sum": 40}, 4)
    above = Released({"0": 10, "1": 15, "2": 25, "sum": 40}, 4)
    with pytest.raises(TableError, match="no additive rounding"):
        round_table(table, earlier=[below, above])
