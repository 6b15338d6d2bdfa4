"""A safe choice of suppressions from any proposal: add what is missing, drop what is needless.

The rule: what comes out is safe, whatever went in; how good it is, only the master's bound says.
Missing protection is bought by the cheapest deviation that gives the target what it lacks, cost
counted per unit on cells not yet suppressed (the network heuristics of Kelly, Golden & Assad,
Networks 20 (1990), here with a linear program for any relations). Then each secondary, dearest
first, is printed again if every target keeps a witness.
"""

from __future__ import annotations

import highspy
import numpy as np

from pipelines.disclosure.attacker import INTEGRAL, Problem, integral, new_highs
from pipelines.disclosure.linked_tables import BoolArray, FloatArray
from pipelines.disclosure.master import NoChoiceError
from pipelines.disclosure.safety import Exposure, Safety


def repair(
    problem: Problem, proposal: BoolArray, safety: Safety, prices: FloatArray | None = None
) -> BoolArray:
    """A safe choice that starts from ``proposal``, without needless cells; shape (cells,).

    ``prices`` replace the weights while protection is bought. NoChoiceError when there is none.
    """
    suppressed = problem.close(proposal | problem.fixed)
    exposed = list(safety.exposures(suppressed))
    if exposed:
        buyer = _Buyer(problem, problem.weights if prices is None else prices)
        for exposure in exposed:
            pair = exposure.target, _insider(problem, exposure)
            for still in safety.exposures(suppressed, [pair]):
                suppressed = problem.close(buyer.buy(still, suppressed))
                if list(safety.exposures(suppressed, [pair])):
                    suppressed = np.ones_like(suppressed)  # clean-up takes back what it can
                    if list(safety.exposures(suppressed, [pair])):
                        raise NoChoiceError
    return drop_needless(problem, suppressed, safety)


def drop_needless(problem: Problem, suppressed: BoolArray, safety: Safety) -> BoolArray:
    """Print again, dearest first, each group of secondaries that no target needs."""
    suppressed = suppressed.copy()
    weight = np.bincount(problem.group, weights=problem.weights, minlength=len(problem))
    bound = problem.close(problem.fixed)
    done = np.zeros(len(problem), dtype=np.bool_)
    for h in np.argsort(-weight[problem.group], kind="stable"):
        if suppressed[h] and not bound[h] and not done[problem.group[h]]:
            done[problem.group[h]] = True
            together = np.flatnonzero(problem.group == problem.group[h])
            suppressed[together] = False
            pairs = safety.depending_on(together)
            if next(safety.exposures(suppressed, pairs), None) is not None:
                suppressed[together] = True
    return suppressed


def _insider(problem: Problem, exposure: Exposure) -> int:
    return next(i for i, known in enumerate(problem.insiders) if known is exposure.known)


class _Buyer:
    """The program ``min cost · |z|`` over deviations that move a target as far as it needs."""

    def __init__(self, problem: Problem, prices: FloatArray) -> None:
        size, relations = len(problem), problem.relations
        self._problem, self._prices = problem, prices
        self._highs = new_highs()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = 2 * size, len(relations)
        model.col_cost_, model.col_lower_ = np.zeros(2 * size), np.zeros(2 * size)
        model.col_upper_ = np.concatenate([problem.up, problem.down])
        model.row_lower_ = model.row_upper_ = np.zeros(len(relations))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = 2 * relations.starts
        signs = relations.coefficients.astype(np.float64)
        model.a_matrix_.index_ = np.stack([relations.cells, relations.cells + size], axis=1).ravel()
        model.a_matrix_.value_ = np.stack([signs, -signs], axis=1).ravel()
        self._highs.setOptionValue("presolve", "off")
        self._highs.passModel(model)

    def buy(self, exposure: Exposure, suppressed: BoolArray) -> BoolArray:
        """``suppressed`` and the cells that give the exposed target its protection."""
        problem, k = self._problem, exposure.target
        need = float(problem.need_width[k])
        down, up = min(float(problem.down[k]), need), min(float(problem.up[k]), need)
        rise = max(float(problem.need_up[k]), min(need - down, up))
        fall = max(float(problem.need_down[k]), need - rise)
        for sign, amount in ((+1, rise), (-1, fall)):
            if amount > 0:
                suppressed = suppressed | self._cheapest(exposure, suppressed, sign, amount)
        return suppressed

    def _cheapest(
        self, exposure: Exposure, suppressed: BoolArray, sign: int, amount: float
    ) -> BoolArray:
        problem, size, k = self._problem, len(self._problem), exposure.target
        price = np.where(suppressed, 0.0, self._prices + 1e-6)
        costs = np.concatenate(
            [price / _share(problem.up, amount), price / _share(problem.down, amount)]
        )
        highs, columns = self._highs, np.arange(2 * size, dtype=np.int32)
        highs.changeColsCost(2 * size, columns, costs)
        low, high = np.zeros(2 * size), np.concatenate([problem.up, problem.down])
        high[exposure.known] = high[exposure.known + size] = 0.0
        low[[k, k + size]] = high[[k, k + size]] = (amount, 0.0) if sign > 0 else (0.0, amount)
        highs.changeColsBounds(2 * size, columns, low, high)
        highs.run()
        if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return np.ones(size, dtype=np.bool_)
        flows = np.array(highs.getSolution().col_value)
        if not integral(flows):
            flows = self._whole(flows)
        return (flows[:size] > INTEGRAL) | (flows[size:] > INTEGRAL)

    def _whole(self, flows: FloatArray) -> FloatArray:
        """Whole-number flows of the same program where a few seconds find them, else ``flows``."""
        model = self._highs.getLp()
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(flows)
        highs = new_highs(5.0)
        highs.passModel(model)
        highs.run()
        found = highs.getInfo().primal_solution_status == 2
        return np.array(highs.getSolution().col_value) if found else flows


def _share(capacity: FloatArray, amount: float) -> FloatArray:
    return np.maximum(np.minimum(capacity, amount), 1.0)
