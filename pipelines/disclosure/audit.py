"""Audit: what anybody can compute about the protected cells from what is printed.

The rule: the audit believes nobody. It takes printed numbers, relations and the widths that were
promised, and shares no code with the suppressor: its reading of cells and relations, its components
and its programs are its own. A cell whose interval is narrower than promised blocks a release.

For every protected cell two linear programs ask for its smallest and its largest value consistent
with everything printed, in one warm model a component whose objective alone changes; where a
program ends between whole numbers, an integer program asks again, since counts are whole. Every
solution is a possible truth for all cells of its component, so it widens all their intervals.

Earlier releases are more cells and relations. An insider is an audit in which their cells are
printed. Numbers released under rounding are ``ranges``, not printed values.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import highspy
import numpy as np

from pipelines.errors import Foreseen

Cell = Hashable
Row = Mapping[Cell, int]

Numbers = np.ndarray[Any, np.dtype[Any]]

REWARD = 100.0
"""What moving a cell by one is worth when many are moved together; moving any other costs 1."""

ALONE = 8
"""Cells so few are moved one by one."""

WORTHWHILE = 0.97
"""Moving cells together was worthwhile where at least 3 % fewer lack their width afterwards."""

PATIENCE = 12
"""Times in a row that moving them together may not be worthwhile. Each time a random part of the
cells is tried instead, since fewer are more often moved by whole numbers."""

RANGES, CORNERS, RINGS = 0.25, 20, 4
"""Where so many of the cells have ranges, so many random directions are tried at most; an extreme
in broken numbers is mended in so many widening rings around them; it may fail so often in a row."""

SMALLEST_PART = 4
"""The part of the cells that is tried is halved so often at most."""

LONGEST = 600.0
"""Seconds after which one program counts as run wild."""

_TOLERANCE = 1e-6


class ContradictionError(Foreseen, ValueError):
    """The printed numbers can't all be true; the message names a relation or the cells."""


class AuditUnfinished(Foreseen, RuntimeError):
    """A program of the audit gave no answer; the message names a cell by its place only."""


@dataclass(frozen=True)
class Interval:
    """What an attacker knows of a protected cell: a whole number in ``low..high``.

    ``exact`` says that these are the extremes; otherwise the interval is at least this wide.
    """

    cell: Cell
    low: float
    high: float
    required: float
    exact: bool

    @property
    def width(self) -> float:
        """Distance of the extremes, in the unit of the counts."""
        return self.high - self.low

    @property
    def narrow(self) -> bool:
        """Say whether the promise is broken."""
        return self.width < self.required


@dataclass(frozen=True)
class Audit:
    """Intervals of all protected cells, in the order in which they were asked for."""

    intervals: tuple[Interval, ...]
    programs: int
    seconds: float

    @property
    def narrow(self) -> tuple[Interval, ...]:
        """The intervals that break their promise."""
        return tuple(interval for interval in self.intervals if interval.narrow)

    @property
    def smallest(self) -> float:
        """Width of the narrowest interval; infinite when nothing is protected."""
        return min((interval.width for interval in self.intervals), default=math.inf)

    @property
    def largest(self) -> float:
        """Width of the widest interval; 0 when nothing is protected."""
        return max((interval.width for interval in self.intervals), default=0.0)


def audit_intervals(
    printed: Mapping[Cell, float],
    relations: Mapping[str, Row],
    required: Mapping[Cell, float],
    *,
    ranges: Mapping[Cell, tuple[float, float]] | None = None,
    exact: bool = True,
    harmless_at_zero: Container[Cell] = frozenset(),
) -> Audit:
    """Intervals of the cells of ``required`` ({cell: width promised}).

    ``relations`` are ``{name: {cell: coefficient}}`` with sum 0; cells not in ``printed`` are
    unknown, and ≥ 0 unless ``ranges`` says otherwise. With ``exact`` False a cell is left as soon
    as its interval is wide enough or, for those ``harmless_at_zero``, holds 0. ContradictionError
    when no truth fits what is printed.
    """
    auditor = Auditor(printed, relations, ranges=ranges)
    return auditor.intervals(required, exact=exact, harmless_at_zero=harmless_at_zero)


