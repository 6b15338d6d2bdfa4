"""Two hundred people at once: how long the portal makes them wait, and that it loses nothing.

The rule: the load is real (a server on loopback in a process of its own, every session with its own
cookie and ballot) and bounded: it ends after nine pages a person. Signing in is measured
apart, because Argon2id is meant to be slow. Run by ``make bench-portal``; it writes
``var/bench-portal.json`` and fails above the limit.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import multiprocessing
import re
import sys
import time
from html import unescape
from pathlib import Path
from random import Random
from statistics import quantiles

import httpx
import sqlalchemy as sa

from dashboards.portal.cookies import SESSION, Cookies
from dashboards.portal.portal import Portal
from dashboards.portal.serve import serve
from dashboards.portal.sessions import Held, begin, new_secret
from dashboards.portal.tables import Account
from pipelines.participation import electorate, reviews
from pipelines.participation.box import Ballot
from pipelines.participation.models import random_key
from pipelines.participation.people import Actor, Role
from pipelines.paths import Home
from pipelines.release.reviewing import freeze_candidate

PEOPLE, ROUNDS, PORT = 200, 2, 8297
LIMIT_MS = 300.0
THINKING = (5.0, 15.0)
"""Seconds between two pages of one person: nobody reads a page faster."""


def prepare(home: Home, country: str, period: str) -> tuple[Portal, str, str, list[str]]:
    """Seat ``PEOPLE`` members, open a review of a candidate, sign everybody in.

    Returns the portal, the review, an indicator that is asked, and a cookie a person.
    """
    portal, today = Portal.of(home), dt.datetime.now(dt.UTC).date()
    frozen = freeze_candidate(home, country, period)
    with portal.store.write() as session:
        members = [
            electorate.seat_member(
                session, country, called="", language="en", term_from=today, term_to=today
            )
            for _ in range(PEOPLE)
        ]
        session.flush()
        review = reviews.plan_review(session, country, period, reviews.Dates.from_opening(today))
        session.flush()
        secretary = Actor(Role.COUNCIL_SECRETARY, country, "bench")
        slips = reviews.open_review(session, secretary, review.id, frozen, today)
        cookies = []
        for member, slip in zip(members, slips, strict=True):
            account = random_key()
            session.add(
                Account(
                    id=account,
                    handle=account,
                    role=Role.COUNCIL_MEMBER,
                    country=country,
                    member_id=member.id,
                    passphrase="",
                )
            )
            secret = new_secret()
            begin(session, secret, Held(account, slips={review.id: slip}), today)
            cookies.append(Cookies(portal.secret).sign(SESSION, secret))
    return portal, review.id, sorted(frozen.asked)[0], cookies


async def visit(
    person: int, cookie: str, review: str, indicator: str, waits: list[float], failed: list[str]
) -> None:
    """One person looks at pages and votes once."""
    random = Random(person)  # noqa: S311 - the pace of a reader, no secret
    here = f"/reviews/{review}/indicators/{indicator}"
    headers = {"cookie": f"{SESSION}={cookie}"}
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{PORT}", headers=headers, timeout=60
    ) as client:

        async def timed(path: str, form: dict[str, str] | None = None) -> httpx.Response:
            await asyncio.sleep(random.uniform(*THINKING))
            begun = time.perf_counter()
            answer = await (client.post(path, data=form) if form else client.get(path))
            waits.append((time.perf_counter() - begun) * 1000)
            if answer.status_code not in (200, 303):
                failed.append(f"{path}: {answer.status_code}")
            return answer

        for _ in range(ROUNDS):
            for path in ("/home", f"/reviews/{review}", here):
                await timed(path)
        form = hidden_fields((await timed(f"{here}/ballot")).text)
        await timed(f"{here}/ballot", {**form, "choice": "endorse"})
        await timed(f"{here}/ballot/counted")


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    return {unescape(name): unescape(value) for name, value in found}


async def load(cookies: list[str], review: str, indicator: str) -> tuple[list[float], list[str]]:
    """Everybody at once; the waits in milliseconds and what failed."""
    waits: list[float] = []
    failed: list[str] = []
    await asyncio.gather(
        *(
            visit(person, cookie, review, indicator, waits, failed)
            for person, cookie in enumerate(cookies)
        )
    )
    return waits, failed


def main(home: Home, country: str, period: str, out: Path) -> int:
    """Run the load against a home with a candidate; the exit code."""
    portal, review, indicator, cookies = prepare(home, country, period)
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(home,), kwargs={"port": PORT, "drawn": True}, daemon=True
    )
    server.start()
    try:
        wait_until_served()
        waits, failed = asyncio.run(load(cookies, review, indicator))
    finally:
        server.terminate()
        server.join(10)
    with portal.store.read() as session:
        ballots = session.scalar(sa.select(sa.func.count()).select_from(Ballot)) or 0
    cuts = quantiles(waits, n=100)
    found = {
        "people": PEOPLE,
        "pages": len(waits),
        "p50_ms": round(cuts[49], 1),
        "p95_ms": round(cuts[94], 1),
        "max_ms": round(max(waits), 1),
        "failed": failed,
        "ballots": ballots,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{json.dumps(found)}\n")
    return int(bool(failed) or ballots != PEOPLE or cuts[94] > LIMIT_MS)


def wait_until_served() -> None:
    """Return once the server answers."""
    for _ in range(1200):
        try:
            httpx.get(f"http://127.0.0.1:{PORT}/safety")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the portal did not start within two minutes")


if __name__ == "__main__":
    folder, its_country, its_period = sys.argv[1:]
    sys.exit(main(Home.find(folder), its_country, its_period, Path("var/bench-portal.json")))
