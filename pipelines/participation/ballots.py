"""Casting ballots, by screen or on paper, and reading one's own.

The rule: one token, one ballot an indicator and question; casting again replaces it until the
phase ends, so that a double click, a lost connection or the back button leaves exactly one. A
ballot binds to the hash of the rows it was cast on. Who casts is checked and not stored; all
ballots on a question are written anew with each, so that neither their order nor PostgreSQL's
transaction numbers tell which came when.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import electorate, permissions, policies
from pipelines.participation.box import Ballot, PaperEntry, Token
from pipelines.participation.models import Packet, Review
from pipelines.participation.people import Actor
from pipelines.participation.reviews import find_packet, find_review
from pipelines.participation.store import BOX_CHANGED
from pipelines.participation.tokens import TokenError, ballot_key, digest
from pipelines.participation.verdicts import NEEDS_REASON, Answer, Choice

QUESTIONS = ("indicator", "objection", "harm")
_COLUMNS = tuple(column.key for column in Ballot.__table__.columns)


class Paper(StrEnum):
    """What became of a paper ballot that was entered."""

    WAITS = "waits for the second person"
    COUNTED = "counted"
    DIFFERS = "the two readings differ: both begin again"


class BallotRefused(policies.NotNow):
    """A ballot that can't be counted; the message says what to change."""


@dataclass(frozen=True)
class Vote:
    """What a ballot says. ``rows_hash`` is that of the rows the voter was shown."""

    indicator_id: str
    rows_hash: str
    choice: str
    question: str = "indicator"
    reason: str = ""
    language: str = "en"
    signed_as: str = ""
    consent: bool = False


def cast_ballot(session: Session, actor: Actor, review_id: str, token: str, vote: Vote) -> None:
    """Count a member's vote; the same token's earlier one on the same question is replaced."""
    permissions.check_votes(actor)
    review = _open_for(session, actor, review_id, token, vote)
    if vote.question == "indicator" and vote.choice != Choice.RECUSE:
        _check_no_conflict(session, actor, vote)
    _put_in_box(session, review, token, vote)


def enter_paper_ballot(
    session: Session, actor: Actor, review_id: str, token: str, vote: Vote
) -> Paper:
    """Enter a sealed paper ballot, which two secretaries do apart; it counts when they agree.

    Entering again what counts already (a double click) changes nothing.
    """
    permissions.check_enters_paper(actor)
    review = _open_for(session, actor, review_id, token, vote)
    if own_ballot(session, review_id, token, vote.indicator_id, vote.question) == vote:
        return Paper.COUNTED
    content = hashlib.sha256(repr(astuple(vote)).encode()).hexdigest()
    key = ballot_key(token, review_id, vote.indicator_id, vote.question)
    first = session.get(PaperEntry, key)
    if first is None:
        session.add(PaperEntry(id=key, review_id=review_id, content=content, entered_by=actor.id))
        return Paper.WAITS
    if first.entered_by == actor.id:
        first.content = content
        return Paper.WAITS
    session.delete(first)
    if first.content != content:
        return Paper.DIFFERS
    _put_in_box(session, review, token, vote)
    return Paper.COUNTED


def own_ballot(
    session: Session, review_id: str, token: str, indicator_id: str, question: str = "indicator"
) -> Vote | None:
    """What the token's holder has cast on a question; None when nothing counts at present."""
    ballot = session.get(Ballot, ballot_key(token, review_id, indicator_id, question))
    return None if ballot is None else _vote(ballot)


def all_votes(session: Session, actor: Actor, review_id: str, indicator_id: str) -> list[Vote]:
    """All ballots on an indicator with their reasons, for the council once voting has ended."""
    permissions.check_in_council(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_discussion(review)
    return [
        _vote(ballot)
        for ballot in session.scalars(
            sa.select(Ballot)
            .where(Ballot.review_id == review_id, Ballot.indicator_id == indicator_id)
            .order_by(Ballot.id)
        )
    ]


def check_token(session: Session, review_id: str, token: str) -> None:
    """TokenError when the token is not one of the review's."""
    known = session.get(Token, digest(token))
    if known is None or known.review_id != review_id:
        raise TokenError("this token does not belong to this review: use the slip you were given")


def _open_for(session: Session, actor: Actor, review_id: str, token: str, vote: Vote) -> Review:
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    packet = find_packet(session, review_id, vote.indicator_id)
    _check_question(review, packet, vote)
    if vote.rows_hash != packet.rows_hash:
        raise BallotRefused(
            f"the figures of {vote.indicator_id} have changed since this page was opened: "
            "open it again, look at the new ones, and vote"
        )
    check_token(session, review_id, token)
    return review


def _check_question(review: Review, packet: Packet, vote: Vote) -> None:
    if vote.question == "indicator":
        policies.check_ballot(review, packet)
        if vote.choice not in set(Choice):
            raise BallotRefused(f"choose one of {', '.join(Choice)}")
        if vote.choice in NEEDS_REASON and not vote.reason.strip():
            raise BallotRefused("please say in a few words why: this choice needs a reason")
        return
    policies.check_discussion(review)
    if vote.question not in QUESTIONS or vote.choice not in set(Answer):
        raise BallotRefused("answer yes or no to whether the objection or the harm is upheld")
    if vote.question == "harm" and not packet.held:
        raise BallotRefused("nothing is held for harm here: no two ballots said so")


def _check_no_conflict(session: Session, actor: Actor, vote: Vote) -> None:
    if electorate.has_conflict(session, actor, vote.indicator_id):
        raise BallotRefused("you declared an interest in this indicator: choose to recuse")


def _put_in_box(session: Session, review: Review, token: str, vote: Vote) -> None:
    key = ballot_key(token, review.id, vote.indicator_id, vote.question)
    same_question = (
        Ballot.review_id == review.id,
        Ballot.indicator_id == vote.indicator_id,
        Ballot.question == vote.question,
    )
    kept = {
        ballot.id: {name: getattr(ballot, name) for name in _COLUMNS}
        for ballot in session.scalars(sa.select(Ballot).where(*same_question))
    }
    kept[key] = {**vars(vote), "id": key, "review_id": review.id}
    session.execute(sa.delete(Ballot).where(*same_question))
    session.expire_all()
    session.execute(sa.insert(Ballot), [kept[one] for one in sorted(kept)])
    session.info[BOX_CHANGED] = True


def _vote(ballot: Ballot) -> Vote:
    return Vote(**{name: getattr(ballot, name) for name in Vote.__dataclass_fields__})
