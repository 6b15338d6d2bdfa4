"""A closed review as plain data: what a release is made of, beside its candidate.

The rule: the record holds all that a release prints of a review and nothing of a ballot or a
member. It is written into the release as ``council/review.json``, so that the same candidate and
the same record give the same release.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from pipelines.participation import discussion, responses
from pipelines.participation.calendar import CalendarLine, release_calendar
from pipelines.participation.models import (
    AgendaItem,
    Event,
    MovedDate,
    Packet,
    Recommendation,
    Response,
    Review,
)
from pipelines.participation.numbering import list_numbered
from pipelines.participation.policies import DATES, NotNow
from pipelines.participation.recommendations import is_overdue
from pipelines.participation.reviews import find_review, packets_of
from pipelines.participation.states import State


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Part = TypeVar("Part", bound=_Part)


class ReviewedIndicator(_Part):
    """What the council said of one indicator, and the hash of the rows that it saw.

    The hash is empty where rows that the council saw were hidden afterwards, to protect what it
    withheld.
    """

    rows_hash: str
    verdict: str
    asked: bool
    why: str
    definition_reviewed_on: dt.date | None
    counts: dict[str, str]
    resets: int


class PrintedStatement(_Part):
    """Words printed beside an indicator; ``signed_as`` is what their author chose."""

    indicator_id: str
    kind: str
    text: str
    language: str
    signed_as: str


class PrintedResponse(_Part):
    """The authority's comment, and how late it was."""

    indicator_id: str
    text: str
    due_on: dt.date
    received_on: dt.date


class PrintedObjection(_Part):
    """An objection that the council upheld in this review or one before, and its answer's day."""

    period: str
    version: int
    indicator_id: str
    due_on: dt.date
    answered_on: dt.date | None


class PrintedItem(_Part):
    """An item of the agenda and what came of it."""

    number: int
    kind: str
    indicator_id: str
    delivery_id: str
    text: str
    signed_as: str
    owner: str
    opened_on: dt.date
    due_on: dt.date
    answer: str
    answered_on: dt.date | None
    result: str
    accepted: bool | None
    disagreement: str


class PrintedRecommendation(_Part):
    """A line of the register; ``overdue`` as of the day of release."""

    number: int
    addressee: str
    paragraph: str
    indicator_id: str
    text: str
    made_on: dt.date
    due_on: dt.date
    answer: str
    status: str
    evidence: str
    overdue: bool


class Access(_Part):
    """Who looked at or downloaded what before the release, or asked to change it, and when."""

    list: str
    role: str
    action: str
    what: str
    day: dt.date | None


class ReviewRecord(_Part):
    """Everything a release says of its review. ``expired`` means that nobody opened it in time."""

    country: str
    period: str
    version: int
    expired: bool
    scripted: bool
    vintage: str | None
    manifest: str | None
    electorate: int | None
    quorum: int | None
    dates: dict[str, dt.date]
    moved: dict[str, Any] | None
    indicators: dict[str, ReviewedIndicator]
    statements: list[PrintedStatement]
    responses: list[PrintedResponse]
    objections: list[PrintedObjection]
    agenda: list[PrintedItem]
    recommendations: list[PrintedRecommendation]
    access: list[Access]
    calendar: list[CalendarLine]

    def verdict(self, indicator_id: str) -> str:
        """The verdict on an indicator; one that no council saw is not reviewed."""
        reviewed = self.indicators.get(indicator_id)
        return reviewed.verdict if reviewed else "not_reviewed"

    def withheld(self) -> list[str]:
        """The indicators that the council withheld for harm, in the order of their ids."""
        return sorted(
            name for name, reviewed in self.indicators.items() if reviewed.verdict == "withheld"
        )

    def hidden(self) -> list[str]:
        """The indicators whose rows were hidden after the council saw them, by id."""
        return sorted(name for name, reviewed in self.indicators.items() if not reviewed.rows_hash)


def review_record(session: Session, review_id: str) -> ReviewRecord:
    """The record of a review that is scheduled or was published; NotNow before that."""
    review = find_review(session, review_id)
    if review.state not in (State.SCHEDULED, State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN):
        raise NotNow(f"the review of {review.country} {review.period} is not closed yet")
    moved = session.scalar(sa.select(MovedDate).where(MovedDate.review_id == review_id))
    return ReviewRecord(
        country=review.country,
        period=review.period,
        version=review.version,
        expired=review.expired,
        scripted=review.scripted,
        vintage=review.vintage,
        manifest=review.manifest,
        electorate=review.electorate,
        quorum=review.quorum,
        dates={name: getattr(review, name) for name in ("opens_on", *DATES)},
        moved=_moved(moved) if moved else None,
        indicators={
            packet.indicator_id: _part(ReviewedIndicator, packet)
            for packet in packets_of(session, review_id)
        },
        statements=[
            _part(PrintedStatement, one)
            for one in discussion.printed_statements(session, review_id)
        ],
        responses=[_part(PrintedResponse, one) for one in responses.responses(session, review_id)],
        objections=_objections(session, review.country),
        agenda=[
            _part(PrintedItem, item) for item in list_numbered(session, AgendaItem, review.country)
        ],
        recommendations=[
            _part(PrintedRecommendation, row, overdue=is_overdue(row, review.publishes_on))
            for row in list_numbered(session, Recommendation, review.country)
        ],
        access=access_list(session, review),
        calendar=release_calendar(session, review.country, review.publishes_on),
    )


def _part(model: type[Part], row: object, **more: object) -> Part:
    names = model.model_fields.keys() - more.keys()
    return model.model_validate({**{name: getattr(row, name) for name in names}, **more})


def _moved(moved: MovedDate) -> dict[str, Any]:
    return {
        "name": moved.name,
        "was": moved.was.isoformat(),
        "now": moved.now.isoformat(),
        "reason": moved.reason,
        "decided_on": moved.decided_on.isoformat(),
    }


def _objections(session: Session, country: str) -> list[PrintedObjection]:
    rows = session.execute(
        sa.select(Review, Packet.indicator_id, Response.received_on)
        .join(Packet, Packet.review_id == Review.id)
        .outerjoin(
            Response,
            sa.and_(Response.review_id == Review.id, Response.indicator_id == Packet.indicator_id),
        )
        .where(Review.country == country, Packet.verdict == "objected")
        .order_by(Review.period, Review.version, Packet.indicator_id)
    )
    return [
        PrintedObjection(
            period=review.period,
            version=review.version,
            indicator_id=indicator_id,
            due_on=review.schedules_on,
            answered_on=answered_on,
        )
        for review, indicator_id, answered_on in rows
    ]


def access_list(session: Session, review: Review) -> list[Access]:
    """The council's as one body and from opening to closing; each look of the others by day."""
    found = []
    if not review.expired:
        span = f"opening {review.opens_on} to closing {review.asks_on}"
        found.append(
            Access(list="quality_assurance", role="council", action="review", what=span, day=None)
        )
    lists = {"access": "pre_release", "change_requested": "change_requests"}
    for event in session.scalars(
        sa.select(Event).where(Event.kind.in_(lists)).order_by(Event.number)
    ):
        body = event.body
        if (body["country"], body["period"], body["version"]) == (
            review.country,
            review.period,
            review.version,
        ):
            asked = event.kind == "change_requested"
            found.append(
                Access(
                    list=lists[event.kind],
                    role=body["role"],
                    action="request" if asked else body["action"],
                    what=f"{body['indicator']}: {body['text']}" if asked else body["what"],
                    day=body["day"],
                )
            )
    return found
