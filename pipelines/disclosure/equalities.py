"""Populations that appear more than once: quantities that the rows themselves keep equal.

The rule: two quantities of two series (what is counted, apart from where and when) are one when
they are equal wherever both stand, at enough points that are not 0. Nobody has to say which
indicators share a population; and an equality that holds by chance only makes the attacker stronger
than a real one.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from pipelines.disclosure.counted import Counted, Row, Series
from pipelines.disclosure.linked_tables import IntArray

SHARED_POINTS = 4
"""At how many points both must stand and not be 0."""

_Quantity = tuple[Series, str]


def equal_quantities(cells: list[Counted]) -> dict[str, Row]:
    """Relations of the equal quantities, at each point no more than join them all."""
    order = list(dict.fromkeys(cell.point for cell in cells))
    at = {(cell.series, cell.point): cell for cell in cells}
    names, grid = _grid(cells)
    relations: dict[str, Row] = {}
    joined: dict[tuple[int, int], tuple[int, int]] = {}

    def root(node: tuple[int, int]) -> tuple[int, int]:
        while (above := joined.get(node, node)) != node:
            node = above
        return node

    place = {name: row for row, name in enumerate(names)}
    for (one, quantity), row in place.items():
        base = place.get((one, "b"))
        if quantity == "p" and base is not None and (grid[row] == grid[base]).all():
            joined |= {(row, point): (base, point) for point in range(len(order))}  # u is 0
    known: set[tuple[_Quantity, _Quantity]] = set()
    for row, (one, quantity) in enumerate(names):
        later = grid[row + 1 :]
        shared = (later >= 0) & (grid[row] >= 0)
        equal = ((later == grid[row]) | ~shared).all(axis=1)
        telling = (shared & (later > 0)).sum(axis=1) >= SHARED_POINTS
        for other_row in (np.flatnonzero(equal & telling) + row + 1).tolist():
            other, other_quantity = names[other_row]
            known.add((names[row], names[other_row]))
            implied = {((one, "b"), (other, "b")), ((one, "u"), (other, "u"))} <= known
            if other == one or (quantity == other_quantity == "p" and implied):
                continue
            for point in np.flatnonzero(shared[other_row - row - 1]).tolist():
                first, second = root((row, point)), root((other_row, point))
                if first != second:
                    joined[second] = first
                    left, right = at[one, order[point]], at[other, order[point]]
                    name = f"{quantity} of {left.id} is {other_quantity} of {right.id}"
                    relations[name] = left.terms(quantity) | right.terms(other_quantity, -1)
    return relations


def _grid(cells: list[Counted]) -> tuple[list[_Quantity], IntArray]:
    """Quantities in rows, points in columns; −1 where a series does not stand."""
    points = {point: i for i, point in enumerate(dict.fromkeys(cell.point for cell in cells))}
    series: dict[Series, list[Counted]] = defaultdict(list)
    for cell in cells:
        series[cell.series].append(cell)
    names = [(one, quantity) for one in series for quantity in series[one][0].quantities]
    grid = np.full((len(names), len(points)), -1, dtype=np.int64)
    for row, (one, quantity) in enumerate(names):
        for cell in series[one]:
            grid[row, points[cell.point]] = cell.value(quantity)
    return names, grid
