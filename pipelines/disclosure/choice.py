"""Which cells of a candidate are hidden: the primary ones, and what protects them.

The rule: the choice follows from rows, registry and threshold alone, and says what was proved of
it. A hidden count is protected over a span of the threshold. What the council withholds is hidden
on top of the choice made without it, so that no other row changes more than it must.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.disclosure.attacker import SolverLimitError
from pipelines.disclosure.counted import counted_cells
from pipelines.disclosure.earlier import Memory
from pipelines.disclosure.linked_tables import CellId, Table
from pipelines.disclosure.model import build_model
from pipelines.disclosure.solver import suppress_secondary
from pipelines.registry import Registry

WORK = 5e5
"""Simplex iterations spent on a candidate before the best safe choice found is taken."""


@dataclass(frozen=True)
class Choice:
    """Numbers of the hidden cells, and what is known of their cost.

    ``gap`` is the share of all that is hidden, by weight, that a better choice could show at most;
    ``method`` is "optimal" where every component was proved, else "heuristic". ``out_of_reach``
    counts the numbers that no choice protects: zeros that follow from other zeros, else the audit
    finds them and blocks the candidate.
    """

    hidden: frozenset[int]
    method: str
    gap: float
    components: int
    protected: int
    out_of_reach: int


def choose_hidden(
    marked: pa.Table, registry: Registry, threshold: int, memory: Memory | None = None
) -> Choice:
    """The cells to hide among the rows of ``suppress_primary``.

    ``memory`` is what these owe to earlier releases. TableError when the rows contradict
    themselves; SolverLimitError, naming a row, when a program runs wild.
    """
    withheld = pc.any(marked["withheld"]).as_py()
    plain = marked.set_column(
        marked.column_names.index("withheld"),
        "withheld",
        pa.array(np.zeros(marked.num_rows, dtype=np.bool_)),
    )
    memory = memory or Memory()
    choice = _choose(plain, registry, threshold, frozenset(), memory)
    return _choose(marked, registry, threshold, choice.hidden, memory) if withheld else choice


def _choose(
    marked: pa.Table,
    registry: Registry,
    threshold: int,
    also_hidden: Set[int],
    memory: Memory,
) -> Choice:
    table = build_model(marked, registry, threshold, float(threshold), also_hidden, memory)
    try:
        found = suppress_secondary(table, work=WORK, within_reach=True)
    except SolverLimitError as error:
        place = _place(error.cell, marked)
        raise SolverLimitError(error.reason, error.cell, place) from error
    return Choice(
        _cells(found.table),
        found.method,
        found.gap,
        found.components,
        int(found.table.asked.sum()),
        found.out_of_reach,
    )


def _place(cell: CellId | None, marked: pa.Table) -> str:
    """The key of the row that holds an atom, in words; empty for a cell that no row prints."""
    if not isinstance(cell, tuple):
        return ""
    return next((row.name for row in counted_cells(marked) if row.id == cell[0]), "")


def _cells(table: Table) -> frozenset[int]:
    """Numbers of the cells whose counts are hidden (an atom's id is (cell, atom))."""
    ids = (table.ids[i] for i in np.flatnonzero(table.hidden))
    return frozenset(cell[0] for cell in ids if isinstance(cell, tuple) and type(cell[0]) is int)
