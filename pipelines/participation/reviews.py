"""A review's course: planned, opened, moved on by its dates.

The rule: opening freezes vintage, candidate, electorate, quorum and dates. Afterwards only the
calendar moves a review (``advance``); nothing waits for anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import SystemRandom

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import box, electorate, permissions, policies, settings, tokens
from pipelines.participation.closing import close_discussion, close_voting
from pipelines.participation.events import record
from pipelines.participation.models import Packet, Review
from pipelines.participation.people import Actor, Refused
from pipelines.participation.seats import Member
from pipelines.participation.states import OVER, State, transition
from pipelines.participation.store import serialise


class UnknownReview(Refused, LookupError):
    """There is no such review."""


@dataclass(frozen=True)
class Dates:
    """The days of a review, each phase ending when the next begins."""

    opens_on: dt.date
    consolidates_on: dt.date
    asks_on: dt.date
    schedules_on: dt.date
    publishes_on: dt.date

    def __post_init__(self) -> None:
        """Days come one after another; Refused when they don't."""
        days = [self.opens_on, self.consolidates_on, self.asks_on, self.schedules_on]
        if days != sorted(set(days)) or self.publishes_on < self.schedules_on:
            raise Refused(f"the dates of a review must follow one another: {self}")

    @classmethod
    def from_opening(cls, day: dt.date) -> Dates:
        """The usual course: 14 days alone, 7 together, 14 for the answer, 7 to prepare."""
        weeks = (dt.timedelta(weeks=count) for count in (0, 2, 3, 5, 6))
        return cls(*(day + later for later in weeks))


@dataclass(frozen=True)
class Frozen:
    """The candidate under review: manifest hash, vintage, and the hash of each indicator's rows.

    ``asked`` says why each indicator of this quarter is put to the council; the others are listed
    with ``definition_reviewed_on``, where that is known.
    """

    manifest: str
    vintage: str
    rows: Mapping[str, str]
    asked: Mapping[str, str]
    definition_reviewed_on: Mapping[str, dt.date] = field(default_factory=dict)


def plan_review(
    session: Session, country: str, period: str, dates: Dates, *, scripted: bool = False
) -> Review:
    """Enter the next version's review of a country and period as a draft."""
    serialise(session, f"reviews {country}")
    last = session.scalar(
        sa.select(sa.func.max(Review.version)).where(
            Review.country == country, Review.period == period
        )
    )
    review = Review(
        country=country,
        period=period,
        version=(last or 0) + 1,
        state=State.DRAFT,
        scripted=scripted,
        **vars(dates),
    )
    session.add(review)
    record(session, "review_planned", **_named(review), dates=_dates(review), scripted=scripted)
    return review


def check_none_under_way(session: Session, country: str, period: str) -> None:
    """Refused when a review of the period has not ended; none is planned until this one is."""
    serialise(session, f"reviews {country}")
    for review in list_reviews(session, country):
        if review.period == period and review.state not in OVER:
            raise Refused(
                f"version {review.version} of {country} {period} is planned or reviewed already "
                f"({review.state}); it opened or opens on {review.opens_on}"
            )


