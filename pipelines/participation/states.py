"""The states of a review and the only ways between them.

The rule: whatever is not in ``TRANSITIONS`` can't happen, and dates move a review on, not people:
nobody can end a phase early, keep one open, or let an answer that never comes hold up a release.
The diagram in ``docs/council-review.md`` is ``diagram()``; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a review stands."""

    DRAFT = "draft"
    INDEPENDENT = "independent"
    CONSOLIDATING = "consolidating"
    AWAITING_RESPONSE = "awaiting_response"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Mover(StrEnum):
    """What may move a review: an office, both offices together, or a date."""

    SECRETARY = "the secretary"
    DATE = "its date"
    SIGNERS = "rapporteur and council delegate sign"
    NEWER = "a newer version is published"
    BOTH = "council and rapporteur together"


OVER = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)
"""States of a review that has ended in a release."""


@dataclass(frozen=True)
class Transition:
    """One way from one state to another, and the state's owner until then."""

    name: str
    source: State
    target: State
    mover: Mover


TRANSITIONS = (
    Transition("open", State.DRAFT, State.INDEPENDENT, Mover.SECRETARY),
    Transition("expire", State.DRAFT, State.SCHEDULED, Mover.DATE),
    Transition("consolidate", State.INDEPENDENT, State.CONSOLIDATING, Mover.DATE),
    Transition("ask", State.CONSOLIDATING, State.AWAITING_RESPONSE, Mover.DATE),
    Transition("schedule", State.AWAITING_RESPONSE, State.SCHEDULED, Mover.DATE),
    Transition("publish", State.SCHEDULED, State.PUBLISHED, Mover.SIGNERS),
    Transition("supersede", State.PUBLISHED, State.SUPERSEDED, Mover.NEWER),
    Transition("withdraw", State.PUBLISHED, State.WITHDRAWN, Mover.BOTH),
)

OWNERS = {
    State.DRAFT: "council secretary",
    State.INDEPENDENT: "council members, each alone",
    State.CONSOLIDATING: "the council",
    State.AWAITING_RESPONSE: "authority",
    State.SCHEDULED: "rapporteur and council delegate",
    State.PUBLISHED: "the council, for requests after publication",
    State.SUPERSEDED: "nobody: kept for the record",
    State.WITHDRAWN: "nobody: kept for the record",
}
"""Who must act while a review is in a state."""


def transition(name: str) -> Transition:
    """The transition of that name; KeyError when the table has none."""
    return {one.name: one for one in TRANSITIONS}[name]


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {State.DRAFT}",
        *(f"    {one.source} --> {one.target}: {one.name} ({one.mover})" for one in TRANSITIONS),
        *(
            f"    {state} --> [*]"
            for state in State
            if state not in {one.source for one in TRANSITIONS}
        ),
    ]
    return "\n".join(lines) + "\n"
