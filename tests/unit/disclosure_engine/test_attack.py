"""Random linked sets of tables in several releases, attacked by code that knows nothing of ours."""

from __future__ import annotations

import numpy as np
import pytest
from attack import Cell, interval, narrowed
from linked_sets import LinkedSet, leaf_counts, linked_set, tables_of, variables

from pipelines.disclosure.audit import audit_intervals
from pipelines.disclosure.differencing import link_releases
from pipelines.disclosure.linked_tables import Table, build_table
from pipelines.disclosure.solver import suppress_secondary

THRESHOLD, WIDTH = 5, 6


def with_primaries(world: LinkedSet) -> Table:
    table = build_table(world.counts, world.rows)
    small = [cell for cell, n in world.counts.items() if 0 < n < THRESHOLD]
    return table.protect(small, width=WIDTH) if small else table


def printed_of(table: Table) -> dict[Cell, int]:
    hidden = dict(zip(table.ids, table.hidden, strict=True))
    return {
        cell: int(n) for cell, n in zip(table.ids, table.values, strict=True) if not hidden[cell]
    }


def release_all(worlds: list[LinkedSet]) -> tuple[dict[Cell, int], dict[Cell, int]]:
    """What our suppression and what a naive threshold print, over all releases."""
    out: list[tuple[str, Table]] = []
    naive: dict[Cell, int] = {}
    for number, world in enumerate(worlds):
        table, name = with_primaries(world), str(number)
        naive |= {(name, cell): n for cell, n in printed_of(table).items()}
        if out:
            linked = link_releases([*out, (name, table)], threshold=THRESHOLD, width=WIDTH)
            solved = suppress_secondary(linked, work=2e5).table
            hidden = solved.hidden[solved.positions([(name, cell) for cell in table.ids])]
            table = table.suppress(hidden)
        else:
            table = suppress_secondary(table, work=2e5).table
        out.append((name, table))
    ours = {(name, cell): n for name, table in out for cell, n in printed_of(table).items()}
    return ours, naive


def combined(worlds: list[LinkedSet]) -> tuple[dict[str, dict[Cell, int]], dict[Cell, float]]:
    """Relations over all releases, changes included, and everything that is protected."""
    rows: dict[str, dict[Cell, int]] = {}
    protected: dict[Cell, float] = {}
    for number, world in enumerate(worlds):
        name = str(number)
        for row_name, row in world.rows.items():
            rows[f"{name}: {row_name}"] = {(name, cell): factor for cell, factor in row.items()}
        protected |= {(name, c): WIDTH for c, n in world.counts.items() if 0 < n < THRESHOLD}
        for earlier in range(number):
            for cell, n in world.counts.items():
                moved = n - worlds[earlier].counts[cell]
                if 0 < abs(moved) < THRESHOLD:
                    gain, loss = ("gain", earlier, number, cell), ("loss", earlier, number, cell)
                    rows[f"{gain}"] = {
                        (name, cell): 1,
                        (str(earlier), cell): -1,
                        gain: -1,
                        loss: 1,
                    }
                    protected[gain] = WIDTH
    return rows, protected


def changes_narrowed(
    printed: dict[Cell, int], rows: dict[str, dict[Cell, int]], protected: dict[Cell, float]
) -> list[Cell]:
    """Protected cells and changes that an attacker knows too closely.

    A change is asked for as gain − loss; both are unknown, so only their difference is.
    """
    found = []
    for cell, width in protected.items():
        change = cell[0] == "gain"
        question = {cell: 1, ("loss", *cell[1:]): -1} if change else {cell: 1}
        near = related(rows, printed, set(question))
        low, high = interval(printed, near, question)
        if high - low < width:
            found.append(cell)
    return found


def related(
    rows: dict[str, dict[Cell, int]], printed: dict[Cell, int], cells: set[Cell]
) -> dict[str, dict[Cell, int]]:
    """The relations that unknown cells connect with ``cells``; others say nothing about them."""
    reached, chosen, grown = set(cells), {}, True
    while grown:
        grown = False
        for name, row in rows.items():
            unknown = {cell for cell in row if cell not in printed}
            if name not in chosen and unknown & reached:
                chosen[name], grown = row, True
                reached |= unknown
    return chosen


def worlds_of(seed: int) -> list[LinkedSet]:
    """One release or a few, people added between them."""
    rng = np.random.default_rng(seed)
    trees = variables(rng)
    tables = tables_of(trees, rng)
    persons = leaf_counts(trees, rng)
    worlds = [linked_set(trees, tables, persons)]
    for _ in range(rng.integers(0, 4)):
        persons = persons + rng.poisson(rng.choice([0.0, 1.0, 8.0], size=persons.shape))
        worlds.append(linked_set(trees, tables, persons))
    return worlds


def check(seeds: range) -> None:
    asked = broken = 0
    for seed in seeds:
        worlds = worlds_of(seed)
        rows, protected = combined(worlds)
        if not protected:
            continue
        ours, naive = release_all(worlds)
        assert not changes_narrowed(ours, rows, protected), f"seed {seed}"
        cells = {cell: width for cell, width in protected.items() if cell[0] != "gain"}
        assert not audit_intervals(ours, rows, cells).narrow, f"seed {seed}"
        asked += 1
        broken += bool(changes_narrowed(naive, rows, protected))
    assert asked > 0.7 * len(seeds)
    assert broken > 0.6 * asked


def test_no_attack_narrows_what_is_protected_and_most_break_a_naive_threshold() -> None:
    check(range(25))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(1, 28))
def test_the_same_on_many_linked_sets(block: int) -> None:
    check(range(25 * block, 25 * block + 25))


def test_the_attacker_finds_a_cell_that_one_subtraction_gives_away() -> None:
    rows = {"row": {"sum": 1, "a": -1, "b": -1}}
    assert narrowed({"sum": 9, "a": 6}, rows, {"b": 6}) == ["b"]
    assert narrowed({"sum": 9}, rows, {"b": 6}) == []
