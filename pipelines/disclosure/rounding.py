"""Controlled rounding: every number a multiple of the base, and every sum still adds up.

The rule: rounding one number by itself breaks sums, and broken sums are what an attacker
works with. Here each count moves to a multiple next to it so that all relations hold exactly, as
close to the truth as that allows (Causey, Cox & Ernst, JASA 80 (1985)): a mixed-integer program.
A released multiple m tells that the truth lies in ``m − base + 1 .. m + base − 1``;
``implied_ranges`` gives these to the audit.

In tables of three or more dimensions such a rounding may not exist; then counts may move one
multiple further, the result's ``steps`` says so, and the implied ranges are wider.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

import highspy
import numpy as np

from pipelines.disclosure.attacker import new_highs, relation_model, run
from pipelines.disclosure.linked_tables import (
    CellId,
    IntArray,
    Relations,
    Status,
    Table,
    TableError,
)


@dataclass(frozen=True)
class Rounding:
    """Released multiples, shape (cells,), and how good they are.

    ``distance`` is ``Σ |released − value|`` and ``bound`` what any additive rounding has at least;
    ``steps`` is how many multiples from the truth a count may be (1: next to it).
    """

    values: IntArray
    base: int
    steps: int
    distance: float
    bound: float
    proved: bool
    seconds: float

    def implied_ranges(self, table: Table) -> dict[CellId, tuple[float, float]]:
        """What each released multiple tells about its count, for ``audit_intervals``."""
        reach = self.base * self.steps - 1
        low = np.maximum(table.floor, self.values - reach)
        high = np.minimum(table.ceiling, self.values + reach)
        fixed = table.status == Status.STRUCTURAL_ZERO
        low[fixed] = high[fixed] = 0.0
        return {cell: (float(low[i]), float(high[i])) for i, cell in enumerate(table.ids)}


def round_table(table: Table, *, base: int = 5, nodes: int = 5000) -> Rounding:
    """The closest additive rounding of every cell of ``table`` to multiples of ``base``.

    TableError when none exists within two multiples or none is found in ``nodes`` of branch and
    bound: a budget that every machine spends alike.
    """
    if base < 2:
        raise TableError(f"base {base}: rounding needs a base of at least 2")
    begin = monotonic()
    for steps in (1, 2):
        result = _closest(table, base, steps, nodes)
        if result is not None:
            multiples, distance, bound = result
            proved = distance - bound <= 1e-6 * max(1.0, distance)
            return Rounding(multiples, base, steps, distance, bound, proved, monotonic() - begin)
    raise TableError(
        f"no additive rounding to base {base} of this table of {len(table)} cells was found within "
        f"two multiples and {nodes} nodes; suppress instead"
    )


def _closest(
    table: Table, base: int, steps: int, nodes: int
) -> tuple[IntArray, float, float] | None:
    """Multiples, distance and bound; None when there is no rounding or none is found.

    A count starts ``steps − 1`` multiples below the multiple under it and climbs; each step of the
    climb is a binary column. The distance is convex, so the steps fill in order by themselves.
    """
    size, relations = len(table), table.relations
    under = np.floor_divide(table.values, base)
    rest = table.values - base * under
    climbs = np.arange(1 - steps, steps)
    starts = np.abs(base * climbs[:, None] - rest)
    slopes = (np.abs(base * (climbs[:, None] + 1) - rest) - starts).astype(np.float64)
    lower, upper = np.zeros(slopes.shape), np.ones(slopes.shape)
    lower[climbs[:, None] + under < 0] = 1.0  # a count is never released below 0
    kept = (rest == 0) & (steps == 1) | (table.status == Status.STRUCTURAL_ZERO)
    upper[:, kept] = lower[:, kept] = climbs[:, None] < 0
    tiled = Relations(
        relations.names,
        relations.starts * len(climbs),
        (relations.cells[:, None] + size * np.arange(len(climbs))).ravel(),
        np.repeat(relations.coefficients, len(climbs)),
    )
    model = relation_model(tiled, slopes.size, slopes.ravel(), lower.ravel(), upper.ravel())
    needed = -relations.residuals(under + 1 - steps).astype(np.float64)
    model.row_lower_ = model.row_upper_ = needed
    model.integrality_ = [highspy.HighsVarType.kInteger] * slopes.size
    highs = new_highs(nodes)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.passModel(model)
    run(highs)
    info = highs.getInfo()
    if info.primal_solution_status != 2:  # nothing feasible
        return None
    climbed = np.round(np.array(highs.getSolution().col_value)).reshape(slopes.shape).sum(axis=0)
    multiples = base * (under + 1 - steps + climbed.astype(np.int64))
    bound = float(starts[0].sum()) + float(info.mip_dual_bound)
    return multiples, float(np.abs(multiples - table.values).sum()), bound
