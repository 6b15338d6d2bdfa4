"""Corrected figures: put before the council during a review, or in a review of their own after it.

The rule: only the council's delegate asks for them. During a review, votes on what changed no
longer count and all others do; what is published is corrected by a new version with its own review.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session
from starlette.responses import Response

from dashboards.portal.review_pages import own_review, title
from dashboards.portal.visit import Visit
from pipelines.participation import permissions, policies, reviews
from pipelines.participation.models import Review
from pipelines.participation.people import Refused
from pipelines.participation.states import State
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.reviewing import freeze_candidate
from pipelines.release.rows_hash import rows_hashes

OPENS_AFTER = dt.timedelta(days=7)
"""A review of corrected figures opens a week after it was asked for."""


def correction_page(visit: Visit) -> Response:
    """Which figures of the newest candidate are not those of this review, and the button."""
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
        changed = changed_since(visit, session, review)
    return visit.render(
        "correction.html.j2",
        review=review,
        changed=[title(visit, review, name) for name in changed],
        during=policies.can_take_correction(review),
        after=review.state == State.PUBLISHED,
        opens_on=visit.portal.today + OPENS_AFTER,
    )


def take(visit: Visit) -> Response:
    """Put the corrected figures before the council, or plan the review of a new version."""
    today = visit.portal.today
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
        if not changed_since(visit, session, review):
            raise Refused("the newest candidate says what this review looks at")
    if review.state != State.PUBLISHED:
        frozen = freeze_candidate(visit.portal.home, review.country, review.period)
        visit.once(
            lambda session: reviews.take_correction(session, visit.who, review.id, frozen, today)
        )
        return visit.go(f"/reviews/{review.id}")
    permissions.check_speaks_for_council(visit.who)

    def plan(session: Session) -> None:
        reviews.check_none_under_way(session, review.country, review.period)
        dates = reviews.Dates.from_opening(today + OPENS_AFTER)
        reviews.plan_review(session, review.country, review.period, dates)

    visit.once(plan)
    return visit.go("/home")


def changed_since(visit: Visit, session: Session, review: Review) -> list[str]:
    """The indicators of a review whose rows the newest candidate of its quarter has otherwise."""
    newest = visit.portal.home.candidates / review.country / review.period
    if not review.manifest or not (newest / MANIFEST).is_file():
        return []
    if file_entry(newest / MANIFEST)["sha256"] == review.manifest:
        return []
    rows = rows_hashes(newest / "indicators.csv")
    return [
        packet.indicator_id
        for packet in reviews.packets_of(session, review.id)
        if rows.get(packet.indicator_id, packet.rows_hash) != packet.rows_hash
    ]
