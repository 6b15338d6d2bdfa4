"""What the warehouse may know of a review: tables of facts that the release carries.

The rule: they come out of the record alone, hold counts of indicators and items, and nothing of a
person. ``participation/facts.yml`` fixes their columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from pipelines.participation.agenda import ItemKind, Result
from pipelines.participation.record import PrintedItem, ReviewRecord

_KINDS = {
    ItemKind.CHALLENGE_DELIVERY: "challenge",
    ItemKind.REOPEN_ANSWER: "challenge",
}
_CHANGED = {
    "": "unknown",
    Result.CHANGED_INDICATOR: "indicator",
    Result.CHANGED_POLICY: "policy",
    Result.NO_CHANGE: "nothing",
}


def facts_of(record: ReviewRecord, indicators: Sequence[str]) -> dict[str, pa.Table]:
    """The tables review_verdicts and review_items of a release with these indicators."""
    release = {
        "country": record.country,
        "release_period": record.period,
        "version": record.version,
    }
    verdicts = [
        {**release, "indicator_id": name, "verdict": record.verdict(name)} for name in indicators
    ]
    items = [{**release, **item} for item in (*_agenda(record), *_objections(record))]
    return {
        "review_verdicts": pa.Table.from_pylist(verdicts, schema=_VERDICTS),
        "review_items": pa.Table.from_pylist(items, schema=_ITEMS),
    }


def _agenda(record: ReviewRecord) -> Iterator[dict[str, Any]]:
    for item in record.agenda:
        closed = item.answered_on if item.accepted is not None else None
        yield {
            "item": f"agenda-{item.number}",
            "kind": _KINDS.get(ItemKind(item.kind), "proposal"),
            "due_month": _month(item.due_on),
            "on_time": _on_time(item, record),
            "closed_month": _month(closed) if closed else None,
            "changed": _CHANGED[item.result] if closed else "unknown",
        }


def _on_time(item: PrintedItem, record: ReviewRecord) -> str:
    if item.answered_on:
        return "yes" if item.answered_on <= item.due_on else "no"
    return "no" if item.due_on < record.dates["publishes_on"] else "unknown"


def _objections(record: ReviewRecord) -> Iterator[dict[str, Any]]:
    """An upheld objection is due on the day by which the authority answers that review."""
    for one in record.objections:
        yield {
            "item": f"objection-{one.period}-{one.version}-{one.indicator_id}",
            "kind": "objection",
            "due_month": _month(one.due_on),
            "on_time": "yes" if one.answered_on and one.answered_on <= one.due_on else "no",
            "closed_month": None,
            "changed": "unknown",
        }


def _month(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


_RELEASE = [
    ("country", pa.string()),
    ("release_period", pa.string()),
    ("version", pa.int32()),
]
_VERDICTS = pa.schema([*_RELEASE, ("indicator_id", pa.string()), ("verdict", pa.string())])
_ITEMS = pa.schema(
    [
        *_RELEASE,
        ("item", pa.string()),
        ("kind", pa.string()),
        ("due_month", pa.int32()),
        ("on_time", pa.string()),
        ("closed_month", pa.int32()),
        ("changed", pa.string()),
    ]
)
