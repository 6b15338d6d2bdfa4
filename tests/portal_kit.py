"""A portal for tests: a candidate, a council with accounts, a review on any day.

Argon2id runs with its smallest cost here; the real cost is tested once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path

import httpx
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from dashboards.portal import Portal, accounts, create_app
from dashboards.portal.tables import Account
from pipelines.participation import electorate, reviews, tokens
from pipelines.participation.models import random_key
from pipelines.participation.people import Actor, Role
from pipelines.paths import Home
from pipelines.release.reviewing import freeze_candidate
from tests import candidate_kit
from tests.kept import kept_candidate
from tests.review_kit import OPENING, SECRETARY, seat_council

PASSPHRASE = "four words that agree"
ADDRESS = "https://localhost"
INDICATOR = "retrafficking_service_recorded"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_KEYS = tokens.new_member_keys(PASSPHRASE)
_HASH = _CHEAP.hash(PASSPHRASE)
_MORNING = dt.datetime.combine(OPENING, dt.time(9), dt.UTC)
HANDLES = {
    Role.COUNCIL_SECRETARY: "heron",
    Role.RAPPORTEUR: "river",
    Role.AUTHORITY: "ministry",
    Role.ENGINEER: "lathe",
}
MEMBERS = tuple(f"member {number}" for number in range(7))


@dataclass
class Clock:
    """A clock that a test sets."""

    now: dt.datetime

    def __call__(self) -> dt.datetime:
        return self.now

    def go_to(self, day: dt.date) -> None:
        self.now = dt.datetime.combine(day, dt.time(9), dt.UTC)


@dataclass
class World:
    """A portal with its clock. ``slips`` are of the members without keys."""

    portal: Portal
    clock: Clock
    review_id: str
    rows_hash: str
    members: list[str] = field(default_factory=list)
    slips: tuple[str, ...] = ()

    def client(self, *, language: str = "en") -> TestClient:
        """A browser that follows nothing by itself and shows server errors as answers."""
        return TestClient(
            create_app(self.portal),
            base_url=ADDRESS,
            raise_server_exceptions=False,
            follow_redirects=False,
            headers={"accept-language": language},
        )

    def signed_in(self, handle: str, *, language: str = "en") -> TestClient:
        client = self.client(language=language)
        page = client.get("/sign-in")
        answer = client.post(
            "/sign-in",
            data={"form_key": form_key(page), "handle": handle, "passphrase": PASSPHRASE},
        )
        assert answer.status_code == 303, answer.text
        return client

    @property
    def review(self) -> str:
        return f"/reviews/{self.review_id}"

    @property
    def packet(self) -> str:
        return f"{self.review}/indicators/{INDICATOR}"


def form_key(page: httpx.Response) -> str:
    """The key of a page's last form."""
    return unescape(re.findall(r'name="form_key" value="([^"]*)"', page.text)[-1])


def hidden(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of a page, as a browser would send them."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def world(folder: Path, *, opened: bool = True, keyless: int = 1, url: str | None = None) -> World:
    """A home with a candidate and a council of seven, the last ``keyless`` with paper slips.

    ``url`` is of a PostgreSQL database for the store; else it is SQLite.
    """
    home = Home.find(folder)
    kept_candidate(home.candidates)
    clock = Clock(_MORNING)
    portal = Portal.of(home, url)
    portal.clock = clock
    with portal.store.write() as session:
        council = seat_council(session)
        session.flush()
        for number, (member, handle) in enumerate(zip(council.members, MEMBERS, strict=True)):
            if number < len(MEMBERS) - keyless:
                electorate.set_keys(session, member.id, *_KEYS)
            session.add(_account(handle, Role.COUNCIL_MEMBER, member.id))
        for role, handle in HANDLES.items():
            session.add(_account(handle, role))
        session.add(_account("egret", Role.COUNCIL_SECRETARY))
        review = reviews.plan_review(
            session, "ZZ", candidate_kit.PERIOD, reviews.Dates.from_opening(OPENING)
        )
        session.flush()
        review_id = review.id
    frozen = freeze_candidate(home, "ZZ", candidate_kit.PERIOD)
    slips: tuple[str, ...] = ()
    if opened:
        with portal.store.write() as session:
            slips = reviews.open_review(session, SECRETARY, review_id, frozen, OPENING)
    members = [member.id for member in council.members]
    return World(portal, clock, review_id, frozen.rows[INDICATOR], members, slips)


def actor(role: Role) -> Actor:
    return Actor(role, "ZZ", role)


def invited(world: World, role: Role) -> str:
    """The code of a new invitation."""
    with world.portal.store.write() as session:
        return accounts.invite(session, role, "ZZ", world.portal.today)


def _account(handle: str, role: Role, member_id: str = "") -> Account:
    return Account(
        id=random_key(),
        handle=handle,
        role=role,
        country="ZZ",
        member_id=member_id,
        passphrase=_HASH,
    )


def reopened(first: World, folder: Path, url: str | None = None) -> World:
    """The same portal in a copy of its home, with a clock and limits of its own."""
    clock = Clock(_MORNING)
    portal = Portal.of(Home.find(folder), url)
    portal.clock = clock
    return replace(first, portal=portal, clock=clock)
