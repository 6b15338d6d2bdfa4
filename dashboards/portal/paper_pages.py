"""Ballots on paper: the sheet to print, and the entry by two secretaries.

The rule: a sheet bears an indicator, the choices and a place for the token, and no name. It comes
sealed; two secretaries enter it apart, and it counts when both read the same.
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal import ballot_pages
from dashboards.portal.review_pages import own_packet, own_review, text_of, title
from dashboards.portal.visit import Visit
from pipelines.participation import ballots, reviews
from pipelines.participation.verdicts import Choice
from pipelines.release.reviewing import freeze_candidate


def sheet(visit: Visit) -> Response:
    """An empty ballot to print, with the figure it is about."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
    return visit.render(
        "sheet.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        choices=list(Choice),
    )


def entry_page(visit: Visit) -> Response:
    """The form on which a secretary enters one sealed ballot."""
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
        asked = [packet for packet in reviews.packets_of(session, review.id) if packet.asked]
    return visit.render(
        "paper.html.j2",
        review=review,
        titles={one.indicator_id: title(visit, review, one.indicator_id) for one in asked},
        choices=list(Choice),
        said=visit.query.get("said", ""),
    )


def enter(visit: Visit) -> Response:
    """Enter one reading; says whether it waits, counts or differs."""
    with visit.portal.store.write() as session:
        review = own_review(visit, session)
        packet = reviews.find_packet(session, review.id, visit.value("indicator"))
        vote = ballot_pages.vote_of(visit, packet, packet.rows_hash)
        became = ballots.enter_paper_ballot(
            session, visit.who, review.id, visit.value("token"), vote
        )
    return visit.go(f"{visit.path}?said={became.name.lower()}")


def open_page(visit: Visit) -> Response:
    """What opening a review freezes, and the button."""
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
    return visit.render("open.html.j2", review=review)


def open_review(visit: Visit) -> Response:
    """Open the review; the slips of members without keys are shown this once."""
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
    frozen = freeze_candidate(visit.portal.home, review.country, review.period)
    with visit.portal.store.write() as session:
        slips = reviews.open_review(session, visit.who, review.id, frozen, visit.portal.today)
    return visit.render("slips.html.j2", review=review, slips=slips)
