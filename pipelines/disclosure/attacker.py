"""The attacker as the suppressor sees them: a linear program over deviations from the truth.

The rule: an attacker knows every printed cell, every relation, and every floor and ceiling. What
they can't exclude is a deviation ``z`` with ``relations · z = 0``, ``floor − value ≤ z ≤ ceiling −
value`` on suppressed cells and 0 elsewhere. The largest and smallest ``z`` of a protected cell are
its feasibility interval; the dual values of that program say which suppressions would widen it.

The audit has its own reading of this and shares no code with this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
from numpy.typing import ArrayLike

from pipelines.disclosure.linked_tables import (
    BoolArray,
    CellId,
    FloatArray,
    IntArray,
    Relations,
    Table,
)
from pipelines.errors import Foreseen

INTEGRAL = 1e-6
"""How far from a whole number the simplex method may leave an integer solution."""

LONGEST = 600.0
"""Seconds after which one program counts as run wild."""


@dataclass(frozen=True)
class Problem:
    """One component of a table: only cells that may be suppressed, numbered from 0.

    ``down`` and ``up`` are how far a cell may deviate (≥ 0, may be infinite), ``fixed`` the cells
    that are suppressed whatever happens, ``targets`` the protected ones; ``need_down``,
    ``need_up``, ``need_width`` their protection levels (0 elsewhere). ``conditions``, shape (n, 2),
    are pairs (target, trigger): a target only where its trigger is suppressed. ``insiders`` are the
    sets of cells that some contributor knows; the first set is empty, the public. ``group`` numbers
    the sets of cells that are suppressed together.
    """

    cells: IntArray
    relations: Relations
    down: FloatArray
    up: FloatArray
    weights: FloatArray
    fixed: BoolArray
    targets: IntArray
    need_down: FloatArray
    need_up: FloatArray
    need_width: FloatArray
    insiders: tuple[IntArray, ...]
    group: IntArray
    conditions: IntArray

    def __len__(self) -> int:
        """Count the cells."""
        return len(self.cells)

    def cost(self, suppressed: BoolArray) -> float:
        """Weight of everything suppressed."""
        return float(self.weights[suppressed].sum())

    def asked(self, suppressed: BoolArray) -> IntArray:
        """The targets of a choice: the protected cells, and those whose trigger it suppresses."""
        triggered = self.conditions[suppressed[self.conditions[:, 1]], 0]
        return np.unique(np.concatenate([self.targets, triggered]))

    def close(self, suppressed: BoolArray) -> BoolArray:
        """``suppressed`` and whatever is suppressed together with it."""
        touched = np.zeros(len(self), dtype=np.bool_)
        touched[self.group[suppressed]] = True
        return touched[self.group]

    @cached_property
    def basis(self) -> Relations:
        """Relations from which all follow: what programs are made of."""
        return self.relations.only(self.relations.independent)

    @cached_property
    def width_only(self) -> BoolArray:
        """Cells whose protection is a span, on whichever sides of the truth."""
        return np.asarray((self.need_up + self.need_down == 0) & (self.need_width > 0))

    @cached_property
    def alone(self) -> BoolArray:
        """Cells that are suppressed with no other."""
        return np.asarray(np.bincount(self.group, minlength=len(self))[self.group] == 1)


def restrict(relations: Relations, cells: IntArray, size: int) -> Relations:
    """The relations on ``cells`` alone (positions in 0..size), without those that become empty."""
    return _restricted(relations, cells, _places(cells, size))[0]


def _places(cells: IntArray, size: int) -> IntArray:
    """The place of each of 0..size among ``cells``, −1 where it is not among them."""
    place = np.full(size, -1, dtype=np.int64)
    place[cells] = np.arange(len(cells))
    return place


def _restricted(
    relations: Relations, cells: IntArray, place: IntArray
) -> tuple[Relations, IntArray]:
    """The relations on ``cells``, renumbered by ``place``, and which of all they are."""
    entries = relations.entries(cells)
    used, counts = np.unique(relations.rows[entries], return_counts=True)
    kept = Relations(
        tuple(relations.names[r] for r in used.tolist()),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        place[relations.cells[entries]],
        relations.coefficients[entries],
    )
    return kept, used


def subproblem(table: Table, cells: IntArray, insiders: Sequence[IntArray] = ()) -> Problem:
    """The suppression problem of one component; insiders' cells are positions in ``table``."""
    place = np.full(len(table), -1, dtype=np.int64)
    place[cells] = np.arange(len(cells))
    known = {tuple(np.unique(place[s][place[s] >= 0])) for s in insiders} | {()}
    return Problem(
        cells,
        restrict(table.relations, cells, len(table)),
        (table.values - table.floor)[cells],
        (table.ceiling - table.values)[cells],
        table.weights[cells],
        table.hidden[cells],
        np.flatnonzero(table.primary[cells]),
        table.lower[cells],
        table.upper[cells],
        table.width[cells],
        tuple(np.array(cells, dtype=np.int64) for cells in sorted(known)),
        np.unique(table.group[cells], return_inverse=True)[1],
        _kept_conditions(place[table.conditions]),
    )


