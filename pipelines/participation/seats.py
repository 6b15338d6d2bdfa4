"""Who sits on a council: terms, pauses, offices, conflicts; and what members are paid.

The rule: pay is kept apart from votes (hours a month, never a review), and leaving or pausing asks
for no reason.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pipelines.participation.models import Keyed


class Member(Keyed):
    """A seat on a country's council. One row per seat.

    ``office`` is 0 for a plain member, 1 for the delegate, 2 and on for the alternates in order.
    """

    __tablename__ = "members"
    country: Mapped[str] = mapped_column(String(2), index=True)
    called: Mapped[str] = mapped_column(doc="a name, a pseudonym, or empty")
    language: Mapped[str]
    office: Mapped[int] = mapped_column(default=0)
    term_from: Mapped[dt.date]
    term_to: Mapped[dt.date]
    paused: Mapped[bool] = mapped_column(default=False)
    left: Mapped[bool] = mapped_column(default=False)
    public_key: Mapped[bytes | None] = mapped_column(doc="for envelopes: X25519")
    locked_key: Mapped[bytes | None] = mapped_column(doc="the private key under the passphrase")


class Conflict(Keyed):
    """An interest that a member declared. One row per declaration."""

    __tablename__ = "conflicts"
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    indicator_id: Mapped[str] = mapped_column(doc="empty: every indicator")
    text: Mapped[str] = mapped_column(Text)


class Pay(Keyed):
    """Hours paid to a member. One row per entry; the month only."""

    __tablename__ = "pay"
    member_id: Mapped[str] = mapped_column(ForeignKey("members.id"))
    month: Mapped[str] = mapped_column(String(7))
    hours: Mapped[int]
