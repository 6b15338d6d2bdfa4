"""Looking for witnesses cheaply: many at once among what is hidden anyway, else close to the cell.

The rule: what is found here is a possible truth of the whole problem, whose other cells stay where
they are; what is not found here may still exist. A sweep moves only cells that are never printed,
so its witnesses stay valid whatever else is printed again.
"""

from __future__ import annotations

from collections.abc import Iterator

import highspy
import numpy as np

from pipelines.disclosure.attacker import INTEGRAL, Problem, Support, Work, new_highs, run
from pipelines.disclosure.buyer import Buyer, pieces
from pipelines.disclosure.linked_tables import BoolArray, FloatArray, IntArray, Relations, spans

HOPS = (2, 3)
"""A vicinity reaches this many relations away: a rectangle of a table is two."""

LARGEST = 600
"""Cells beyond which a vicinity is no cheaper than the whole."""

ROUNDS = 24
"""Sweeps, each with other random directions."""

IDLE = 3
"""Sweeps in a row that moved no other cell far enough, after which the rest is left alone."""


class Vicinity:
    """Which cells share relations, over few steps."""

    def __init__(self, relations: Relations, size: int) -> None:
        """Look along ``relations`` over ``size`` cells."""
        self._relations = relations
        self._size = size

    def around(self, cell: int, allowed: BoolArray) -> Iterator[BoolArray]:
        """Masks of the allowed cells within ``HOPS`` of ``cell``, while they are small."""
        members = np.zeros(self._size, dtype=np.bool_)
        members[cell] = True
        relations = self._relations
        front = np.array([cell])
        for hop in range(1, max(HOPS) + 1):
            rows = np.unique(relations.rows[relations.entries(front)])
            met = np.unique(relations.cells[spans(relations.starts, rows)])
            front = met[allowed[met] & ~members[met]]
            members[front] = True
            if members.sum() > LARGEST:
                return
            if hop in HOPS:
                yield members.copy()


def local_buyer(
    problem: Problem, members: BoolArray, prices: FloatArray, work: Work
) -> tuple[Support, Buyer]:
    """A buyer whose cells are ``members`` alone; ``prices`` are of all cells of the problem."""
    support = Support(problem, members)
    cells = support.cells
    down, up = problem.down[cells], problem.up[cells]
    return support, Buyer(support.relations, down, up, prices[cells], work)


def sweep(
    problem: Problem, hidden: BoolArray, wanted: BoolArray, work: Work, rounds: int = ROUNDS
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Whole-number deviations of the ``hidden`` cells that move many ``wanted`` ones far.

    Each as the cells that move and by how much (``buyer.pieces``). ``wanted`` is read again before
    each round: take out what has been moved far enough. Where a round finds nothing, the next asks
    for fewer.
    """
    support = Support(problem, hidden)
    cells = support.cells
    if not len(cells) or not len(support.relations):
        return
    need = np.where(problem.need_width > 0, np.ceil(problem.need_width), np.inf)[cells]
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(cells), len(support.relations)
    model.col_cost_ = np.zeros(len(cells))
    model.col_lower_ = -np.minimum(problem.down[cells], need)
    model.col_upper_ = np.minimum(problem.up[cells], need)
    model.row_lower_ = model.row_upper_ = np.zeros(len(support.relations))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = support.relations.starts
    model.a_matrix_.index_ = support.relations.cells
    model.a_matrix_.value_ = support.relations.coefficients.astype(np.float64)
    model.sense_ = highspy.ObjSense.kMaximize
    highs = new_highs()
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("solver", "simplex")
    highs.passModel(model)
    chance = np.random.default_rng(0)
    lacking, idle = np.count_nonzero(wanted), 0
    for _ in range(rounds):
        if not lacking or idle == IDLE:
            return
        some = wanted[cells] & (chance.random(len(cells)) < 0.5**idle)
        signs = chance.choice([-1.0, 1.0], len(cells)) * some
        highs.changeColsCost(len(cells), np.arange(len(cells), dtype=np.int32), signs)
        if run(highs, work) != highspy.HighsModelStatus.kOptimal:
            return
        for piece, moved in pieces(support.relations, np.array(highs.getSolution().col_value)):
            yield cells[piece], moved
        before, lacking = lacking, np.count_nonzero(wanted)
        idle = idle + 1 if lacking == before else 0


def amounts(problem: Problem, targets: IntArray, chance: np.random.Generator) -> FloatArray:
    """How far ``targets`` are to move, up or down at random; up where down isn't far enough."""
    need = np.ceil(problem.need_width[targets] - INTEGRAL)
    falls = (chance.random(len(targets)) < 0.5) & (problem.down[targets] >= need)
    return np.where(falls, -need, need)
