"""The State's part, and the register of recommendations.

The rule: the State comments and answers; its words stand beside the figures and change none. What
it asks to change or withhold is published.
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal.agenda_pages import indicators
from dashboards.portal.ballot_pages import LONGEST_NAME
from dashboards.portal.forms import day_in, number_in, short, written
from dashboards.portal.review_pages import own_packet, text_of, title
from dashboards.portal.visit import Visit
from pipelines.participation import access, permissions, policies, recommendations
from pipelines.participation.models import Recommendation
from pipelines.participation.numbering import list_numbered
from pipelines.participation.people import Actor
from pipelines.participation.recommendations import RecommendationStatus, is_overdue
from pipelines.participation.responses import respond, responses
from pipelines.participation.reviews import list_reviews

_ANSWERS = (
    RecommendationStatus.ACCEPTED,
    RecommendationStatus.REJECTED,
    RecommendationStatus.DONE,
)


def may_recommend(actor: Actor) -> bool:
    """The council and the rapporteur."""
    return permissions.can_join_council(actor) or permissions.can_act_as_rapporteur(actor)


def comment_page(visit: Visit) -> Response:
    """The form for the State's comment on an indicator, with the one it has made."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        policies.check_response(review)
        made = [
            one.text
            for one in responses(session, review.id)
            if one.indicator_id == packet.indicator_id
        ]
    return visit.render(
        "answer.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        made=made[0] if made else "",
    )


def comment(visit: Visit) -> Response:
    """Enter the comment; a second one replaces the first."""
    text = written(visit.value("text"))
    visit.once(
        lambda session: respond(
            session,
            visit.who,
            visit.place["review"],
            visit.place["indicator"],
            text,
            visit.portal.today,
        )
    )
    return visit.go(visit.path.removesuffix("/answer"))


def request_page(visit: Visit) -> Response:
    """The form to ask that a figure be changed or withheld, which is published."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
    return visit.render(
        "request.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        sent="sent" in visit.query,
    )


def request(visit: Visit) -> Response:
    """Log the request."""
    text = written(visit.value("text"))
    with visit.portal.store.read() as session:
        _, packet = own_packet(visit, session)
    visit.once(
        lambda session: access.request_change(
            session,
            visit.who,
            visit.place["review"],
            packet.indicator_id,
            text,
            visit.portal.today,
        )
    )
    return visit.go(f"{visit.path}?sent=1")


def register_page(visit: Visit) -> Response:
    """Recommendations with the State's answers, and its comments on figures."""
    with visit.portal.store.read() as session:
        rows = list_numbered(session, Recommendation, visit.who.country)
        comments = [
            (review, title(visit, review, one.indicator_id), one)
            for review in list_reviews(session, visit.who.country)
            for one in responses(session, review.id)
        ]
    return visit.render(
        "register.html.j2",
        rows=rows[::-1],
        overdue={row.number for row in rows if is_overdue(row, visit.portal.today)},
        comments=comments,
        indicators=indicators(visit),
        statuses=list(_ANSWERS),
        can={
            "add": may_recommend(visit.who),
            "answer": permissions.can_answer(visit.who),
            "withdraw": permissions.can_act_jointly(visit.who),
        },
    )


def recommend(visit: Visit) -> Response:
    """A new recommendation."""
    text, addressee = written(visit.value("text")), written(visit.value("addressee"))
    due_on = day_in(visit.value("due"))
    visit.once(
        lambda session: recommendations.recommend(
            session,
            visit.who,
            text,
            addressee=short(addressee, LONGEST_NAME),
            paragraph=short(visit.value("paragraph"), LONGEST_NAME),
            indicator_id=visit.value("indicator"),
            day=visit.portal.today,
            due_on=due_on,
        )
    )
    return visit.go("/register")


def reply(visit: Visit) -> Response:
    """The State answers a recommendation."""
    text, number = written(visit.value("text")), number_in(visit.place["number"])
    visit.once(
        lambda session: recommendations.answer_recommendation(
            session,
            visit.who,
            number,
            text,
            visit.value("status"),
            visit.portal.today,
            evidence=short(visit.value("evidence")),
        )
    )
    return visit.go("/register")


def withdraw(visit: Visit) -> Response:
    """Withdraw a recommendation; it stays listed."""
    number = number_in(visit.place["number"])
    visit.once(
        lambda session: recommendations.withdraw_recommendation(
            session, visit.who, number, visit.portal.today
        )
    )
    return visit.go("/register")
