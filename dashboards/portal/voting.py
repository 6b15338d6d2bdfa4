"""A member's voting token within a session, and what it has cast.

The rule: the token is fetched or typed while a request is served and is stored, if at all, in the
sealed session. A ballot form says which ballot it was filled in upon (``based_on``): sent twice it
changes nothing, and an old form never replaces a newer vote without being asked.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple

from sqlalchemy.orm import Session

from dashboards.portal.visit import Visit
from pipelines.participation import permissions
from pipelines.participation.ballots import Vote, own_ballot
from pipelines.participation.envelopes import collect_token
from pipelines.participation.models import Packet, Review
from pipelines.participation.reviews import packets_of
from pipelines.participation.tokens import TokenError


def token(visit: Visit, session: Session, review: Review) -> str:
    """The visitor's token in a review; empty where they have to type it from their slip."""
    if not permissions.can_vote(visit.who):
        return ""
    if slip := visit.session.slips.get(review.id):
        return slip
    if not visit.session.key:
        return ""
    try:
        return collect_token(session, visit.who, review.id, visit.session.key) or ""
    except TokenError:  # sealed for a key of an earlier account
        return ""


def own(
    visit: Visit, session: Session, review: Review, packet: Packet, question: str = "indicator"
) -> Vote | None:
    """What the visitor has cast on a question about an indicator."""
    known = token(visit, session, review)
    if not known:
        return None
    return own_ballot(session, review.id, known, packet.indicator_id, question)


def choices(visit: Visit, session: Session, review: Review) -> dict[str, str]:
    """The visitor's choice by indicator."""
    known = token(visit, session, review)
    if not known:
        return {}
    votes = {
        packet.indicator_id: own_ballot(session, review.id, known, packet.indicator_id)
        for packet in packets_of(session, review.id)
        if packet.asked
    }
    return {name: vote.choice for name, vote in votes.items() if vote}


def mark(vote: Vote | None) -> str:
    """What a form is based on: a hash of the vote that counted when it was shown."""
    return hashlib.sha256(repr(astuple(vote)).encode()).hexdigest()[:16] if vote else "none"


def keep_slip(visit: Visit, review_id: str, known: str) -> None:
    """Keep a token that was typed from a slip until the session ends."""
    if visit.value("token") and review_id not in visit.session.slips:
        visit.session.slips[review_id] = known
        visit.remember()
