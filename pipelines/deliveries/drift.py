"""Does this period look like the provider's last four? Column by column, each against its own rule.

Rule guarded: a change too small to matter and a change that chance explains both stay quiet. The
statistic is Evidently's Jensen-Shannon distance (natural logarithm, 0 to 0.83) between the period
and the pooled reference periods. Its threshold is ours and is made for each column: the larger of

- ``minimum_effect``, 0.1: about fifteen points at a share of one half, nine at one tenth;
- the distance that chance reaches with probability ``FALSE_ALARM`` / columns when nothing changed.
  With k categories, n rows now and m before, 8 · distance² ≈ (1/n + 1/m) · χ²(k-1) (second-order
  expansion of the divergence; Menéndez et al. 1997), times the reference periods' own
  overdispersion (Pearson χ² per degree of freedom among them, never below 1). Rows of one person
  or employer are not independent: n and m count those, where ``cluster`` names their key.

The library's dataset verdict is not used: it needs half of the columns to move. Unknown is a
category, so that answers which stop coming are drift too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

Kind = Literal["category", "multi", "number"]
STATISTIC = "jensenshannon"
FALSE_ALARM = 0.01
MINIMUM_EFFECT = 0.1
REFERENCE_PERIODS = 4
MINIMUM_PERIODS = 2  # one period doesn't show how much periods differ by themselves
MINIMUM_ROWS = 30
MINIMUM_EXPECTED = 5.0
_KIND_OF_TYPE: Mapping[str, Kind] = {
    "code": "category", "tri": "category", "currency": "category", "multi": "multi",
    "int": "number", "amount": "number",
}  # fmt: skip


@dataclass(frozen=True)
class ColumnRule:
    """How one column is compared. A multi column is compared code by code."""

    column: str
    kind: Kind
    minimum_effect: float = MINIMUM_EFFECT


@dataclass(frozen=True)
class ColumnDrift:
    """One column's verdict. ``column`` is ``column:code`` for a code of a multi column.

    ``value`` and ``threshold`` are None where nothing was compared; ``note`` then says why.
    """

    provider_key: str
    table: str
    column: str
    statistic: str
    value: float | None
    threshold: float | None
    drifted: bool
    rows: int
    reference_rows: int
    note: str = ""


@dataclass(frozen=True)
class DriftReport:
    """Verdicts in column order, Evidently's JSON (kept beside the delivery) and its page."""

    columns: list[ColumnDrift]
    evidently_json: str
    _snapshot: Snapshot | None = None

    @property
    def drifted(self) -> list[ColumnDrift]:
        """The columns that moved."""
        return [column for column in self.columns if column.drifted]

    def html(self) -> str:
        """Evidently's own page, about 4 MB; for engineers: it is not accessible."""
        return self._snapshot.get_html_str(as_iframe=False) if self._snapshot else ""


def rules_from_types(types: Mapping[str, str]) -> list[ColumnRule]:
    """A rule for each contract column whose type can drift: not keys, months and free text."""
    return [
        ColumnRule(column, _KIND_OF_TYPE[kind])
        for column, kind in types.items()
        if kind in _KIND_OF_TYPE
    ]


def compare(
    provider_key: str,
    table: str,
    current: pd.DataFrame,
    references: Sequence[pd.DataFrame],
    rules: Sequence[ColumnRule],
    cluster: str | None = None,
) -> DriftReport:
    """Compare a period with the provider's earlier ones (oldest first; the last four count).

    Frames hold the rules' columns, and the column ``cluster`` where one is named; a rule's column
    that a frame lacks is unknown in all its rows.
    """
    periods = list(references)[-REFERENCE_PERIODS:]
    rows, before = len(current), sum(len(period) for period in periods)
    note = ""
    if len(periods) < MINIMUM_PERIODS:
        note = f"fewer than {MINIMUM_PERIODS} earlier periods"
    elif rows < MINIMUM_ROWS or before < MINIMUM_ROWS:
        note = f"fewer than {MINIMUM_ROWS} rows to compare"
    if note:
        verdicts = [
            ColumnDrift(
                provider_key, table, rule.column, STATISTIC, None, None, False, rows, before, note
            )
            for rule in rules
        ]
        return DriftReport(verdicts, json.dumps({"metrics": [], "tests": []}))

    everything = pd.concat([current, *periods], ignore_index=True)
    period_of_row = np.repeat(np.arange(len(periods) + 1), [rows, *map(len, periods)])
    categories, effects = _categories(everything, rules, period_of_row)
    now, then = (sum(_units(frame, cluster) for frame in part) for part in ([current], periods))
    chance = FALSE_ALARM / len(effects)
    thresholds = {
        name: max(
            effects[name], _chance(categories[name], period_of_row, 1 / now + 1 / then, chance)
        )
        for name in effects
    }
    snapshot = _run(categories[period_of_row == 0], categories[period_of_row > 0], thresholds)
    values = {
        metric["config"]["column"]: float(metric["value"]) for metric in snapshot.dict()["metrics"]
    }
    verdicts = [
        ColumnDrift(provider_key, table, name, STATISTIC, values[name], threshold,
                    values[name] >= threshold, rows, before)
        for name, threshold in thresholds.items()
    ]  # fmt: skip
    return DriftReport(verdicts, snapshot.json(), snapshot)


