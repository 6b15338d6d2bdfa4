"""The tables of the review store: planning, packets, discussion and answers.

The rule: nothing here is finer than a day, and no row of what the council says among itself names
the member who said it. Ballots and tokens are apart, in ``box``; offices, terms and pay in
``seats``. Keys are random, so that they tell no order.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any, ClassVar

from sqlalchemy import JSON, Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def random_key() -> str:
    """128 random bits in hexadecimal: a key that says nothing of when or after what."""
    return secrets.token_hex(16)


class Base(DeclarativeBase):
    """Metadata of every table of the store; Alembic's migrations are held to it by a test."""

    type_annotation_map: ClassVar = {dt.date: Date(), dict[str, Any]: JSON(), str: String()}


class Keyed(Base):
    """A table with a random key."""

    __abstract__ = True
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=random_key)


class Review(Keyed):
    """One review of one country's candidate. One row per country, period and version."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("country", "period", "version"),)
    country: Mapped[str] = mapped_column(String(2))
    period: Mapped[str]
    version: Mapped[int]
    state: Mapped[str]
    opens_on: Mapped[dt.date]
    consolidates_on: Mapped[dt.date]
    asks_on: Mapped[dt.date]
    schedules_on: Mapped[dt.date]
    publishes_on: Mapped[dt.date]
    quorum: Mapped[int | None]
    electorate: Mapped[int | None]
    vintage: Mapped[str | None]
    manifest: Mapped[str | None] = mapped_column(doc="SHA-256 of the candidate's manifest")
    expired: Mapped[bool] = mapped_column(default=False, doc="never opened in time")
    scripted: Mapped[bool] = mapped_column(default=False, doc="a demonstration, by no real person")
    release: Mapped[str | None] = mapped_column(doc="SHA-256 of the release's manifest")
    published_on: Mapped[dt.date | None]


class MovedDate(Keyed):
    """The date that council and rapporteur moved together. At most one row per review."""

    __tablename__ = "moved_dates"
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), unique=True)
    name: Mapped[str]
    was: Mapped[dt.date]
    now: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[dt.date]


class Packet(Base):
    """An indicator in a review. One row per review and indicator.

    ``asked`` says that this quarter's figures are put to the council; the others are shown with the
    day on which their definition was last reviewed.
    """

    __tablename__ = "packets"
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    indicator_id: Mapped[str] = mapped_column(primary_key=True)
    rows_hash: Mapped[str]
    asked: Mapped[bool]
    why: Mapped[str] = mapped_column(Text, doc="what changed, was flagged, or the council chose")
    definition_reviewed_on: Mapped[dt.date | None]
    resets: Mapped[int] = mapped_column(default=0)
    reopened: Mapped[bool] = mapped_column(default=False, doc="changed during the discussion")
    verdict: Mapped[str] = mapped_column(default="pending")
    held: Mapped[bool] = mapped_column(default=False, doc="two harm ballots hold it")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict, doc="banded counts by choice")


class Comment(Keyed):
    """What a member said in the open discussion. One row per comment, without its author's id."""

    __tablename__ = "comments"
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), index=True)
    indicator_id: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    signed_as: Mapped[str] = mapped_column(doc="a name, a pseudonym, or empty")
    day: Mapped[dt.date]


class Statement(Keyed):
    """Words printed beside an indicator: the council's, a minority's, or one about harm."""

    __tablename__ = "statements"
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), index=True)
    indicator_id: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    signed_as: Mapped[str]
    consent: Mapped[bool] = mapped_column(doc="whether it may be printed")


class Response(Keyed):
    """The authority's comment on an indicator. One row per review and indicator."""

    __tablename__ = "responses"
    __table_args__ = (UniqueConstraint("review_id", "indicator_id"),)
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"))
    indicator_id: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    due_on: Mapped[dt.date]
    received_on: Mapped[dt.date]


class AgendaItem(Keyed):
    """What the council put on its agenda. One row per country and number."""

    __tablename__ = "agenda"
    __table_args__ = (UniqueConstraint("country", "number"),)
    country: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    kind: Mapped[str]
    indicator_id: Mapped[str]
    delivery_id: Mapped[str] = mapped_column(doc="of a challenged delivery, else empty")
    text: Mapped[str] = mapped_column(Text)
    signed_as: Mapped[str]
    owner: Mapped[str]
    opened_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[dt.date | None]
    result: Mapped[str] = mapped_column(default="")
    accepted: Mapped[bool | None] = mapped_column(doc="whether the council accepts the answer")
    disagreement: Mapped[str] = mapped_column(Text, default="")


class Recommendation(Keyed):
    """One row per country and number; one that is withdrawn stays listed."""

    __tablename__ = "recommendations"
    __table_args__ = (UniqueConstraint("country", "number"),)
    country: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    addressee: Mapped[str]
    paragraph: Mapped[str]
    indicator_id: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    made_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    answer: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(default="open")
    evidence: Mapped[str] = mapped_column(Text, default="")


class JointAct(Keyed):
    """What council and rapporteur decide together. One row per proposal."""

    __tablename__ = "joint_acts"
    country: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[str] = mapped_column(doc="council or rapporteur")
    proposed_on: Mapped[dt.date]
    agreed_on: Mapped[dt.date | None]


class Setting(Keyed):
    """A value that holds from a period on. One row per country, name and period."""

    __tablename__ = "settings"
    __table_args__ = (UniqueConstraint("country", "name", "from_period"),)
    country: Mapped[str] = mapped_column(String(2))
    name: Mapped[str]
    from_period: Mapped[str]
    value: Mapped[int]


class Request(Keyed):
    """A reviewer's request after publication. One row per country and number."""

    __tablename__ = "requests"
    __table_args__ = (UniqueConstraint("country", "number"),)
    country: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"))
    indicator_id: Mapped[str]
    kind: Mapped[str] = mapped_column(doc="correction, caveat or withdrawal")
    text: Mapped[str] = mapped_column(Text)
    signed_as: Mapped[str]
    asked_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_on: Mapped[dt.date | None]
    granted: Mapped[bool | None]


class TakeDown(Keyed):
    """An indicator taken off site, feed and downloads for harm. One row per take-down."""

    __tablename__ = "take_downs"
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"))
    indicator_id: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(doc="two members, or the rapporteur")
    asked_on: Mapped[dt.date]
    confirm_by: Mapped[dt.date]
    state: Mapped[str] = mapped_column(doc="asked, down, confirmed or lapsed")


class Event(Base):
    """What the ledger is told, in order. One row per entry; nothing of a ballot is ever one."""

    __tablename__ = "events"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    body: Mapped[dict[str, Any]]
    entry: Mapped[str | None] = mapped_column(doc="hash of the ledger's entry, once written")
