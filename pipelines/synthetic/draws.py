"""Random draws: one independent counter-based stream a purpose and chunk, so that bytes repeat.

A stream depends on the seed, the size of the run, its purpose and its chunk, and on nothing else:
not on the order in which chunks are made, the number of threads or the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Real = NDArray[np.floating[Any]]

NEVER = 1_000_000  # a month that no window reaches


class Draw:
    """Vectorised draws of ``size`` from one stream."""

    def __init__(self, entropy: Sequence[int], size: int) -> None:
        """``entropy``: non-negative integers that name the stream."""
        self._generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))
        self.size = size

    def uniform(self) -> Floats:
        """Floats in [0, 1)."""
        return self._generator.random(self.size)

    def chance(self, probability: float | Real) -> Bools:
        """True with the probability given."""
        return self.uniform() < probability

    def below(self, bound: int) -> Ints:
        """Integers 0 to bound − 1, each as likely."""
        return self._generator.integers(0, bound, self.size, dtype=np.int64)

    def choice(self, weights: Sequence[float]) -> Ints:
        """Indices into ``weights``, which sum to 1."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        edges[-1] = 1.0
        drawn: Ints = np.searchsorted(edges, self.uniform(), side="right").astype(np.int64)
        return drawn

    def choice_by(self, rows: Ints, weights: Sequence[Sequence[float]]) -> Ints:
        """Indices drawn with the weights of each element's own row."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64), axis=1)[:, :-1]
        drawn: Ints = (self.uniform()[:, None] >= edges[rows]).sum(axis=1).astype(np.int64)
        return drawn

    def waiting(self, hazard: float | Real) -> Ints:
        """Months (1, 2, …) until something of constant monthly hazard happens; NEVER where 0."""
        rate = np.broadcast_to(np.asarray(hazard, dtype=np.float64), (self.size,))
        positive = rate > 0
        wait = np.full(self.size, NEVER, dtype=np.int64)
        log_stay = np.log1p(-np.where(positive, rate, 0.5))
        drawn = np.log1p(-self.uniform()) / log_stay
        wait[positive] = np.minimum(1 + np.floor(drawn[positive]), NEVER).astype(np.int64)
        return wait

    def first_month(self, rows: Ints, survival: Floats) -> Ints:
        """Months 1, 2, … drawn from survival curves, one a row: ``survival[row, m]`` = P(T > m).

        ``survival[:, 0]`` is 1; NEVER where the curve's end is outlived.
        """
        uniform = self.uniform()
        month = np.full(self.size, NEVER, dtype=np.int64)
        for row, curve in enumerate(survival):
            here = rows == row
            first = np.searchsorted(-curve, -uniform[here], side="right")
            month[here] = np.where(first < curve.size, first, NEVER)
        return month

    def lognormal(self, mean: float, sd: float) -> Floats:
        """Lognormal floats; ``mean`` and ``sd`` are of the logarithm."""
        return self._generator.lognormal(mean, sd, self.size)