class Auditor:
    """What is printed and how it hangs together, read once for all that is asked of it.

    Cells are numbered: the names are nested tuples, slow to look up some million times.
    """

    def __init__(
        self,
        printed: Mapping[Cell, float],
        relations: Mapping[str, Row],
        *,
        ranges: Mapping[Cell, tuple[float, float]] | None = None,
    ) -> None:
        """As for ``audit_intervals``; ContradictionError when no truth fits what is printed."""
        self._number: dict[Cell, int] = {}
        number = self._number
        rows = {
            name: {number.setdefault(cell, len(number)): factor for cell, factor in row.items()}
            for name, row in relations.items()
        }
        known = {number.setdefault(cell, len(number)): one for cell, one in printed.items()}
        self._limits = {
            number.setdefault(cell, len(number)): limits for cell, limits in (ranges or {}).items()
        }
        self._names = list(number)
        self._simple = _Simplified(known, rows, self._limits, self._names)
        self._group = _groups(self._simple.rows)
        self._members: dict[int, list[tuple[dict[int, int], float]]] = defaultdict(list)
        for unknown, rest in self._simple.rows:
            self._members[self._group[next(iter(unknown))]].append((unknown, rest))

    def intervals(
        self,
        required: Mapping[Cell, float],
        *,
        exact: bool = True,
        harmless_at_zero: Container[Cell] = frozenset(),
    ) -> Audit:
        """The intervals of the cells of ``required``, as for ``audit_intervals``."""
        begin = monotonic()
        simple, limits, group = self._simple, self._limits, self._group
        asked: dict[int, dict[int, float]] = defaultdict(dict)
        strict: set[int] = set()
        found: dict[Cell, Interval] = {}
        places: dict[Cell, int] = {}
        for cell, width in required.items():
            at = self._number.get(cell)
            one = -1 if at is None else simple.name(at)
            if one in simple.known:
                found[cell] = Interval(cell, simple.known[one], simple.known[one], width, True)
            elif one not in group:
                low, high = limits.get(one, (0.0, math.inf))
                found[cell] = Interval(cell, low, high, width, True)
            else:
                places[cell] = one
                wanted = asked[group[one]]
                wanted[one] = max(width, wanted.get(one, 0.0))
                if exact or cell not in harmless_at_zero:
                    strict.add(one)
        programs = 0
        intervals: dict[int, Interval] = {}
        for name, cells in asked.items():
            model = _Model(self._members[name], limits, self._names)
            if not exact:
                model.spread(cells, strict)
            for one, width in cells.items():
                zero = one not in strict
                intervals[one] = model.interval(one, width, exact=exact, zero_will_do=zero)
            programs += model.programs
        for cell, width in required.items():
            if cell in places:
                found[cell] = replace(intervals[places[cell]], cell=cell, required=width)
        return Audit(tuple(found[cell] for cell in required), programs, monotonic() - begin)


