"""Inequalities that every safe choice of suppressions satisfies, found where a proposal breaks one.

The rule: a cut may be weak but never wrong. Each is computed from multipliers of the relations, and
any multipliers give a valid one: if ``±z_k = Σ g_i z_i`` for all deviations, then cell k can't
deviate beyond ``Σ capacity_i x_i`` with ``capacity_i = up_i`` where g_i > 0 and ``down_i`` where
g_i < 0, times |g_i|; so these must add up to the protection asked for. Coefficients beyond the
right side are cut down to it (x is 0 or 1). Fischetti & Salazar-González (2001), sections 4 and 5:
capacity, cover and bridgeless inequalities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.attacker import Attacker, Problem, Support, Work, inequality
from pipelines.disclosure.linked_tables import BoolArray, FloatArray, IntArray

VIOLATED = 1e-3
"""Share of the right side by which a proposal must miss a cut for the cut to be worth adding."""


UNCAPPED = 1e6
"""Deviation allowed to cells without a ceiling while cuts are searched for."""


@dataclass(frozen=True)
class Cut:
    """``coefficients · x[cells] ≥ bound``."""

    cells: IntArray
    coefficients: FloatArray
    bound: float

    def missed(self, x: FloatArray) -> float:
        """How far ``x`` stays below the bound."""
        return self.bound - float(self.coefficients @ x[self.cells])

    @property
    def key(self) -> tuple[bytes, bytes, float]:
        """What makes two cuts the same."""
        return self.cells.tobytes(), np.round(self.coefficients, 6).tobytes(), round(self.bound, 6)


def first_cuts(problem: Problem) -> list[Cut]:
    """Protection of each target by each relation it stands in: no line with one suppressed."""
    cuts = []
    relations = problem.relations
    order = np.argsort(relations.cells, kind="stable")
    first = np.searchsorted(relations.cells[order], np.arange(len(problem) + 1))
    for k, trigger in _targets(problem):
        for entry in order[first[k] : first[k + 1]]:
            row, own = relations.rows[entry], relations.coefficients[entry]
            span = slice(relations.starts[row], relations.starts[row + 1])
            other = relations.cells[span] != k
            cells = relations.cells[span][other]
            shares = relations.coefficients[span][other] / own
            up = np.where(shares > 0, problem.down[cells], problem.up[cells]) * np.abs(shares)
            down = np.where(shares > 0, problem.up[cells], problem.down[cells]) * np.abs(shares)
            cuts += _needed(problem, k, cells, up, down, trigger)
    return cuts


def _targets(problem: Problem) -> Iterator[tuple[int, int | None]]:
    """Every target with its trigger, None where it is a target whatever is suppressed."""
    yield from ((int(k), None) for k in problem.targets)
    always = set(problem.targets.tolist())
    for k, trigger in problem.conditions.tolist():
        if k not in always and not problem.fixed[trigger]:
            yield k, trigger
        elif k not in always:
            yield k, None


def protection_cuts(
    problem: Problem,
    k: int,
    above: FloatArray | None,
    below: FloatArray | None,
    known: IntArray | None = None,
    trigger: int | None = None,
) -> list[Cut]:
    """Cuts for target k from multipliers of the program upwards (``above``) and downwards.

    None stands for the trivial bound: k deviates no further than its own floor or ceiling.
    ``known`` are the cells that the attacker knows, whose suppression is no help; ``trigger`` the
    cell without whose suppression k asks for nothing.
    """
    up = _capacities(problem, k, +1, above)
    down = _capacities(problem, k, -1, below)
    if known is not None:
        up[known] = down[known] = 0.0
    return _needed(problem, k, np.arange(len(problem)), up, down, trigger)


def _needed(
    problem: Problem,
    k: int,
    cells: IntArray,
    up: FloatArray,
    down: FloatArray,
    trigger: int | None,
) -> list[Cut]:
    """What ``cells`` can add to the deviation of k must reach its protection levels."""
    needs = [
        (up, problem.need_up[k]),
        (down, problem.need_down[k]),
        (up + down, problem.need_width[k]),
    ]
    found = (_cover(problem, cells, row, float(need), trigger) for row, need in needs if need > 0)
    return [cut for cut in found if cut]


def _capacities(problem: Problem, k: int, sign: int, multipliers: FloatArray | None) -> FloatArray:
    """How much each cell can add to the deviation of k, shape (cells,)."""
    if multipliers is None:
        own = np.zeros(len(problem))
        own[k] = problem.up[k] if sign > 0 else problem.down[k]
        return own
    gradient = inequality(problem.relations, k, sign, multipliers, len(problem))
    reach = np.zeros(len(problem))
    positive, negative = gradient > 0, gradient < 0
    reach[positive] = gradient[positive] * problem.up[positive]
    reach[negative] = -gradient[negative] * problem.down[negative]
    return reach


def _cover(
    problem: Problem, cells: IntArray, row: FloatArray, need: float, trigger: int | None
) -> Cut | None:
    """``row · x ≥ need`` with the fixed cells moved to the right side and coefficients cut down.

    With a trigger the right side is 0 while that is printed: ``row · x − x[trigger] ≥ 0``.
    """
    bound = need - float(row[problem.fixed[cells]].sum())
    if not bound > 1e-6:
        return None
    helps = (row > 0) & ~problem.fixed[cells]
    kept, shares = cells[helps], np.minimum(row[helps], bound) / bound
    if trigger is None:
        return Cut(kept, shares, 1.0)
    if trigger not in kept:
        kept, shares = np.append(kept, trigger), np.append(shares, 0.0)
    return Cut(kept, shares - (kept == trigger), 0.0)


def bridge_cut(problem: Problem, h: int, gradient: FloatArray) -> Cut | None:
    """If h is suppressed, so is another cell of this combination of relations.

    Otherwise h could be computed, and printing it would be as safe and cheaper. None when a
    fixed cell is in the combination, so that it says nothing, or when h can't be printed alone.
    """
    if not problem.alone[h]:
        return None
    cells = np.flatnonzero(gradient)
    others = cells[cells != h]
    if problem.fixed[others].any():
        return None
    return Cut(np.append(others, h), np.append(np.ones(len(others)), -1.0), 0.0)


def line_bridges(problem: Problem, x: FloatArray) -> Iterator[Cut]:
    """Bridge cuts of single relations: the largest x of a line is at most the sum of the others."""
    relations = problem.relations
    weights = x[relations.cells]
    sums = np.bincount(relations.rows, weights=weights, minlength=len(relations))
    for entry in np.flatnonzero(2 * weights > sums[relations.rows] + VIOLATED):
        row = relations.rows[entry]
        gradient = np.zeros(len(problem))
        span = slice(relations.starts[row], relations.starts[row + 1])
        gradient[relations.cells[span]] = relations.coefficients[span]
        h = int(relations.cells[entry])
        if not problem.fixed[h] and (cut := bridge_cut(problem, h, gradient)):
            yield cut


def no_good(problem: Problem, unsafe: BoolArray, exposed: int) -> Cut:
    """``unsafe`` and each part of it expose a cell: suppress one more, or no trigger of it."""
    cells = np.flatnonzero(~unsafe & ~problem.fixed)
    triggers = problem.conditions[problem.conditions[:, 0] == exposed, 1]
    if exposed in problem.targets or problem.fixed[triggers].any():
        return Cut(cells, np.ones(len(cells)), 1.0)
    pulled = triggers[unsafe[triggers]]
    return Cut(
        np.append(cells, pulled),
        np.append(np.ones(len(cells)), -np.ones(len(pulled))),
        1.0 - len(pulled),
    )


class Separator:
    """Finds violated cuts at a fractional proposal x, on the cells where x > 0.

    Cells may deviate by their share x of what they could; shares of more than a target needs are
    cut down first, as the cuts will be. That makes this a search for cuts and no proof of safety.
    """

    def __init__(self, problem: Problem, x: FloatArray, work: Work) -> None:
        """Prepare the attacker's programs for this proposal."""
        self._problem, self._work = problem, work
        self._x = x
        self._support = Support(problem, x > 1e-7)
        self._attackers: dict[float, Attacker] = {}

    def targets(self, part: float = 1.0) -> Iterator[Cut]:
        """Violated protection cuts, against the public and against every insider.

        Deviations are cut down to ``part`` of a target's need; less than 1 finds other cuts, where
        suppressed cells on the same relations have covered some of the need already.
        """
        for k, trigger in _targets(self._problem):
            if trigger is not None and self._x[trigger] < VIOLATED:
                continue
            for known in self._problem.insiders:
                if k not in known:
                    yield from self._of_target(k, known, part, trigger)

    def bridges(self) -> Iterator[Cut]:
        """Violated bridge cuts of the cells that are suppressed in part."""
        problem, support = self._problem, self._support
        share = self._x[support.cells]
        attacker = Attacker(support.relations, share, share, self._work)
        for h in support.cells[~problem.fixed[support.cells]]:
            extreme = attacker.push(support.place(int(h)), 1, 1.0, lift=True)
            if extreme.size >= float(self._x[h]) - VIOLATED:
                continue
            multipliers = support.spread(extreme.multipliers)
            gradient = inequality(problem.relations, int(h), 1, multipliers, len(problem))
            cut = bridge_cut(problem, int(h), gradient)
            if cut and cut.missed(self._x) > VIOLATED:
                yield cut

    def _of_target(
        self, k: int, known: IntArray, part: float, trigger: int | None
    ) -> Iterator[Cut]:
        problem = self._problem
        width, down = float(problem.need_width[k]), float(problem.down[k])
        rise = max(width - min(down, width), float(problem.need_up[k]))
        fall = max(min(width, down), float(problem.need_down[k]))
        below = self._push(k, -1, fall, max(fall, width), known) if fall else None
        above = self._push(k, +1, rise, part * rise, known) if rise else None
        found = protection_cuts(problem, k, above, None, known, trigger)
        found += protection_cuts(problem, k, above, below, known, trigger)
        if width:
            across = self._push(k, +1, width, part * width / 2, known)
            found += protection_cuts(problem, k, across, -across, known, trigger)
        yield from (cut for cut in found if cut.missed(self._x) > VIOLATED)

    def _push(self, k: int, sign: int, limit: float, cap: float, known: IntArray) -> FloatArray:
        support = self._support
        attacker = self._attackers.get(cap)
        if attacker is None:
            share = self._x[support.cells]
            caps = np.where(self._problem.fixed[support.cells], UNCAPPED, cap)
            attacker = self._attackers[cap] = Attacker(
                support.relations,
                share * np.minimum(self._problem.down[support.cells], caps),
                share * np.minimum(self._problem.up[support.cells], caps),
                self._work,
            )
        with attacker.knowing(support.places(known)):
            return support.spread(attacker.push(support.place(k), sign, limit).multipliers)
