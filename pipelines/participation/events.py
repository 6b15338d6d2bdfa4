"""From the store to the ledger: what is done is written down in the same transaction.

The rule: an act and its event are stored together or not at all; ``deliver_events`` then appends
events to the hash chain in their order and may be stopped anywhere: the ledger takes an entry it
has as done. Nothing of a ballot, a token or a member's visit is ever an event.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pipelines.participation import ledger
from pipelines.participation.models import Event
from pipelines.participation.store import Store


def record(session: Session, kind: str, **body: Any) -> None:
    """Note an event in the running transaction; dates are written as texts."""
    session.add(Event(kind=kind, body={name: _plain(value) for name, value in body.items()}))


def deliver_events(store: Store, path: Path) -> int:
    """Append what the ledger at ``path`` has not been told yet; how many entries that were."""
    with store.write() as session:
        waiting = session.scalars(
            sa.select(Event).where(Event.entry.is_(None)).order_by(Event.number).with_for_update()
        ).all()
        for event in waiting:
            body = {**event.body, "event": event.number}
            event.entry = ledger.append(path, event.kind, body)
        return len(waiting)


def count_waiting(session: Session) -> int:
    """How many events the ledger has not been told yet."""
    return (
        session.scalar(sa.select(sa.func.count()).select_from(Event).where(Event.entry.is_(None)))
        or 0
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