class _Simplified:
    """Relations after everything is put in that follows at once, without a program.

    A relation with one unknown tells it; one that says that two are equal makes them one; unknowns
    that are not negative and add up to 0 are 0. ``rows`` are what is left, as (unknown cells, what
    they add up to); ``known`` all cells with one possible value. ``limits`` is brought up to date.
    """

    def __init__(
        self,
        printed: dict[int, float],
        relations: dict[str, dict[int, int]],
        limits: dict[int, tuple[float, float]],
        names: Sequence[Cell],
    ) -> None:
        self.known = printed
        self._same: dict[int, int] = {}
        self._limits, self._names = limits, names
        self._changed: set[int] = set()
        left = [(row, 0.0, name) for name, row in relations.items()]
        first, before = True, set[int]()
        while first or before:
            seen: dict[object, tuple[dict[int, int], float, str]] = {}
            self._changed = set()
            for row, rest, name in left:
                unknown = row
                # a relation whose cells stayed as they were has nothing new to say
                if first or not (before.isdisjoint(row) and self._changed.isdisjoint(row)):
                    unknown, rest = self._put_in(row, rest)
                    if self._settle(unknown, rest, name):
                        continue
                seen[frozenset(unknown.items()), rest] = unknown, rest, name
            left, first, before = list(seen.values()), False, self._changed
        self.rows = [(unknown, rest) for unknown, rest, _ in left]

    def name(self, cell: int) -> int:
        """The cell that stands for all those equal to ``cell``."""
        while (other := self._same.get(cell, cell)) != cell:
            cell = other
        return cell

    def _put_in(self, row: dict[int, int], rest: float) -> tuple[dict[int, int], float]:
        unknown: dict[int, int] = {}
        for cell, factor in row.items():
            one = self.name(cell)
            if one in self.known:
                rest -= factor * self.known[one]
            else:
                unknown[one] = unknown.get(one, 0) + factor
        return {cell: factor for cell, factor in unknown.items() if factor}, rest

    def _settle(self, unknown: dict[int, int], rest: float, name: str) -> bool:
        """Conclude what one relation says by itself; False when it says nothing."""
        factors = list(unknown.values())
        if not unknown:
            if abs(rest) > _TOLERANCE:
                raise ContradictionError(
                    f"relation {name!r}: its printed numbers are off by {-rest:g}"
                )
            return True
        if len(unknown) == 1:
            self._tell(next(iter(unknown)), rest / factors[0], name)
            return True
        if len(unknown) == 2 and sum(factors) == 0 and rest == 0:
            one, other = unknown
            low, high = self._limits.pop(other, (0.0, math.inf))
            least, most = self._limits.get(one, (0.0, math.inf))
            self._limits[one] = max(low, least), min(high, most)
            self._same[other] = one
            self._changed |= {one, other}
            return True
        positive = all(self._limits.get(cell, (0.0, 0.0))[0] >= 0 for cell in unknown)
        if rest == 0 and positive and (min(factors) > 0 or max(factors) < 0):
            for cell in unknown:
                self._tell(cell, 0.0, name)
            return True
        return False

    def _tell(self, cell: int, value: float, name: str) -> None:
        low, high = self._limits.get(cell, (0.0, math.inf))
        whole = round(value)
        if abs(value - whole) > _TOLERANCE or not low - _TOLERANCE <= whole <= high + _TOLERANCE:
            raise ContradictionError(
                f"relation {name!r}: what is printed leaves {value:g} for {self._names[cell]!r}, "
                f"which lies in [{low:g}, {high:g}]"
            )
        self.known[cell] = float(whole)
        self._changed.add(cell)


