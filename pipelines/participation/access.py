"""Who saw or asked what before a release.

The rule: each view and download by authority, rapporteur or engineer is an entry of the ledger, and
so is each request to change or withhold a figure. The council's access is quality assurance and is
recorded as one body from opening to closing (``reviews.open_review``), never by member.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from pipelines.participation import permissions
from pipelines.participation.events import record
from pipelines.participation.people import COUNCIL, Actor, Refused
from pipelines.participation.reviews import find_review

ACTIONS = ("view", "download")


def record_access(
    session: Session, actor: Actor, action: str, review_id: str, what: str, day: dt.date
) -> None:
    """Record that somebody looked at or downloaded something of a review; the council is not.

    ``what`` names a page or a file: an indicator id, a path in the candidate.
    """
    if actor.role in COUNCIL:
        return
    if action not in ACTIONS:
        raise Refused(f"an access is one of {', '.join(ACTIONS)}")
    review = find_review(session, review_id)
    record(
        session,
        "access",
        country=review.country,
        period=review.period,
        version=review.version,
        role=actor.role,
        action=action,
        what=what,
        day=day,
    )


def request_change(
    session: Session, actor: Actor, review_id: str, indicator_id: str, text: str, day: dt.date
) -> None:
    """Log that an office asked to change or withhold a figure; it is published and does nothing."""
    permissions.check_requests_change(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    if not text.strip():
        raise Refused("say what should be changed or withheld, and why: it will be published")
    record(
        session,
        "change_requested",
        country=review.country,
        period=review.period,
        version=review.version,
        role=actor.role,
        indicator=indicator_id,
        text=text,
        day=day,
    )
