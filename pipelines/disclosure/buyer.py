"""The cheapest deviation that moves one cell as far as its protection asks.

The rule: what is bought is a possible truth: a deviation that fits all relations, floors and
ceilings, so suppressing its cells protects the cell that it moves. Cells cost their price per unit
moved (the network heuristics of Kelly, Golden & Assad, Networks 20 (1990), here with a linear
program for any relations). Every search starts from the same basis, that of no deviation at all:
it stays near its cell, is quick, and doesn't depend on what was asked before.
"""

from __future__ import annotations

import highspy
import numpy as np

from pipelines.disclosure.attacker import INTEGRAL, Work, integral, new_highs, run
from pipelines.disclosure.linked_tables import BoolArray, FloatArray, IntArray, Relations, joined

NEAR = 200
"""Nodes of branch and bound spent on whole numbers where the linear program has none."""

MULTIPLES = (2, 3, 4)
"""What a solution in parts of one is multiplied by, where no limit forbids it, to become whole."""

OTHERS = 6
"""Other prices, at random up to twice or half, under which a solution in parts is sought again."""

CLOSE = 0.1
"""Share of its price by which a purchase in whole numbers may exceed the cheapest."""

REWARD = 100.0
"""What moving a cell by one is worth where many are moved at once, in prices of the dearest."""


