"""May this happen now? Each rule is one ``check_x`` that raises and one ``can_x`` that wraps it.

The rule: a policy looks at the review's state and dates, never at who asks (``permissions``). The
day is an argument; nothing here reads a clock.
"""

from __future__ import annotations

import datetime as dt

from pipelines.participation.models import MovedDate, Packet, Review
from pipelines.participation.people import Refused
from pipelines.participation.permissions import passes
from pipelines.participation.states import State

LONGEST_MOVE = dt.timedelta(days=30)
DATES = ("consolidates_on", "asks_on", "schedules_on", "publishes_on")
"""The dates of a review that can be moved, in their order."""


class NotNow(Refused, ValueError):
    """The thing is not possible in this state or on this day."""


def check_can_open(review: Review, day: dt.date) -> None:
    """A draft opens from its day on, and no later than the day on which voting would end."""
    _in_state(review, State.DRAFT)
    if day < review.opens_on:
        raise NotNow(f"the review opens on {review.opens_on}: wait until then")
    if day >= review.consolidates_on:
        raise NotNow("the days for voting are over: the release will say 'not reviewed'")


def can_open_now(review: Review, day: dt.date) -> bool:
    """Whether ``check_can_open`` lets it through."""
    return passes(check_can_open, review, day)


def check_ballot(review: Review, packet: Packet) -> None:
    """Votes on an indicator are cast alone; in the discussion only where its figures changed."""
    if not packet.asked:
        raise NotNow(f"{packet.indicator_id} is not put to the council in this review")
    if not (review.state == State.CONSOLIDATING and packet.reopened):
        _in_state(review, State.INDEPENDENT)


def can_cast_ballot(review: Review, packet: Packet) -> bool:
    """Whether ``check_ballot`` lets it through."""
    return passes(check_ballot, review, packet)


def check_discussion(review: Review) -> None:
    """Comments are shared once everybody has voted alone."""
    _in_state(review, State.CONSOLIDATING)


def can_discuss(review: Review) -> bool:
    """Whether ``check_discussion`` lets it through."""
    return passes(check_discussion, review)


def check_response(review: Review) -> None:
    """The authority answers from the end of the discussion until the release; late is possible."""
    _in_state(review, State.AWAITING_RESPONSE, State.SCHEDULED)


def can_respond(review: Review) -> bool:
    """Whether ``check_response`` lets it through."""
    return passes(check_response, review)


def check_correction(review: Review) -> None:
    """Corrected figures enter a review only while the council can still vote on them."""
    _in_state(review, State.INDEPENDENT, State.CONSOLIDATING)


def can_take_correction(review: Review) -> bool:
    """Whether ``check_correction`` lets it through."""
    return passes(check_correction, review)


def check_move_date(
    review: Review, moved: MovedDate | None, name: str, to: dt.date, day: dt.date
) -> None:
    """One date of an open review, once, later by at most 30 days, and before it has come."""
    _in_state(review, State.INDEPENDENT, State.CONSOLIDATING, State.AWAITING_RESPONSE)
    if name not in DATES:
        raise NotNow(f"{name} is not a date that can be moved: choose one of {', '.join(DATES)}")
    if moved is not None:
        raise NotNow(f"a date of this review was moved already, on {moved.decided_on}")
    was = getattr(review, name)
    if day >= was:
        raise NotNow(f"{was} has come: it can't be moved any more")
    if not dt.timedelta(0) < to - was <= LONGEST_MOVE:
        raise NotNow(f"choose a day after {was} and no later than {was + LONGEST_MOVE}")


def can_move_date(
    review: Review, moved: MovedDate | None, name: str, to: dt.date, day: dt.date
) -> bool:
    """Whether ``check_move_date`` lets it through."""
    return passes(check_move_date, review, moved, name, to, day)


def check_publish(review: Review, day: dt.date) -> None:
    """A release comes out of a review that is closed or expired, on its day or after it."""
    _in_state(review, State.SCHEDULED)
    if day < review.publishes_on:
        raise NotNow(f"the release is due on {review.publishes_on}: wait until then")


def can_publish(review: Review, day: dt.date) -> bool:
    """Whether ``check_publish`` lets it through."""
    return passes(check_publish, review, day)


def check_after_publication(review: Review) -> None:
    """Requests, take-downs and withdrawal are about what is published."""
    _in_state(review, State.PUBLISHED)


def can_ask_after_publication(review: Review) -> bool:
    """Whether ``check_after_publication`` lets it through."""
    return passes(check_after_publication, review)


def _in_state(review: Review, *states: State) -> None:
    if review.state not in states:
        raise NotNow(
            f"the review of {review.country} {review.period} is {review.state}; "
            f"this is possible while it is {' or '.join(states)}"
        )
