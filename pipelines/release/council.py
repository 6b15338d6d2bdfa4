"""The council's part of a release, as files that anyone can open.

The rule: everything comes out of the review's record, which lies beside them as
``council/review.json``; the tables say nothing that it does not. A cell that a spreadsheet would
run is written behind an apostrophe (``write_csv.inert``).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipelines.participation.calendar import CalendarLine
from pipelines.participation.record import (
    Access,
    PrintedItem,
    PrintedObjection,
    PrintedRecommendation,
    PrintedResponse,
    PrintedStatement,
    ReviewRecord,
)
from pipelines.release.manifest import json_bytes
from pipelines.release.write_csv import inert

REVIEW = "council/review.json"
RECOMMENDATIONS = "recommendations.csv"
ACCESS = "access.csv"
CALENDAR = "calendar.csv"
_TABLES: dict[str, type[BaseModel]] = {
    "statements": PrintedStatement,
    "responses": PrintedResponse,
    "agenda": PrintedItem,
    "objections": PrintedObjection,
}
_VERDICTS = (
    "indicator_id", "verdict", "asked", "why", "definition_reviewed_on", "resets", "counts",
    "rows_hash",
)  # fmt: skip


def write_council(record: ReviewRecord, folder: Path) -> None:
    """Write what a release in ``folder`` says of its review.

    ``council/``, ``recommendations.csv``, ``access.csv`` and ``calendar.csv``.
    """
    (folder / "council").mkdir(exist_ok=True)
    content = record.model_dump(mode="json")
    (folder / REVIEW).write_bytes(json_bytes(content))
    verdicts = [
        {
            "indicator_id": name,
            **one,
            "counts": "; ".join(f"{choice}: {count}" for choice, count in one["counts"].items()),
        }
        for name, one in content["indicators"].items()
    ]
    _write(folder / "council" / "verdicts.csv", _VERDICTS, verdicts)
    for name, part in _TABLES.items():
        _write(folder / "council" / f"{name}.csv", tuple(part.model_fields), content[name])
    _write(
        folder / RECOMMENDATIONS,
        tuple(PrintedRecommendation.model_fields),
        content["recommendations"],
    )
    _write(folder / ACCESS, tuple(Access.model_fields), content["access"])
    _write(folder / CALENDAR, tuple(CalendarLine.model_fields), content["calendar"])


def read_record(folder: Path) -> ReviewRecord:
    """The record that a release holds; pydantic's ValidationError where it was tampered with."""
    return ReviewRecord.model_validate_json((folder / REVIEW).read_bytes())


def _write(path: Path, names: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        writer.writerows([inert(_text(row[name])) for name in names] for row in rows)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
