"""Reading a candidate or release folder: the only door through which pages see figures.

The rule: pages read the folder that was signed, never the warehouse, so an unpublished number can't
leak. Reading does not verify; ``pipelines.release.verify`` does.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from pipelines.errors import Foreseen
from pipelines.registry import Indicator
from pipelines.release.columns import COLUMNS
from pipelines.release.status import Status

POLICY_IMPACT = "policy_impact.csv"
"""Where a folder says how figures moved with policy changes, if its country registered any."""


class ReadingError(Foreseen, ValueError):
    """A folder that is not a candidate; the message names the file, and the line where it can."""


@dataclass(frozen=True)
class Figure:
    """One row of indicators.csv; numbers are None where the row is marked or has none."""

    indicator_id: str
    country: str
    period: str
    cohort: str
    measure: str
    horizon_months: int | None
    breakdown: str
    category: str
    numerator: Decimal | None
    denominator: Decimal | None
    known_share: Decimal | None
    estimate: Decimal | None
    ci_low: Decimal | None
    ci_high: Decimal | None
    unit: str
    method: str
    mark: str
    obs_status: str
    conf_status: str
    council_verdict: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class Candidate:
    """A candidate's status, its registry snapshot and its figures, in the order of the file."""

    folder: Path
    status: Status
    indicators: Mapping[str, Indicator]
    caveats: Mapping[str, str]
    figures: tuple[Figure, ...]

    def of(self, indicator_id: str) -> list[Figure]:
        """The figures of one indicator."""
        return [figure for figure in self.figures if figure.indicator_id == indicator_id]


def read_candidate(folder: Path) -> Candidate:
    """Read a candidate folder; ReadingError names the file that is missing or not as agreed."""
    status = _text(folder / "status.json")
    registry = json.loads(_text(folder / "methodology" / "registry.json"))
    try:
        return Candidate(
            folder=folder,
            status=Status.model_validate_json(status),
            indicators={
                entry["id"]: Indicator.model_validate(entry) for entry in registry["indicators"]
            },
            caveats=registry["caveats"],
            figures=_figures(folder / "indicators.csv"),
        )
    except ValidationError as error:
        raise ReadingError(f"{folder}: status.json or methodology/registry.json: {error}") from None


def read_policy_impact(folder: Path) -> list[dict[str, str]]:
    """The rows of a folder's policy_impact.csv as texts; none where no policy is registered."""
    path = folder / POLICY_IMPACT
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReadingError(
            f"{path} is missing: {path.parent} is not a whole candidate folder. Build it again."
        ) from None


def _figures(path: Path) -> tuple[Figure, ...]:
    _text(path)
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        names = next(lines, [])
        expected = [column.name for column in COLUMNS]
        if names != expected:
            raise ReadingError(f"{path}, line 1: the columns are not {', '.join(expected)}")
        return tuple(_figure(line) for line in lines)


def _figure(line: list[str]) -> Figure:
    values: dict[str, object] = {}
    for column, text in zip(COLUMNS, line, strict=True):
        if column.kind == "string":
            values[column.name] = text
        elif column.kind == "integer":
            values[column.name] = int(text) if text else None
        else:
            values[column.name] = Decimal(text) if text else None
    values["caveats"] = tuple(str(values["caveats"]).split(";")) if values["caveats"] else ()
    return Figure(**values)  # type: ignore[arg-type]  # COLUMNS and Figure agree: a test holds them