def _groups(rows: list[tuple[dict[int, int], float]]) -> dict[int, int]:
    """A common representative for the unknown cells that relations join."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for number, (unknown, _) in enumerate(rows):
        for cell in unknown:
            neighbours[cell].append(number)
    group: dict[int, int] = {}
    seen = [False] * len(rows)
    for start in neighbours:
        if start in group:
            continue
        group[start], queue = start, [start]
        while queue:
            for number in neighbours[queue.pop()]:
                if not seen[number]:
                    seen[number] = True
                    fresh = [cell for cell in rows[number][0] if cell not in group]
                    group.update(dict.fromkeys(fresh, start))
                    queue += fresh
    return group


class _Model:
    """The possible truths of one component."""

    def __init__(
        self,
        rows: list[tuple[dict[int, int], float]],
        ranges: Mapping[int, tuple[float, float]],
        names: Sequence[Cell],
    ) -> None:
        self._names = names
        self.cells = list(dict.fromkeys(cell for unknown, _ in rows for cell in unknown))
        self.place = {cell: i for i, cell in enumerate(self.cells)}
        self.programs = 0
        limits = [ranges.get(cell, (0.0, math.inf)) for cell in self.cells]
        self._floor = np.array([low for low, _ in limits])
        self._ceiling = np.array([high for _, high in limits])
        self._starts = np.cumsum([0] + [len(unknown) for unknown, _ in rows])
        self._index = np.array([self.place[c] for u, _ in rows for c in u])
        self._factors = np.array([float(f) for u, _ in rows for f in u.values()])
        self._rest = np.array([rest for _, rest in rows])
        self._linear = self._solver(whole=False)
        self._whole: highspy.Highs | None = None
        self._low = np.full(len(self.cells), math.inf)
        self._high = np.full(len(self.cells), -math.inf)

    def spread(self, required: Mapping[int, float], strict: Container[int]) -> None:
        """Widen intervals by possible truths near one, until each has the width or is hard.

        One truth in whole numbers is enough to start from. What differs little from it is found
        quickly: first by moving many cells at once, up or down at random, then one by one. Nothing
        is concluded where nothing is found. A cell that isn't ``strict`` may as well be 0.
        """
        truth = self._start()
        if truth is None:
            return
        needs = np.zeros(len(self.cells))
        for cell, width in required.items():
            if cell in strict or self._low[self.place[cell]] > 0:
                needs[self.place[cell]] = width
        chance = np.random.default_rng(0)
        self._far_apart(truth, needs, chance)
        nearby = _Nearby(self, truth)
        lacking, failures = self._lacking(needs), 0
        while len(lacking) > ALONE and failures < PATIENCE:
            before = len(lacking)
            some = lacking[chance.random(before) < 0.5 ** min(failures, SMALLEST_PART)]
            signs = chance.choice([-1.0, 1.0], size=len(some))
            self._learn(nearby.together(some, signs * needs[some]))
            lacking = self._lacking(needs)
            failures = 0 if len(lacking) < before * WORTHWHILE else failures + 1
        for at in lacking:
            for sign in (1.0, -1.0):
                if self._high[at] - self._low[at] < needs[at]:
                    self._learn(nearby.alone(at, sign * needs[at]))
        self.programs += nearby.programs

    def _far_apart(self, truth: Numbers, needs: Numbers, chance: np.random.Generator) -> None:
        """Widen intervals by truths far apart, where many cells have a range.

        Rounded numbers leave every cell a little room: an extreme in a random direction moves most
        of them to an end of theirs. Where it isn't made of whole numbers, those around are sought
        again. None goes further from ``truth`` than twice what is needed.
        """
        lacking, columns = self._lacking(needs), np.arange(len(self.cells), dtype=np.int32)
        if len(lacking) <= ALONE or np.isfinite(self._ceiling[lacking]).mean() < RANGES:
            return
        linear, whole = self._solver(whole=False), self._solver(whole=True)
        linear.setOptionValue("presolve", "on")
        whole.setOptionValue("mip_max_nodes", 1)
        whole.setOptionValue("mip_max_improving_sols", 1)
        low = np.maximum(self._floor, truth - 2 * needs.max())
        high = np.minimum(self._ceiling, truth + 2 * needs.max())
        linear.changeColsBounds(len(columns), columns, low, high)
        failures = 0
        for _ in range(CORNERS):
            costs = np.zeros(len(columns))
            costs[lacking] = chance.choice([-1.0, 1.0], size=len(lacking))
            linear.changeColsCost(len(columns), columns, costs)
            self.programs += 1
            _run(linear)
            corner = np.array(linear.getSolution().col_value)
            broken = np.abs(corner - np.round(corner)) > _TOLERANCE
            for _ in range(RINGS):
                if not broken.any():
                    break
                broken = self._beside(broken)
                least = np.where(broken, low, np.round(corner))
                most = np.where(broken, high, np.round(corner))
                whole.changeColsBounds(len(columns), columns, least, most)
                self.programs += 1
                _run(whole)
                if whole.getInfo().primal_solution_status == 2:  # something feasible
                    corner = np.round(np.array(whole.getSolution().col_value))
                    break
            self._learn(corner)
            before, lacking = len(lacking), self._lacking(needs)
            failures = failures + 1 if len(lacking) > before * WORTHWHILE else 0
            if len(lacking) <= ALONE or failures == RINGS:
                return

    def _beside(self, cells: Numbers) -> Numbers:
        """``cells`` (a mask) and all that share a relation with one of them."""
        lengths = np.diff(self._starts)
        touched = np.add.reduceat(cells[self._index], self._starts[:-1]) > 0
        found = cells.copy()
        found[self._index[np.repeat(touched, lengths)]] = True
        return found

    def interval(
        self, cell: int, required: float, *, exact: bool, zero_will_do: bool = False
    ) -> Interval:
        """The extremes of one cell, or, unless ``exact``, the first values far enough apart."""
        at = self.place[cell]
        extremes = {}
        for sign in (1.0, -1.0):
            wide = self._high[at] - self._low[at] >= required
            if not exact and (wide or (zero_will_do and self._low[at] == 0)):
                return Interval(self._names[cell], self._low[at], self._high[at], required, False)
            extremes[sign] = self._extreme(at, sign)
        return Interval(self._names[cell], extremes[1.0], extremes[-1.0], required, True)

    def matrix(self, columns: tuple[float, ...]) -> highspy.HighsLp:
        """The relations, with every cell as many columns as there are factors in ``columns``."""
        model, times = highspy.HighsLp(), len(columns)
        model.num_col_, model.num_row_ = times * len(self.cells), len(self._rest)
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = times * self._starts
        shifted = self._index[:, None] + len(self.cells) * np.arange(times)
        model.a_matrix_.index_ = shifted.ravel()
        model.a_matrix_.value_ = (self._factors[:, None] * np.array(columns)).ravel()
        return model

    @property
    def bounds(self) -> tuple[Numbers, Numbers]:
        """Least and largest possible value of each cell by itself."""
        return self._floor, self._ceiling

    def _lacking(self, needs: Numbers) -> Numbers:
        return np.flatnonzero((needs > 0) & ~(self._high - self._low >= needs))

    def _start(self) -> Numbers | None:
        """A possible truth in whole numbers, if the integer program finds one at its root."""
        truth = self._run(self._linear, 0, 0.0)
        if truth is not None and self._learn(truth):
            return np.round(truth)
        highs = self._solver(whole=True)
        highs.setOptionValue("mip_max_nodes", 100)
        highs.setOptionValue("mip_max_improving_sols", 1)
        self.programs += 1
        _run(highs)
        if highs.getInfo().primal_solution_status != 2:  # nothing feasible
            return None
        truth = np.round(np.array(highs.getSolution().col_value))
        self._learn(truth)
        return truth

    def _extreme(self, at: int, sign: float) -> float:
        """The smallest (+1) or largest (−1) whole value of a cell."""
        truth = self._run(self._linear, at, sign)
        if truth is None:
            return -sign * math.inf
        if not self._learn(truth):
            limit = sign * math.ceil(sign * truth[at] - _TOLERANCE)
            reached = self._low[at] if sign > 0 else self._high[at]
            if reached == limit:  # no whole number lies between it and what the program allows
                return float(limit)
            if self._whole is None:
                self._whole = self._solver(whole=True)
            truth = self._run(self._whole, at, sign)
            if truth is None:
                return -sign * math.inf
            truth = np.round(truth)
            self._learn(truth)
        return float(round(truth[at]))

    def _learn(self, truth: Numbers | None) -> bool:
        """Widen all intervals by a possible truth; False when it isn't made of whole numbers."""
        if truth is None:
            return False
        whole = np.round(truth)
        if np.abs(truth - whole).max() > _TOLERANCE:
            return False
        np.minimum(self._low, whole, out=self._low)
        np.maximum(self._high, whole, out=self._high)
        return True

    def _run(self, highs: highspy.Highs, at: int, sign: float) -> Numbers | None:
        """The truth with the extreme value of one cell; None when that is infinite."""
        self.programs += 1
        highs.changeColCost(at, sign)
        _run(highs)
        status, truth = highs.getModelStatus(), np.array(highs.getSolution().col_value)
        highs.changeColCost(at, 0.0)  # forgets status and solution
        if status == highspy.HighsModelStatus.kOptimal:
            return truth
        if status in (
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return None
        if status == highspy.HighsModelStatus.kInfeasible:
            some = ", ".join(repr(self._names[cell]) for cell in self.cells[:5])
            raise ContradictionError(f"no counts fit what is printed around the cells {some} …")
        raise AuditUnfinished(
            f"the audit's program for cell {self._names[self.cells[at]]!r} ended as {status}: "
            "what can't be audited is not released"
        )

    def _solver(self, *, whole: bool) -> highspy.Highs:
        model = self.matrix((1.0,))
        model.col_cost_ = np.zeros(len(self.cells))
        model.col_lower_, model.col_upper_ = self._floor, self._ceiling
        model.row_lower_ = model.row_upper_ = self._rest
        highs = _highs()
        if whole:
            model.integrality_ = [highspy.HighsVarType.kInteger] * len(self.cells)
            highs.setOptionValue("mip_rel_gap", 0.0)
        else:
            highs.setOptionValue("presolve", "off")
            highs.setOptionValue("solver", "simplex")
        highs.passModel(model)
        return highs


class _Nearby:
    """Truths that differ from one in whole numbers by as little as may be.

    Columns are how far each cell rises, then how far it falls; each unit has a small price. Every
    program starts from the same basis, that of no difference.
    """

    def __init__(self, model: _Model, truth: Numbers) -> None:
        self.programs = 0
        self._truth, self._size = truth, len(truth)
        floor, ceiling = model.bounds
        self._reach = np.concatenate([ceiling - truth, truth - floor])
        program = model.matrix((1.0, -1.0))
        program.col_cost_ = np.ones(2 * self._size)
        program.col_lower_, program.col_upper_ = np.zeros(2 * self._size), self._reach
        program.row_lower_ = program.row_upper_ = np.zeros(program.num_row_)
        self._highs = _highs()
        self._highs.setOptionValue("presolve", "off")
        self._highs.setOptionValue("solver", "simplex")
        self._highs.passModel(program)
        _run(self._highs)
        self._basis = self._highs.getBasis()

    def alone(self, at: int, amount: float) -> Numbers | None:
        """The truth in which one cell differs by ``amount``; None where there is none."""
        column = at if amount > 0 else at + self._size
        if self._reach[column] < abs(amount):
            return None
        self._highs.changeColBounds(column, abs(amount), abs(amount))
        truth = self._solved()
        self._highs.changeColBounds(column, 0.0, self._reach[column])
        return truth

    def together(self, cells: Numbers, amounts: Numbers) -> Numbers | None:
        """A truth in which as many of ``cells`` as pays differ by up to their amounts."""
        columns = np.where(amounts > 0, cells, cells + self._size).astype(np.int32)
        count, reach = len(columns), self._reach[columns]
        self._highs.changeColsCost(count, columns, np.full(count, -REWARD))
        most = np.minimum(reach, np.abs(amounts))
        self._highs.changeColsBounds(count, columns, np.zeros(count), most)
        truth = self._solved()
        self._highs.changeColsCost(count, columns, np.ones(count))
        self._highs.changeColsBounds(count, columns, np.zeros(count), reach)
        return truth

    def _solved(self) -> Numbers | None:
        self.programs += 1
        _run(self._highs)
        found = None
        if self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            moved = np.array(self._highs.getSolution().col_value)
            found = self._truth + moved[: self._size] - moved[self._size :]
        self._highs.setBasis(self._basis)
        return found


def _highs() -> highspy.Highs:
    """Silent and on one thread."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types here
    highs.silent()
    highs.setOptionValue("threads", 1)
    return highs


def _run(highs: highspy.Highs) -> None:
    """Run a program; the clock stops it only where it runs wild, and that is an error.

    HiGHS adds up the seconds of all runs of one instance, so the limit is moved before each.
    """
    highs.setOptionValue("time_limit", highs.getRunTime() + LONGEST)
    highs.run()
