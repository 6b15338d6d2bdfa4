"""A member collects the voting token of their seat, by the key that their passphrase unlocked.

The rule: only the seat's holder reads an envelope, and reading leaves no trace.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from pipelines.participation import permissions, tokens
from pipelines.participation.box import Envelope
from pipelines.participation.people import Actor


def collect_token(session: Session, actor: Actor, review_id: str, private_key: bytes) -> str | None:
    """The actor's token in a review; None for a seat with a paper slip, or none at all."""
    permissions.check_votes(actor)
    envelope = session.get(Envelope, (review_id, actor.id))
    if envelope is None or envelope.sealed is None:
        return None
    return tokens.open_with_key(envelope.sealed, private_key, review_id)
