"""Multiple systems estimation: how many people no list has seen, from how the lists overlap.

The rule: the published method and no other. A Poisson log-linear model of the counts in every cell
of the lists' cross-table, all lists' main effects, two-list interactions added and dropped one at a
time while that lowers Akaike's criterion, among the pairs that share at least one person (Silverman
2014; Bales, Hesketh and Silverman 2015). Without the gate (``mse_gate``) no figure leaves this
module: the method always gives a number, and often a wrong one.

The figure is context. It counts people whom the lists could have met, in the lists' year.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import statsmodels.api as sm
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from pipelines.errors import Foreseen
from pipelines.estimation.mse_gate import Overlaps, disagreements, thin_spots

MOST_LISTS = 8
"""More lists than this leave hundreds of cells empty; merge those that work together."""
_Z95 = NormalDist().inv_cdf(0.975)
_Pair = tuple[int, int]


class RefusedTable(Foreseen, ValueError):
    """No estimate: ``reasons`` say which condition of the gate the table fails, with counts."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("no multiple systems estimate: " + "; ".join(self.reasons))


@dataclass(frozen=True)
class Population:
    """People on the lists and not, with a 95 % interval (normal on the log of the unseen)."""

    seen: int
    estimate: float
    ci_low: float
    ci_high: float
    interactions: tuple[tuple[str, str], ...]
    """Pairs of lists that share more or fewer people than chance would give, in the model."""
    aic: float


@dataclass(frozen=True)
class _Fit:
    pairs: frozenset[_Pair]
    aic: float
    log_unseen: float
    std_error: float
    pearson: float
    spare: int


def estimate_population(table: pa.Table, lists: Sequence[str]) -> Population:
    """Estimate from ``table``: one 0/1 column a list and ``count``, persons on just those lists.

    Rows that repeat a combination add up; combinations that are absent count zero. RefusedTable
    gives every reason at once when the overlaps are too thin or the models contradict each other.
    """
    overlaps = _read(table, lists)
    if reasons := thin_spots(overlaps):
        raise RefusedTable(reasons)
    candidates = frozenset(
        pair for pair in combinations(range(len(lists)), 2) if overlaps.shared(*pair) > 0
    )
    best, near = _stepwise(overlaps, candidates)
    seen = int(overlaps.counts.sum())
    result = _population(best, seen, overlaps)
    rivals = [(_population(rival, seen, overlaps).estimate, rival.aic - best.aic) for rival in near]
    reasons = disagreements(
        (result.estimate, result.ci_low, result.ci_high), rivals, best.pearson, best.spare
    )
    if reasons:
        raise RefusedTable(reasons)
    return result


def _read(table: pa.Table, lists: Sequence[str]) -> Overlaps:
    missing = [name for name in (*lists, "count") if name not in table.column_names]
    if missing:
        raise RefusedTable([f"the table has no column {', '.join(missing)}"])
    if not 3 <= len(lists) <= MOST_LISTS:
        raise RefusedTable(
            [f"{len(lists)} lists: give 3 to {MOST_LISTS}, merging those that work together"]
        )
    marks = np.column_stack([table[name].to_numpy() for name in lists])
    counts = table["count"].to_numpy()
    if not np.isin(marks, (0, 1)).all() or not marks.any(axis=1).all():
        raise RefusedTable(["every row needs 0 or 1 for each list, and a 1 for at least one"])
    if (counts < 0).any():
        raise RefusedTable(["a count is below zero"])
    cells = np.array(list(product((0, 1), repeat=len(lists)))[1:])
    powers = 2 ** np.arange(len(lists))[::-1]
    totals = np.bincount(marks @ powers, weights=counts, minlength=2 ** len(lists))
    return Overlaps(tuple(lists), cells, totals[cells @ powers].astype(float))


def _stepwise(overlaps: Overlaps, candidates: frozenset[_Pair]) -> tuple[_Fit, list[_Fit]]:
    """The model that no single pair added or dropped improves, and those one step away."""
    best = _fit(overlaps, frozenset())
    while True:
        # In a fixed order, so that a tie is always settled the same way.
        near = [_fit(overlaps, best.pairs ^ {pair}) for pair in sorted(candidates)]
        closest = min(near, key=lambda fit: fit.aic)
        if closest.aic >= best.aic:
            return best, near
        best = closest


def _fit(overlaps: Overlaps, pairs: frozenset[_Pair]) -> _Fit:
    cells = overlaps.cells
    joint = [cells[:, first] * cells[:, second] for first, second in sorted(pairs)]
    design = np.column_stack([np.ones(len(cells)), cells, *joint])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise RefusedTable(["the model is not identified: its terms depend on each other"])
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        # Three lists and all their pairs fit seven cells exactly, and rightly so; whether the
        # figure is identified is the gate's question.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = sm.GLM(overlaps.counts, design, family=sm.families.Poisson()).fit(tol=1e-12)
    return _Fit(
        pairs=pairs,
        aic=float(fit.aic),
        log_unseen=float(fit.params[0]),
        std_error=float(fit.bse[0]),
        pearson=float(fit.pearson_chi2),
        spare=int(fit.df_resid),
    )


def _population(fit: _Fit, seen: int, overlaps: Overlaps) -> Population:
    low, middle, high = (
        seen + float(np.exp(fit.log_unseen + way * _Z95 * fit.std_error)) for way in (-1, 0, 1)
    )
    names = overlaps.lists
    return Population(
        seen=seen,
        estimate=middle,
        ci_low=low,
        ci_high=high,
        interactions=tuple((names[first], names[second]) for first, second in sorted(fit.pairs)),
        aic=fit.aic,
    )
