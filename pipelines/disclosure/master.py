"""The master program: the cheapest suppressions that satisfy every cut found so far.

The rule: it is a relaxation, so its bound holds for every safe choice, whether or not the search
for cuts was finished. One binary variable a cell, one row a cut; fixed cells are 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import highspy
import numpy as np

from pipelines.disclosure.attacker import Problem, Work, new_highs, run
from pipelines.disclosure.cuts import Cut
from pipelines.disclosure.linked_tables import FloatArray


class NoChoiceError(ValueError):
    """The cuts contradict each other: no choice of suppressions is safe."""


@dataclass(frozen=True)
class Relaxed:
    """Suppressions in part, shape (cells,), and their cost: no safe choice costs less."""

    x: FloatArray
    bound: float


@dataclass(frozen=True)
class Proposal:
    """A solution of the master and what it proves: every safe choice costs at least ``bound``.

    ``x`` is None when the nodes ran out before there was one; ``finished`` says that they didn't.
    """

    x: FloatArray | None
    bound: float
    finished: bool = True


class Master:
    """Cuts, and the linear and the integer program over them."""

    def __init__(self, problem: Problem, work: Work) -> None:
        """Start with no cut: everything that isn't fixed is printed."""
        self._problem, self._work = problem, work
        self._cuts: dict[tuple[bytes, bytes, float], Cut] = {}
        self._relaxed = new_highs()
        self._relaxed.passModel(self._model())
        order = np.argsort(problem.group, kind="stable")
        for one, other in pairwise(order):
            if problem.group[one] == problem.group[other]:
                pair = np.array([one, other], dtype=np.int32)
                self._relaxed.addRow(0.0, 0.0, 2, pair, np.array([1.0, -1.0]))

    def __len__(self) -> int:
        """Count the cuts."""
        return len(self._cuts)

    def add(self, cuts: Iterable[Cut]) -> int:
        """Add the cuts that are new; how many were."""
        before = len(self._cuts)
        for cut in cuts:
            if self._cuts.setdefault(cut.key, cut) is cut:
                self._relaxed.addRow(
                    cut.bound, np.inf, len(cut.cells), cut.cells.astype(np.int32), cut.coefficients
                )
        return len(self._cuts) - before

    def relax(self) -> Relaxed:
        """Solve with suppressions in part allowed, warm from the last time."""
        status = run(self._relaxed, self._work)
        if status == highspy.HighsModelStatus.kInfeasible:
            raise NoChoiceError
        x = np.clip(np.array(self._relaxed.getSolution().col_value), 0.0, 1.0)
        return Relaxed(x, float(self._relaxed.getInfo().objective_function_value))

    def solve(self, nodes: float, best: float) -> Proposal:
        """Solve in whole suppressions, given that a safe choice of cost ``best`` is known.

        Cells that, by their reduced cost, can't change in anything cheaper than ``best`` are taken
        out; the bound is at most ``best``. (HiGHS 1.16 maps a start given by setSolution wrongly
        through its presolve and stops there, so none is given.)
        """
        self.relax()
        highs = new_highs(nodes)
        highs.setOptionValue("mip_rel_gap", 0.0)
        model = self._relaxed.getLp()
        slack = best - self._relaxed.getInfo().objective_function_value
        reduced = np.array(self._relaxed.getSolution().col_dual)
        lower, upper = np.array(model.col_lower_), np.array(model.col_upper_)
        upper[(reduced > slack + 1e-6) & (lower < 1)] = 0.0
        lower[reduced < -slack - 1e-6] = 1.0
        model.col_lower_, model.col_upper_ = lower, upper
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(self._problem)
        highs.passModel(model)
        status = run(highs, self._work)
        if status == highspy.HighsModelStatus.kInfeasible:
            return Proposal(None, best)
        finished = status == highspy.HighsModelStatus.kOptimal
        info = highs.getInfo()
        found = info.primal_solution_status == 2  # feasible
        x = np.round(np.array(highs.getSolution().col_value)) if found else None
        return Proposal(x, min(best, float(info.mip_dual_bound)), finished)

    def _model(self) -> highspy.HighsLp:
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._problem), 0
        model.col_cost_ = self._problem.weights
        model.col_lower_ = self._problem.fixed.astype(np.float64)
        model.col_upper_ = np.ones(len(self._problem))
        return model
