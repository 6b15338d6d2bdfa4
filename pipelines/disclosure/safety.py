"""Is a choice of suppressions safe? And if not, which cell does it expose, and by which relations?

The rule: safe means shown, not believed. Every target needs witnesses, whole-number deviations that
fit everything printed and together span its protection, against the public and every insider.
A witness stays valid as long as its cells stay suppressed, so it is kept and looked up first; most
are found close by (``buyer``), and one often moves other targets as far as they need.
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
    Work,
    integral,
    push_integers,
)
from pipelines.disclosure.buyer import Buyer
from pipelines.disclosure.linked_tables import BoolArray, FloatArray, IntArray
from pipelines.disclosure.vicinity import ROUNDS, Vicinity, local_buyer, sweep

Pair = tuple[int, int]
"""A target and the number of an insider, 0 for the public."""


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


def near_witness(
    problem: Problem,
    buyer: Buyer,
    cells: Support | None,
    k: int,
    known: IntArray,
    *,
    both_ways: bool = False,
) -> list[FloatArray]:
    """Deviations from a buyer that protect target k, empty when it finds none.

    The buyer's cells are those of ``cells``, all of the problem's when None. A span is sought all
    on one side or as far down as the target may go; ``both_ways``, also in parts on both sides,
    as far as each of them goes.
    """
    place = cells.place(k) if cells else k
    places = cells.places(known) if cells else known
    need = float(problem.need_width[k])
    least_up, least_down = float(problem.need_up[k]), float(problem.need_down[k])

    def drops() -> Iterator[float]:
        yield least_down
        if (fall := min(float(problem.down[k]), need)) > least_down:
            yield fall
        if both_ways and need > 0:
            highest, lowest = (buyer.reach(place, sign, need, places) for sign in (+1, -1))
            if highest + lowest >= need:
                yield max(need - highest, least_down)
                yield max(float(lowest), least_down)

    for drop in drops():
        rise = max(least_up, need - drop)
        moves = [(sign, amount) for sign, amount in ((+1, rise), (-1, drop)) if amount > 0]
        found = [buyer.move(place, sign, ceil(most), places) for sign, most in moves]
        if all(deviation is not None for deviation in found):
            return [deviation for deviation in found if deviation is not None]
    return []


class Safety:
    """Checks choices of suppressions of one problem, and remembers witnesses between them."""

    def __init__(
        self, problem: Problem, work: Work | None = None, *, within_reach: bool = False
    ) -> None:
        """Start without witnesses; charge ``work``, which may be exchanged.

        ``within_reach`` lets targets that nothing protects be given up (``lost``).
        """
        self._problem = problem
        self.within_reach = within_reach
        self.lost: set[int] = set()
        self.work = work or Work()
        self._witnesses: dict[Pair, IntArray] = {}
        self._near: tuple[Support, Buyer, BoolArray] | None = None
        self._vicinity = Vicinity(problem.relations, len(problem))

    def exposures(
        self, suppressed: BoolArray, pairs: Iterable[Pair] | None = None
    ) -> Iterator[Exposure]:
        """Targets that ``suppressed`` leaves exposed, among all (target, insider) or ``pairs``."""
        attacker = None
        for k, insider in self.pairs(suppressed) if pairs is None else pairs:
            if self.witnessed(k, insider, suppressed):
                continue
            if self.found_close(k, insider, suppressed):
                continue
            support, buyer = self._buyer(suppressed)
            known = self._problem.insiders[insider]
            found = near_witness(self._problem, buyer, support, k, known, both_ways=True)
            if found:
                self.remember(k, insider, [self._spread(support, one) for one in found])
                continue
            attacker = attacker or Attacker(
                support.relations,
                np.where(suppressed, self._problem.down, 0.0)[support.cells],
                np.where(suppressed, self._problem.up, 0.0)[support.cells],
                self.work,
            )
            exposure = self._examine(support, attacker, k, insider)
            if exposure:
                yield exposure

    def sweep(self, suppressed: BoolArray | None = None, rounds: int = ROUNDS) -> None:
        """Find witnesses for many targets at once among the cells that are never printed, or among
        those that are ``suppressed``."""
        problem = self._problem
        bound = problem.close(problem.fixed) if suppressed is None else suppressed
        wanted = np.zeros(len(problem), dtype=np.bool_)
        wanted[problem.asked(bound)] = True
        wanted[[k for k, insider in self._witnesses if insider == 0]] = False
        wanted &= problem.width_only
        for used, moved in sweep(problem, bound, wanted, self.work, rounds):
            wanted[self.learn(used, moved, np.flatnonzero(wanted))] = False

    def learn(self, used: IntArray, moved: FloatArray, wanted: IntArray) -> IntArray:
        """Keep a whole-number deviation of the cells ``used`` for those ``wanted`` targets that it
        moves far enough; these."""
        far = np.abs(moved) >= self._problem.need_width[used] - INTEGRAL
        found = np.intersect1d(used[far], wanted, assume_unique=True)
        for k in found.tolist():
            self._witnesses.setdefault((k, 0), used)
        return found

    def found_close(
        self, k: int, insider: int, allowed: BoolArray, prices: FloatArray | None = None
    ) -> list[FloatArray]:
        """Deviations of allowed cells close to target k that protect it, remembered; else empty."""
        problem, known = self._problem, self._problem.insiders[insider]
        for members in self._vicinity.around(k, allowed):
            support, buyer = local_buyer(
                problem, members, np.ones(len(problem)) if prices is None else prices, self.work
            )
            found = near_witness(problem, buyer, support, k, known)
            if found:
                spread = [self._spread(support, one) for one in found]
                self.remember(k, insider, spread)
                return spread
        return []

    def witnessed(self, k: int, insider: int, suppressed: BoolArray) -> bool:
        """Say whether a witness of (k, insider) is at hand; what the public can't exclude without
        touching an insider's cells, that insider can't exclude either."""
        witness = self._witnesses.get((k, insider))
        if witness is None and insider:
            witness = self._witnesses.get((k, 0))
            if witness is not None and np.isin(self._problem.insiders[insider], witness).any():
                return False
        return witness is not None and bool(suppressed[witness].all())

    def witness(self, k: int, insider: int) -> BoolArray:
        """The cells that the witness of (k, insider), which is at hand, uses; a mask."""
        mask = np.zeros(len(self._problem), dtype=np.bool_)
        own = (k, insider)
        mask[self._witnesses[own if own in self._witnesses else (k, 0)]] = True
        return mask

    def remember(self, k: int, insider: int, deviations: list[FloatArray]) -> None:
        """Keep whole-number deviations that protect target k, and whichever others they do."""
        problem = self._problem
        used = np.flatnonzero(np.any([np.abs(one) > INTEGRAL for one in deviations], axis=0))
        self._witnesses[k, insider] = used
        if insider or len(deviations) > 1:
            return
        moved = np.abs(deviations[0][used])
        enough = (problem.need_width[used] > 0) & (moved >= problem.need_width[used] - INTEGRAL)
        sided = (problem.need_up + problem.need_down)[used] > 0
        for other in used[enough & ~sided]:
            self._witnesses.setdefault((int(other), 0), used)

    def used(self, suppressed: BoolArray) -> BoolArray:
        """The cells that the witness of some target of this choice uses."""
        used = np.zeros(len(self._problem), dtype=np.bool_)
        for pair in self.pairs(suppressed):
            used[self._witnesses.get(pair, np.zeros(0, dtype=np.int64))] = True
        return used

    def depending_on(self, cells: IntArray, suppressed: BoolArray) -> list[Pair]:
        """The (target, insider) pairs whose witness uses ``cells``, the near ones first."""
        gone = np.zeros(len(self._problem), dtype=np.bool_)
        gone[cells] = True
        asked = set(self.pairs(suppressed))
        direct = {pair for pair in asked if gone[self._witnesses.get(pair, cells)].any()}
        exposed = {k for k, insider in direct if insider == 0}
        relations = self._problem.relations
        rows = relations.rows[gone[relations.cells]]
        near = set(relations.cells[np.isin(relations.rows, rows)].tolist())
        pairs = direct | {pair for pair in asked if pair[0] in exposed and pair[1]}
        return sorted(pairs, key=lambda pair: (pair[0] not in near, pair))

    def pairs(self, suppressed: BoolArray) -> Iterator[Pair]:
        """Every target of a choice against the public and each insider who doesn't know it."""
        return self._against(self._problem.asked(suppressed))

    def pulled(self, cells: IntArray) -> Iterator[Pair]:
        """The pairs of targets that are so once ``cells`` are suppressed, like ``pairs``."""
        conditions = self._problem.conditions
        gone = np.zeros(len(self._problem), dtype=np.bool_)
        gone[cells] = True
        return self._against(np.unique(conditions[gone[conditions[:, 1]], 0]))

    def _against(self, targets: IntArray) -> Iterator[Pair]:
        for k in targets.tolist():
            if k not in self.lost:
                for insider, known in enumerate(self._problem.insiders):
                    if not len(known) or k not in known:
                        yield k, insider

    def _buyer(self, suppressed: BoolArray) -> tuple[Support, Buyer]:
        """A buyer whose cells can move where suppressed; kept while choices only shrink."""
        if self._near is None or (suppressed & ~self._near[2]).any():
            support, problem = Support(self._problem, suppressed), self._problem
            down, up = problem.down[support.cells], problem.up[support.cells]
            prices = np.ones(len(down))
            buyer = Buyer(support.relations, down, up, prices, self.work)
            self._near = support, buyer, suppressed.copy()
        support, buyer, _ = self._near
        buyer.work = self.work
        buyer.allow(suppressed[support.cells])
        return support, buyer

    def _spread(self, support: Support, deviation: FloatArray) -> FloatArray:
        full = np.zeros(len(self._problem))
        full[support.cells] = deviation
        return full

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
            down, up = (limits.copy() for limits in attacker.limits)
            down[known_places] = up[known_places] = 0.0
            deviations = [
                push_integers(support.relations, down, up, place, sign, ceil(limit - INTEGRAL))
                for sign, limit in ((+1, rise), (-1, fall))
            ]
            reach = -float(deviations[1][place]), float(deviations[0][place])
            if falls_short(problem, k, *reach):
                return Exposure(k, known, reach, None, None)
        self.remember(k, insider, [self._spread(support, one) for one in deviations])
        return None
