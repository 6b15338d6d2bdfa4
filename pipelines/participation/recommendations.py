"""The register of recommendations: to whom, by when, what was answered, what was done.

The rule: nothing leaves the register. One that is withdrawn stays and says so; one past its date
without an answer says overdue.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy.orm import Session

from pipelines.participation import permissions
from pipelines.participation.events import record
from pipelines.participation.models import Recommendation
from pipelines.participation.numbering import next_number, numbered
from pipelines.participation.people import Actor, Refused


class RecommendationStatus(StrEnum):
    """Where a recommendation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    WITHDRAWN = "withdrawn"


def recommend(
    session: Session,
    actor: Actor,
    text: str,
    *,
    addressee: str,
    paragraph: str,
    indicator_id: str,
    day: dt.date,
    due_on: dt.date,
) -> Recommendation:
    """A new recommendation of the council or the rapporteur, with the paragraph it rests on."""
    if not permissions.can_act_as_rapporteur(actor):
        permissions.check_in_council(actor)
    if not (text.strip() and addressee.strip()) or due_on < day:
        raise Refused("a recommendation has a text, an addressee, and a date that is still to come")
    made = Recommendation(
        country=actor.country,
        number=next_number(session, Recommendation, actor.country),
        addressee=addressee,
        paragraph=paragraph,
        indicator_id=indicator_id,
        text=text,
        made_on=day,
        due_on=due_on,
    )
    session.add(made)
    record(
        session,
        "recommendation",
        country=made.country,
        number=made.number,
        addressee=addressee,
        day=day,
        due=due_on,
    )
    return made


def answer_recommendation(
    session: Session,
    actor: Actor,
    number: int,
    answer: str,
    status: str,
    day: dt.date,
    *,
    evidence: str = "",
) -> Recommendation:
    """The authority answers: accepted, rejected or done (with evidence). It can't withdraw one."""
    permissions.check_answers(actor)
    row = numbered(session, Recommendation, actor.country, number)
    allowed = (
        RecommendationStatus.ACCEPTED,
        RecommendationStatus.REJECTED,
        RecommendationStatus.DONE,
    )
    if status not in allowed or not answer.strip():
        raise Refused(f"an answer gives reasons and one of {', '.join(allowed)}")
    if status == RecommendationStatus.DONE and not evidence.strip():
        raise Refused("name the evidence that it was done")
    if row.status == RecommendationStatus.WITHDRAWN:
        raise Refused(f"recommendation {number} was withdrawn")
    row.answer, row.status, row.evidence = answer, status, evidence
    record(
        session,
        "recommendation_answer",
        country=row.country,
        number=number,
        status=status,
        day=day,
        late=day > row.due_on,
    )
    return row


def withdraw_recommendation(
    session: Session, actor: Actor, number: int, day: dt.date
) -> Recommendation:
    """The council's delegate or the rapporteur withdraws one; it stays listed."""
    permissions.check_acts_jointly(actor)
    row = numbered(session, Recommendation, actor.country, number)
    row.status = RecommendationStatus.WITHDRAWN
    record(session, "recommendation_withdrawn", country=row.country, number=number, day=day)
    return row


def is_overdue(row: Recommendation, day: dt.date) -> bool:
    """Whether a recommendation has gone past its date without an answer."""
    return row.status == RecommendationStatus.OPEN and day > row.due_on
