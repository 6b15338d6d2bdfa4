"""Is a choice of suppressions safe? And if not, which cell does it expose, and by which relations?

The rule: safe means shown, not believed. Every target needs witnesses, whole-number deviations that
fit everything printed and together span its protection, against the public and every insider.
A witness stays valid as long as its cells stay suppressed, so it is kept and looked up first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np

from pipelines.disclosure.attacker import (
    INTEGRAL,
    Attacker,
    Problem,
    Support,
    integral,
    push_integers,
)
from pipelines.disclosure.linked_tables import BoolArray, FloatArray, IntArray

MANY = 8
"""How many targets are examined one by one before it pays to look for witnesses together."""

SWEEPS = 16
"""Programs that look for witnesses together, each for the targets still lacking one."""


@dataclass(frozen=True)
class Exposure:
    """A target that falls short, with what the attacker's program says about it.

    ``above`` and ``below`` are multipliers of the relations; None when only an attacker who knows
    that counts are whole numbers narrows the target too far. ``reach`` is (down, up).
    """

    target: int
    known: IntArray
    reach: tuple[float, float]
    above: FloatArray | None
    below: FloatArray | None


def falls_short(problem: Problem, k: int, down: float, up: float) -> bool:
    """Say whether deviations of ``down`` and ``up`` are less than target k's protection."""
    return bool(
        up < problem.need_up[k] - INTEGRAL
        or down < problem.need_down[k] - INTEGRAL
        or up + down < problem.need_width[k] - INTEGRAL
    )


class Safety:
    """Checks choices of suppressions of one problem, and remembers witnesses between them."""

    def __init__(self, problem: Problem) -> None:
        """Start without witnesses."""
        self._problem = problem
        self._witnesses: dict[tuple[int, int], IntArray] = {}

    def exposures(
        self, suppressed: BoolArray, pairs: Iterable[tuple[int, int]] | None = None
    ) -> Iterator[Exposure]:
        """Targets that ``suppressed`` leaves exposed, among all (target, insider) or ``pairs``."""
        asked = [
            (k, insider)
            for k, insider in (self._pairs() if pairs is None else pairs)
            if not self._witnessed(k, insider, suppressed)
        ]
        if not asked:
            return
        support = Support(self._problem, suppressed)
        attacker = Attacker(
            support.relations, self._problem.down[support.cells], self._problem.up[support.cells]
        )
        for count, (k, insider) in enumerate(asked):
            if count == MANY:
                self._sweep(support, attacker, asked[count:], suppressed)
            if not self._witnessed(k, insider, suppressed):
                exposure = self._examine(support, attacker, k, insider)
                if exposure:
                    yield exposure

    def _witnessed(self, k: int, insider: int, suppressed: BoolArray) -> bool:
        """Say whether a witness of (k, insider) is at hand; what the public can't exclude without
        touching an insider's cells, that insider can't exclude either."""
        witness = self._witnesses.get((k, insider))
        if witness is None and insider:
            witness = self._witnesses.get((k, 0))
            if witness is not None and np.isin(self._problem.insiders[insider], witness).any():
                return False
        return witness is not None and bool(suppressed[witness].all())

    def _sweep(
        self,
        support: Support,
        attacker: Attacker,
        asked: list[tuple[int, int]],
        suppressed: BoolArray,
    ) -> None:
        """Look for witnesses of many targets at once: each program moves all that lack one.

        Each target is pushed up or down at random, from a fixed seed, so that opposite moves in
        one relation make room for each other.
        """
        problem, chance = self._problem, np.random.default_rng(0)
        limits = np.maximum(np.maximum(problem.need_up, problem.need_down), problem.need_width)
        found = np.zeros((2, len(problem)))
        users: list[dict[int, IntArray]] = [{}, {}]
        lacking = np.unique([k for k, _ in asked])
        for _ in range(SWEEPS):
            lacking = np.array([k for k in lacking if not self._witnessed(k, 0, suppressed)])
            if not len(lacking):
                return
            signs = chance.choice([-1.0, 1.0], size=len(lacking))
            deviation = attacker.sweep(support.places(lacking), signs, limits[lacking])
            if not integral(deviation):
                continue
            used = support.cells[np.abs(deviation) > INTEGRAL]
            for k, moved in zip(lacking, deviation[support.places(lacking)], strict=True):
                side = int(moved > 0)
                if abs(moved) > found[side, k]:
                    found[side, k], users[side][int(k)] = abs(moved), used
                if not falls_short(problem, k, *found[:, k]):
                    self._witnesses[int(k), 0] = np.unique(
                        np.concatenate([side_users.get(int(k), used) for side_users in users])
                    )

    def depending_on(self, cells: IntArray) -> list[tuple[int, int]]:
        """The (target, insider) pairs whose witness uses ``cells``, the near ones first."""
        gone = np.zeros(len(self._problem), dtype=np.bool_)
        gone[cells] = True
        direct = {pair for pair, witness in self._witnesses.items() if gone[witness].any()}
        exposed = {k for k, insider in direct if insider == 0}
        relations = self._problem.relations
        rows = relations.rows[gone[relations.cells]]
        near = set(relations.cells[np.isin(relations.rows, rows)].tolist())
        pairs = direct | {pair for pair in self._pairs() if pair[0] in exposed}
        return sorted(pairs, key=lambda pair: (pair[0] not in near, pair))

    def _pairs(self) -> Iterator[tuple[int, int]]:
        for k in self._problem.targets:
            for insider, known in enumerate(self._problem.insiders):
                if k not in known:
                    yield int(k), insider

    def _examine(
        self, support: Support, attacker: Attacker, k: int, insider: int
    ) -> Exposure | None:
        problem, known = self._problem, self._problem.insiders[insider]
        rise = float(max(problem.need_up[k], problem.need_width[k]))
        fall = float(max(problem.need_down[k], problem.need_width[k]))
        place, known_places = support.place(k), support.places(known)
        with attacker.knowing(known_places):
            above = attacker.push(place, +1, rise)
            if not falls_short(problem, k, 0.0, above.size) and integral(above.deviation):
                self._remember(k, insider, support, [above.deviation])
                return None
            below = attacker.push(place, -1, fall)
        if falls_short(problem, k, below.size, above.size):
            multipliers = support.spread(above.multipliers), support.spread(below.multipliers)
            return Exposure(k, known, (below.size, above.size), *multipliers)
        deviations = [above.deviation, below.deviation]
        if not all(integral(deviation) for deviation in deviations):
            down, up = problem.down[support.cells].copy(), problem.up[support.cells].copy()
            down[known_places] = up[known_places] = 0.0
            deviations = [
                push_integers(support.relations, down, up, place, sign, ceil(limit - INTEGRAL))
                for sign, limit in ((+1, rise), (-1, fall))
            ]
            reach = -float(deviations[1][place]), float(deviations[0][place])
            if falls_short(problem, k, *reach):
                return Exposure(k, known, reach, None, None)
        self._remember(k, insider, support, deviations)
        return None

    def _remember(
        self, k: int, insider: int, support: Support, deviations: list[FloatArray]
    ) -> None:
        used = np.any([np.abs(deviation) > INTEGRAL for deviation in deviations], axis=0)
        self._witnesses[k, insider] = support.cells[used]
