"""Sessions on the server, which a copy of the server's tables can't read.

The rule: the cookie carries a random secret, signed; the table keeps the secret's hash and what the
secret encrypts (ChaCha20-Poly1305 under HKDF-SHA256). A session ends after ``LIFETIME``, on signing
out, or when somebody leaves by the exit. There is no idle clock, because it would write down when
somebody was here.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

from dashboards.portal.tables import SealedSession, SentForm

LIFETIME = dt.timedelta(hours=4)
_NONCE = 12
_PADDED_TO = 1024


@dataclass
class Held:
    """What a session holds. ``private_key`` opens a member's envelopes (base64).

    ``slips`` are voting tokens typed from paper, by review. ``kept`` is what somebody had written
    when an earlier session ended, by the address it was meant for.
    """

    account_id: str
    private_key: str = ""
    slips: dict[str, str] = field(default_factory=dict)
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        """The member's private key; empty where there is none."""
        return base64.b64decode(self.private_key)


def new_secret() -> str:
    """256 random bits for a cookie."""
    return secrets.token_urlsafe(32)


def session_id(secret: str) -> str:
    """The row of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def begin(session: Session, secret: str, held: Held, day: dt.date) -> None:
    """Store a new session; those of days gone by are removed."""
    for table in (SealedSession, SentForm):
        session.execute(sa.delete(table).where(table.ends_on < day))
    ends_on = day + dt.timedelta(days=1)
    session.add(SealedSession(id=session_id(secret), sealed=_seal(secret, held), ends_on=ends_on))


def read(session: Session, secret: str) -> Held | None:
    """What a session holds; None when it has ended."""
    row = session.get(SealedSession, session_id(secret))
    if row is None:
        return None
    try:
        opened = _cipher(secret).decrypt(row.sealed[:_NONCE], row.sealed[_NONCE:], None)
    except InvalidTag:
        return None
    return Held(**json.loads(opened))


def change(session: Session, secret: str, held: Held) -> None:
    """Store what a session holds now."""
    row = session.get(SealedSession, session_id(secret))
    if row is not None:
        row.sealed = _seal(secret, held)


def end(session: Session, secret: str) -> None:
    """End a session."""
    session.execute(sa.delete(SealedSession).where(SealedSession.id == session_id(secret)))


def _seal(secret: str, held: Held) -> bytes:
    """Padded, so that the length says little of what is in it."""
    plain = json.dumps(asdict(held)).encode()
    plain += b" " * (-len(plain) % _PADDED_TO)
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(secret).encrypt(nonce, plain, None)


def _cipher(secret: str) -> ChaCha20Poly1305:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"portal session").derive(secret.encode())
    return ChaCha20Poly1305(derived)
