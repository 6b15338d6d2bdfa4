"""Thirty reviewers on a slow line: every page of every role, in bytes and in seconds.

The line is slow 3G: 400 kbit/s and 400 ms a round trip, with nothing kept from the page before. A
page costs the connection (TCP and TLS 1.3: two round trips), a request and answer, the slow start
of the answer (ten segments, then twice as many each round trip; RFC 6928), the same for what it
loads, which comes over the same connection, and the bytes themselves. That a browser needs no
longer is measured in ``tests/browser``.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil, log2

import httpx
import pytest
from starlette.testclient import TestClient

from dashboards.portal.routes import ROUTES, Entry
from dashboards.portal.words import load_words
from pipelines.participation.models import Review
from pipelines.participation.states import State
from tests.portal_kit import INDICATOR, World
from tests.review_kit import OPENING

ROUND_TRIP, BYTES_A_SECOND = 0.4, 400_000 / 8
FIRST_WINDOW = 10 * 1460
HEAVIEST, LONGEST = 50_000, 5.0
REVIEWERS = 30
ROLES = ("member 0", "member 6", "heron", "river", "ministry", "lathe")
PAGES = [entry for entry in ROUTES if entry.method == "GET" and entry.path != "/leave"]
LOADED = re.compile(r'<(?:link rel="stylesheet" href|img[^>]* src|script[^>]* src)="(/[^"]*)"')


def seconds(sizes: list[int]) -> float:
    """How long the parts of a page (bytes, the page itself first) take on such a line."""
    windows = [max(0, ceil(log2(size / FIRST_WINDOW + 1)) - 1) for size in sizes]
    trips = 2 + min(len(sizes), 2) + sum(windows)  # what a page loads is asked for at once
    return trips * ROUND_TRIP + sum(sizes) / BYTES_A_SECOND


def weight(answer: httpx.Response) -> int:
    """Bytes of an answer with its headers, as they travel."""
    headers = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
    return headers + int(answer.headers.get("content-length", len(answer.content)))


def parts(client: TestClient, path: str) -> list[int] | None:
    """The sizes of a page and of what it loads; None where the page is not for this visitor."""
    page = client.get(path)
    if page.status_code in (303, 401, 403, 404, 409):
        return None
    assert page.status_code == 200, (path, page.text)
    return [weight(page), *(weight(client.get(one)) for one in LOADED.findall(page.text))]


def address(entry: Entry, world: World) -> str:
    return entry.path.format(
        review=world.review_id, indicator=INDICATOR, chart="trend", code="en", name="x.css"
    )


def test_the_reckoning_is_that_of_the_line() -> None:
    assert seconds([1_000]) == pytest.approx(3 * 0.4 + 0.02)
    assert seconds([20_000, 10_000]) == pytest.approx(5 * 0.4 + 0.6)


@pytest.mark.parametrize("language", list(load_words()))
def test_every_page_of_every_role_is_light_and_in_time(shared: World, language: str) -> None:
    shared.portal.limits.address.most = 10**6
    seen: dict[str, list[int]] = {}
    for role in ROLES:
        client = shared.signed_in(role, language=language)
        for entry in PAGES:
            found = parts(client, address(entry, shared))
            if found:
                seen[f"{role} {entry.path}"] = found
    assert {path for name in seen for path in [name.partition(" /")[2]]} >= {"home", "pay", "seat"}
    heavy = {name: sum(sizes) for name, sizes in seen.items() if sum(sizes) > HEAVIEST}
    slow = {
        name: round(seconds(sizes), 2) for name, sizes in seen.items() if seconds(sizes) > LONGEST
    }
    assert (heavy, slow) == ({}, {})


@pytest.mark.parametrize(
    ("days", "role", "page"),
    [
        (14, "member 0", "discussion"),
        (21, "ministry", "answer"),
        (42, "member 0", "after"),
        (42, "river", "after"),
    ],
)
def test_so_are_the_pages_of_later_days(world: World, days: int, role: str, page: str) -> None:
    world.clock.go_to(OPENING + dt.timedelta(days=days))
    client = world.signed_in(role, language="ar")
    client.get("/home")
    if page == "after":
        with world.portal.store.write() as session:
            review = session.get_one(Review, world.review_id)
            review.state, review.release = State.PUBLISHED, "f" * 64
    found = parts(client, f"{world.packet}/{page}")
    assert found
    assert sum(found) <= HEAVIEST
    assert seconds(found) < LONGEST


def test_thirty_at_once_on_such_a_line_wait_no_longer(shared: World) -> None:
    """What the server adds while thirty read: its slowest answer, on top of the line's time."""
    shared.portal.limits.address.most = 10**6
    client = shared.signed_in("member 0")
    paths = ["/home", shared.review, shared.packet, f"{shared.packet}/ballot", "/seat"]
    sizes = {path: parts(client, path) for path in paths}

    def read(number: int) -> tuple[str, float]:
        path = paths[number % len(paths)]
        begun = time.perf_counter()
        assert client.get(path).status_code == 200
        return path, time.perf_counter() - begun

    with ThreadPoolExecutor(REVIEWERS) as pool:
        waited = list(pool.map(read, range(REVIEWERS)))
    whole = {path: seconds(sizes[path] or []) + took for path, took in waited}
    assert max(whole.values()) < LONGEST, whole
