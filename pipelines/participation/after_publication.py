"""After a release: requests, take-downs for harm, confirmation.

The rule: any reviewer may ask, and is answered within 20 working days. For harm two members, known
only by their tokens, or the rapporteur take an indicator down at once; the council confirms within
14 days, or it comes back.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import permissions, policies
from pipelines.participation.ballots import check_token
from pipelines.participation.box import TakeDownVoice
from pipelines.participation.events import record
from pipelines.participation.models import Request, Review, TakeDown
from pipelines.participation.numbering import next_number, numbered
from pipelines.participation.people import Actor, Refused
from pipelines.participation.reviews import find_packet, find_review
from pipelines.participation.tokens import ballot_key

REQUEST_KINDS = ("correction", "caveat", "withdrawal")
WORKING_DAYS = 20
CONFIRM_WITHIN = dt.timedelta(days=14)
VOICES = 2
"""Members who can take an indicator down together."""


def ask(
    session: Session,
    actor: Actor,
    review_id: str,
    indicator_id: str,
    kind: str,
    text: str,
    day: dt.date,
    *,
    signed_as: str = "",
) -> Request:
    """A reviewer asks for a correction, a caveat or a withdrawal of something published."""
    permissions.check_in_council(actor)
    review = _published(session, actor, review_id, indicator_id)
    if kind not in REQUEST_KINDS or not text.strip():
        raise Refused(f"a request has a text and is one of {', '.join(REQUEST_KINDS)}")
    request = Request(
        country=review.country,
        number=next_number(session, Request, review.country),
        review_id=review_id,
        indicator_id=indicator_id,
        kind=kind,
        text=text,
        signed_as=signed_as,
        asked_on=day,
        due_on=working_days_after(day, WORKING_DAYS),
    )
    session.add(request)
    record(
        session,
        "request",
        country=review.country,
        number=request.number,
        request=kind,
        release=review.release,
        indicator=indicator_id,
        day=day,
        due=request.due_on,
    )
    return request


def answer_request(
    session: Session, actor: Actor, number: int, answer: str, day: dt.date, *, granted: bool
) -> Request:
    """The rapporteur or an engineer answers, with reasons."""
    permissions.check_answers_council(actor)
    request = numbered(session, Request, actor.country, number)
    if not answer.strip():
        raise Refused("an answer gives reasons")
    request.answer, request.answered_on, request.granted = answer, day, granted
    record(
        session,
        "request_answered",
        country=request.country,
        number=number,
        granted=granted,
        day=day,
        late=day > request.due_on,
    )
    return request


def take_down(
    session: Session,
    actor: Actor,
    review_id: str,
    indicator_id: str,
    reason: str,
    day: dt.date,
    *,
    token: str = "",
) -> TakeDown:
    """Take an indicator of a release down for harm; a member's needs another member's voice.

    A member gives the token of that review. The take-down is ``asked`` until the second voice.
    """
    review = _published(session, actor, review_id, indicator_id)
    if not reason.strip():
        raise Refused("say in a few words what harm it does")
    down = standing_take_down(session, review_id, indicator_id)
    if down is None:
        down = TakeDown(
            review_id=review_id,
            indicator_id=indicator_id,
            reason=reason,
            by="the rapporteur" if permissions.can_act_as_rapporteur(actor) else "two members",
            asked_on=day,
            confirm_by=day + CONFIRM_WITHIN,
            state="asked",
        )
        session.add(down)
        session.flush()
    if down.state != "asked":
        return down
    if permissions.can_act_as_rapporteur(actor):
        down.by = "the rapporteur"
        _execute(session, review, down, day)
        return down
    permissions.check_votes(actor)
    check_token(session, review_id, token)
    key = ballot_key(token, "take_down", down.id)
    if session.get(TakeDownVoice, key) is None:
        session.add(TakeDownVoice(id=key, take_down_id=down.id))
        session.flush()
    if _voices(session, down) >= VOICES:
        _execute(session, review, down, day)
    return down


def confirm_take_down(
    session: Session, actor: Actor, take_down_id: str, day: dt.date, *, confirmed: bool
) -> TakeDown:
    """The council confirms a take-down, or lifts it, within its 14 days."""
    permissions.check_speaks_for_council(actor)
    down = session.get(TakeDown, take_down_id, with_for_update=True)
    if down is None or down.state != "down" or day > down.confirm_by:
        raise Refused("there is no take-down to confirm, or its days are over")
    permissions.check_country(actor, find_review(session, down.review_id).country)
    _end(session, down, "confirmed" if confirmed else "lapsed", day)
    return down


def lapse_take_downs(session: Session, country: str, day: dt.date) -> list[TakeDown]:
    """End the take-downs that the council did not confirm in time; returns them."""
    due = session.scalars(
        sa.select(TakeDown)
        .join(Review, Review.id == TakeDown.review_id)
        .where(Review.country == country, TakeDown.state == "down", TakeDown.confirm_by < day)
        .order_by(TakeDown.id)
    ).all()
    for down in due:
        _end(session, down, "lapsed", day)
    return list(due)


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The day ``count`` working days (Monday to Friday) after ``day``."""
    offset = np.busday_offset(np.datetime64(day), count, roll="backward")
    return dt.date.fromisoformat(str(offset))


def _published(session: Session, actor: Actor, review_id: str, indicator_id: str) -> Review:
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_after_publication(review)
    find_packet(session, review_id, indicator_id)
    return review


def standing_take_down(session: Session, review_id: str, indicator_id: str) -> TakeDown | None:
    """The take-down of an indicator that is asked for or holds; None when there is none."""
    return session.scalar(
        sa.select(TakeDown).where(
            TakeDown.review_id == review_id,
            TakeDown.indicator_id == indicator_id,
            TakeDown.state.in_(["asked", "down", "confirmed"]),
        )
    )


def _voices(session: Session, down: TakeDown) -> int:
    count = session.scalar(
        sa.select(sa.func.count())
        .select_from(TakeDownVoice)
        .where(TakeDownVoice.take_down_id == down.id)
    )
    return count or 0


def _execute(session: Session, review: Review, down: TakeDown, day: dt.date) -> None:
    down.state = "down"
    down.confirm_by = day + CONFIRM_WITHIN
    session.execute(sa.delete(TakeDownVoice).where(TakeDownVoice.take_down_id == down.id))
    record(
        session,
        "take_down",
        country=review.country,
        period=review.period,
        version=review.version,
        release=review.release,
        indicator=down.indicator_id,
        by=down.by,
        reason=down.reason,
        day=day,
        confirm_by=down.confirm_by,
    )


def _end(session: Session, down: TakeDown, state: str, day: dt.date) -> None:
    down.state = state
    review = find_review(session, down.review_id)
    record(
        session,
        f"take_down_{state}",
        country=review.country,
        period=review.period,
        version=review.version,
        release=review.release,
        indicator=down.indicator_id,
        day=day,
    )
