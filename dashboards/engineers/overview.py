"""The first page: what needs a look today, and how much came.

Rule: it lists only what somebody can act on, each with the page that tells more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboards.engineers.arrivals import lateness
from dashboards.engineers.checks import Findings
from dashboards.engineers.parts import Cell, Column, Item, Page, Section, Table
from dashboards.engineers.past import ledger_state
from pipelines.deliveries import Record
from pipelines.deliveries.tombstones import Tombstone
from pipelines.paths import Home

LATE = 3
"""Months after a period's end from which a delivery counts as late."""


def overview_page(
    home: Home,
    records: Sequence[Record],
    found: Findings,
    tombstones: Sequence[Tombstone],
    counts: Mapping[str, Mapping[str, int]],
) -> Page:
    """What to look at, and the counts."""
    return Page(
        "index.html",
        "Overview",
        f"What lies in {home.root}, read from its records. No row of a person is on these pages.",
        (
            Section(
                "To look at",
                "What somebody should act on or at least know.",
                "Nothing waits.",
                items=tuple(_to_look_at(home, records, found, tombstones)),
            ),
            Section(
                "In numbers",
                "Deliveries count as what they were when they came, superseded ones included.",
                "Nothing has come yet.",
                Table(
                    "Deliveries, files and rows",
                    (Column("What"), Column("State"), Column("Count", "number")),
                    [row for what, states in counts.items() for row in _states(what, states)],
                ),
            ),
        ),
    )


def _states(what: str, states: Mapping[str, int]) -> list[tuple[Cell, ...]]:
    return [(what, state, count) for state, count in sorted(states.items())]


def _to_look_at(
    home: Home,
    records: Sequence[Record],
    found: Findings,
    tombstones: Sequence[Tombstone],
) -> list[Item]:
    current = [record for record in records if record.counts and record.superseded_by is None]
    late = [r for r in current if r.supersedes is None and (lateness(r) or 0) > LATE]
    counted = [
        (sum(r.status == "refused" for r in records), "Deliveries refused", "deliveries.html"),
        (sum(r.status == "aside" for r in current), "Deliveries set aside", "checks.html"),
        (len(late), f"Deliveries sent over {LATE} months after their period", "deliveries.html"),
        (len(found.failures), "Expectations failed", "checks.html"),
        (len(found.drifted), "Columns that drifted", "checks.html"),
        (
            sum(one["guard"] not in ("applies", "closed") for one in found.corrections),
            "Corrections whose guard fails",
            "checks.html",
        ),
        (sum(one.state == "begun" for one in tombstones), "Erasures cut short", "record.html"),
    ]
    items = [Item(f"{what}: {count}", page) for count, what, page in counted if count]
    holds, state = ledger_state(home)
    return items if holds else [Item(state, "record.html"), *items]
