"""A scripted council: what a review of made-up figures could look like, and nobody's opinion.

The rule: everything it leaves says that it was scripted. It is one transaction from planning to
closing, so that a killed run leaves no half review. It shows each outcome once: endorsed, endorsed
with a note, objected, held for harm and overruled, not reviewed; the State's answer, in time and
late; an item of the agenda; recommendations.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from pipelines.participation import (
    access,
    agenda,
    ballots,
    discussion,
    electorate,
    recommendations,
    responses,
    reviews,
)
from pipelines.participation.people import Actor, Role
from pipelines.participation.seats import Member
from pipelines.participation.store import Store

SEATS = 7
SCRIPTED = "scripted, no real person"
_HELD, _OBJECTED, _NOTED, _MISSED = range(4)


@dataclass(frozen=True)
class _Script:
    """The ballots on one indicator, seat by seat (None: absent), and the discussion's answers."""

    ballots: tuple[str | None, ...] = ("endorse",) * 6 + ("abstain",)
    question: str = ""
    upheld: int = 0


_SCRIPTS = {
    _HELD: _Script(("harm", "harm") + ("endorse",) * 5, "harm", upheld=2),
    _OBJECTED: _Script(("object",) * 3 + ("endorse",) * 4, "objection", upheld=6),
    _NOTED: _Script(("endorse",) * 5 + ("endorse_with_note", "recuse")),
    _MISSED: _Script(("endorse", "abstain") + (None,) * 5),
}
_REASONS = {
    "harm": "In a small region a reader could guess whom this is about.",
    "object": "Waiting for an answer is counted as if there had been one.",
    "endorse_with_note": "True, and it took too long.",
}


def hold_scripted_review(
    store: Store, country: str, period: str, dates: reviews.Dates, frozen: reviews.Frozen
) -> str:
    """Review a candidate from planning to its release day; returns the review's id."""
    secretary = Actor(Role.COUNCIL_SECRETARY, country, "scripted")
    with store.write() as session:
        seats = electorate.seated(session, country, dates.opens_on) or _seat(
            session, country, dates.opens_on
        )
        session.flush()
        seats.sort(key=lambda seat: -seat.office)  # the delegate first
        actors = [electorate.member_actor(seat) for seat in seats]
        review = reviews.plan_review(session, country, period, dates, scripted=True)
        session.flush()
        slips = reviews.open_review(session, secretary, review.id, frozen, dates.opens_on)
        session.flush()
        scripts = _chosen(sorted(frozen.asked))
        _look(session, country, review.id, sorted(frozen.asked)[:3], dates.opens_on)
        for indicator, script in scripts.items():
            for actor, slip, choice in zip(actors, slips, script.ballots, strict=True):
                if choice:
                    _cast(
                        session, actor, review.id, slip, frozen.rows[indicator], indicator, choice
                    )
        session.flush()
        reviews.advance(session, review.id, dates.consolidates_on)
        _discuss(session, actors, slips, review.id, frozen, scripts, dates.consolidates_on)
        reviews.advance(session, review.id, dates.asks_on)
        _answer(session, country, review.id, scripts, dates)
        reviews.advance(session, review.id, dates.publishes_on)
        _register(session, actors[0], scripts, dates)
        return review.id


def _seat(session: Session, country: str, day: dt.date) -> list[Member]:
    return [
        electorate.seat_member(
            session,
            country,
            called=SCRIPTED,
            language="en",
            term_from=day.replace(month=1, day=1),
            term_to=day.replace(year=day.year + 2),
            office=1 if number == 0 else 0,
        )
        for number in range(SEATS)
    ]


def _chosen(indicators: list[str]) -> dict[str, _Script]:
    return {indicator: _SCRIPTS.get(place, _Script()) for place, indicator in enumerate(indicators)}


