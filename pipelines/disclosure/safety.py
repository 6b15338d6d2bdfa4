"""Is a choice of suppressions safe? And if not, which cell does it expose, and by which relations?

The rule: safe means shown, not believed. Every target needs witnesses, whole-number deviations that
fit everything printed and together span its protection, against the public and against every insider.
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
from pipelines.disclosure.tables import BoolArray, FloatArray, IntArray


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
    return (
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
        """Targets that ``suppressed`` leaves exposed, of all or of the (target, insider) ``pairs``."""
        support: Support | None = None
        attacker: Attacker | None = None
        for k, insider in self._pairs() if pairs is None else pairs:
            known = self._problem.insiders[insider]
            if not insider or (k, 0) not in self._witnesses:
                witness = self._witnesses.get((k, insider))
            else:  # what the public can't exclude without touching the insider's cells will do
                witness = self._witnesses.get((k, insider), self._witnesses[k, 0])
                if np.isin(known, witness).any():
                    witness = None
            if witness is not None and suppressed[witness].all():
                continue
            if support is None or attacker is None:
                support = Support(self._problem, suppressed)
                down, up = self._problem.down[support.cells], self._problem.up[support.cells]
                attacker = Attacker(support.relations, down, up)
            exposure = self._examine(support, attacker, k, insider)
            if exposure:
                yield exposure

    def depending_on(self, cell: int) -> list[tuple[int, int]]:
        """The (target, insider) pairs whose witness uses ``cell``."""
        direct = {pair for pair, witness in self._witnesses.items() if cell in witness}
        exposed = {k for k, insider in direct if insider == 0}
        return sorted(direct | {pair for pair in self._pairs() if pair[0] in exposed})

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
        used = np.any([np.abs(deviation) > INTEGRAL for deviation in deviations], axis=0)
        self._witnesses[k, insider] = support.cells[used]
        return None
