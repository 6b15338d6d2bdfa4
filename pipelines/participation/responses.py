"""What the State answers: beside the indicator, with its lateness, and without effect on it.

The rule: the authority comments within its days or late; either is printed. No answer is printed as
no answer. Nothing waits for it.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import permissions, policies
from pipelines.participation.events import record
from pipelines.participation.models import Response
from pipelines.participation.people import Actor
from pipelines.participation.reviews import find_packet, find_review


def respond(
    session: Session, actor: Actor, review_id: str, indicator_id: str, text: str, day: dt.date
) -> Response:
    """Enter the authority's comment; a second one on the same indicator replaces the first."""
    permissions.check_answers(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_response(review)
    find_packet(session, review_id, indicator_id)
    response = session.scalar(
        sa.select(Response).where(
            Response.review_id == review_id, Response.indicator_id == indicator_id
        )
    )
    if response is None:
        response = Response(
            review_id=review_id, indicator_id=indicator_id, due_on=review.schedules_on
        )
        session.add(response)
    response.text, response.received_on = text, day
    record(
        session,
        "authority_answered",
        country=review.country,
        period=review.period,
        version=review.version,
        indicator=indicator_id,
        day=day,
        late=day > response.due_on,
    )
    return response


def responses(session: Session, review_id: str) -> list[Response]:
    """The answers to a review in the order of the indicators' ids."""
    return list(
        session.scalars(
            sa.select(Response)
            .where(Response.review_id == review_id)
            .order_by(Response.indicator_id)
        )
    )
