"""Councils and reviews for tests: members with keys, frozen candidates, a review at any state."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from pipelines.participation import ballots, box, electorate, reviews, tokens
from pipelines.participation.people import Actor, Role
from pipelines.participation.seats import Member
from pipelines.participation.store import Store

COUNTRY = "ZZ"
PERIOD = "2024Q4"
OPENING = dt.date(2025, 2, 17)
SECRETARY = Actor(Role.COUNCIL_SECRETARY, COUNTRY, "secretary-1")
OTHER_SECRETARY = Actor(Role.COUNCIL_SECRETARY, COUNTRY, "secretary-2")
RAPPORTEUR = Actor(Role.RAPPORTEUR, COUNTRY, "rapporteur")
AUTHORITY = Actor(Role.AUTHORITY, COUNTRY, "authority")
ENGINEER = Actor(Role.ENGINEER, COUNTRY, "engineer")
INDICATORS = ("inspection_firewall", "remedy_granted", "remedy_paid")


def rows_hash(indicator: str, edition: int = 0) -> str:
    return hashlib.sha256(f"{indicator} {edition}".encode()).hexdigest()


def frozen(editions: dict[str, int] | None = None) -> reviews.Frozen:
    """A made-up candidate; raising an indicator's edition changes its rows."""
    rows = {name: rows_hash(name, (editions or {}).get(name, 0)) for name in INDICATORS}
    whole = hashlib.sha256(repr(sorted(rows.items())).encode()).hexdigest()
    return reviews.Frozen(
        manifest=whole, vintage=whole[::-1], rows=rows, asked=dict.fromkeys(INDICATORS, "changed")
    )


@dataclass
class Council:
    """Seats, their delegate first, and the token of each by its member's id once a review opened.

    Members have no keys, so that every token is a slip and no passphrase has to be stretched.
    """

    members: list[Member]
    slips: list[str] = field(default_factory=list)

    @property
    def actors(self) -> list[Actor]:
        return [electorate.member_actor(member) for member in self.members]

    @property
    def delegate(self) -> Actor:
        return self.actors[0]


def seat_council(session: Session, size: int = 7) -> Council:
    return Council(
        [
            electorate.seat_member(
                session,
                COUNTRY,
                called="",
                language="en",
                term_from=dt.date(2024, 1, 1),
                term_to=dt.date(2026, 12, 31),
                office=1 if number == 0 else 0,
            )
            for number in range(size)
        ]
    )


def opened(store: Store, size: int = 7) -> tuple[Council, str]:
    """A council and its open review; every token went out as a slip."""
    with store.write() as session:
        council = seat_council(session, size)
        review = reviews.plan_review(session, COUNTRY, PERIOD, reviews.Dates.from_opening(OPENING))
        session.flush()
        council.slips = list(reviews.open_review(session, SECRETARY, review.id, frozen(), OPENING))
        return council, review.id


def vote(
    store: Store,
    council: Council,
    review_id: str,
    seat: int,
    choice: str,
    *,
    indicator: str = INDICATORS[0],
    question: str = "indicator",
    edition: int = 0,
    reason: str = "because",
    consent: bool = False,
) -> None:
    """The member of a seat votes with the slip of the same place."""
    with store.write() as session:
        ballots.cast_ballot(
            session,
            council.actors[seat],
            review_id,
            council.slips[seat],
            ballots.Vote(
                indicator_id=indicator,
                rows_hash=rows_hash(indicator, edition),
                choice=choice,
                question=question,
                reason=reason,
                consent=consent,
            ),
        )


def advance(store: Store, review_id: str, day: dt.date) -> list[str]:
    with store.write() as session:
        return reviews.advance(session, review_id, day)


def token_of(session: Session, member: Member, review_id: str, passphrase: str) -> str:
    """What a member finds in their envelope."""
    envelope = session.get_one(box.Envelope, (review_id, member.id))
    assert envelope.sealed is not None
    assert member.locked_key is not None
    return tokens.open_envelope(envelope.sealed, member.locked_key, passphrase, review_id)
