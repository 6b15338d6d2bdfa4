"""The council's agenda, and what happened to everything it said.

The rule: the council puts items on it, the rapporteur or an engineer answers with reasons, the
council's delegate accepts the answer or has its disagreement printed.
"""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup
from starlette.responses import Response

from dashboards.portal.ballot_pages import LONGEST_NAME
from dashboards.portal.forms import NotTaken, number_in, short, written
from dashboards.portal.review_pages import title
from dashboards.portal.visit import Visit
from pipelines.participation import after_publication, agenda, discussion, permissions
from pipelines.participation.models import AgendaItem, Request
from pipelines.participation.numbering import list_numbered
from pipelines.participation.people import Actor
from pipelines.participation.reviews import list_reviews, packets_of

ANSWER_WITHIN = dt.timedelta(days=60)
"""The due date that a new item gets."""


def may_see(actor: Actor) -> bool:
    """The council, and those who answer it."""
    return permissions.can_join_council(actor) or permissions.can_answer_council(actor)


def agenda_page(visit: Visit) -> Response:
    """Every item, the newest first, and the forms to add, answer or judge."""
    with visit.portal.store.read() as session:
        items = list_numbered(session, AgendaItem, visit.who.country)
    return visit.render(
        "agenda.html.j2",
        items=items[::-1],
        today=visit.portal.today,
        kinds=list(agenda.ItemKind),
        results=list(agenda.Result),
        indicators=indicators(visit),
        can={
            "add": permissions.can_join_council(visit.who),
            "answer": permissions.can_answer_council(visit.who),
            "judge": permissions.can_speak_for_council(visit.who),
        },
    )


def put(visit: Visit) -> Response:
    """A new item."""
    text, today = written(visit.value("text")), visit.portal.today
    visit.once(
        lambda session: agenda.put_on_agenda(
            session,
            visit.who,
            visit.value("kind"),
            text,
            today,
            due_on=today + ANSWER_WITHIN,
            indicator_id=visit.value("indicator"),
            delivery_id=visit.value("delivery"),
            signed_as=short(visit.value("signed_as"), LONGEST_NAME),
        )
    )
    return visit.go("/agenda")


def answer(visit: Visit) -> Response:
    """Answer an item with reasons and what came of it."""
    text, number = written(visit.value("text")), number_in(visit.place["number"])
    visit.once(
        lambda session: agenda.answer_item(
            session, visit.who, number, text, visit.value("result"), visit.portal.today
        )
    )
    return visit.go("/agenda")


def judge(visit: Visit) -> Response:
    """The council accepts an answer, or prints its disagreement."""
    number, accepted = number_in(visit.place["number"]), visit.value("judgement") == "accept"
    disagreement = "" if accepted else written(visit.value("text"))
    visit.once(
        lambda session: agenda.judge_answer(
            session, visit.who, number, accepted=accepted, disagreement=disagreement
        )
    )
    return visit.go("/agenda")


def said_page(visit: Visit) -> Response:
    """What happened to what the council said: items, requests, printed words."""
    with visit.portal.store.read() as session:
        found = list_reviews(session, visit.who.country)
        statements = [
            (review, title(visit, review, one.indicator_id), one)
            for review in found
            for one in discussion.printed_statements(session, review.id)
        ]
        items = list_numbered(session, AgendaItem, visit.who.country)
        requests = list_numbered(session, Request, visit.who.country)
    return visit.render(
        "said.html.j2",
        items=items[::-1],
        requests=requests[::-1],
        statements=statements,
        today=visit.portal.today,
        can_answer=permissions.can_answer_council(visit.who),
    )


def answer_request(visit: Visit) -> Response:
    """Answer a request that was made after publication."""
    text, number = written(visit.value("text")), number_in(visit.place["number"])
    granted = visit.value("granted")
    if granted not in ("yes", "no"):
        raise NotTaken("ballot.no_choice")
    visit.once(
        lambda session: after_publication.answer_request(
            session, visit.who, number, text, visit.portal.today, granted=granted == "yes"
        )
    )
    return visit.go("/said")


def indicators(visit: Visit) -> list[tuple[str, Markup]]:
    """The indicators of the newest review, to choose from."""
    with visit.portal.store.read() as session:
        for review in list_reviews(session, visit.who.country):
            packets = packets_of(session, review.id)
            if packets:
                return [
                    (packet.indicator_id, title(visit, review, packet.indicator_id))
                    for packet in packets
                ]
    return []
