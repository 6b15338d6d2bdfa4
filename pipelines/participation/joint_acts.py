"""What council and rapporteur decide together, and nobody else.

The rule: one side proposes, the other agrees; either alone does nothing, and no role of the State
has a side. Settings and seats hold from the next period; each decision is logged with its reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import electorate, permissions, policies
from pipelines.participation.events import record
from pipelines.participation.models import JointAct, MovedDate, Setting
from pipelines.participation.people import Actor, Refused, Role
from pipelines.participation.reviews import find_review
from pipelines.participation.seats import Member
from pipelines.participation.settings import NAMES
from pipelines.participation.states import transition
from pipelines.periods import Period, quarter_of


def propose(
    session: Session, actor: Actor, kind: str, payload: dict[str, Any], reason: str, day: dt.date
) -> JointAct:
    """Propose an act of ``ACTS``: it is checked now and carried out when the other side agrees."""
    permissions.check_acts_jointly(actor)
    if kind not in ACTS or not reason.strip():
        raise Refused(f"propose one of {', '.join(ACTS)}, with the reason, which is published")
    act = JointAct(
        country=actor.country,
        kind=kind,
        payload=payload,
        reason=reason,
        proposed_by=_side(actor),
        proposed_on=day,
    )
    session.add(act)
    record(
        session,
        "joint_act_proposed",
        country=act.country,
        act=kind,
        by=act.proposed_by,
        reason=reason,
        day=day,
    )
    return act


def agree(session: Session, actor: Actor, act_id: str, day: dt.date) -> JointAct:
    """The other side agrees: the act is carried out, or Refused where it is not possible now."""
    permissions.check_acts_jointly(actor)
    act = session.get(JointAct, act_id, with_for_update=True)
    if act is None or act.agreed_on is not None:
        raise Refused("there is no such proposal open")
    permissions.check_country(actor, act.country)
    if act.proposed_by == _side(actor):
        raise permissions.NotPermitted("the other side has to agree: council and rapporteur both")
    act.agreed_on = day
    ACTS[act.kind](session, act, day)
    record(
        session,
        "joint_act",
        country=act.country,
        act=act.kind,
        reason=act.reason,
        day=day,
        **{"what": _published(act)},
    )
    return act


def open_proposals(session: Session, country: str) -> list[JointAct]:
    """What waits for the other side, oldest first."""
    return list(
        session.scalars(
            sa.select(JointAct)
            .where(JointAct.country == country, JointAct.agreed_on.is_(None))
            .order_by(JointAct.proposed_on, JointAct.id)
        )
    )


def _move_date(session: Session, act: JointAct, day: dt.date) -> None:
    """Payload: review_id, name, to (ISO). The later dates move as far, so that no phase shrinks."""
    review = find_review(session, act.payload["review_id"])
    if review.country != act.country:
        raise Refused("the review is another country's")
    name, to = act.payload["name"], dt.date.fromisoformat(act.payload["to"])
    moved = session.scalar(sa.select(MovedDate).where(MovedDate.review_id == review.id))
    policies.check_move_date(review, moved, name, to, day)
    was = getattr(review, name)
    for later in policies.DATES[policies.DATES.index(name) :]:
        setattr(review, later, getattr(review, later) + (to - was))
    session.add(
        MovedDate(
            review_id=review.id, name=name, was=was, now=to, reason=act.reason, decided_on=day
        )
    )


def _change_setting(session: Session, act: JointAct, day: dt.date) -> None:
    """Payload: name, value (whole number above 0)."""
    name, value = act.payload["name"], int(act.payload["value"])
    if name not in NAMES or value < 1:
        raise Refused(f"set one of {', '.join(NAMES)} to a whole number above 0")
    period = _next_quarter(day)
    setting = session.scalar(
        sa.select(Setting).where(
            Setting.country == act.country, Setting.name == name, Setting.from_period == period
        )
    )
    if setting is None:
        setting = Setting(country=act.country, name=name, from_period=period)
        session.add(setting)
    setting.value = value


def _seat(session: Session, act: JointAct, day: dt.date) -> None:
    """Payload: called, language, term_from, term_to (ISO), office. Seated from the next quarter."""
    begins = max(dt.date.fromisoformat(act.payload["term_from"]), _first_day(_next_quarter(day)))
    electorate.seat_member(
        session,
        act.country,
        called=act.payload.get("called", ""),
        language=act.payload.get("language", "en"),
        term_from=begins,
        term_to=dt.date.fromisoformat(act.payload["term_to"]),
        office=int(act.payload.get("office", 0)),
    )


def _end_term(session: Session, act: JointAct, day: dt.date) -> None:
    """Payload: member_id. The term ends with the running quarter."""
    member = session.get(Member, act.payload["member_id"])
    if member is None or member.country != act.country:
        raise Refused("there is no such seat")
    ends = _first_day(_next_quarter(day)) - dt.timedelta(days=1)
    member.term_to = min(member.term_to, ends)


def _withdraw(session: Session, act: JointAct, day: dt.date) -> None:
    """Payload: review_id. The release stays on record and is marked as withdrawn."""
    review = find_review(session, act.payload["review_id"])
    if review.country != act.country:
        raise Refused("the review is another country's")
    policies.check_after_publication(review)
    review.state = transition("withdraw").target
    record(
        session,
        "release_withdrawn",
        country=review.country,
        period=review.period,
        version=review.version,
        release=review.release,
        reason=act.reason,
        day=day,
    )


ACTS: dict[str, Callable[[Session, JointAct, dt.date], None]] = {
    "move_date": _move_date,
    "change_setting": _change_setting,
    "seat": _seat,
    "end_term": _end_term,
    "withdraw": _withdraw,
}


def _side(actor: Actor) -> str:
    return "rapporteur" if actor.role is Role.RAPPORTEUR else "council"


def _published(act: JointAct) -> dict[str, Any]:
    """What the ledger may say of an act: of seats that one changed, never whose."""
    private = {"called", "member_id", "language"}
    return {name: value for name, value in act.payload.items() if name not in private}


def _next_quarter(day: dt.date) -> str:
    return quarter_of(day.year * 12 + day.month - 1 + 3)


def _first_day(quarter: str) -> dt.date:
    first = Period.parse(quarter).first
    return dt.date(first // 12, first % 12 + 1, 1)
