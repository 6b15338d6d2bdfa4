"""The open discussion: all reasons, all comments, the questions to decide, the council's words.

The rule: it opens once everybody has voted alone. What is said bears the name, the pseudonym or the
nothing that its author chose, and no account.
"""

from __future__ import annotations

from starlette.responses import Response

from dashboards.portal import voting
from dashboards.portal.ballot_pages import LONGEST_NAME
from dashboards.portal.forms import LONGEST_TEXT, NotTaken, short, written
from dashboards.portal.review_pages import own_packet, text_of
from dashboards.portal.visit import Visit
from pipelines.participation import ballots, discussion, permissions, verdicts
from pipelines.participation.ballots import Vote
from pipelines.participation.verdicts import Answer, Choice

QUESTIONS = ("objection", "harm")
OWN_KINDS = ("minority", "harm", "note")
"""Statements that are their author's, not the council's."""


def discussion_page(visit: Visit) -> Response:
    """Everything said about an indicator, and the forms to add to it."""
    with visit.portal.store.read() as session:
        review, packet = own_packet(visit, session)
        votes = ballots.all_votes(session, visit.who, review.id, packet.indicator_id)
        said = discussion.comments(session, visit.who, review.id, packet.indicator_id)
        known = voting.token(visit, session, review)
        mine = {
            question: voting.own(visit, session, review, packet, question)
            for question in QUESTIONS
            if permissions.can_vote(visit.who)
        }
    chosen = [vote.choice for vote in votes if vote.question == "indicator"]
    return visit.render(
        "discussion.html.j2",
        review=review,
        packet=packet,
        text=text_of(visit, review, packet),
        reasons=[vote for vote in votes if vote.reason and vote.question == "indicator"],
        comments=said,
        questions=[
            question
            for question, open_here in (
                ("objection", Choice.OBJECT in chosen),
                ("harm", packet.held),
            )
            if open_here
        ],
        mine=mine,
        needs_slip=permissions.can_vote(visit.who) and not known,
        own_kinds=OWN_KINDS,
        words_for_council=permissions.can_open(visit.who)
        or permissions.can_speak_for_council(visit.who),
        longest=LONGEST_TEXT,
        answers=list(verdicts.Answer),
    )


def comment(visit: Visit) -> Response:
    """Say something that the whole council reads."""
    text = written(visit.value("text"))
    visit.once(
        lambda session: discussion.comment(
            session,
            visit.who,
            visit.place["review"],
            visit.place["indicator"],
            text,
            visit.portal.today,
            language=visit.words.code,
            signed_as=short(visit.value("signed_as"), LONGEST_NAME),
        )
    )
    return visit.go(visit.path)


def decide(visit: Visit) -> Response:
    """Answer by ballot whether an objection or a harm is upheld; the last answer counts."""
    question, answer = visit.value("question"), visit.value("answer")
    if question not in QUESTIONS or answer not in set(Answer):
        raise NotTaken("ballot.no_choice")
    with visit.portal.store.write() as session:
        review, packet = own_packet(visit, session)
        known = voting.token(visit, session, review) or visit.value("token")
        vote = Vote(
            indicator_id=packet.indicator_id,
            rows_hash=visit.value("rows_hash"),
            choice=answer,
            question=question,
            language=visit.words.code,
        )
        ballots.cast_ballot(session, visit.who, review.id, known, vote)
    voting.keep_slip(visit, visit.place["review"], known)
    return visit.go(visit.path.removesuffix("/decide"))


def word(visit: Visit) -> Response:
    """Words to print: the council's, by its secretary or delegate, or a member's own.

    A member's own statement is printed only with the consent that is given with it.
    """
    text, kind = written(visit.value("text")), visit.value("kind")
    if kind in OWN_KINDS and visit.value("consent") != "yes":
        raise NotTaken("discussion.no_consent")
    visit.once(
        lambda session: discussion.state_words(
            session,
            visit.who,
            visit.place["review"],
            visit.place["indicator"],
            kind,
            text,
            language=visit.words.code,
            signed_as=short(visit.value("signed_as"), LONGEST_NAME),
        )
    )
    return visit.go(visit.path.removesuffix("/words"))
