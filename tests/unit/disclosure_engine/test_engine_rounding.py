from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pipelines.disclosure.audit import audit_intervals
from pipelines.disclosure.linked_tables import Status, TableError, table_from_array
from pipelines.disclosure.rounding import round_table


def test_every_sum_of_rounded_numbers_adds_up() -> None:
    rng = np.random.default_rng(0)
    table = table_from_array(rng.poisson(8, size=(12, 9)))
    rounding = round_table(table)
    assert rounding.proved
    assert rounding.steps == 1
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
