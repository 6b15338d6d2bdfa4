"""A council from the command line: its first seats, everybody's invitation, a review's days.

The rule: whoever runs the machine can begin a council and never change one. Invitations are printed
this once; a new one is made by ``observatory invite``, or for a seat by the secretary.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from dashboards.portal import accounts
from dashboards.portal.portal import Portal
from pipelines.participation import electorate
from pipelines.participation.calendar import usual_dates
from pipelines.participation.events import deliver_events
from pipelines.participation.models import Review
from pipelines.participation.people import Refused, Role
from pipelines.participation.reviews import (
    Dates,
    check_none_under_way,
    list_reviews,
    plan_review,
)
from pipelines.participation.states import OWNERS, State
from pipelines.paths import Home
from pipelines.settings import load_country

OFFICERS = (
    Role.COUNCIL_SECRETARY,
    Role.COUNCIL_SECRETARY,
    Role.RAPPORTEUR,
    Role.AUTHORITY,
    Role.ENGINEER,
)
"""Who is invited beside the members: two secretaries, since two enter each paper ballot."""


@dataclass(frozen=True)
class Invited:
    """For whom a code is: a role, and for a member the seat; ``office`` is 1 for the delegate."""

    role: Role
    code: str
    seat: str = ""
    office: int = 0


def found(
    home: Home, country: str, seats: int, term_from: dt.date, term_to: dt.date, language: str
) -> list[Invited]:
    """Seat a country's first council and invite all; Refused where there is one already."""
    load_country(country, home)
    portal = Portal.of(home)
    if language not in portal.words:
        raise Refused(f"the portal speaks {', '.join(portal.words)}, not {language!r}")
    with portal.store.write() as session:
        members = electorate.found_council(
            session,
            country,
            seats,
            language=language,
            term_from=term_from,
            term_to=term_to,
            day=portal.today,
        )
        invited = [
            Invited(
                Role.COUNCIL_MEMBER,
                accounts.invite(
                    session, Role.COUNCIL_MEMBER, country, portal.today, member_id=member.id
                ),
                member.id,
                member.office,
            )
            for member in members
        ]
        invited += [
            Invited(role, accounts.invite(session, role, country, portal.today))
            for role in OFFICERS
        ]
    deliver_events(portal.store, home.ledger)
    return invited


def plan(home: Home, country: str, period: str, opens: dt.date | None = None) -> Review:
    """Plan the review of a period's candidate, on its usual days or from ``opens`` on.

    Refused where there is no candidate, where a review of the period still runs, or where its days
    would be over.
    """
    if not (home.candidates / country / period).is_dir():
        raise Refused(f"{home.candidates / country / period} is missing: build the candidate first")
    portal = Portal.of(home)
    dates = Dates.from_opening(opens) if opens else usual_dates(period)
    if portal.today >= dates.consolidates_on:
        raise Refused(
            f"voting would have ended on {dates.consolidates_on}: say when it opens, with --opens"
        )
    with portal.store.write() as session:
        check_none_under_way(session, country, period)
        review = plan_review(session, country, period, dates)
    deliver_events(portal.store, home.ledger)
    return review


def describe(home: Home, country: str) -> list[dict[str, str]]:
    """A line for each seat and each review of a country: what it is and what it waits for."""
    portal = Portal.of(home)
    with portal.store.read() as session:
        have = accounts.with_account(session, country)
        seats = [
            {
                "what": "seat",
                "id": seat.id,
                "is": f"{_office(seat.office)}, {seat.term_from} to {seat.term_to}",
                "waits for": "" if seat.id in have else "its holder to accept an invitation",
            }
            for seat in electorate.seats_of(session, country)
            if not seat.left
        ]
        reviews = [
            {
                "what": "review",
                "id": f"{review.period} v{review.version}",
                "is": f"{review.state}, opens {review.opens_on}, published {review.publishes_on}",
                "waits for": OWNERS[State(review.state)],
            }
            for review in list_reviews(session, country)
        ]
    return seats + reviews


def _office(office: int) -> str:
    return "member" if office == 0 else "delegate" if office == 1 else f"alternate {office - 1}"
