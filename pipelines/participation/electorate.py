"""Seats: who may vote in a review that opens on a day, and how a seat changes.

The rule: the electorate is read once, when a review opens; pausing or leaving later changes nothing
of it. A member may pause or leave without a reason. Seats come and go by ``joint_acts`` alone, but
for a country's first ones, which nobody could agree to.
"""

from __future__ import annotations

import datetime as dt
import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import permissions
from pipelines.participation.events import record
from pipelines.participation.models import random_key
from pipelines.participation.people import Actor, Refused, Role
from pipelines.participation.seats import Conflict, Member, Pay
from pipelines.participation.settings import in_force
from pipelines.participation.store import serialise

_OFFICES = 2  # a delegate and an alternate
_MONTH = re.compile("[0-9]{4}-(0[1-9]|1[0-2])")


def seated(session: Session, country: str, day: dt.date) -> list[Member]:
    """The members whose term covers the day and who have neither paused nor left."""
    return list(
        session.scalars(
            sa.select(Member)
            .where(
                Member.country == country,
                Member.term_from <= day,
                Member.term_to >= day,
                ~Member.paused,
                ~Member.left,
            )
            .order_by(Member.id)
        )
    )


def delegates(session: Session, country: str, day: dt.date) -> list[Member]:
    """Who speaks and signs for the council: the delegate, then the alternates in their order."""
    return sorted(
        (member for member in seated(session, country, day) if member.office > 0),
        key=lambda member: (member.office, member.id),
    )


def member_actor(member: Member) -> Actor:
    """The actor that a member is."""
    return Actor(Role.COUNCIL_MEMBER, member.country, member.id, delegate=member.office > 0)


def seat_member(
    session: Session,
    country: str,
    *,
    called: str,
    language: str,
    term_from: dt.date,
    term_to: dt.date,
    office: int = 0,
) -> Member:
    """A new seat; the caller holds the agreement of council and rapporteur (``joint_acts``)."""
    member = Member(
        id=random_key(),
        country=country,
        called=called,
        language=language,
        term_from=term_from,
        term_to=term_to,
        office=office,
    )
    session.add(member)
    return member


def found_council(
    session: Session,
    country: str,
    seats: int,
    *,
    language: str,
    term_from: dt.date,
    term_to: dt.date,
    day: dt.date,
) -> list[Member]:
    """A country's first seats: the delegate's, an alternate's, then the others'.

    Refused where the country ever had a seat: from then on council and rapporteur decide. The
    founding is in the ledger.
    """
    serialise(session, f"council {country}")
    if session.scalar(sa.select(sa.func.count()).where(Member.country == country)):
        raise Refused(
            f"{country} has a council: the council's delegate and the rapporteur fill and end its "
            "seats together, on the portal's page Settings"
        )
    if seats < 3 or term_to <= term_from:
        raise Refused("a council has three seats or more, and terms that end after they begin")
    made = [
        seat_member(
            session,
            country,
            called="",
            language=language,
            term_from=term_from,
            term_to=term_to,
            office=number + 1 if number < _OFFICES else 0,
        )
        for number in range(seats)
    ]
    record(
        session,
        "council_founded",
        country=country,
        seats=seats,
        term_from=term_from,
        term_to=term_to,
        day=day,
    )
    session.flush()
    return made


def seats_of(session: Session, country: str) -> list[Member]:
    """Every seat of a country: the offices first, then by id."""
    rows = session.scalars(sa.select(Member).where(Member.country == country)).all()
    return sorted(rows, key=lambda seat: (seat.office == 0, seat.office, seat.id))


def set_keys(session: Session, member_id: str, public_key: bytes, locked_key: bytes) -> None:
    """Store a member's keys; they hold from the next review that opens."""
    member = find_member(session, member_id)
    member.public_key, member.locked_key = public_key, locked_key


def pause(session: Session, actor: Actor, *, paused: bool) -> None:
    """A member pauses or comes back; nobody asks why, nothing is logged."""
    permissions.check_votes(actor)
    find_member(session, actor.id).paused = paused


def leave(session: Session, actor: Actor) -> None:
    """A member leaves for good; nobody asks why, nothing is logged."""
    permissions.check_votes(actor)
    find_member(session, actor.id).left = True


def declare_conflict(session: Session, actor: Actor, indicator_id: str, text: str) -> None:
    """A member declares an interest in an indicator (empty: in all) and will recuse there."""
    permissions.check_votes(actor)
    session.add(Conflict(member_id=actor.id, indicator_id=indicator_id, text=text))


def declared_conflicts(session: Session, actor: Actor) -> list[Conflict]:
    """The interests that a member declared, by indicator."""
    return list(
        session.scalars(
            sa.select(Conflict)
            .where(Conflict.member_id == actor.id)
            .order_by(Conflict.indicator_id, Conflict.id)
        )
    )


def has_conflict(session: Session, actor: Actor, indicator_id: str) -> bool:
    """Whether a member declared an interest in the indicator."""
    return bool(
        session.scalar(
            sa.select(sa.func.count())
            .select_from(Conflict)
            .where(Conflict.member_id == actor.id, Conflict.indicator_id.in_(["", indicator_id]))
        )
    )


def log_pay(session: Session, actor: Actor, member_id: str, month: str, hours: int) -> None:
    """Enter paid hours (month ``YYYY-MM``); Refused above the council's cap (``pay_cap_hours``)."""
    permissions.check_keeps_pay(actor)
    permissions.check_country(actor, find_member(session, member_id).country)
    if not _MONTH.fullmatch(month) or hours <= 0:
        raise Refused("write the month as YYYY-MM and whole hours above 0")
    quarter = f"{month[:4]}Q{(int(month[5:]) + 2) // 3}"
    cap = in_force(session, actor.country, "pay_cap_hours", quarter)
    paid = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Pay.hours), 0)).where(
            Pay.member_id == member_id, Pay.month == month
        )
    )
    if cap is not None and (paid or 0) + hours > cap:
        raise Refused(f"the council's cap is {cap} hours a month; {paid} are entered already")
    session.add(Pay(member_id=member_id, month=month, hours=hours))


def paid_hours(session: Session, actor: Actor) -> list[Pay]:
    """Entries of the log, the newest month first: a member's own, or for the secretary all."""
    query = (
        sa.select(Pay)
        .join(Member, Member.id == Pay.member_id)
        .where(Member.country == actor.country)
        .order_by(Pay.month.desc(), Pay.member_id, Pay.id)
    )
    if permissions.can_vote(actor):
        query = query.where(Pay.member_id == actor.id)
    else:
        permissions.check_keeps_pay(actor)
    return list(session.scalars(query))


def find_member(session: Session, member_id: str) -> Member:
    """The seat of an id; Refused when there is none."""
    member = session.get(Member, member_id)
    if member is None:
        raise Refused("there is no such seat")
    return member