def _kept_conditions(pairs: IntArray) -> IntArray:
    """The pairs of which both cells have a place."""
    return pairs[(pairs >= 0).all(axis=1)]


def narrowed(problem: Problem, members: BoolArray) -> Problem:
    """The problem in which only ``members``, a mask with the fixed cells, may be suppressed."""
    kept = np.flatnonzero(members)
    place = _places(kept, len(problem))

    def places(cells: IntArray) -> IntArray:
        return place[cells][place[cells] >= 0]

    return Problem(
        kept,
        _restricted(problem.relations, kept, place)[0],
        problem.down[kept],
        problem.up[kept],
        problem.weights[kept],
        problem.fixed[kept],
        places(problem.targets),
        problem.need_down[kept],
        problem.need_up[kept],
        problem.need_width[kept],
        tuple(places(known) for known in problem.insiders),
        np.unique(problem.group[kept], return_inverse=True)[1],
        _kept_conditions(place[problem.conditions]),
    )


class Support:
    """The part of a problem that can deviate: some of its cells, and relations among them from
    which all others follow."""

    def __init__(self, problem: Problem, members: BoolArray) -> None:
        """Keep the cells of the mask ``members``."""
        self.cells = np.flatnonzero(members)
        self.lookup = _places(self.cells, len(problem))
        self.relations, rows = _restricted(problem.basis, self.cells, self.lookup)
        self._rows = problem.relations.independent[rows]
        self._all_rows = len(problem.relations)

    def place(self, cell: int) -> int:
        """Position of a cell of the problem among those kept."""
        return int(self.lookup[cell])

    def places(self, cells: IntArray) -> IntArray:
        """Positions of those of ``cells`` that are kept."""
        places = self.lookup[cells]
        return places[places >= 0]

    def spread(self, multipliers: FloatArray) -> FloatArray:
        """Multipliers of the problem's relations from those of the relations kept."""
        full = np.zeros(self._all_rows)
        full[self._rows] = multipliers
        return full


class SolverLimitError(Foreseen, RuntimeError):
    """A program took absurdly long or ended without an answer: nothing is released on a guess.

    ``cell`` is the first cell of the component that it was about, None where that isn't known.
    """

    def __init__(self, reason: str, cell: CellId | None = None, place: str = "") -> None:
        """Say what happened, and around which cell (``place`` names it in words)."""
        where = place or (f"cell {cell!r}" if cell is not None else "")
        super().__init__(f"around {where}: {reason}" if where else reason)
        self.reason, self.cell = reason, cell


class Work:
    """A budget that every machine spends alike: simplex iterations, never seconds.

    ``spend`` reads them off a program that has just run. One iteration on the tables of a candidate
    takes some 30 µs.
    """

    def __init__(self, limit: float = np.inf) -> None:
        """Start with nothing spent."""
        self.limit, self.spent = float(limit), 0

    @property
    def left(self) -> float:
        """What may still be spent; 0 or less when the budget is used up."""
        return self.limit - self.spent

    def spend(self, highs: highspy.Highs) -> None:
        """Charge the last run of a program, and a little for asking."""
        self.spent += 10 + max(int(highs.getInfo().simplex_iteration_count), 0)

    def part(self, share: float) -> Work:
        """A budget of a share of what is left."""
        return Work(max(self.left * share, 0.0))


def new_highs(nodes: float = np.inf) -> highspy.Highs:
    """A silent, deterministic, single-threaded HiGHS; ``nodes`` bounds branch and bound."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types here
    highs.silent()
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    if np.isfinite(nodes):
        highs.setOptionValue("mip_max_nodes", max(int(nodes), 1))
    return highs


def run(highs: highspy.Highs, work: Work | None = None) -> highspy.HighsModelStatus:
    """Run a program, charge ``work``, and say how it ended.

    The clock only stops a program that has run wild, and that is an error (SolverLimitError): it
    never picks a result. HiGHS adds up the time of all runs of one instance, so the limit moves.
    """
    highs.setOptionValue("time_limit", highs.getRunTime() + LONGEST)
    highs.run()
    if work:
        work.spend(highs)
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise SolverLimitError(
            f"a program of disclosure control ran for {LONGEST:g} s without an answer: the "
            "candidate stays blocked; coarser breakdowns or another threshold make it easier"
        )
    return status


def relation_model(
    relations: Relations, cells: int, costs: FloatArray, lower: FloatArray, upper: FloatArray
) -> highspy.HighsLp:
    """The linear program ``min costs · z, relations · z = 0, lower ≤ z ≤ upper``."""
    model = highspy.HighsLp()
    model.num_col_ = cells
    model.num_row_ = len(relations)
    model.col_cost_ = costs
    model.col_lower_ = lower
    model.col_upper_ = upper
    model.row_lower_ = np.zeros(len(relations))
    model.row_upper_ = np.zeros(len(relations))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = relations.starts
    model.a_matrix_.index_ = relations.cells
    model.a_matrix_.value_ = relations.coefficients.astype(np.float64)
    return model


@dataclass(frozen=True)
class Extreme:
    """A best deviation of one cell: its size, the deviations of all, the relations' multipliers."""

    size: float
    deviation: FloatArray
    multipliers: FloatArray