class Buyer:
    """The program ``min Σ price · |z|`` over deviations z, one cell of which must move."""

    def __init__(
        self, relations: Relations, down: FloatArray, up: FloatArray, prices: FloatArray, work: Work
    ) -> None:
        """Let cell i deviate within ``[−down[i], up[i]]`` at ``prices[i]`` a unit."""
        self._size = size = len(down)
        self.work = work
        self._allowed = np.ones(size, dtype=np.bool_)
        self._prices = np.concatenate([prices, prices])
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * size, len(relations)
        model.col_cost_ = self._prices
        model.col_lower_ = np.zeros(2 * size)
        self._reach = np.concatenate([up, down])
        self._most = self._reach.copy()
        model.col_upper_ = self._reach
        model.row_lower_ = model.row_upper_ = np.zeros(len(relations))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = 2 * relations.starts
        signs = relations.coefficients.astype(np.float64)
        model.a_matrix_.index_ = np.stack([relations.cells, relations.cells + size], axis=1).ravel()
        model.a_matrix_.value_ = np.stack([signs, -signs], axis=1).ravel()
        self._highs = new_highs()
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("solver", "simplex")
        self._highs.passModel(model)
        self._relations = relations
        self._start = highspy.HighsBasis()
        self._start.col_status = [highspy.HighsBasisStatus.kLower] * (2 * size)
        self._start.row_status = [highspy.HighsBasisStatus.kBasic] * len(relations)
        self._start.valid = True
        self._highs.setBasis(self._start)

    def price(self, cells: IntArray, prices: FloatArray) -> None:
        """From now on these cells cost this much."""
        for columns in (cells, cells + self._size):
            self._prices[columns] = prices
            self._highs.changeColsCost(len(cells), columns.astype(np.int32), prices)

    def allow(self, cells: BoolArray) -> None:
        """From now on only the cells of this mask may move."""
        changed = np.flatnonzero(cells != self._allowed)
        self._allowed[changed] = cells[changed]
        columns = np.concatenate([changed, changed + self._size])
        self._most[columns] = np.where(np.tile(cells[changed], 2), self._reach[columns], 0.0)
        self._bound(columns.tolist(), None)

    def move(
        self, cell: int, sign: int, amount: float, known: IntArray | None = None
    ) -> FloatArray | None:
        """Deviations of all cells when ``cell`` moves by ``amount`` up (+1) or down (−1).

        ``known`` are cells that stay where they are. None when no deviation in whole numbers is
        found: at once where there is none at all, else after ``NEAR`` nodes.
        """
        size = self._size
        column, still = self._column(cell, sign, known)
        if self._most[column] < amount:
            return None
        self._bound(still, 0.0)
        self._highs.changeColBounds(column, amount, amount)
        found = None
        if run(self._highs, self.work) == highspy.HighsModelStatus.kOptimal:
            flows = np.array(self._highs.getSolution().col_value)
            found = flows if integral(flows) else self._whole(flows)
        self._highs.changeColBounds(column, 0.0, self._most[column])
        self._bound(still, None)
        self._highs.setBasis(self._start)
        return None if found is None else found[:size] - found[size:]

    def reach(self, cell: int, sign: int, most: float, known: IntArray | None = None) -> int:
        """How far, in whole units up to ``most``, ``cell`` moves up (+1) or down (−1), as above."""
        column, still = self._column(cell, sign, known)
        self._bound(still, 0.0)
        self._highs.changeColBounds(column, 0.0, min(self._most[column], most))
        self._highs.changeColCost(column, -self._reward)
        reached = 0.0
        if run(self._highs, self.work) == highspy.HighsModelStatus.kOptimal:
            reached = float(self._highs.getSolution().col_value[column])
        self._highs.changeColCost(column, self._prices[column])
        self._bound([*still, column], None)
        self._highs.setBasis(self._start)
        return int(reached + INTEGRAL)

    def together(self, cells: IntArray, amounts: FloatArray) -> list[tuple[IntArray, FloatArray]]:
        """Deviations in which as many of ``cells`` as can move by up to their ``amounts`` (signed).

        One program for all of them. What it moves falls into pieces that share no relation; each
        piece in whole numbers is a deviation, given as the cells that move and by how much.
        """
        size, count = self._size, 2 * len(cells)
        up = amounts > 0
        columns = np.concatenate(
            [np.where(up, cells, cells + size), np.where(up, cells + size, cells)]
        )
        places = columns.astype(np.int32)
        most = np.concatenate(
            [np.minimum(self._most[columns[: len(cells)]], np.abs(amounts)), np.zeros(len(cells))]
        )
        reward = np.full(count, -self._reward)
        self._highs.changeColsCost(count, places, reward)
        self._highs.changeColsBounds(count, places, np.zeros(count), most)
        found: list[tuple[IntArray, FloatArray]] = []
        if run(self._highs, self.work) == highspy.HighsModelStatus.kOptimal:
            flows = np.array(self._highs.getSolution().col_value)
            found = pieces(self._relations, flows[:size] - flows[size:])
        self._highs.changeColsCost(count, places, self._prices[columns])
        self._bound(columns.tolist(), None)
        self._highs.setBasis(self._start)
        return found

    @property
    def _reward(self) -> float:
        return REWARD * float(self._prices.max(initial=1.0))

    def _column(self, cell: int, sign: int, known: IntArray | None) -> tuple[int, list[int]]:
        """The column of a cell's move, and those that stay 0 meanwhile: the opposite, and the
        cells that are ``known``."""
        size = self._size
        column, other = (cell, cell + size) if sign > 0 else (cell + size, cell)
        return column, [other] if known is None else [*known, *(known + size), other]

    def _bound(self, columns: list[int], most: float | None) -> None:
        where = np.array(columns, dtype=np.int32)
        highest = self._most[where] if most is None else np.full(len(where), most)
        self._highs.changeColsBounds(len(where), where, np.zeros(len(where)), highest)

    def _whole(self, flows: FloatArray) -> FloatArray | None:
        """Whole numbers near a solution that isn't: a multiple of it, among the cells around it,
        else anywhere."""
        for times in MULTIPLES:
            more = times * flows
            if integral(more) and (more <= self._most + INTEGRAL).all():
                return np.round(more)
        chance = np.random.default_rng(0)
        every = np.arange(2 * self._size, dtype=np.int32)
        for _ in range(OTHERS):
            prices = self._prices * np.tile(chance.uniform(0.5, 2.0, self._size), 2)
            self._highs.changeColsCost(len(every), every, prices)
            ended = run(self._highs, self.work)
            other = np.array(self._highs.getSolution().col_value)
            self._highs.changeColsCost(len(every), every, self._prices)
            if ended == highspy.HighsModelStatus.kOptimal and integral(other):
                return other
        model = self._highs.getLp()
        model.integrality_ = [highspy.HighsVarType.kInteger] * (2 * self._size)
        most = np.array(model.col_upper_)
        around = np.tile(self._around(flows[: self._size] + flows[self._size :] > INTEGRAL), 2)
        for upper in (np.where(around, most, 0.0), most):
            model.col_upper_ = upper
            highs = new_highs(NEAR)
            highs.setOptionValue("mip_rel_gap", CLOSE)
            highs.passModel(model)
            run(highs, self.work)
            if highs.getInfo().primal_solution_status == 2:  # feasible
                return np.round(np.array(highs.getSolution().col_value))
        return None

    def _around(self, cells: BoolArray) -> BoolArray:
        """The cells at most two relations away from some, a mask."""
        relations = self._relations
        for _ in range(2):
            met = np.zeros(len(relations), dtype=np.bool_)
            met[relations.rows[cells[relations.cells]]] = True
            cells = cells.copy()
            cells[relations.cells[met[relations.rows]]] = True
        return cells


def pieces(relations: Relations, moved: FloatArray) -> list[tuple[IntArray, FloatArray]]:
    """What moves, in sets of cells that share no relation, with their deviations.

    Each set may move without the others; only those in whole numbers are given.
    """
    moving = np.flatnonzero(np.abs(moved) > INTEGRAL)
    entries = relations.entries(moving)
    labels = joined(relations, entries, len(moved))[moving]
    order = np.argsort(labels, kind="stable")
    sets = np.split(moving[order], np.flatnonzero(np.diff(labels[order])) + 1)
    return [(one, np.round(moved[one])) for one in sets if len(one) and integral(moved[one])]
