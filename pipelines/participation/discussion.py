"""The open discussion: comments, statements, and the words that are printed.

The rule: comments and statements carry the name, the pseudonym or the nothing that their author
chose, and are stored without an account. What is printed was agreed to.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import permissions, policies
from pipelines.participation.models import Comment, Statement
from pipelines.participation.people import Actor, Refused
from pipelines.participation.reviews import find_packet, find_review

KINDS = ("council", "withheld", "minority", "harm", "note")
"""Whose words a statement has; ``withheld`` is the reason printed with mark h."""


def comment(
    session: Session,
    actor: Actor,
    review_id: str,
    indicator_id: str,
    text: str,
    day: dt.date,
    *,
    language: str = "en",
    signed_as: str = "",
) -> None:
    """Say something about an indicator that the whole council reads."""
    _check_may_speak(session, actor, review_id, indicator_id)
    session.add(
        Comment(
            review_id=review_id,
            indicator_id=indicator_id,
            text=text,
            language=language,
            signed_as=signed_as,
            day=day,
        )
    )


def comments(session: Session, actor: Actor, review_id: str, indicator_id: str) -> list[Comment]:
    """Every comment on an indicator, by day; within a day in no order."""
    _check_may_speak(session, actor, review_id, indicator_id)
    return list(
        session.scalars(
            sa.select(Comment)
            .where(Comment.review_id == review_id, Comment.indicator_id == indicator_id)
            .order_by(Comment.day, Comment.id)
        )
    )


def state_words(
    session: Session,
    actor: Actor,
    review_id: str,
    indicator_id: str,
    kind: str,
    text: str,
    *,
    language: str = "en",
    signed_as: str = "",
    consent: bool = True,
) -> Statement:
    """Put a statement beside an indicator.

    The council's own words (``council``, ``withheld``) are worded by its secretary or delegate and
    replace earlier ones; a minority or harm statement is its author's.
    """
    _check_may_speak(session, actor, review_id, indicator_id)
    if kind not in KINDS or not text.strip():
        raise Refused(f"a statement has a text and is one of {', '.join(KINDS)}")
    if kind in ("council", "withheld"):
        if not (permissions.can_open(actor) or permissions.can_speak_for_council(actor)):
            raise permissions.NotPermitted("the council's words are entered by its secretary")
        session.execute(
            sa.delete(Statement).where(
                Statement.review_id == review_id,
                Statement.indicator_id == indicator_id,
                Statement.kind == kind,
                Statement.language == language,
            )
        )
    statement = Statement(
        review_id=review_id,
        indicator_id=indicator_id,
        kind=kind,
        text=text,
        language=language,
        signed_as=signed_as,
        consent=consent,
    )
    session.add(statement)
    return statement


def printed_statements(session: Session, review_id: str) -> list[Statement]:
    """The statements that may be printed, in the order of indicator, kind, language and text."""
    return list(
        session.scalars(
            sa.select(Statement)
            .where(Statement.review_id == review_id, Statement.consent)
            .order_by(
                Statement.indicator_id,
                Statement.kind,
                Statement.language,
                Statement.text,
                Statement.signed_as,
            )
        )
    )


def _check_may_speak(session: Session, actor: Actor, review_id: str, indicator_id: str) -> None:
    permissions.check_in_council(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_discussion(review)
    find_packet(session, review_id, indicator_id)
