"""After publication: a request, or a take-down for harm.

The rule: a member's voice for a take-down is counted by the token of the review, as a ballot is.
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal import voting
from dashboards.portal.ballot_pages import LONGEST_NAME
from dashboards.portal.forms import NotTaken, short, written
from dashboards.portal.review_pages import own_packet, text_of
from dashboards.portal.visit import Visit
from pipelines.participation import after_publication, permissions, policies
from pipelines.participation.people import Actor


def may_see(actor: Actor) -> bool:
    """The council, and the rapporteur for take-downs."""
    return permissions.can_join_council(actor) or permissions.can_act_as_rapporteur(actor)


def may_take_down(actor: Actor) -> bool:
    """Two members, or the rapporteur."""
    return permissions.can_vote(actor) or permissions.can_act_as_rapporteur(actor)


def after_page(visit: Visit) -> Response:
    """The forms for a published indicator."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        policies.check_after_publication(review)
        down = after_publication.standing_take_down(session, review.id, packet.indicator_id)
        known = voting.token(visit, session, review)
    return visit.render(
        "after.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        down=down,
        kinds=after_publication.REQUEST_KINDS,
        needs_slip=permissions.can_vote(visit.who) and not known,
        can={
            "ask": permissions.can_join_council(visit.who),
            "take_down": may_take_down(visit.who),
            "confirm": permissions.can_speak_for_council(visit.who),
        },
    )


def ask(visit: Visit) -> Response:
    """Ask for a correction, a warning or a withdrawal."""
    text = written(visit.value("text"))
    visit.once(
        lambda session: after_publication.ask(
            session,
            visit.who,
            visit.place["review"],
            visit.place["indicator"],
            visit.value("kind"),
            text,
            visit.portal.today,
            signed_as=short(visit.value("signed_as"), LONGEST_NAME),
        )
    )
    return visit.go("/said")


def take_down(visit: Visit) -> Response:
    """Take an indicator down, or add a voice to that."""
    reason = written(visit.value("text"))
    with visit.portal.store.write() as session:
        review, packet = own_packet(visit, session)
        known = voting.token(visit, session, review) or visit.value("token")
        after_publication.take_down(
            session,
            visit.who,
            review.id,
            packet.indicator_id,
            reason,
            visit.portal.today,
            token=known,
        )
    voting.keep_slip(visit, visit.place["review"], known)
    return visit.go(visit.path.removesuffix("/take-down"))


def confirm(visit: Visit) -> Response:
    """The council confirms a take-down, or lifts it."""
    if visit.value("judgement") not in ("confirm", "lift"):
        raise NotTaken("ballot.no_choice")
    with visit.portal.store.write() as session:
        review, packet = own_packet(visit, session)
        down = after_publication.standing_take_down(session, review.id, packet.indicator_id)
        after_publication.confirm_take_down(
            session,
            visit.who,
            down.id if down else "",
            visit.portal.today,
            confirmed=visit.value("judgement") == "confirm",
        )
    return visit.go(visit.path.removesuffix("/confirm"))
