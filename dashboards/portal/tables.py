"""The portal's own tables: accounts, invitations, sessions, forms that were sent.

The rule: a copy of these tables does not say who came or when. A session is sealed with a secret
that only the visitor's cookie holds, and no row carries a time finer than the day it ends. Rows lie
in the order of random keys. The tables stand beside the review store's and know nothing of it but
a seat's id.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Date, LargeBinary, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pipelines.participation.store import migrate

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = "portal_version"
"""The table of the portal's own version, beside the review store's."""
_BY_KEY = {"sqlite_with_rowid": False}


class PortalBase(DeclarativeBase):
    """Metadata of the portal's tables."""


class Account(PortalBase):
    """Somebody who can sign in. One row per account; ``member_id`` is a seat's, else empty."""

    __tablename__ = "portal_accounts"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    handle: Mapped[str] = mapped_column(String(64), unique=True, doc="lower case; not a name")
    role: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    member_id: Mapped[str]
    passphrase: Mapped[str] = mapped_column(doc="Argon2id, encoded")


class Invitation(PortalBase):
    """An invitation not used yet. One row per invitation; the code itself is stored nowhere."""

    __tablename__ = "portal_invitations"
    __table_args__ = _BY_KEY
    code: Mapped[str] = mapped_column(String(64), primary_key=True, doc="SHA-256 (hex)")
    role: Mapped[str]
    country: Mapped[str] = mapped_column(String(2))
    member_id: Mapped[str]
    ends_on: Mapped[dt.date] = mapped_column(Date, doc="last day on which it can be used")


class SealedSession(PortalBase):
    """A visit that has not ended. One row per session; unreadable without its cookie."""

    __tablename__ = "portal_sessions"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(64), primary_key=True, doc="SHA-256 of the secret (hex)")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    ends_on: Mapped[dt.date] = mapped_column(Date)


class SentForm(PortalBase):
    """A form that was sent and done. One row per form, so that it is never done twice."""

    __tablename__ = "portal_forms"
    __table_args__ = _BY_KEY
    id: Mapped[str] = mapped_column(String(64), primary_key=True, doc="the form's random key")
    ends_on: Mapped[dt.date] = mapped_column(Date)


def migrate_tables(engine: sa.Engine) -> None:
    """Bring the portal's tables to their newest migration."""
    migrate(engine, MIGRATIONS)
