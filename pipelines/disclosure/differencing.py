"""Releases of the same table at several times, protected together.

The rule: a small change between two releases is about few people, so it is a protected cell like
any other, though nobody prints it. Each release keeps its own cells; ``new − old − change = 0``
links them. What an earlier release printed can't be taken back; what it withheld stays protected.

A later release is suppressed against all earlier ones. When a change is small and its old value is
printed, the new value is what gives way: it is held until a release in which it may be rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from pipelines.disclosure.linked_tables import (
    CellId,
    Relations,
    Status,
    Table,
    TableError,
    build_table,
)

CHANGE = "change"
"""First part of the id of a change: (CHANGE, earlier release, later release, cell)."""


def link_releases(
    releases: Sequence[tuple[str, Table]],
    *,
    threshold: int,
    width: float,
    largest_change: float = np.inf,
) -> Table:
    """One table of several releases, oldest first, the last not yet out: ``[(name, table), …]``.

    A cell's id becomes (name, id). In all but the last release OPEN cells count as printed and
    SECONDARY cells as hidden. A change of 1 .. ``threshold − 1`` in either direction between any
    earlier release and the last is protected with ``width``. ``largest_change`` is by how much
    anybody knows a cell to move at most: attackers use it, so what an earlier release printed
    bounds what the last withholds.
    """
    names = [name for name, _ in releases]
    if len(releases) < 2 or len(set(names)) != len(names):
        raise TableError(f"link two or more releases of different names, not {names}")
    tables = [_as_released(table) for _, table in releases[:-1]] + [releases[-1][1]]
    joined = _side_by_side(list(zip(names, tables, strict=True)))
    changes: dict[CellId, int] = {}
    links: dict[str, dict[CellId, int]] = {}
    for (name, old), (new_name, new) in combinations(releases, 2):
        if new is not releases[-1][1] and not np.isfinite(largest_change):
            continue  # nothing links two earlier releases, so the last one can't narrow them
        for cell in new.ids:
            if cell not in old.index:
                continue
            moved = int(new.values[new.index[cell]] - old.values[old.index[cell]])
            small = 0 < abs(moved) < threshold
            if abs(moved) > largest_change:
                raise TableError(
                    f"cell {cell!r} moved by {moved} from {name} to {new_name}, "
                    f"more than the largest change {largest_change:g}"
                )
            if small or np.isfinite(largest_change):
                change = (CHANGE, name, new_name, cell)
                changes[change] = moved
                links[repr(change)] = {(new_name, cell): 1, (name, cell): -1, change: -1}
    linked = _with_changes(joined, changes, links, largest_change)
    small_changes = [c for c, moved in changes.items() if 0 < abs(moved) < threshold]
    return linked.protect(small_changes, width=width) if small_changes else linked


def _as_released(table: Table) -> Table:
    """What is open has been printed, what is secondary withheld; neither changes any more."""
    status = table.status.copy()
    status[table.status == Status.OPEN] = Status.PUBLISHED
    status[table.status == Status.SECONDARY] = Status.HIDDEN
    return replace(table, status=status, weights=np.zeros(len(table)))


def _side_by_side(tables: list[tuple[str, Table]]) -> Table:
    """Tables without a common cell as one, each id with its table's name before it."""
    arrays = {
        field: np.concatenate([getattr(table, field) for _, table in tables])
        for field in ("values", "weights", "status", "floor", "ceiling", "lower", "upper", "width")
    }
    offsets = np.cumsum([0] + [len(table) for _, table in tables])
    entries = np.cumsum([0] + [len(table.relations.cells) for _, table in tables])
    parts = [table.relations for _, table in tables]
    relations = Relations(
        tuple(f"{name}: {row}" for name, table in tables for row in table.relations.names),
        np.concatenate(
            [part.starts[:-1] + start for part, start in zip(parts, entries, strict=False)]
            + [entries[-1:]]
        ),
        np.concatenate([part.cells + n for part, n in zip(parts, offsets, strict=False)]),
        np.concatenate([part.coefficients for part in parts]),
    )
    group = np.concatenate(
        [table.group + n for (_, table), n in zip(tables, offsets, strict=False)]
    )
    ids = tuple((name, cell) for name, table in tables for cell in table.ids)
    conditions = np.concatenate(
        [table.conditions + n for (_, table), n in zip(tables, offsets, strict=False)]
    )
    return Table(ids=ids, relations=relations, group=group, conditions=conditions, **arrays)


def _with_changes(
    table: Table,
    changes: dict[CellId, int],
    links: dict[str, dict[CellId, int]],
    largest_change: float,
) -> Table:
    """``table`` with hidden cells for the changes, and the relations that define them."""
    if not changes:
        return table
    values = dict(zip(table.ids, table.values.tolist(), strict=True)) | changes
    bounds = dict.fromkeys(changes, largest_change)
    own = build_table(
        values,
        links,
        floors=dict(zip(table.ids, table.floor, strict=True))
        | {change: -bound for change, bound in bounds.items()},
        ceilings=dict(zip(table.ids, table.ceiling, strict=True)) | bounds,
    )
    zeros, old = np.zeros(len(changes)), table.relations
    return replace(
        own,
        weights=np.concatenate([table.weights, zeros]),
        status=np.concatenate([table.status, np.full(len(changes), Status.HIDDEN, dtype=np.int8)]),
        lower=np.concatenate([table.lower, zeros]),
        upper=np.concatenate([table.upper, zeros]),
        width=np.concatenate([table.width, zeros]),
        group=np.concatenate([table.group, len(table) + np.arange(len(changes))]),
        conditions=table.conditions,
        relations=Relations(
            old.names + own.relations.names,
            np.concatenate([old.starts, own.relations.starts[1:] + old.starts[-1]]),
            np.concatenate([old.cells, own.relations.cells]),
            np.concatenate([old.coefficients, own.relations.coefficients]),
        ),
    )
