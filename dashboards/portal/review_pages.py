"""Home, a review with its progress, and an indicator as a packet, on screen and on paper.

The rule: what authority, rapporteur and engineer look at before a release is recorded
(``access.record_access``); what a member looks at is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.responses import Response

from dashboards.portal import voting
from dashboards.portal.packets import PacketText
from dashboards.portal.visit import Visit
from pipelines.participation import access, discussion, permissions, policies
from pipelines.participation.models import Packet, Review
from pipelines.participation.people import COUNCIL
from pipelines.participation.responses import responses
from pipelines.participation.reviews import (
    UnknownReview,
    find_packet,
    find_review,
    list_reviews,
    packets_of,
)
from pipelines.participation.states import OWNERS, State
from pipelines.release.reviewing import CHANGED


@dataclass(frozen=True)
class Line:
    """An indicator in a review's list. ``choice`` is what the visitor has voted, if anything."""

    packet: Packet
    title: Markup
    choice: str


def home(visit: Visit) -> Response:
    """The reviews of the visitor's country, and what waits for them."""
    with visit.portal.store.read() as session:
        found = list_reviews(session, visit.who.country)
        progress = {review.id: _progress(visit, session, review) for review in found}
    return visit.render("home.html.j2", reviews=found, progress=progress, owners=OWNERS)


def review_page(visit: Visit) -> Response:
    """A review: its dates, who must act, its indicators."""
    with visit.portal.store.read() as session:
        review = own_review(visit, session)
        chosen = voting.choices(visit, session, review)
        lines = [
            Line(
                packet,
                title(visit, review, packet.indicator_id),
                chosen.get(packet.indicator_id, ""),
            )
            for packet in packets_of(session, review.id)
        ]
    return visit.render(
        "review.html.j2",
        review=review,
        owner=OWNERS[State(review.state)],
        dates=("opens_on", *policies.DATES),
        asked=[line for line in lines if line.packet.asked],
        others=[line for line in lines if not line.packet.asked],
        can=_can(visit, review),
    )


def packet_page(visit: Visit) -> Response:
    """An indicator of a review in plain words."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        earlier = _before(visit, session, review, packet.indicator_id)
        said: dict[str, Any] = {
            "statements": [
                one
                for one in discussion.printed_statements(session, review.id)
                if one.indicator_id == packet.indicator_id
            ],
            "answers": [
                one
                for one in responses(session, review.id)
                if one.indicator_id == packet.indicator_id
            ],
            "own": voting.own(visit, session, review, packet),
        }
    _note_access(visit, review, packet.indicator_id)
    return visit.render(
        "packet.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        why=why(visit, packet),
        earlier=earlier,
        can={**_can(visit, review), "vote_here": _votes_here(visit, review, packet)},
        **said,
    )


def chart(visit: Visit) -> Response:
    """A packet's drawing."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
    drawing = text_of(visit, review, packet).chart(visit.place["chart"])
    if drawing is None:
        raise UnknownReview("this packet has no such chart")
    headers = {"Cache-Control": "private, max-age=600"}
    return Response(drawing, media_type="image/svg+xml", headers=headers)


def own_review(visit: Visit, session: Session) -> Review:
    """The review that the address names, where it is of the visitor's country."""
    review = find_review(session, visit.place["review"])
    permissions.check_country(visit.who, review.country)
    return review


def own_packet(visit: Visit, session: Session) -> tuple[Review, Packet]:
    """The review and the indicator that the address names."""
    review = own_review(visit, session)
    return review, find_packet(session, review.id, visit.place["indicator"])


def title(visit: Visit, review: Review, indicator_id: str) -> Markup:
    """An indicator's title in the visitor's language."""
    return visit.portal.packets.title(visit.portal.folder(review), indicator_id, visit.words)


def text_of(visit: Visit, review: Review, packet: Packet) -> PacketText:
    """An indicator's packet in the visitor's language."""
    text = visit.portal.packets.text(visit.portal.folder(review), packet.indicator_id, visit.words)
    if text is None:
        raise UnknownReview("the candidate has no such indicator")
    return text


def why(visit: Visit, packet: Packet) -> Markup:
    """Why an indicator is put to the council, in words."""
    if packet.resets:
        return visit.t("packet.why_corrected")
    if packet.why == CHANGED:
        return visit.t("packet.why_changed")
    return visit.words.said(packet.why, "en")


def _before(visit: Visit, session: Session, review: Review, indicator_id: str) -> Markup | None:
    """What the newest release before this review said of an indicator."""
    for older in list_reviews(session, review.country):
        if older.release and (older.period, older.version) < (review.period, review.version):
            text = visit.portal.packets.text(visit.portal.folder(older), indicator_id, visit.words)
            return text.sentence if text else None
    return None


def _progress(visit: Visit, session: Session, review: Review) -> tuple[int, int]:
    """How many of the indicators asked the visitor has voted on, of how many."""
    asked = sum(packet.asked for packet in packets_of(session, review.id))
    return len(voting.choices(visit, session, review)), asked


def _can(visit: Visit, review: Review) -> Mapping[str, bool]:
    """What the visitor may do in the review now."""
    who, today = visit.who, visit.portal.today
    return {
        "correct": permissions.can_speak_for_council(visit.who) and bool(review.manifest),
        "vote": permissions.can_vote(who) and review.state == State.INDEPENDENT,
        "paper": permissions.can_enter_paper(who)
        and review.state in (State.INDEPENDENT, State.CONSOLIDATING),
        "open": permissions.can_open(who) and policies.can_open_now(review, today),
        "discuss": permissions.can_join_council(who) and policies.can_discuss(review),
        "answer": permissions.can_answer(who) and policies.can_respond(review),
        "request_change": permissions.can_request_change(who)
        and review.state not in (State.DRAFT, State.SUPERSEDED, State.WITHDRAWN),
        "ask_after": permissions.can_join_council(who)
        and policies.can_ask_after_publication(review),
    }


def _votes_here(visit: Visit, review: Review, packet: Packet) -> bool:
    return permissions.can_vote(visit.who) and policies.can_cast_ballot(review, packet)


def _note_access(visit: Visit, review: Review, indicator_id: str) -> None:
    if visit.who.role not in COUNCIL:
        with visit.portal.store.write() as session:
            access.record_access(
                session, visit.who, "view", review.id, indicator_id, visit.portal.today
            )
