"""The engineers' pages in a real browser: accessible, without scripts, on a small screen too."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from dashboards.engineers import build_pages
from dashboards.site.serve import server_of
from pipelines.assets.warehouse import ensure_manifest
from pipelines.paths import Home
from pipelines.registry import load_registry
from tests.browser.conftest import Violations
from tests.integration.test_engineers_pages import fill

PAGES = ["index", "deliveries", "quarantine", "checks", "lineage", "record"]


@pytest.fixture(scope="module")
def engineers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("engineers")
    home = Home(folder / "home")
    fill(home, folder / "sent")
    build_pages(home, ensure_manifest())
    with server_of(home.engineers, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing(violations: Violations, engineers: str, page: str) -> None:
    assert violations(f"{engineers}/{page}.html", 1280) == []


@pytest.mark.parametrize("page", PAGES)
def test_it_fits_a_small_screen_asks_no_other_host_and_keeps_its_policy(
    chromium: Browser, engineers: str, page: str
) -> None:
    view = chromium.new_page(viewport={"width": 320, "height": 640})
    asked: list[str] = []
    complaints: list[str] = []
    view.on("request", lambda request: asked.append(request.url))
    view.on("console", lambda message: complaints.append(message.text))
    view.goto(f"{engineers}/{page}.html", wait_until="networkidle")
    assert view.evaluate("document.documentElement.scrollWidth") <= 320
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(engineers).netloc}
    assert [text for text in complaints if "favicon" not in text] == []
    view.close()


def test_the_drawing_is_drawn_and_says_what_it_shows(chromium: Browser, engineers: str) -> None:
    view = chromium.new_page()
    view.goto(f"{engineers}/lineage.html")
    drawing = view.locator("img.drawing")
    assert drawing.evaluate("image => image.naturalWidth") > 1000
    assert f"{len(load_registry().indicators)} indicators" in (drawing.get_attribute("alt") or "")
    view.close()
