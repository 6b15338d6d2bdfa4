"""The gate of multiple systems estimation: which tables say too little, or contradict themselves.

The rule: an estimate of the unseen rests on people seen twice. Where few were, or where models that
fit about as well give other answers, no figure is given and the reason is. Limits are ours, set so
that the published study of the United Kingdom passes; see docs/hidden-population.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

LEAST_SHARED = 50
"""Persons on two lists or more, over the whole table."""
LEAST_SHARED_BY_LIST = 10
"""Persons of each list who are on another list too."""
WIDEST = 3.0
"""Upper bound of the interval over the lower."""
NEAR_AIC = 2.0
"""Models closer than this are told apart by nothing in the data (Burnham and Anderson 2002)."""
POOREST_FIT = 0.001
"""Probability of Pearson's statistic under which no model of pairs describes the table."""


@dataclass(frozen=True)
class Overlaps:
    """Persons (``counts``) in each combination of lists (``cells``: 2^k - 1 rows of 0/1)."""

    lists: tuple[str, ...]
    cells: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float64]

    def shared(self, first: int, second: int) -> int:
        """Persons on both lists, whatever others they are on."""
        return int(self.counts[(self.cells[:, first] * self.cells[:, second]) == 1].sum())


def thin_spots(overlaps: Overlaps) -> list[str]:
    """Why the table is too sparse to fit anything; empty when it is not."""
    reasons = []
    several = overlaps.cells.sum(axis=1) > 1
    shared = int(overlaps.counts[several].sum())
    if shared < LEAST_SHARED:
        reasons.append(
            f"{shared} persons are on two lists or more; {LEAST_SHARED} are needed "
            "(overlaps too sparse)"
        )
    for position, name in enumerate(overlaps.lists):
        linked = int(overlaps.counts[several & (overlaps.cells[:, position] == 1)].sum())
        if linked < LEAST_SHARED_BY_LIST:
            reasons.append(
                f"{linked} persons of list {name} are on another list; {LEAST_SHARED_BY_LIST} are "
                "needed: leave the list out or merge it (overlaps too sparse)"
            )
    apart = _apart(overlaps)
    if apart:
        reasons.append(
            f"no chain of shared persons joins {', '.join(apart)} to {overlaps.lists[0]}: the "
            "lists describe populations of their own (not identified)"
        )
    return reasons


def disagreements(
    best: tuple[float, float, float],
    rivals: Sequence[tuple[float, float]],
    pearson: float,
    spare: int,
) -> list[str]:
    """Why a fitted table is refused; ``best`` is estimate, low, high.

    ``rivals``: estimate and distance in Akaike's criterion of each model one term away. ``pearson``
    is the best model's statistic on ``spare`` degrees of freedom.
    """
    estimate, low, high = best
    reasons = []
    if not np.isfinite([estimate, low, high]).all() or high > WIDEST * low:
        reasons.append(
            f"the interval runs from {low:,.0f} to {high:,.0f}; its ends may differ by a factor "
            f"of {WIDEST:g} (not identified by these overlaps)"
        )
    outside = [
        other for other, distance in rivals if abs(distance) < NEAR_AIC and not low <= other <= high
    ]
    if outside:
        reasons.append(
            f"models that fit as well give {', '.join(f'{other:,.0f}' for other in outside)}, "
            f"outside {low:,.0f} to {high:,.0f} (models disagree)"
        )
    if spare > 0 and chi2.sf(pearson, spare) < POOREST_FIT:
        reasons.append(
            f"no model of pairs of lists describes the overlaps (Pearson {pearson:.1f} on {spare} "
            "degrees of freedom): the lists contradict each other"
        )
    return reasons


def _apart(overlaps: Overlaps) -> list[str]:
    joined, waiting = {0}, [0]
    links: dict[int, set[int]] = {position: set() for position in range(len(overlaps.lists))}
    for first, second in combinations(links, 2):
        if overlaps.shared(first, second):
            links[first].add(second)
            links[second].add(first)
    while waiting:
        for neighbour in links[waiting.pop()] - joined:
            joined.add(neighbour)
            waiting.append(neighbour)
    return [name for position, name in enumerate(overlaps.lists) if position not in joined]
