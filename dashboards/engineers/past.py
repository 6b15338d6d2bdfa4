"""What was fixed for good: vintages, erasures and the ledger.

Rule: the ledger's chain is checked each time the page is built, and a broken one is said aloud.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.engineers.parts import Column, Page, Section, Table, short
from pipelines.deliveries.tombstones import Tombstone
from pipelines.participation.ledger import Entry, LedgerError, entries, verify_chain
from pipelines.paths import Home

_SHOWN = 50


def ledger_state(home: Home) -> tuple[bool, str]:
    """Whether the chain holds, and a sentence that says so with its head."""
    try:
        return True, f"The chain holds; its head is {verify_chain(home.ledger)}."
    except LedgerError as error:
        return False, f"The chain is broken. {error}"


def past_page(
    home: Home, vintages: Sequence[Mapping[str, Any]], tombstones: Sequence[Tombstone]
) -> Page:
    """Vintages, erasures and the end of the ledger."""
    holds, state = ledger_state(home)
    return Page(
        "record.html",
        "Record",
        "What candidates rest on, who was erased at their request, and what the ledger holds.",
        (
            Section(
                "Vintages",
                "A vintage from which a person was erased can still be verified, but not rebuilt.",
                "No vintage has been fixed yet.",
                Table(
                    "Vintages by running number",
                    (
                        Column("Vintage", "code"),
                        Column("Number", "number"),
                        Column("Deliveries", "number"),
                        Column("Last month"),
                        Column("Can be rebuilt"),
                    ),
                    [
                        (
                            short(one["hash"]),
                            one["number"],
                            one["deliveries"],
                            one["last_month"],
                            one["can_be_rebuilt"],
                        )
                        for one in vintages
                    ],
                ),
            ),
            Section(
                "Erasures",
                "Each is named by a keyed hash, which alone tells nobody whose rows they were.",
                "Nobody has been erased.",
                Table(
                    "Erasures by name",
                    (
                        Column("Erasure", "code"),
                        Column("State"),
                        Column("Deliveries", "number"),
                        Column("Rows", "number"),
                    ),
                    [
                        (
                            short(one.erasure),
                            "done" if one.state == "done" else "cut short, any ingest finishes it",
                            len(one.deliveries),
                            sum(one.rows.values()),
                        )
                        for one in tombstones
                    ],
                ),
            ),
            Section(
                "Ledger",
                f"{state} The last {_SHOWN} entries, the newest first.",
                "The ledger is empty.",
                _ledger(entries(home.ledger) if holds else []),
            ),
        ),
    )


def _ledger(chain: Sequence[Entry]) -> Table:
    return Table(
        "The end of the ledger",
        (
            Column("Entry", "code"),
            Column("Number", "number"),
            Column("Kind"),
            Column("What it says"),
        ),
        [
            (short(entry.hash), entry.seq, entry.kind.replace("_", " "), _told(entry.body))
            for entry in reversed(chain[-_SHOWN:])
        ],
    )


def _told(body: Mapping[str, Any]) -> str:
    shown = {
        name: short(value) if isinstance(value, str) and len(value) in (32, 64) else value
        for name, value in body.items()
        if value not in (None, [], "")
    }
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shown.items())
