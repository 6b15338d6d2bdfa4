"""What happens to the box when a phase ends.

The rule: when voting ends, the ballots decide what is discussed; when the discussion ends, verdicts
and banded counts are kept, reasons whose author agreed become statements, and the ballots go.
"""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import verdicts
from pipelines.participation.box import Ballot, PaperEntry
from pipelines.participation.events import record
from pipelines.participation.models import Packet, Review, Statement
from pipelines.participation.store import BOX_CHANGED


def close_voting(session: Session, review: Review) -> None:
    """Hold the indicators that two ballots call harmful."""
    for packet in _asked(session, review):
        packet.held = verdicts.is_held(counted(session, packet, "indicator"))


def close_discussion(session: Session, review: Review) -> None:
    """Set every verdict, keep what may be printed, empty the box."""
    decided = {}
    for packet in _asked(session, review):
        votes = counted(session, packet, "indicator")
        packet.held = packet.held or verdicts.is_held(votes)
        packet.verdict = verdicts.verdict(
            votes,
            counted(session, packet, "objection"),
            counted(session, packet, "harm"),
            review.quorum or 0,
            held=packet.held,
        )
        packet.counts = verdicts.banded(votes, review.electorate or 0)
        decided[packet.indicator_id] = packet.verdict
    for packet in session.scalars(
        sa.select(Packet).where(Packet.review_id == review.id, ~Packet.asked)
    ):
        packet.verdict = "not_reviewed"
    _keep_statements(session, review)
    for table in (Ballot, PaperEntry):
        session.execute(sa.delete(table).where(table.review_id == review.id))
    session.info[BOX_CHANGED] = True
    record(
        session,
        "review_decided",
        country=review.country,
        period=review.period,
        version=review.version,
        manifest=review.manifest,
        verdicts=decided,
    )


def counted(session: Session, packet: Packet, question: str) -> Counter[str]:
    """Ballots by choice on a question about an indicator."""
    rows = session.execute(
        sa.select(Ballot.choice, sa.func.count())
        .where(
            Ballot.review_id == packet.review_id,
            Ballot.indicator_id == packet.indicator_id,
            Ballot.question == question,
        )
        .group_by(Ballot.choice)
    )
    return Counter(dict(rows.all()))


def _asked(session: Session, review: Review) -> list[Packet]:
    return list(
        session.scalars(
            sa.select(Packet)
            .where(Packet.review_id == review.id, Packet.asked)
            .order_by(Packet.indicator_id)
        )
    )


def _keep_statements(session: Session, review: Review) -> None:
    """Reasons whose author agreed: harm statements, or a minority's where the verdict differs."""
    verdict_of = {packet.indicator_id: packet.verdict for packet in _asked(session, review)}
    agreed = session.scalars(
        sa.select(Ballot)
        .where(Ballot.review_id == review.id, Ballot.consent, Ballot.reason != "")
        .order_by(Ballot.id)
    ).all()
    for ballot in agreed:
        session.add(
            Statement(
                review_id=review.id,
                indicator_id=ballot.indicator_id,
                kind=_kind(ballot, verdict_of[ballot.indicator_id]),
                text=ballot.reason,
                language=ballot.language,
                signed_as=ballot.signed_as,
                consent=True,
            )
        )


def _kind(ballot: Ballot, verdict: str) -> str:
    if ballot.choice == verdicts.Choice.HARM:
        return "harm"
    if ballot.choice == verdicts.Choice.OBJECT and verdict != "objected":
        return "minority"
    return "note"