def _categories(
    frame: pd.DataFrame, rules: Sequence[ColumnRule], period_of_row: np.ndarray
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Every compared column as a few categories, and its minimum effect."""
    columns: dict[str, pd.Series] = {}
    effects: dict[str, float] = {}
    smallest = int((period_of_row == 0).sum())
    for rule in rules:
        given = frame[rule.column] if rule.column in frame else pd.Series(np.nan, frame.index)
        for name, series in _split(rule, given, period_of_row > 0).items():
            columns[name] = _pool_rare(series, smallest)
            effects[name] = rule.minimum_effect
    return pd.DataFrame(columns), effects


def _split(rule: ColumnRule, given: pd.Series, reference: np.ndarray) -> dict[str, pd.Series]:
    if rule.kind == "category":
        return {rule.column: given.astype("object").where(given.notna(), "unknown").astype(str)}
    if rule.kind == "number":
        return {
            rule.column: _fifths(pd.to_numeric(given, errors="coerce").astype(float), reference)
        }
    codes = given.astype("object").where(given.notna(), "unknown").astype(str).str.get_dummies(";")
    return {
        f"{rule.column}:{code}": codes[code].map({0: "no", 1: "yes"})
        for code in sorted(map(str, codes))
    }


def _fifths(numbers: pd.Series, reference: np.ndarray) -> pd.Series:
    """Numbers cut at the fifths of the reference; heavy ties collapse into one cut."""
    known = numbers[reference].dropna()
    cuts = np.unique(np.quantile(known, [0.2, 0.4, 0.6, 0.8])) if len(known) else np.array([])
    fifth = pd.Series(np.searchsorted(cuts, numbers, side="left"), numbers.index).astype(str)
    return fifth.where(numbers.notna(), "unknown")


def _pool_rare(series: pd.Series, rows: int) -> pd.Series:
    """Categories expected in fewer than five of the period's rows become one, as χ² needs."""
    expected = series.value_counts(normalize=True) * rows
    rare = expected[expected < MINIMUM_EXPECTED].index
    return series.mask(series.isin(rare), "(rare)")


def _units(frame: pd.DataFrame, cluster: str | None) -> int:
    """How many independent members a period's rows stand for."""
    return frame[cluster].nunique() if cluster else len(frame)


def _chance(series: pd.Series, period_of_row: np.ndarray, size: float, probability: float) -> float:
    """The distance that chance reaches with ``probability``; ``size`` is 1/n + 1/m."""
    from scipy.stats import chi2  # a second of import; only a comparison needs it

    counts = pd.crosstab(series, period_of_row).to_numpy(dtype=float)
    freedom = max(len(counts) - 1, 1)
    spread = _overdispersion(counts[:, 1:])
    return float(np.sqrt(spread * size * chi2.isf(probability, freedom) / 8))


def _overdispersion(counts: np.ndarray) -> float:
    """Pearson χ² per degree of freedom among the reference periods, at least 1."""
    counts = counts[counts.sum(axis=1) > 0]
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if freedom <= 0:
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return max(1.0, float(((counts - expected) ** 2 / expected).sum() / freedom))


def _run(
    current: pd.DataFrame, reference: pd.DataFrame, thresholds: Mapping[str, float]
) -> Snapshot:
    """Evidently's report with one drift metric a column, each with its own threshold."""
    from evidently import (
        DataDefinition,
        Dataset,
        Report,
    )  # seconds of import; keep it out of ingest
    from evidently.metrics import ValueDrift

    definition = DataDefinition(categorical_columns=list(current.columns))
    metrics = [
        ValueDrift(column=name, method=STATISTIC, threshold=round(threshold, 6))
        for name, threshold in thresholds.items()
    ]
    return Report(metrics, include_tests=True).run(
        Dataset.from_pandas(current.reset_index(drop=True), data_definition=definition),
        Dataset.from_pandas(reference.reset_index(drop=True), data_definition=definition),
    )
