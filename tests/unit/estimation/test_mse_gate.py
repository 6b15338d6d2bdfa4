"""Which overlap tables get no estimate, and that the reason is told."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from pipelines.estimation.mse import RefusedTable, estimate_population

LISTS = ("A", "B", "C")


def overlaps(**counts: int) -> pa.Table:
    """Persons by the letters of the lists they are on."""
    marks = {name: [int(name in key) for key in counts] for name in LISTS}
    return pa.table({**marks, "count": list(counts.values())})


def reasons(table: pa.Table, lists: tuple[str, ...] = LISTS) -> str:
    with pytest.raises(RefusedTable) as caught:
        estimate_population(table, lists)
    return str(caught.value)


def test_independent_lists_give_back_the_population_they_were_drawn_from() -> None:
    # 1,000 people, each on each list with probability 0.3, expected counts: one list 147, two 63,
    # all three 27; unseen 343.
    table = overlaps(A=147, B=147, C=147, AB=63, AC=63, BC=63, ABC=27)
    found = estimate_population(table, LISTS)
    assert found.estimate == pytest.approx(1000, abs=0.5)
    assert found.interactions == ()


def test_rows_of_one_combination_add_up() -> None:
    whole = overlaps(A=147, B=147, C=147, AB=63, AC=63, BC=63, ABC=27)
    halves = pa.concat_tables(
        [
            overlaps(A=100, B=147, C=147, AB=63, AC=63, BC=63, ABC=20),
            overlaps(A=47, ABC=7),
        ]
    )
    assert estimate_population(halves, LISTS) == estimate_population(whole, LISTS)


def test_few_shared_persons_are_refused_with_their_number() -> None:
    told = reasons(overlaps(A=300, B=200, C=100, AB=6, AC=3, BC=2))
    assert "11 persons are on two lists or more; 50 are needed" in told
    assert "5 persons of list C are on another list" in told


def test_a_list_that_shares_nobody_is_named() -> None:
    told = reasons(overlaps(A=300, B=200, C=100, AB=90))
    assert "no chain of shared persons joins C to A" in told


def test_lists_that_contradict_each_other_are_refused() -> None:
    # Every pair shares hardly more than chance, yet far too many are on all four.
    names = ("A", "B", "C", "D")
    cells = np.array([[int(bit) for bit in f"{code:04b}"] for code in range(1, 16)])
    size = cells.sum(axis=1)
    counts = np.select([size == 1, size == 2, size == 3], [400, 30, 1], 160)
    table = pa.table(
        {**{name: cells[:, at] for at, name in enumerate(names)}, "count": counts.astype(float)}
    )
    assert "contradict each other" in reasons(table, names)


def test_an_interval_too_wide_is_refused() -> None:
    told = reasons(overlaps(A=3000, B=2000, C=60, AB=300, AC=12, BC=10, ABC=7))
    assert "not identified by these overlaps" in told


def test_models_that_fit_as_well_and_say_otherwise_are_told() -> None:
    told = reasons(overlaps(A=900, B=300, C=40, AB=80, AC=6, BC=8, ABC=4))
    assert "models that fit as well give 7,338, outside 4,073 to 5,766" in told


@pytest.mark.parametrize(
    ("table", "lists", "told"),
    [
        (pa.table({"A": [1], "count": [1]}), LISTS, "no column B, C"),
        (pa.table({"A": [1], "B": [1], "count": [1]}), ("A", "B"), "2 lists: give 3 to 8"),
        (pa.table({"A": [0], "B": [0], "C": [0], "count": [1]}), LISTS, "at least one"),
        (pa.table({"A": [1], "B": [0], "C": [0], "count": [-1]}), LISTS, "below zero"),
    ],
)
def test_a_malformed_table_is_refused(table: pa.Table, lists: tuple[str, ...], told: str) -> None:
    assert told in reasons(table, lists)
