"""When what is published: the usual days of a quarter's review, and the calendar 12 months ahead.

The rule: the days of a release follow from its quarter and are known long before its figures; one
that was moved is listed with the day it was, and the reason.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from pipelines.participation.models import MovedDate, Review
from pipelines.participation.reviews import Dates, plan_review
from pipelines.participation.states import OVER
from pipelines.periods import Period, quarter_of

AHEAD = dt.timedelta(days=366)
_LEAD_MONTHS = 2
"""A quarter's candidate is built six weeks after the quarter's end; its review opens on the 17th
of the second month."""


class CalendarLine(BaseModel):
    """A release to come: its quarter, its days, and of a moved one the day it was and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str
    period: str
    opens_on: dt.date
    publishes_on: dt.date
    was: dt.date | None = None
    reason: str = ""


def usual_dates(period: str) -> Dates:
    """The days of the review of a quarter (``2024Q4``)."""
    month = Period.parse(period).last + _LEAD_MONTHS
    return Dates.from_opening(dt.date(month // 12, month % 12 + 1, 17))


def release_calendar(session: Session, country: str, day: dt.date) -> list[CalendarLine]:
    """The releases due from ``day`` on for twelve months, in the order of their quarters."""
    planned = _planned(session, country)
    last = day + AHEAD
    lines = []
    for number in range(-4, 5):
        period = quarter_of(day.year * 12 + day.month - 1 + 3 * number)
        line = planned.get(period) or _usual(country, period)
        if day <= line.publishes_on < last:
            lines.append(line)
    return lines


def plan_due(session: Session, country: str, period: str, day: dt.date) -> Review | None:
    """Plan the first review of a quarter whose candidate is there, when its days are not over.

    Nobody has to remember it, so nobody can forget it. None when there is nothing to plan.
    """
    dates = usual_dates(period)
    known = session.scalar(
        sa.select(sa.func.count())
        .select_from(Review)
        .where(Review.country == country, Review.period == period)
    )
    if known or day >= dates.publishes_on:
        return None
    return plan_review(session, country, period, dates)


def _planned(session: Session, country: str) -> dict[str, CalendarLine]:
    rows = session.execute(
        sa.select(Review, MovedDate)
        .outerjoin(MovedDate, MovedDate.review_id == Review.id)
        .where(
            Review.country == country,
            Review.state.not_in(OVER),
        )
        .order_by(Review.period, Review.version)
    )
    return {
        review.period: CalendarLine(
            country=country,
            period=review.period,
            opens_on=review.opens_on,
            publishes_on=review.publishes_on,
            was=review.publishes_on - (moved.now - moved.was) if moved else None,
            reason=moved.reason if moved else "",
        )
        for review, moved in rows
    }


def _usual(country: str, period: str) -> CalendarLine:
    dates = usual_dates(period)
    return CalendarLine(
        country=country, period=period, opens_on=dates.opens_on, publishes_on=dates.publishes_on
    )
