"""One portal: the home it serves, its store, clock, secret and limits.

The rule: everything a page needs is reached from here and nothing is global; the clock is given, so
that a test decides what day it is.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import sqlalchemy as sa

from dashboards.portal.forms import FormKeys
from dashboards.portal.limits import Limits
from dashboards.portal.packets import Packets
from dashboards.portal.tables import migrate_tables
from dashboards.portal.words import Words, load_words
from pipelines.participation import after_publication, reviews
from pipelines.participation.models import Review
from pipelines.participation.states import State
from pipelines.participation.store import Store, open_store, settle
from pipelines.paths import Home
from pipelines.release.reviewing import reviewed_candidate

_RUNNING = (State.INDEPENDENT, State.CONSOLIDATING, State.AWAITING_RESPONSE, State.SCHEDULED)
Clock = Callable[[], dt.datetime]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass
class Portal:
    """What the pages work with. ``exit_to`` is where the exit leads: an address or a path."""

    home: Home
    store: Store
    secret: str
    clock: Clock = _utc_now
    exit_to: str = "/elsewhere"
    limits: Limits = field(default_factory=Limits)
    packets: Packets = field(default_factory=Packets)
    words: dict[str, Words] = field(default_factory=load_words)
    _advanced_to: dt.date | None = None
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, home: Home, url: str | None = None, *, exit_to: str = "/elsewhere") -> Portal:
        """The portal of a home; its tables and its secret are made when it is first opened."""
        store = open_store(home, url)
        migrate_tables(store.engine)
        return cls(home, store, _secret(home.keys / "portal.secret"), exit_to=exit_to)

    def __post_init__(self) -> None:
        """Form keys are signed with the portal's secret."""
        self.forms = FormKeys(self.secret)

    @property
    def today(self) -> dt.date:
        """The day by the portal's clock."""
        return self.clock().date()

    def folder(self, review: Review) -> Path:
        """The candidate that a review looks at."""
        return reviewed_candidate(self.home, review)

    def warm(self) -> None:
        """Make the packets of reviews that are running, so that no visitor waits for a chart."""
        with self.store.read() as session:
            running = session.scalars(sa.select(Review).where(Review.state.in_(_RUNNING))).all()
            wanted = [
                (self.folder(review), packet.indicator_id)
                for review in running
                for packet in reviews.packets_of(session, review.id)
            ]
        for words in self.words.values():
            for folder, indicator_id in wanted:
                self.packets.text(folder, indicator_id, words)

    def keep_dates(self) -> None:
        """Once a day, before the day's first page: what dates decide happens (``advance``)."""
        today = self.today
        with self._lock:
            if self._advanced_to == today:
                return
            with self.store.write() as session:
                rows = session.execute(sa.select(Review.id, Review.country)).all()
                moved = [name for one, _ in rows for name in reviews.advance(session, one, today)]
                for country in sorted({country for _, country in rows}):
                    after_publication.lapse_take_downs(session, country, today)
            if moved:
                settle(self.store)
            self._advanced_to = today


def _secret(path: Path) -> str:
    """The portal's secret, made on first use and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii")
