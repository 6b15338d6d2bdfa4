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
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipelines.deliveries.drift_columns import ColumnRule, Kind, categories, chance_distance

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

STATISTIC = "jensenshannon"
FALSE_ALARM = 0.001  # a home compares hundreds of tables a quarter, and an alarm costs a phone call
REFERENCE_PERIODS = 4
MINIMUM_PERIODS = 2  # one period doesn't show how much periods differ by themselves
MINIMUM_ROWS = 30
_NOTHING_ASKED = json.dumps({"metrics": [], "tests": []})
_KIND_OF_TYPE: Mapping[str, Kind] = {
    "code": "category", "tri": "category", "currency": "category", "multi": "multi",
    "int": "number", "amount": "number",
}  # fmt: skip


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
    def asked(self) -> bool:
        """Whether any column was put to Evidently."""
        return self._snapshot is not None

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
    ask_from: float = 0.0,
) -> DriftReport:
    """Compare a period with the provider's earlier ones (oldest first; the last four count).

    A column is put to Evidently, which then decides, when its distance by our own arithmetic is at
    least ``ask_from`` of its threshold: the library takes 20 ms a column and most are quiet.

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
        return DriftReport(verdicts, _NOTHING_ASKED)

    everything = pd.concat([current, *periods], ignore_index=True)
    period_of_row = np.repeat(np.arange(len(periods) + 1), [rows, *map(len, periods)])
    columns = categories(everything, rules, period_of_row)
    now, then = (sum(_units(frame, cluster) for frame in part) for part in ([current], periods))
    chance = FALSE_ALARM / len(columns)
    thresholds = {
        name: max(column.minimum_effect, chance_distance(column.counts, 1 / now + 1 / then, chance))
        for name, column in columns.items()
    }
    values = {name: column.distance for name, column in columns.items()}
    asked = {
        name: threshold for name, threshold in thresholds.items()
        if values[name] >= ask_from * threshold
    }  # fmt: skip
    snapshot = None
    if asked:
        frame = pd.DataFrame({name: columns[name].values() for name in asked})
        snapshot = _run(frame[period_of_row == 0], frame[period_of_row > 0], asked)
        for metric in snapshot.dict()["metrics"]:
            values[metric["config"]["column"]] = float(metric["value"])
    verdicts = [
        ColumnDrift(provider_key, table, name, STATISTIC, values[name], threshold,
                    values[name] >= threshold, rows, before)
        for name, threshold in thresholds.items()
    ]  # fmt: skip
    return DriftReport(verdicts, snapshot.json() if snapshot else _NOTHING_ASKED, snapshot)


def _units(frame: pd.DataFrame, cluster: str | None) -> int:
    """How many independent members a period's rows stand for."""
    return frame[cluster].nunique() if cluster else len(frame)


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