class Attacker:
    """One warm-started program whose objective and bounds change from cell to cell."""

    def __init__(
        self, relations: Relations, down: FloatArray, up: FloatArray, work: Work | None = None
    ) -> None:
        """Let cell i deviate within ``[−down[i], up[i]]``; charge ``work``."""
        self._size, self._work = len(down), work or Work()
        self._highs = new_highs()
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("solver", "simplex")
        zeros = np.zeros(self._size)
        self._highs.passModel(relation_model(relations, self._size, zeros, -down, up))
        self._down, self._up = down, up

    @property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """How far each cell may deviate down and up, shape (cells,) each."""
        return self._down, self._up

    @contextmanager
    def knowing(self, cells: IntArray) -> Iterator[None]:
        """Within this context the attacker knows these cells: they don't deviate."""
        if len(cells):
            self._bound(cells, np.zeros(len(cells)), np.zeros(len(cells)))
        yield
        if len(cells):
            self._bound(cells, -self._down[cells], self._up[cells])

    def push(self, cell: int, sign: int, limit: float, *, lift: bool = False) -> Extreme:
        """Deviate ``cell`` as far as possible up (+1) or down (−1), but no further than ``limit``.

        ``lift`` leaves the cell's own floor and ceiling aside.
        """
        own = np.inf if lift else float(self._up[cell] if sign > 0 else self._down[cell])
        reach = min(limit, own)
        self._bound([cell], [0.0 if sign > 0 else -reach], [reach if sign > 0 else 0.0])
        self._highs.changeColCost(cell, -float(sign))
        solution = self._run()
        self._highs.changeColCost(cell, 0.0)
        self._bound([cell], [-self._down[cell]], [self._up[cell]])
        deviation = np.array(solution.col_value)
        return Extreme(sign * float(deviation[cell]), deviation, np.array(solution.row_dual))

    def _bound(self, cells: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> None:
        where = np.asarray(cells, dtype=np.int32)
        self._highs.changeColsBounds(
            len(where), where, np.asarray(lower, np.float64), np.asarray(upper, np.float64)
        )

    def _run(self) -> highspy.HighsSolution:
        status = run(self._highs, self._work)
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverLimitError(f"the attacker's program ended as {status}")
        return self._highs.getSolution()


def integral(deviation: FloatArray) -> bool:
    """Say whether a deviation is made of whole numbers."""
    return bool(np.all(np.abs(deviation - np.round(deviation)) < INTEGRAL))


def push_integers(
    relations: Relations, down: FloatArray, up: FloatArray, cell: int, sign: int, limit: float
) -> FloatArray:
    """Like ``Attacker.push`` for an attacker who knows that counts are whole; the deviations."""
    costs = np.zeros(len(down))
    costs[cell] = -float(sign)
    low, high = -down, up.copy()
    if sign > 0:
        low[cell], high[cell] = 0.0, min(limit, float(up[cell]))
    else:
        low[cell], high[cell] = -min(limit, float(down[cell])), 0.0
    model = relation_model(relations, len(down), costs, low, high)
    model.integrality_ = [highspy.HighsVarType.kInteger] * len(down)
    highs = new_highs()
    highs.passModel(model)
    if run(highs) != highspy.HighsModelStatus.kOptimal:
        raise SolverLimitError(f"the attacker's integer program ended as {highs.getModelStatus()}")
    return np.round(np.array(highs.getSolution().col_value))


def inequality(
    relations: Relations, cell: int, sign: int, multipliers: FloatArray, cells: int
) -> FloatArray:
    """Coefficients g with ``sign · z[cell] = g · z`` for every deviation, whatever the multipliers.

    A coefficient below 1e-9 is the noise of floating point and becomes 0.
    """
    gradient = relations.combine(np.round(multipliers, 9), cells)
    gradient[cell] += sign
    gradient[np.abs(gradient) < 1e-9] = 0.0
    return gradient
