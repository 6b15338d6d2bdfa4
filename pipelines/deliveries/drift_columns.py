"""Columns as counts of a few categories by period, and the distances those counts decide.

Rule guarded: every kind of column is compared in one way. Unknown is a category, numbers are cut at
the fifths of the reference periods, codes of a multi column stand alone, and categories too rare
for χ² are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from pipelines.deliveries.contract import UNKNOWN

Kind = Literal["category", "multi", "number"]
MINIMUM_EFFECT = 0.1
MINIMUM_EXPECTED = 5.0


@dataclass(frozen=True)
class ColumnRule:
    """How one column is compared. A multi column is compared code by code."""

    column: str
    kind: Kind
    minimum_effect: float = MINIMUM_EFFECT


@dataclass(frozen=True)
class Categories:
    """A column as few categories: each row's code, their labels, counts by category and period."""

    codes: np.ndarray
    labels: list[str]
    counts: np.ndarray
    minimum_effect: float

    @property
    def distance(self) -> float:
        """The Jensen-Shannon distance of the first period from the others pooled."""
        now, then = self.counts[:, 0], self.counts[:, 1:].sum(axis=1)
        p, q = now / now.sum(), then / then.sum()
        middle = (p + q) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = [np.where(side > 0, side * np.log(side / middle), 0.0) for side in (p, q)]
        return float(np.sqrt(max(0.0, sum(part.sum() for part in parts) / 2)))

    def values(self) -> np.ndarray:
        """The category of every row."""
        return np.take(np.array(self.labels, dtype=object), self.codes)


def categories(
    frame: pd.DataFrame, rules: Sequence[ColumnRule], period_of_row: np.ndarray
) -> dict[str, Categories]:
    """Every compared column by name; ``period_of_row`` is 0 for the period that is judged."""
    columns = {}
    periods = int(period_of_row.max()) + 1
    for rule in rules:
        given = frame[rule.column] if rule.column in frame else pd.Series(np.nan, frame.index)
        for name, codes, labels in _split(rule, given, period_of_row > 0):
            cells = np.bincount(codes * periods + period_of_row, minlength=len(labels) * periods)
            counts = cells.reshape(len(labels), periods).astype(float)
            codes, labels, counts = _pool_rare(codes, labels, counts)
            columns[name] = Categories(codes, labels, counts, rule.minimum_effect)
    return columns


def _split(
    rule: ColumnRule, given: pd.Series, reference: np.ndarray
) -> list[tuple[str, np.ndarray, list[str]]]:
    """The compared columns of a rule: name, each row's code and the codes' labels."""
    if rule.kind == "number":
        numbers = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        return [(rule.column, *_fifths(numbers, reference))]
    codes, labels = _coded(given)
    if rule.kind == "category":
        return [(rule.column, codes, labels)]
    members = [set(label.split(";")) for label in labels]
    return [
        (f"{rule.column}:{code}", np.array([code in one for one in members], dtype=int)[codes],
         ["no", "yes"])
        for code in sorted(set().union(*members) - {""})
    ]  # fmt: skip


def _coded(given: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes in order of their labels; missing is the label ``unknown``."""
    codes, found = pd.factorize(given)
    texts = [*map(str, found), *([UNKNOWN] if (codes < 0).any() else [])]
    labels = sorted(set(texts))
    place = {label: number for number, label in enumerate(labels)}
    return np.array([place[text] for text in texts])[codes], labels  # -1, missing, is the last


def _fifths(numbers: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Numbers cut at the fifths of the reference; heavy ties collapse into one cut."""
    known = numbers[reference & ~np.isnan(numbers)]
    cuts = np.unique(np.quantile(known, [0.2, 0.4, 0.6, 0.8])) if len(known) else np.array([])
    codes = np.searchsorted(cuts, numbers, side="left")
    unknown = len(cuts) + 1
    return np.where(np.isnan(numbers), unknown, codes), [*map(str, range(unknown)), UNKNOWN]


def _pool_rare(
    codes: np.ndarray, labels: list[str], counts: np.ndarray
) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Categories expected in fewer than five of the period's rows become one, as χ² needs."""
    expected = counts.sum(axis=1) * counts[:, 0].sum() / counts.sum()
    rare = expected < MINIMUM_EXPECTED
    if not rare.any():
        return codes, labels, counts
    pooled = counts[rare].sum(axis=0, keepdims=True)
    place = np.where(rare, (~rare).sum(), np.cumsum(~rare) - 1)
    kept = [label for label, few in zip(labels, rare, strict=True) if not few]
    return place[codes], [*kept, "(rare)"], np.vstack([counts[~rare], pooled])


def chance_distance(counts: np.ndarray, size: float, probability: float) -> float:
    """The distance that chance reaches with ``probability``; ``size`` is 1/n + 1/m."""
    from scipy.special import chdtri  # half a second of import; only a comparison needs it

    counts = counts[counts.sum(axis=1) > 0]
    freedom = max(len(counts) - 1, 1)
    spread = _overdispersion(counts[:, 1:])
    return float(np.sqrt(spread * size * chdtri(freedom, probability) / 8))


def _overdispersion(counts: np.ndarray) -> float:
    """Pearson χ² per degree of freedom among the reference periods, at least 1."""
    counts = counts[counts.sum(axis=1) > 0]
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if freedom <= 0:
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return max(1.0, float(((counts - expected) ** 2 / expected).sum() / freedom))
