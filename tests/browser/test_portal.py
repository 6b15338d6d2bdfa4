"""The portal as a reviewer meets it: a small phone, no scripts, a bad line, a hurried exit."""

from __future__ import annotations

import datetime as dt
import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route

from dashboards.portal import create_app
from pipelines.participation.box import Ballot
from pipelines.participation.reviews import find_review
from tests import portal_kit
from tests.portal_kit import PASSPHRASE, World
from tests.review_kit import OPENING

LANGUAGES = ("en", "es", "fr", "ar")
SLOW_3G = {
    "offline": False,
    "latency": 2000,
    "downloadThroughput": 50_000,
    "uploadThroughput": 50_000,
}
"""The preset of Chromium's developer tools: 400 kbit/s, two seconds a round trip."""
HEAVIEST, LONGEST = 50_000, 5.0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = portal_kit.world(tmp_path_factory.mktemp("portal"))
    with made.portal.store.read() as session:
        folder = made.portal.folder(find_review(session, made.review_id))
    for words in made.portal.words.values():
        made.portal.packets.text(folder, portal_kit.INDICATOR, words)
    made.portal.limits.address.most = 10_000
    yield made
    made.portal.store.engine.dispose()


@pytest.fixture(scope="module")
def portal(world: World) -> Iterator[str]:
    """Where the portal is served, on loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        config = uvicorn.Config(create_app(world.portal), access_log=False, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


Enter = Callable[..., Page]


@pytest.fixture
def enter(chromium: Browser, portal: str) -> Iterator[Enter]:
    """Sign in by the form on a small phone; returns the page."""
    contexts: list[BrowserContext] = []

    def sign_in(handle: str, *, language: str = "en", script: bool = False) -> Page:
        context = chromium.new_context(
            viewport={"width": 320, "height": 640},
            locale=language,
            java_script_enabled=script,
            bypass_csp=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{portal}/sign-in")
        page.fill("[name=handle]", handle)
        page.fill("[name=passphrase]", PASSPHRASE)
        page.click("main button")
        page.wait_for_url(f"{portal}/home")
        return page

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def votes(world: World) -> Iterator[Callable[[], list[str]]]:
    """The choices in the box; the box is emptied afterwards."""

    def look() -> list[str]:
        with world.portal.store.read() as session:
            return list(session.scalars(sa.select(Ballot.choice)))

    yield look
    with world.portal.store.write() as session:
        session.execute(sa.delete(Ballot))


def fill(page: Page, address: str, choice: str, reason: str = "The wait is not in it.") -> None:
    page.goto(address)
    page.check(f"[name=choice][value={choice}]")
    page.fill("[name=reason]", reason)


def paths(world: World, handle: str) -> list[str]:
    here, packet = world.review, world.packet
    if handle == "heron":
        return [f"{here}/paper", f"{packet}/sheet", "/seats", "/agenda", "/said", "/pay"]
    if handle == "member 0":
        own = ["/settings", "/seat", "/access"]
        return ["/home", here, packet, f"{packet}/ballot", f"{here}/correction", *own]
    return ["/register", f"{packet}/request", packet]


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_on_a_small_phone(
    enter: Enter, axe: str, portal: str, world: World, language: str
) -> None:
    wrong: list[str] = []

    def check(page: Page, path: str) -> None:
        page.goto(f"{portal}{path}")
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        wrong.extend(
            f"{path}: {problem['id']}: {node['html'][:120]}"
            for problem in found["violations"]
            for node in problem["nodes"]
        )
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{path}: scrolls sideways")
        if page.locator("html").get_attribute("lang") != language:
            wrong.append(f"{path}: another language")

    for handle in ("member 0", "heron", "ministry"):
        page = enter(handle, language=language, script=True)
        for path in paths(world, handle):
            check(page, path)
    page.goto(f"{portal}/leave")
    for path in ("/", "/safety", "/sign-in", "/invitation", "/elsewhere"):
        check(page, path)
    assert wrong == []


def test_no_other_host_is_asked_and_nothing_breaks_the_policy(
    enter: Enter, portal: str, world: World
) -> None:
    page = enter("member 0")
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for path in paths(world, "member 0"):
        page.goto(f"{portal}{path}", wait_until="networkidle")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(portal).netloc}
    assert complaints == []


def test_a_double_click_is_one_ballot(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    page = enter("member 1")
    fill(page, f"{portal}{world.packet}/ballot", "object")
    page.dblclick("main form button")
    page.wait_for_url("**/counted")
    assert "Your vote counts" in page.inner_text("h1")
    assert votes() == ["object"]


def test_a_connection_lost_after_sending_loses_nothing_and_doubles_nothing(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    page = enter("member 2")
    address = f"{portal}{world.packet}/ballot"

    def arrives_and_answer_is_lost(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    fill(page, address, "harm", "People could be found.")
    page.route(address, arrives_and_answer_is_lost, times=1)
    page.click("main form button", no_wait_after=True)
    page.wait_for_timeout(500)
    assert votes() == ["harm"]
    page.goto(address)
    assert page.is_checked("[name=choice][value=harm]")
    page.click("main form button")
    page.wait_for_url("**/counted")
    assert votes() == ["harm"]


def test_the_back_button_changes_the_vote_and_adds_none(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    page = enter("member 3")
    fill(page, f"{portal}{world.packet}/ballot", "endorse")
    page.click("main form button")
    page.wait_for_url("**/counted")
    page.go_back()
    page.check("[name=choice][value=abstain]")
    page.click("main form button")
    if not page.url.endswith("/counted"):  # an old form is asked once more
        assert "You have voted on this" in page.inner_text("main")
        assert page.is_checked("[name=choice][value=abstain]")
        page.click("main form button")
    page.wait_for_url("**/counted")
    assert votes() == ["abstain"]


def test_two_browsers_of_one_member_leave_one_ballot(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    phone, desk = enter("member 4"), enter("member 4")
    address = f"{portal}{world.packet}/ballot"
    fill(phone, address, "endorse")
    fill(desk, address, "object", "Not true of the islands.")
    phone.click("main form button")
    desk.click("main form button")
    assert "You have voted on this" in desk.inner_text("main")
    assert desk.input_value("[name=reason]") == "Not true of the islands."
    assert votes() == ["endorse"]
    desk.click("main form button")
    desk.wait_for_url("**/counted")
    assert votes() == ["object"]


def test_what_was_written_is_there_after_the_session_has_run_out(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    page = enter("member 5")
    fill(page, f"{portal}{world.packet}/ballot", "object", "It counts the wrong people.")
    page.context.clear_cookies()
    page.click("main form button")
    assert "What you wrote is kept" in page.inner_text("main")
    page.fill("[name=handle]", "member 5")
    page.fill("[name=passphrase]", PASSPHRASE)
    page.click("main form button")
    assert page.input_value("[name=reason]") == "It counts the wrong people."
    assert votes() == []
    page.click("main form button")
    page.wait_for_url("**/counted")
    assert votes() == ["object"]


def test_the_exit_leads_away_and_back_leads_to_the_door(
    enter: Enter, portal: str, world: World
) -> None:
    page = enter("member 0")
    page.goto(f"{portal}{world.packet}")
    page.get_by_role("link", name="Leave this page").click()
    assert page.title() == "Notes"
    page.go_back()
    assert "Sign in" in page.inner_text("h1")


def test_pages_are_light_and_usable_on_a_slow_line(enter: Enter, portal: str, world: World) -> None:
    page = enter("member 0")
    network = page.context.new_cdp_session(page)
    weight = 0

    def add(event: dict[str, float]) -> None:
        nonlocal weight
        weight += int(event["encodedDataLength"])

    network.on("Network.loadingFinished", add)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_3G)
    seen = {}
    for path in ("/", world.review, world.packet, f"{world.packet}/ballot"):
        weight, begun = 0, time.monotonic()
        page.goto(f"{portal}{path}", wait_until="load")
        seen[path] = (round(time.monotonic() - begun, 2), weight)
    heavy = {path: found for path, found in seen.items() if found[1] > HEAVIEST}
    slow = {path: found for path, found in seen.items() if found[0] > LONGEST}
    assert (heavy, slow) == ({}, {}), seen


def test_a_review_goes_on_by_its_dates_to_the_discussion(
    enter: Enter, portal: str, world: World, votes: Callable[[], list[str]]
) -> None:
    page = enter("member 1")
    fill(page, f"{portal}{world.packet}/ballot", "object", "The wait is missing.")
    page.click("main form button")
    world.clock.go_to(OPENING + dt.timedelta(days=14))
    page = enter("member 0")
    page.goto(f"{portal}{world.packet}/discussion")
    assert "The wait is missing." in page.inner_text("main")
    page.fill("#text", "I agree with this.")
    page.click("form:has(#text) button")
    assert page.inner_text("main").count("I agree with this.") == 1
    page.check("#objection-yes")
    page.click("form:has(#objection-yes) button")
    assert "Your vote counts: Yes" in page.inner_text("main")