def _cast(
    session: Session,
    actor: Actor,
    review_id: str,
    slip: str,
    rows_hash: str,
    indicator: str,
    choice: str,
    question: str = "indicator",
) -> None:
    vote = ballots.Vote(
        indicator, rows_hash, choice, question, _REASONS.get(choice, ""), signed_as=SCRIPTED,
        consent=choice in _REASONS,
    )  # fmt: skip
    ballots.cast_ballot(session, actor, review_id, slip, vote)


def _look(
    session: Session, country: str, review_id: str, indicators: list[str], day: dt.date
) -> None:
    for role in (Role.AUTHORITY, Role.RAPPORTEUR):
        for indicator in indicators:
            access.record_access(session, Actor(role, country), "view", review_id, indicator, day)
    access.request_change(
        session, Actor(Role.AUTHORITY, country), review_id, indicators[0],
        "Scripted: please leave out the year in which the rule changed.", day,
    )  # fmt: skip


def _discuss(
    session: Session,
    actors: list[Actor],
    slips: tuple[str, ...],
    review_id: str,
    frozen: reviews.Frozen,
    scripts: dict[str, _Script],
    day: dt.date,
) -> None:
    for indicator, script in scripts.items():
        if not script.question:
            continue
        discussion.comment(
            session, actors[1], review_id, indicator, "Scripted: let us decide this together.", day,
            signed_as=SCRIPTED,
        )  # fmt: skip
        for place, (actor, slip) in enumerate(zip(actors, slips, strict=True)):
            said = "yes" if place < script.upheld else "no"
            _cast(
                session, actor, review_id, slip, frozen.rows[indicator], indicator, said,
                script.question,
            )  # fmt: skip
        if script.question == "objection":
            discussion.state_words(
                session, actors[0], review_id, indicator, "council",
                "Scripted: we ask that open cases are shown apart.", signed_as=SCRIPTED,
            )  # fmt: skip
    session.flush()


def _answer(
    session: Session,
    country: str,
    review_id: str,
    scripts: dict[str, _Script],
    dates: reviews.Dates,
) -> None:
    authority = Actor(Role.AUTHORITY, country)
    reviews.advance(session, review_id, dates.asks_on)
    days = (dates.asks_on, dates.schedules_on + dt.timedelta(days=2))
    for indicator, day in zip(list(scripts)[1:3], days, strict=False):
        reviews.advance(session, review_id, day)
        responses.respond(
            session, authority, review_id, indicator, "Scripted: the ministry takes note.", day
        )


def _register(
    session: Session, delegate: Actor, scripts: dict[str, _Script], dates: reviews.Dates
) -> None:
    country, day = delegate.country, dates.opens_on
    indicator = list(scripts)[_OBJECTED % len(scripts)]
    rapporteur, authority = Actor(Role.RAPPORTEUR, country), Actor(Role.AUTHORITY, country)
    later = dates.publishes_on + dt.timedelta(days=60)
    made = [
        agenda.put_on_agenda(
            session, delegate, kind, text, day, due_on=due, indicator_id=indicator,
            signed_as=SCRIPTED,
        )
        for kind, text, due in (
            ("change_wording", "Scripted: say 'waiting' where a case is open.", dates.asks_on),
            ("propose_indicator", "Scripted: count how long people wait.", later),
        )
    ]  # fmt: skip
    session.flush()
    agenda.answer_item(
        session, rapporteur, made[0].number, "Scripted: agreed.", "changed_indicator", dates.asks_on
    )
    agenda.judge_answer(session, delegate, made[0].number, accepted=True)
    for number, due in enumerate((dates.schedules_on, later)):
        made_one = recommendations.recommend(
            session, delegate, "Scripted: decide claims within six months.", addressee="Ministry",
            paragraph="37", indicator_id=indicator, day=day, due_on=due,
        )  # fmt: skip
        session.flush()
        if number:
            recommendations.answer_recommendation(
                session, authority, made_one.number, "Scripted: accepted.", "accepted",
                dates.asks_on,
            )  # fmt: skip
