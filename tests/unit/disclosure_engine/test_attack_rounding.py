"""Random linked sets whose counts are rounded, attacked by code that knows nothing of ours.

The attacker has every multiple, every sum and how far a multiple is from the truth at most. They
take each count that may have stayed for unchanged, and are granted it where that is right.
"""

from __future__ import annotations

import numpy as np
import pytest
from attack import Cell, interval
from linked_sets import LinkedSet, leaf_counts, linked_set, tables_of, variables

from pipelines.disclosure.linked_tables import Table, build_table
from pipelines.disclosure.rounding import Released, Rounding, round_table

BASE = 5


def worlds_of(seed: int) -> list[LinkedSet]:
    """The same people as they become known in two or three releases: some cells gain a few."""
    rng = np.random.default_rng(seed)
    trees = variables(rng)
    tables = tables_of(trees, rng)
    counts = leaf_counts(trees, rng)
    worlds = []
    for release in range(rng.integers(2, 4)):
        if release:
            counts = counts + (rng.random(counts.shape) < 0.3) * rng.poisson(3, counts.shape)
        worlds.append(linked_set(trees, tables, counts))
    return worlds


def release_all(worlds: list[LinkedSet], *, linked: bool) -> list[tuple[Table, Rounding]]:
    done: list[tuple[Table, Rounding]] = []
    for world in worlds:
        earlier = [
            Released(dict(zip(table.ids, one.values.tolist(), strict=True)), one.reach)
            for table, one in done
        ]
        table = build_table(world.counts, world.rows)
        done.append((table, round_table(table, base=BASE, earlier=earlier if linked else ())))
    return done


def narrowest(worlds: list[LinkedSet], releases: list[tuple[Table, Rounding]]) -> float:
    """Width of the narrowest interval of a count of the last release."""
    last = worlds[-1]
    printed: dict[Cell, int] = {}
    moves: dict[tuple[Cell, Cell], float] = {}
    for number, (table, rounding) in enumerate(releases):
        for cell, multiple in zip(table.ids, rounding.values.tolist(), strict=True):
            if abs(multiple - last.counts[cell]) <= rounding.reach:  # else the belief is wrong
                printed["printed", number, cell] = multiple
                moves[cell, ("printed", number, cell)] = rounding.reach
    rows = {**last.rows, **{f"{cell}": {cell: 0} for cell in printed}}
    widths = []
    for cell, truth in last.counts.items():
        low, high = interval(printed, rows, {cell: 1}, moves)
        assert low <= truth <= high
        widths.append(high - low)
    return min(widths)


@pytest.mark.parametrize("block", range(8))
def test_no_count_is_left_fewer_values_than_the_base(block: int) -> None:
    for seed in range(5 * block, 5 * block + 5):
        worlds = worlds_of(seed)
        releases = release_all(worlds, linked=True)
        for table, rounding in releases:
            assert not (rounding.values % BASE).any()
            assert not table.relations.residuals(rounding.values).any()
            assert (np.abs(rounding.values - table.values) <= rounding.reach).all()
            assert (rounding.values >= 0).all()
        assert narrowest(worlds, releases) >= BASE - 1


def test_releases_that_forget_each_other_tell_more() -> None:
    told = 0
    for seed in range(12):
        worlds = worlds_of(seed)
        told += narrowest(worlds, release_all(worlds, linked=False)) < BASE - 1
    assert told >= 3
