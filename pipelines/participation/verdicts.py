"""From votes to a verdict: counting, and nothing else.

The rule: silence is never consent. Fewer ballots than the quorum is "not reviewed", an abstention
counts towards the quorum and for nothing, a recusal counts for neither. Two harm ballots hold an
indicator until the discussion ends; one that the discussion does not decide stays withheld, because
harm can't be undone and a late figure can.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

HARM_BALLOTS = 2
"""Harm ballots that hold an indicator for open discussion."""


class Choice(StrEnum):
    """What a ballot on an indicator can say."""

    ENDORSE = "endorse"
    ENDORSE_WITH_NOTE = "endorse_with_note"
    OBJECT = "object"
    HARM = "harm"
    ABSTAIN = "abstain"
    RECUSE = "recuse"


class Answer(StrEnum):
    """What a ballot on a question of the discussion can say."""

    YES = "yes"
    NO = "no"


NEEDS_REASON = (Choice.ENDORSE_WITH_NOTE, Choice.OBJECT, Choice.HARM)


def is_held(votes: Counter[str]) -> bool:
    """Whether the ballots hold the indicator for discussion."""
    return votes[Choice.HARM] >= HARM_BALLOTS


def is_objected(votes: Counter[str]) -> bool:
    """Whether the discussion has an objection to decide."""
    return votes[Choice.OBJECT] > 0


def verdict(
    votes: Counter[str], objection: Counter[str], harm: Counter[str], quorum: int, *, held: bool
) -> str:
    """The verdict on an indicator: a code of the column council_verdict."""
    if held and not _decided(harm, quorum, Answer.NO):
        return "withheld"
    if votes.total() - votes[Choice.RECUSE] < quorum:
        return "not_reviewed"
    if is_objected(votes) and _decided(objection, quorum, Answer.YES):
        return "objected"
    if votes[Choice.ENDORSE_WITH_NOTE] or votes[Choice.OBJECT] or votes[Choice.HARM]:
        return "endorsed_with_note" if _endorsed(votes) else "objected"
    return "endorsed" if votes[Choice.ENDORSE] else "not_reviewed"


def banded(votes: Counter[str], seats: int) -> dict[str, str]:
    """Counts by choice that tell nobody's vote: under 4 as ``0-3``, and all but under 4 alike.

    Without the upper band a unanimous council would show how each member voted; a council of four
    or fewer shows nothing.
    """
    return {choice: _band(votes[choice], seats) for choice in Choice}


def _band(count: int, seats: int) -> str:
    if count < 4 or seats <= 4:
        return "0-4" if seats == 4 else "0-3"
    return str(count) if seats - count >= 4 else f"{max(4, seats - 3)} or more"


def _decided(votes: Counter[str], quorum: int, answer: Answer) -> bool:
    other = votes.total() - votes[answer]
    return votes.total() >= quorum and votes[answer] > other


def _endorsed(votes: Counter[str]) -> bool:
    for_it = votes[Choice.ENDORSE] + votes[Choice.ENDORSE_WITH_NOTE]
    return for_it > votes[Choice.OBJECT] + votes[Choice.HARM]
