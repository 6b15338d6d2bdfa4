"""Standard errors of weighted shares under a stratified, raked design, many shares at a time.

The rule: a share is a ratio of weighted sums, so its error is that of its linear part (Taylor
linearisation; Binder 1983). Raking explains a part of that, which is taken out: the scores lose
their means in every cell of one margin after the other, ten times over, as in R survey (Deville
and Särndal 1992). What is left varies between the answers of a stratum, times
1 - answers / population. A stratum with one answer is set against the mean of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
SWEEPS = 10
"""As many as R survey makes; equal figures need equally many."""


class Design:
    """A stratified sample of answers whose weights were raked to margins.

    ``weights`` and ``populations`` (of each answer's stratum) have one number an answer;
    ``strata`` and each of ``margins`` hold the code of its stratum or raking cell, 0 … k-1, and
    every code occurs.
    """

    def __init__(
        self, weights: Floats, strata: Codes, populations: Floats, margins: Sequence[Codes]
    ) -> None:
        self.weights = weights
        self._strata = one_hot(strata)
        self._cells = sp.hstack([one_hot(margin) for margin in margins], format="csr")
        self._shared = (self._cells.T @ self._cells).toarray()
        ends = [0, *np.cumsum([margin.max() + 1 for margin in margins])]
        self._margins = [slice(start, end) for start, end in pairwise(ends)]
        answers = np.bincount(strata)
        population = np.bincount(strata, populations) / answers
        corrected = np.clip(1 - answers / population, 0, None)
        self._factor = corrected * answers / np.maximum(answers - 1, 1)
        self._answers, self._is_single = answers, answers == 1

    def shares(self, yes: sp.csr_array, domains: sp.csr_array) -> tuple[Floats, Floats, Floats]:
        """Share of yes, its standard error and degrees of freedom in each domain.

        ``domains`` (answers × domains) is 1 where an answer counts, ``yes`` where it counts and is
        yes: several questions are several sets of domains. A domain in which no answer counts has
        no share (NaN). Degrees of freedom are the domain's answers less the strata they are in.
        """
        whole = domains.T @ self.weights
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = yes.T @ self.weights / whole
            scores = (yes - domains.multiply(shares)).multiply(1 / whole)
        left = scores.toarray() - self._cells @ self._explained((self._cells.T @ scores).toarray())
        in_strata = self._strata.T @ domains
        freedom = domains.sum(axis=0) - (in_strata > 0).sum(axis=0)
        return shares, self._errors(self.weights[:, None] * left), freedom

    def _explained(self, sums: Floats) -> Floats:
        """What raking explains of scores, by cell, from their ``sums`` (cells × domains)."""
        explained = np.zeros_like(sums)
        answers = np.diag(self._shared)[:, None]
        for _ in range(SWEEPS):
            for margin in self._margins:
                left = sums[margin] - self._shared[margin] @ explained
                explained[margin] += left / answers[margin]
        return explained

    def _errors(self, totals: Floats) -> Floats:
        """Standard errors of the sums of ``totals`` (answers × domains)."""
        means = self._strata.T @ totals / self._answers[:, None]
        means[self._is_single] = totals.mean(axis=0)
        squares = self._strata.T @ np.square(totals - self._strata @ means)
        errors: Floats = np.sqrt(self._factor @ squares)
        return errors


def one_hot(codes: Codes) -> sp.csr_array:
    """A row an answer, a column a code, 1 where they meet."""
    return sp.csr_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)))
