"""What the calendar asks of a home on a day: plan, move on, prepare, publish.

The rule: everything that needs no person happens by itself; what needs two signatures waits for
them and says so. Doing it again on the same day changes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pipelines.participation import reviews
from pipelines.participation.after_publication import lapse_take_downs
from pipelines.participation.calendar import plan_due
from pipelines.participation.events import deliver_events
from pipelines.participation.models import Review
from pipelines.participation.states import State
from pipelines.participation.store import Store, settle
from pipelines.paths import Home
from pipelines.release.candidates import newest_candidates
from pipelines.release.publishing import (
    is_signed,
    newest_release,
    prepare_release,
    prepared_folder,
    publish_release,
)
from pipelines.release.taking_down import apply_take_downs
from pipelines.release.withholding import Again

_OPEN = (State.DRAFT, State.INDEPENDENT, State.CONSOLIDATING, State.AWAITING_RESPONSE)
_BOX_CHANGES = ("consolidate", "ask")


@dataclass(frozen=True)
class Due:
    """A review whose release is due, whether both have signed it, and its folder once published."""

    review: Review
    signed: bool
    folder: Path | None = None

    @property
    def name(self) -> str:
        """Country, period and version, and whether it is signed: what a run is keyed by."""
        version = f"{self.review.country}-{self.review.period}-v{self.review.version}"
        return f"{version}-{'signed' if self.signed else 'to-sign'}"


def move_on(home: Home, store: Store, day: dt.date) -> list[Due]:
    """Plan reviews of the home's candidates, make every move that is due; the releases due."""
    made = []
    with store.write() as session:
        for folder in sorted(home.candidates.glob("[A-Z][A-Z]/[0-9]*Q[1-4]")):
            plan_due(session, folder.parent.name, folder.name, day)
        for review in session.scalars(sa.select(Review).where(Review.state.in_(_OPEN))).all():
            made += reviews.advance(session, review.id, day)
        for country in session.scalars(sa.select(Review.country).distinct()).all():
            lapse_take_downs(session, country, day)
    if set(made) & set(_BOX_CHANGES):
        settle(store)
    deliver_events(store, home.ledger)
    with store.read() as session:
        due = session.scalars(
            sa.select(Review)
            .where(Review.state == State.SCHEDULED, Review.publishes_on <= day)
            .order_by(Review.country, Review.period, Review.version)
        ).all()
    return [Due(review, is_signed(prepared_folder(home, review))) for review in due]


def publish_due(home: Home, store: Store, period: str, day: dt.date, again: Again) -> list[Due]:
    """Prepare the releases of a period that are due, and publish those that are signed.

    Releases of any period are brought in line with the take-downs for harm first. ``again`` builds
    a candidate anew where a council withholds something of it.
    """
    found = []
    apply_take_downs(home, store)
    for due in move_on(home, store, day):
        if due.review.period != period:
            continue
        prepared = prepare_release(home, store, due.review.id, day, again)
        folder = None
        if is_signed(prepared):
            folder = publish_release(home, store, due.review.id, day)
        found.append(Due(due.review, folder is not None, folder))
    return found


def shown_folders(home: Home) -> list[Path]:
    """The signed folder of each country that pages show: its newest release in force.

    Before a country's first release, its newest candidate, which says on every page what it is.
    """
    return [
        newest_release(home, folder.parent.name) or folder for folder in newest_candidates(home)
    ]
