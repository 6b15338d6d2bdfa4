"""Controlled rounding: every number a multiple of the base, and every sum still adds up.

The rule: rounding one number by itself breaks sums, and broken sums are what an attacker works
with. Here each printed count moves to a multiple near it so that all relations hold exactly, as
close to the truth as that allows (Causey, Cox & Ernst, JASA 80 (1985)): a mixed-integer program for
each component of the table. A released multiple m tells that the truth lies in
``m − reach .. m + reach``, with ``reach = base − 1`` where every count moves to a multiple next to
it. In large linked tables such a rounding need not exist; then counts may move one multiple
further, at a price, and the reach of all of them is ``2 · base − 1``. Cells that no row prints
(HIDDEN) are whatever the printed ones make of them, but never below 0.

Releases one after the other: whoever takes a count for unchanged knows it to lie where all its
released multiples say. Such a count stays at its multiple where it can, and never moves so far that
fewer than ``base`` values are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

import highspy
import numpy as np

from pipelines.disclosure.attacker import new_highs, relation_model, run
from pipelines.disclosure.linked_tables import (
    BoolArray,
    CellId,
    FloatArray,
    IntArray,
    Relations,
    Status,
    Table,
    TableError,
    components,
)

SMALL = 3000
"""Up to so many cells a table is rounded to the multiples next to its counts where that can be."""

FAR = 5.0
"""What it costs to move a count by one more beyond the multiples next to it."""

EXACT, CLOSE = 500, 0.02
"""Components of more cells than that are rounded to within this share of the best."""


@dataclass(frozen=True)
class Released:
    """What an earlier release printed: cell → multiple, and how far from the truth at most."""

    multiples: Mapping[CellId, int]
    reach: int


@dataclass(frozen=True)
class Rounding:
    """Released multiples, shape (cells,), and how good they are.

    ``distance`` is ``Σ |released − aim|`` over the printed cells, where an aim is the count, or
    what was released of it before. ``cost`` is the same with what lies beyond the next multiple
    counted ``FAR`` times, ``bound`` what any additive rounding costs at least; ``beyond`` counts
    the cells that moved so far, of ``printed``.
    """

    values: IntArray
    base: int
    reach: int
    printed: int
    beyond: int
    distance: float
    cost: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """The share of the cost that a better rounding could save at most."""
        return max(0.0, self.cost - self.bound) / self.cost if self.cost else 0.0

    @property
    def proved(self) -> bool:
        """Say whether no other additive rounding is closer."""
        return self.gap <= 1e-9

    def summary(self) -> dict[str, float]:
        """What a report says of it: nothing of any one count, and no clock."""
        return {
            "base": self.base,
            "reach": self.reach,
            "required_interval": self.base - 1,
            "counts": self.printed,
            "beyond_the_next_multiple": self.beyond,
            "mean_distance": round(self.distance / self.printed, 4) if self.printed else 0.0,
            "gap": round(self.gap, 4),
        }

    def implied_ranges(self, table: Table) -> dict[CellId, tuple[float, float]]:
        """What each released multiple tells about its count, for ``audit_intervals``."""
        low = np.maximum(table.floor, self.values - self.reach)
        high = np.minimum(table.ceiling, self.values + self.reach)
        fixed = table.status == Status.STRUCTURAL_ZERO
        low[fixed] = high[fixed] = 0.0
        shown = np.flatnonzero(table.status != Status.HIDDEN).tolist()
        return {table.ids[i]: (float(low[i]), float(high[i])) for i in shown}


def round_table(
    table: Table, *, base: int = 5, earlier: Sequence[Released] = (), nodes: int = 100
) -> Rounding:
    """The closest additive rounding of the printed cells of ``table`` to multiples of ``base``.

    TableError where none exists that keeps what ``earlier`` releases left open, or none is found in
    ``nodes`` of branch and bound a component: a budget that every machine spends alike.
    """
    if base < 2:
        raise TableError(f"base {base}: rounding needs a base of at least 2")
    begin = monotonic()
    # A tighter reach than an earlier one would tell more of a count that stayed.
    tight = len(table) <= SMALL and all(one.reach < base for one in earlier)
    for steps in (1, 2) if tight else (2,):
        problem = _Problem(table, base, steps, earlier)
        if (rounding := problem.solved(nodes, begin)) is not None:
            return rounding
    raise TableError(
        f"no additive rounding to base {base} of this table of {len(table)} cells was found within "
        f"two multiples and {nodes} nodes: suppress instead, or choose a larger base"
    )


class _Problem:
    """The multiples that each cell may take.

    A cell starts ``steps − 1`` multiples below the multiple under it and climbs; each step of the
    climb is a binary column. The cost is convex, so the steps fill in order by themselves. A cell
    that no row prints has one column that goes as far as it must.
    """

    def __init__(self, table: Table, base: int, steps: int, earlier: Sequence[Released]) -> None:
        self._table, self._base, self._steps = table, base, steps
        self._reach = base * steps - 1
        under = np.floor_divide(table.values, base)
        self._start = under + 1 - steps
        levels = np.arange(2 * steps)
        multiples = base * (self._start + levels[:, None])
        self._aims, ranges = _seen_before(table, earlier)
        allowed = (multiples >= 0) & (np.abs(multiples - table.values) <= self._reach)
        low = np.maximum(ranges[0], multiples - self._reach)
        high = np.minimum(ranges[1], multiples + self._reach)
        # A multiple released before leaves enough by itself, whatever others left.
        allowed &= (high - low >= base - 1) | (multiples == self._aims)
        self.impossible = np.flatnonzero(~allowed.any(axis=0) & self._printed)
        # What any level costs: the distance to the aim, and dear is what lies beyond the next.
        beyond = np.maximum(np.abs(multiples - table.values) - (base - 1), 0)
        costs = np.abs(multiples - self._aims) + (FAR - 1) * beyond
        self._costs = costs.astype(np.float64)
        self._slopes = np.diff(self._costs, axis=0)
        first = np.argmax(allowed, axis=0)
        last = len(levels) - 1 - np.argmax(allowed[::-1], axis=0)
        self._lower = (levels[1:, None] <= first).astype(np.float64)
        self._upper = (levels[1:, None] <= last).astype(np.float64)
        loose = table.status == Status.HIDDEN
        self._slopes[:, loose] = self._costs[:, loose] = 0.0
        self._lower[:, loose] = self._upper[:, loose] = 0.0
        self._lower[0, loose], self._upper[0, loose] = -self._start[loose], np.inf

    @property
    def _printed(self) -> BoolArray:
        return np.isin(self._table.status, (Status.HIDDEN, Status.STRUCTURAL_ZERO), invert=True)

    def solved(self, nodes: int, begin: float) -> Rounding | None:
        """The rounding of all components; None when one has none."""
        if len(self.impossible):
            return None
        table, base = self._table, self._base
        values: IntArray = np.zeros(len(table), dtype=np.int64)
        bound = 0.0
        for part in components(table, table.status != Status.STRUCTURAL_ZERO):
            found = self._component(part, nodes)
            if found is None:
                return None
            climbed, least = found
            values[part] = base * (self._start[part] + climbed)
            bound += float(self._costs[0, part].sum()) + least
        printed = self._printed
        off = np.abs(values - table.values)[printed]
        levels = (values // base - self._start)[printed]
        cost = float(self._costs[:, printed][levels, np.arange(len(levels))].sum())
        distance = float(np.abs(values - self._aims)[printed].sum())
        beyond = int((off >= base).sum())
        return Rounding(
            values,
            base,
            self._reach,
            int(printed.sum()),
            beyond,
            distance,
            cost,
            bound,
            monotonic() - begin,
        )

    def _component(self, part: IntArray, nodes: int) -> tuple[IntArray, float] | None:
        """How far each cell of a component climbs, and the least that the climb costs."""
        relations = _within(self._table.relations, part, len(self._table))
        size, climbs = len(part), 2 * self._steps - 1
        slopes: FloatArray = self._slopes[:, part]
        tiled = Relations(
            relations.names,
            relations.starts * climbs,
            (relations.cells[:, None] + size * np.arange(climbs)).ravel(),
            np.repeat(relations.coefficients, climbs),
        )
        model = relation_model(
            tiled,
            slopes.size,
            slopes.ravel(),
            self._lower[:, part].ravel(),
            self._upper[:, part].ravel(),
        )
        needed = -relations.residuals(self._start[part]).astype(np.float64)
        model.row_lower_ = model.row_upper_ = needed
        model.integrality_ = [highspy.HighsVarType.kInteger] * slopes.size
        highs = new_highs(nodes)
        highs.setOptionValue("mip_rel_gap", CLOSE if size > EXACT else 0.0)
        highs.passModel(model)
        run(highs)
        info = highs.getInfo()
        if info.primal_solution_status != 2:  # nothing feasible
            return None
        solution = np.round(np.array(highs.getSolution().col_value)).reshape(slopes.shape)
        return solution.sum(axis=0).astype(np.int64), float(info.mip_dual_bound)


def _within(relations: Relations, part: IntArray, size: int) -> Relations:
    """The independent relations of a component over its own cells; all others in them are 0."""
    place: IntArray = np.full(size, -1, dtype=np.int64)
    place[part] = np.arange(len(part))
    own = relations.only(np.unique(relations.rows[place[relations.cells] >= 0]))
    inside = place[own.cells] >= 0
    counts = np.bincount(own.rows[inside], minlength=len(own))
    narrowed = Relations(
        own.names,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        place[own.cells[inside]],
        own.coefficients[inside],
    )
    return narrowed.only(narrowed.independent)


def _seen_before(
    table: Table, earlier: Sequence[Released]
) -> tuple[IntArray, tuple[FloatArray, FloatArray]]:
    """Where each cell is aimed at, and what is known of it if it is taken for unchanged.

    A multiple that the count has moved too far away from tells nothing of it any more.
    """
    aims = table.values.copy()
    low, high = np.zeros(len(table)), np.full(len(table), np.inf)
    for release in earlier:
        multiples, known = _followed(table, release.multiples)
        stands = known & (np.abs(multiples - table.values) <= release.reach)
        aims[stands] = multiples[stands]
        low[stands] = np.maximum(low, multiples - release.reach)[stands]
        high[stands] = np.minimum(high, multiples + release.reach)[stands]
    return aims, (low, high)


def _followed(table: Table, multiples: Mapping[CellId, int]) -> tuple[IntArray, BoolArray]:
    """The multiples that a release printed, and those that follow from them by sums."""
    values: IntArray = np.array([multiples.get(cell, 0) for cell in table.ids], dtype=np.int64)
    known: BoolArray = np.array([cell in multiples for cell in table.ids], dtype=np.bool_)
    known |= table.status == Status.STRUCTURAL_ZERO
    relations = table.relations
    while True:
        unknown = ~known[relations.cells]
        left = np.bincount(relations.rows[unknown], minlength=len(relations)) == 1
        entries = np.flatnonzero(unknown & left[relations.rows])
        if not len(entries):
            return values, known
        rests: IntArray = relations.residuals(values)[relations.rows[entries]].astype(np.int64)
        cells = relations.cells[entries]
        values[cells] = -rests * relations.coefficients[entries]  # which are 1 or −1
        known[cells] = True
