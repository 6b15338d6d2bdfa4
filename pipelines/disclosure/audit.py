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
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from time import monotonic

import highspy
import numpy as np

from pipelines.errors import Foreseen

Cell = Hashable
Row = Mapping[Cell, int]

_TOLERANCE = 1e-6


class ContradictionError(Foreseen, ValueError):
    """The printed numbers can't all be true; the message names a relation or the cells."""


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
) -> Audit:
    """Intervals of the cells of ``required`` ({cell: width promised}).

    ``relations`` are ``{name: {cell: coefficient}}`` with sum 0; cells not in ``printed`` are
    unknown, and ≥ 0 unless ``ranges`` says otherwise. With ``exact`` False a cell is left as soon
    as its interval is wide enough. ContradictionError when no truth fits what is printed.
    """
    begin = monotonic()
    rows = _open_rows(printed, relations)
    group = _groups(rows)
    members: dict[Cell, list[tuple[dict[Cell, int], float]]] = defaultdict(list)
    for unknown, rest in rows:
        members[group[next(iter(unknown))]].append((unknown, rest))
    asked: dict[Cell, list[Cell]] = defaultdict(list)
    found: dict[Cell, Interval] = {}
    for cell, width in required.items():
        if cell in printed:
            found[cell] = Interval(cell, printed[cell], printed[cell], width, True)
        elif cell not in group:
            low, high = (ranges or {}).get(cell, (0.0, math.inf))
            found[cell] = Interval(cell, low, high, width, True)
        else:
            asked[group[cell]].append(cell)
    programs = 0
    for name, cells in asked.items():
        model = _Model(members[name], ranges or {})
        for cell in cells:
            found[cell] = model.interval(cell, required[cell], exact=exact)
        programs += model.programs
    return Audit(tuple(found[cell] for cell in required), programs, monotonic() - begin)


def _open_rows(
    printed: Mapping[Cell, float], relations: Mapping[str, Row]
) -> list[tuple[dict[Cell, int], float]]:
    """Each relation as (unknown cells, what the printed ones leave for them to add up to)."""
    rows = []
    for name, row in relations.items():
        unknown = {cell: factor for cell, factor in row.items() if factor and cell not in printed}
        rest = -sum(factor * printed[cell] for cell, factor in row.items() if cell in printed)
        if unknown:
            rows.append((unknown, rest))
        elif abs(rest) > _TOLERANCE:
            raise ContradictionError(f"relation {name!r}: its printed numbers are off by {-rest:g}")
    return rows


def _groups(rows: list[tuple[dict[Cell, int], float]]) -> dict[Cell, Cell]:
    """A common representative for the unknown cells that relations join."""
    neighbours: dict[Cell, list[int]] = defaultdict(list)
    for number, (unknown, _) in enumerate(rows):
        for cell in unknown:
            neighbours[cell].append(number)
    group: dict[Cell, Cell] = {}
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
        rows: list[tuple[dict[Cell, int], float]],
        ranges: Mapping[Cell, tuple[float, float]],
    ) -> None:
        self.cells = list(dict.fromkeys(cell for unknown, _ in rows for cell in unknown))
        self.place = {cell: i for i, cell in enumerate(self.cells)}
        self.programs = 0
        limits = [ranges.get(cell, (0.0, math.inf)) for cell in self.cells]
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self.cells), len(rows)
        model.col_cost_ = np.zeros(len(self.cells))
        model.col_lower_ = np.array([low for low, _ in limits])
        model.col_upper_ = np.array([high for _, high in limits])
        model.row_lower_ = model.row_upper_ = np.array([rest for _, rest in rows])
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.cumsum([0] + [len(unknown) for unknown, _ in rows])
        model.a_matrix_.index_ = np.array([self.place[c] for u, _ in rows for c in u])
        model.a_matrix_.value_ = np.array([float(f) for u, _ in rows for f in u.values()])
        self._model = model
        self._linear = self._solver(whole=False)
        self._whole: highspy.Highs | None = None
        self._low = np.full(len(self.cells), math.inf)
        self._high = np.full(len(self.cells), -math.inf)

    def interval(self, cell: Cell, required: float, *, exact: bool) -> Interval:
        """The extremes of one cell, or, unless ``exact``, the first values far enough apart."""
        at = self.place[cell]
        extremes = {}
        for sign in (1.0, -1.0):
            if not exact and self._high[at] - self._low[at] >= required:
                return Interval(cell, self._low[at], self._high[at], required, False)
            extremes[sign] = self._extreme(at, sign)
        return Interval(cell, extremes[1.0], extremes[-1.0], required, True)

    def _extreme(self, at: int, sign: float) -> float:
        """The smallest (+1) or largest (−1) whole value of a cell."""
        truth = self._run(self._linear, at, sign)
        if truth is None:
            return -sign * math.inf
        if not self._learn(truth):
            if self._whole is None:
                self._whole = self._solver(whole=True)
            truth = self._run(self._whole, at, sign)
            if truth is None:
                return -sign * math.inf
            truth = np.round(truth)
            self._learn(truth)
        return float(round(truth[at]))

    def _learn(self, truth: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
        """Widen all intervals by a possible truth; False when it isn't made of whole numbers."""
        whole = np.round(truth)
        if np.abs(truth - whole).max() > _TOLERANCE:
            return False
        np.minimum(self._low, whole, out=self._low)
        np.maximum(self._high, whole, out=self._high)
        return True

    def _run(
        self, highs: highspy.Highs, at: int, sign: float
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
        """The truth with the extreme value of one cell; None when that is infinite."""
        self.programs += 1
        highs.changeColCost(at, sign)
        highs.run()
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
            some = ", ".join(repr(cell) for cell in self.cells[:5])
            raise ContradictionError(f"no counts fit what is printed around the cells {some} …")
        raise RuntimeError(f"the program for cell {self.cells[at]!r} ended as {status}")

    def _solver(self, *, whole: bool) -> highspy.Highs:
        highs = highspy.Highs()  # type: ignore[no-untyped-call]  # the library has no types here
        highs.silent()
        highs.setOptionValue("threads", 1)
        if whole:
            self._model.integrality_ = [highspy.HighsVarType.kInteger] * len(self.cells)
            highs.setOptionValue("mip_rel_gap", 0.0)
        else:
            highs.setOptionValue("presolve", "off")
            highs.setOptionValue("solver", "simplex")
        highs.passModel(self._model)
        return highs
