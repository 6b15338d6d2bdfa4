"""Draws repeat, follow their distributions, and keys do not collide."""

import numpy as np
import pytest

from pipelines.synthetic.draws import NEVER, Draw
from pipelines.synthetic.keys import keys

SIZE = 100_000


def test_a_stream_repeats_and_another_stream_differs() -> None:
    first = Draw((1, 2, 3), SIZE).uniform()
    assert np.array_equal(first, Draw((1, 2, 3), SIZE).uniform())
    assert not np.array_equal(first, Draw((1, 2, 4), SIZE).uniform())


def test_waiting_months_are_geometric_and_never_come_without_hazard() -> None:
    wait = Draw((1,), SIZE).waiting(0.06)
    assert wait.min() == 1
    for months in (1, 6, 12):
        expected = 1 - 0.94**months
        assert (wait <= months).mean() == pytest.approx(expected, abs=4 * 0.5 / SIZE**0.5)
    assert (Draw((1,), SIZE).waiting(0.0) == NEVER).all()


def test_months_drawn_from_a_survival_curve_follow_the_row_of_each_element() -> None:
    curves = np.array([[1.0, 0.5, 0.25], [1.0, 0.9, 0.8]])
    rows = np.repeat([0, 1], SIZE // 2)
    month = Draw((5,), SIZE).first_month(rows, curves)
    assert set(np.unique(month)) == {1, 2, NEVER}
    assert (month[rows == 0] == 1).mean() == pytest.approx(0.5, abs=0.01)
    assert (month[rows == 1] == NEVER).mean() == pytest.approx(0.8, abs=0.01)


def test_keys_are_distinct_in_a_kind_and_differ_between_kinds_and_seeds() -> None:
    numbers = np.arange(50_000)
    people = keys("person", numbers, 1).to_pylist()
    assert len(set(people)) == numbers.size
    assert not set(people) & set(keys("claim", numbers, 1).to_pylist())
    assert not set(people) & set(keys("person", numbers, 2).to_pylist())


def test_a_missing_key_is_null() -> None:
    made = keys("claim", np.array([-1, 7]), 1, np.array([True, False])).to_pylist()
    assert made[0] is None
    assert len(made[1]) == 32