def open_review(
    session: Session, actor: Actor, review_id: str, frozen: Frozen, day: dt.date
) -> tuple[str, ...]:
    """Freeze the review and draw its tokens; returns those to print as slips, in random order.

    A slip is drawn for each seat whose member has no keys; all others find their token in an
    envelope. The slips are returned this once and stored nowhere.
    """
    permissions.check_opens(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_can_open(review, day)
    seats = electorate.seated(session, review.country, day)
    review.state = transition("open").target
    review.manifest, review.vintage = frozen.manifest, frozen.vintage
    review.electorate = len(seats)
    review.quorum = settings.quorum(session, review.country, review.period, len(seats))
    for indicator_id, rows_hash in sorted(frozen.rows.items()):
        session.add(
            Packet(
                review_id=review.id,
                indicator_id=indicator_id,
                rows_hash=rows_hash,
                asked=indicator_id in frozen.asked,
                why=frozen.asked.get(indicator_id, ""),
                definition_reviewed_on=frozen.definition_reviewed_on.get(indicator_id),
            )
        )
    record(
        session,
        "review_opened",
        **_named(review),
        vintage=review.vintage,
        manifest=review.manifest,
        electorate=review.electorate,
        quorum=review.quorum,
        dates=_dates(review),
        access=f"the council, {review.opens_on} to {review.asks_on}",
    )
    return _draw_tokens(session, review, seats)


def advance(session: Session, review_id: str, day: dt.date) -> list[str]:
    """Make every move whose date has come; the names of the transitions, in order.

    Calling it again on the same day does nothing.
    """
    review = find_review(session, review_id)
    made = []
    while (name := _due(review, day)) is not None:
        if name == "expire":
            review.expired = True
        elif name == "consolidate":
            close_voting(session, review)
        elif name == "ask":
            close_discussion(session, review)
        review.state = transition(name).target
        record(session, "review_moved", **_named(review), to=review.state, move=name)
        made.append(name)
    return made


def take_correction(
    session: Session, actor: Actor, review_id: str, frozen: Frozen, day: dt.date
) -> list[str]:
    """Put corrected figures before the council, which asks for it; returns what has changed.

    Ballots on an indicator whose rows changed are void; all others stand. In the discussion the
    changed ones are open for ballots again.
    """
    permissions.check_speaks_for_council(actor)
    review = find_review(session, review_id)
    permissions.check_country(actor, review.country)
    policies.check_correction(review)
    packets = {packet.indicator_id: packet for packet in packets_of(session, review_id)}
    changed = [
        indicator_id
        for indicator_id, packet in packets.items()
        if frozen.rows.get(indicator_id, packet.rows_hash) != packet.rows_hash
    ]
    for indicator_id in changed:
        packet = packets[indicator_id]
        packet.rows_hash = frozen.rows[indicator_id]
        packet.resets += 1
        packet.asked = True
        packet.held = False
        packet.reopened = review.state == State.CONSOLIDATING
    _void_ballots(session, review_id, changed)
    review.manifest, review.vintage = frozen.manifest, frozen.vintage
    record(
        session,
        "review_corrected",
        **_named(review),
        vintage=review.vintage,
        manifest=review.manifest,
        reset=changed,
        day=day,
    )
    return changed


def mark_published(session: Session, review_id: str, release: str, day: dt.date) -> None:
    """Note the release that came out of a review (its manifest's hash); older versions give way.

    Called by whoever put the signed folder in place (``pipelines.release``).
    """
    review = find_review(session, review_id)
    policies.check_publish(review, day)
    review.state = transition("publish").target
    review.release, review.published_on = release, day
    for older in session.scalars(
        sa.select(Review).where(
            Review.country == review.country,
            Review.period == review.period,
            Review.version < review.version,
            Review.state == State.PUBLISHED,
        )
    ):
        older.state = transition("supersede").target
    record(session, "release_published", **_named(review), release=release, day=day)


def find_review(session: Session, review_id: str) -> Review:
    """The review, locked until the transaction ends; UnknownReview when there is none."""
    review = session.get(Review, review_id, with_for_update=True)
    if review is None:
        raise UnknownReview("there is no such review: follow a link from the list of reviews")
    return review


def list_reviews(session: Session, country: str) -> list[Review]:
    """The reviews of a country, newest period first."""
    return list(
        session.scalars(
            sa.select(Review)
            .where(Review.country == country)
            .order_by(Review.period.desc(), Review.version.desc())
        )
    )


def packets_of(session: Session, review_id: str) -> list[Packet]:
    """The indicators of a review in the order of their ids."""
    return list(
        session.scalars(
            sa.select(Packet).where(Packet.review_id == review_id).order_by(Packet.indicator_id)
        )
    )


def find_packet(session: Session, review_id: str, indicator_id: str) -> Packet:
    """One indicator of a review; UnknownReview when the review does not have it."""
    packet = session.get(Packet, (review_id, indicator_id))
    if packet is None:
        raise UnknownReview("this review has no such indicator: follow a link from its list")
    return packet


def _due(review: Review, day: dt.date) -> str | None:
    match review.state:
        case State.DRAFT if day >= review.consolidates_on:
            return "expire"
        case State.INDEPENDENT if day >= review.consolidates_on:
            return "consolidate"
        case State.CONSOLIDATING if day >= review.asks_on:
            return "ask"
        case State.AWAITING_RESPONSE if day >= review.schedules_on:
            return "schedule"
    return None


def _draw_tokens(session: Session, review: Review, seats: Iterable[Member]) -> tuple[str, ...]:
    drawn = {seat.id: tokens.new_token() for seat in seats}
    slips = []
    for seat in seats:
        sealed = None
        if seat.public_key is None:
            slips.append(drawn[seat.id])
        else:
            sealed = tokens.seal_token(drawn[seat.id], seat.public_key, review.id)
        session.add(box.Envelope(review_id=review.id, member_id=seat.id, sealed=sealed))
    for digest in sorted(tokens.digest(token) for token in drawn.values()):
        session.add(box.Token(digest=digest, review_id=review.id))
    SystemRandom().shuffle(slips)
    return tuple(slips)


def _void_ballots(session: Session, review_id: str, indicators: list[str]) -> None:
    session.execute(
        sa.delete(box.Ballot).where(
            box.Ballot.review_id == review_id, box.Ballot.indicator_id.in_(indicators)
        )
    )


def _named(review: Review) -> dict[str, object]:
    return {"country": review.country, "period": review.period, "version": review.version}


def _dates(review: Review) -> dict[str, str]:
    return {name: getattr(review, name).isoformat() for name in ("opens_on", *policies.DATES)}
