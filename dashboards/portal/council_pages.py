"""Settings, seats, a member's own seat, who looked, and the engineers' view.

The rule: settings and seats change by council and rapporteur together (``joint_acts``); no role of
the State has a part in it. Pausing and leaving are a member's own affair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from dashboards.portal import accounts, cookies, sessions
from dashboards.portal.agenda_pages import indicators
from dashboards.portal.ballot_pages import LONGEST_NAME
from dashboards.portal.forms import NotTaken, day_in, number_in, short, written
from dashboards.portal.visit import Visit
from pipelines.participation import agenda, electorate, events, joint_acts, settings
from pipelines.participation.people import Actor, Role
from pipelines.participation.policies import DATES
from pipelines.participation.record import access_list
from pipelines.participation.reviews import list_reviews
from pipelines.periods import quarter_of


def is_engineer(actor: Actor) -> bool:
    """Engineers."""
    return actor.role is Role.ENGINEER


def settings_page(visit: Visit) -> Response:
    """What waits for the other side, and the forms to propose something."""
    today = visit.portal.today
    quarter = quarter_of(today.year * 12 + today.month - 1)
    with visit.portal.store.read() as session:
        return visit.render(
            "settings.html.j2",
            proposals=joint_acts.open_proposals(session, visit.who.country),
            now={
                name: settings.in_force(session, visit.who.country, name, quarter)
                for name in settings.NAMES
            },
            members=electorate.seated(session, visit.who.country, today),
            reviews=list_reviews(session, visit.who.country),
            dates=DATES,
            side="rapporteur" if visit.who.role is Role.RAPPORTEUR else "council",
        )


def propose(visit: Visit) -> Response:
    """Propose an act to the other side."""
    kind, reason = visit.value("kind"), written(visit.value("reason"))
    if kind not in _PAYLOADS:
        raise NotTaken("ballot.no_choice")
    payload = _PAYLOADS[kind](visit)
    visit.once(
        lambda session: joint_acts.propose(
            session, visit.who, kind, payload, reason, visit.portal.today
        )
    )
    return visit.go("/settings")


def agree(visit: Visit) -> Response:
    """Agree to a proposal of the other side, which carries it out."""
    visit.once(
        lambda session: joint_acts.agree(session, visit.who, visit.place["act"], visit.portal.today)
    )
    return visit.go("/settings")


def seat_page(visit: Visit) -> Response:
    """A member's own seat."""
    with visit.portal.store.read() as session:
        return visit.render(
            "seat.html.j2",
            member=electorate.find_member(session, visit.who.id),
            conflicts=electorate.declared_conflicts(session, visit.who),
            paid=electorate.paid_hours(session, visit.who),
            indicators=indicators(visit),
        )


def pause(visit: Visit) -> Response:
    """Pause, or come back."""
    with visit.portal.store.write() as session:
        electorate.pause(session, visit.who, paused=visit.value("paused") == "yes")
    return visit.go("/seat")


def leave(visit: Visit) -> Response:
    """Leave for good; the session ends with it."""
    if visit.value("sure") != "yes":
        raise NotTaken("seat.not_sure")
    with visit.portal.store.write() as session:
        electorate.leave(session, visit.who)
        sessions.end(session, visit.secret)
    visit.cookies[cookies.SESSION] = ""
    return visit.go("/")


def declare(visit: Visit) -> Response:
    """Declare an interest."""
    text = written(visit.value("text"))
    visit.once(
        lambda session: electorate.declare_conflict(
            session, visit.who, visit.value("indicator"), text
        )
    )
    return visit.go("/seat")


def seats_page(visit: Visit) -> Response:
    """The seats of the council, for the secretary who invites their holders."""
    return _seats(visit, "")


def invite(visit: Visit) -> Response:
    """Invite the holder of a seat; the code is shown this once."""
    with visit.portal.store.write() as session:
        code = accounts.invite_to_seat(session, visit.who, visit.value("seat"), visit.portal.today)
    return _seats(visit, code)


def access_page(visit: Visit) -> Response:
    """Who looked before publication, by review."""
    with visit.portal.store.read() as session:
        return visit.render(
            "access.html.j2",
            lists=[
                (review, access_list(session, review))
                for review in list_reviews(session, visit.who.country)
            ],
        )


def engineer_page(visit: Visit) -> Response:
    """What the store holds, without a vote or a member."""
    with visit.portal.store.read() as session:
        return visit.render(
            "engineer.html.j2",
            reviews=list_reviews(session, visit.who.country),
            waiting=events.count_waiting(session),
            challenged=agenda.challenged_deliveries(session, visit.who.country),
        )


def _seats(visit: Visit, code: str) -> Response:
    with visit.portal.store.read() as session:
        return visit.render(
            "seats.html.j2",
            members=electorate.seated(session, visit.who.country, visit.portal.today),
            have=accounts.with_account(session, visit.who.country),
            code=code,
        )


def _setting(visit: Visit) -> dict[str, Any]:
    return {"name": visit.value("name"), "value": number_in(visit.value("value"))}


def _seat(visit: Visit) -> dict[str, Any]:
    return {
        "called": short(visit.value("called"), LONGEST_NAME),
        "language": visit.words.code,
        "term_from": day_in(visit.value("from")).isoformat(),
        "term_to": day_in(visit.value("to")).isoformat(),
    }


def _end_term(visit: Visit) -> dict[str, Any]:
    return {"member_id": visit.value("member")}


def _move_date(visit: Visit) -> dict[str, Any]:
    return {
        "review_id": visit.value("review"),
        "name": visit.value("name"),
        "to": day_in(visit.value("to")).isoformat(),
    }


def _withdraw(visit: Visit) -> dict[str, Any]:
    return {"review_id": visit.value("review")}


_PAYLOADS: dict[str, Callable[[Visit], dict[str, Any]]] = {
    "change_setting": _setting,
    "seat": _seat,
    "end_term": _end_term,
    "move_date": _move_date,
    "withdraw": _withdraw,
}
