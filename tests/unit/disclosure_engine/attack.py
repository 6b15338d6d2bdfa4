"""An attacker and a brute-force suppressor, written without looking at the engine.

Everything here works on plain dictionaries: counts ``{cell: n}`` and relations ``{name: {cell:
coefficient}}`` with sum 0. Counts are whole numbers, so the attacker solves integer programs.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

Cell = Hashable
Rows = Mapping[str, Mapping[Cell, int]]


def interval(
    printed: Mapping[Cell, int],
    rows: Rows,
    question: Mapping[Cell, int],
    moves: Mapping[tuple[Cell, Cell], float] | None = None,
) -> tuple[float, float]:
    """Smallest and largest whole value of ``Σ factor · cell`` given everything printed.

    ``moves`` says that two cells differ by at most so much.
    """
    cells = list(dict.fromkeys([c for row in rows.values() for c in row] + list(question)))
    place = {cell: i for i, cell in enumerate(cells)}
    moves = moves or {}
    matrix = lil_matrix((len(rows) + len(moves), len(cells)))
    low, high = np.zeros(len(rows) + len(moves)), np.zeros(len(rows) + len(moves))
    for r, row in enumerate(rows.values()):
        for cell, factor in row.items():
            matrix[r, place[cell]] = factor
    for r, ((one, other), most) in enumerate(moves.items(), start=len(rows)):
        matrix[r, place[one]], matrix[r, place[other]] = 1, -1
        low[r], high[r] = -most, most
    bounds = Bounds(
        [printed.get(cell, 0) for cell in cells], [printed.get(cell, np.inf) for cell in cells]
    )
    costs = np.zeros(len(cells))
    for cell, factor in question.items():
        costs[place[cell]] = factor
    ends = []
    for sign in (1, -1):
        result = milp(
            sign * costs,
            constraints=LinearConstraint(matrix.tocsr(), low, high),
            bounds=bounds,
            integrality=np.ones(len(cells)),
        )
        assert result.status in (0, 3, 4), result.message  # 3 and 4: unbounded
        ends.append(sign * result.fun if result.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


def narrowed(
    printed: Mapping[Cell, int],
    rows: Rows,
    protected: Mapping[Cell, float],
    moves: Mapping[tuple[Cell, Cell], float] | None = None,
) -> list[Cell]:
    """The protected cells ({cell: width}) that the attacker knows more closely than allowed."""
    found = []
    for cell, width in protected.items():
        low, high = interval(printed, rows, {cell: 1}, moves)
        if high - low < width:
            found.append(cell)
    return found


def cheapest_by_enumeration(
    counts: Mapping[Cell, int],
    rows: Rows,
    protected: Mapping[Cell, float],
    weights: Mapping[Cell, float],
) -> float:
    """The cost of the cheapest safe choice, by trying all that could be it.

    In a cheapest choice no relation holds exactly one suppressed cell: it could be computed.
    So such a relation needs one more cell, and each is tried, without those tried before.
    """
    best = [sum(weights.values()) + 1.0]

    def printed(suppressed: Collection[Cell]) -> dict[Cell, int]:
        return {cell: n for cell, n in counts.items() if cell not in suppressed}

    def extend(suppressed: frozenset[Cell], allowed: frozenset[Cell]) -> None:
        cost = sum(weights[cell] for cell in suppressed)
        if cost >= best[0] - 1e-9:
            return
        options: Collection[Cell] | None = None
        for row in rows.values():
            if sum(cell in suppressed for cell in row) == 1:
                new = [cell for cell in row if cell in allowed]
                if options is None or len(new) < len(options):
                    options = new
        if options is None:
            if not narrowed(printed(suppressed), rows, protected):
                best[0] = cost
                return
            options = allowed
        for cell in sorted(options, key=lambda c: (weights[c], str(c))):
            allowed = allowed - {cell}
            extend(suppressed | {cell}, allowed)

    extend(frozenset(protected), frozenset(counts) - frozenset(protected))
    return best[0]
