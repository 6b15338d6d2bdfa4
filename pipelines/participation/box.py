"""The ballot box: tables that hold votes and no way to a person.

The rule: no table here has a member's id, a time or a running number, and none that has a member's
id has anything of these. A row's key is a keyed hash that only the token's holder can compute; the
rows lie in the order of their keys (``docs/decisions/0013``).
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.participation.models import Base

_BY_KEY = {"sqlite_with_rowid": False}
"""SQLite then stores rows by their key, and has no hidden number that grows with each."""


class Token(Base):
    """The hash of a voting token. One row per review and seat of its electorate."""

    __tablename__ = "tokens"
    __table_args__ = _BY_KEY
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"))


class Envelope(Base):
    """A seat's token, readable with the member's passphrase only. One row per review and seat.

    Empty where the token went out as a paper slip. These rows are the frozen electorate.
    """

    __tablename__ = "envelopes"
    __table_args__ = _BY_KEY
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"), primary_key=True)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)


class Ballot(Base):
    """A vote. One row per token, indicator and question.

    ``question`` is ``indicator`` (five choices and recusal), or ``objection`` or ``harm`` in the
    discussion (yes or no).
    """

    __tablename__ = "ballots"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"), index=True)
    indicator_id: Mapped[str]
    question: Mapped[str]
    rows_hash: Mapped[str]
    choice: Mapped[str]
    reason: Mapped[str] = mapped_column(Text)
    language: Mapped[str]
    signed_as: Mapped[str]
    consent: Mapped[bool] = mapped_column(doc="whether the reason may be printed")


class PaperEntry(Base):
    """A paper ballot entered once and waiting for the second person. One row per ballot."""

    __tablename__ = "paper_entries"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    review_id: Mapped[str] = mapped_column(ForeignKey("reviews.id"))
    content: Mapped[str] = mapped_column(String(64), doc="hash of what the first person read")
    entered_by: Mapped[str] = mapped_column(doc="the secretary's account, not the voter's")


class TakeDownVoice(Base):
    """One member's word for a take-down, by their token. One row per take-down and token."""

    __tablename__ = "take_down_voices"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    take_down_id: Mapped[str] = mapped_column(ForeignKey("take_downs.id"))
