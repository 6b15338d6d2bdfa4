"""The ballot: one form, one vote, however often it is sent.

The rule: a vote that counts already is not cast again; a form that was filled in before another
vote was cast (another browser, the back button) is shown again with both, and replaces the vote
only when it is sent once more.
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal import voting
from dashboards.portal.forms import LONGEST_TEXT, NotTaken, short
from dashboards.portal.review_pages import own_packet, text_of, title, why
from dashboards.portal.visit import Visit
from pipelines.participation import ballots, electorate, policies
from pipelines.participation.ballots import Vote
from pipelines.participation.models import Packet
from pipelines.participation.verdicts import NEEDS_REASON, Choice

LONGEST_NAME = 80


def ballot_page(visit: Visit) -> Response:
    """The form, with the vote that counts at present or what was kept of another."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        policies.check_ballot(review, packet)
        known = voting.token(visit, session, review)
        vote = voting.own(visit, session, review, packet)
        conflict = electorate.has_conflict(session, visit.who, packet.indicator_id)
    filled = dict(visit.kept or visit.session.kept.get(visit.path, {}))
    return visit.render(
        "ballot.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        why=why(visit, packet),
        choices=[Choice.RECUSE] if conflict else list(Choice),
        vote=vote,
        filled=filled or (vars(vote) if vote else {}),
        restored=bool(filled),
        based_on=voting.mark(vote),
        needs_slip=not known,
        longest=LONGEST_TEXT,
    )


def cast(visit: Visit) -> Response:
    """Count the vote, unless it counts already or the form is older than another vote."""
    with visit.portal.store.write() as session:
        review, packet = own_packet(visit, session)
        known = voting.token(visit, session, review) or visit.value("token")
        ballots.check_token(session, review.id, known)
        vote = vote_of(visit, packet, visit.value("rows_hash"))
        counted = ballots.own_ballot(session, review.id, known, packet.indicator_id)
        if counted != vote:
            if visit.value("based_on") != voting.mark(counted):
                raise NotTaken("ballot.other_vote")
            ballots.cast_ballot(session, visit.who, review.id, known, vote)
    voting.keep_slip(visit, visit.place["review"], known)
    if visit.session.kept.pop(visit.path, None) is not None:
        visit.remember()
    return visit.go(f"{visit.path}/counted")


def counted_page(visit: Visit) -> Response:
    """What counts now, and the way on."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        vote = voting.own(visit, session, review, packet)
    return visit.render(
        "counted.html.j2",
        review=review,
        packet=packet,
        title=title(visit, review, packet.indicator_id),
        vote=vote,
    )


def vote_of(visit: Visit, packet: Packet, rows_hash: str) -> Vote:
    """The vote that a form says; NotTaken where it lacks a choice or a reason."""
    choice, reason = visit.value("choice"), visit.value("reason")
    if choice not in set(Choice):
        raise NotTaken("ballot.no_choice")
    if choice in NEEDS_REASON and not reason:
        raise NotTaken("ballot.no_reason")
    return Vote(
        indicator_id=packet.indicator_id,
        rows_hash=rows_hash,
        choice=choice,
        reason=short(reason),
        language=visit.words.code,
        signed_as=short(visit.value("signed_as"), LONGEST_NAME),
        consent=visit.value("consent") == "yes",
    )
