"""The site as people meet it: on a small phone, without scripts, with a screen reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Violations

INDICATOR = "indicators/retrafficking-service-recorded.html"
PAGES = [
    "index.html",
    INDICATOR,
    "data.html",
    "context.html",
    "words.html",
    "es/index.html",
    f"es/{INDICATOR}",
]
PAGES += [f"{language}/{page}" for language in ("fr", "ar") for page in ("index.html", INDICATOR)]
WIDTHS = [320, 1280]


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page 320 px wide that runs no script of the site's."""
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(violations: Violations, address: str, path: str, width: int) -> None:
    assert violations(f"{address}/{path}", width) == []


@pytest.mark.parametrize(
    "path",
    [*PAGES, "methods.html", "about.html", "es/data.html", "ar/data.html", "ar/context.html"],
)
def test_nothing_scrolls_sideways_on_a_small_phone(
    chromium: Browser, address: str, path: str
) -> None:
    page = chromium.new_page(viewport={"width": 320, "height": 640})
    page.goto(f"{address}/{path}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


@pytest.mark.parametrize("path", PAGES)
def test_no_other_host_is_asked_and_nothing_breaks_the_policy(
    chromium: Browser, address: str, path: str
) -> None:
    page = chromium.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
    page.goto(f"{address}/{path}", wait_until="networkidle")
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}
    assert [text for text in complaints if "favicon" not in text] == []
    page.close()


def test_a_reader_without_scripts_gets_from_home_to_a_figure_and_its_file(
    phone: Page, address: str
) -> None:
    phone.goto(f"{address}/index.html")
    phone.get_by_role("link", name="Trafficked again after support").click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Trafficked again after support"
    assert "95% interval" in phone.locator(".key-figure").inner_text()
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Rows of this indicator (CSV)").click()
    assert download.value.suggested_filename.startswith("synthetic-ZZ-2024Q4-")


def test_the_language_switch_leads_to_the_same_page(phone: Page, address: str) -> None:
    phone.goto(f"{address}/{INDICATOR}")
    phone.get_by_role("link", name="Español").click()
    phone.wait_for_url(f"{address}/es/{INDICATOR}")
    assert phone.locator("html").get_attribute("lang") == "es"


def test_arabic_is_laid_out_from_right_to_left_and_its_charts_are_not(
    chromium: Browser, address: str
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/ar/{INDICATOR}")
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == ("ar", "rtl")

    def left(selector: str) -> float:
        box = page.locator(selector).first.bounding_box()
        assert box
        return box["x"]

    assert left(".brand") > left(".top nav"), "the name is at the right, where reading begins"
    assert left("main table th") > left("main table td"), "and so is a table's first column"
    page.goto(f"{address}/ar/indicators/inspection-firewall.html")
    years = page.request.get(str(page.locator("main img").first.evaluate("i => i.src"))).text()
    assert years.index("2021") < years.index("2023"), "time still runs to the right"
    page.close()


def test_the_first_tab_stop_leads_past_the_menu(phone: Page, address: str) -> None:
    phone.goto(f"{address}/index.html")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.wait_for_url(f"{address}/index.html#content")


def test_every_chart_is_drawn_says_its_finding_and_has_its_table(
    chromium: Browser, address: str
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}/{INDICATOR}")
    charts = page.locator("main img").all()
    assert len(charts) >= 5
    assert len(charts) == page.locator("main .part table").count()
    for chart in charts:
        assert chart.evaluate("image => image.naturalWidth") > 0
        said = chart.get_attribute("alt") or ""
        assert said.startswith("Chart")
        assert "%" in said
    page.close()


def test_the_folder_opens_from_a_disk_with_its_styles(chromium: Browser, site: Path) -> None:
    page = chromium.new_page()
    page.goto((site / "index.html").as_uri())
    family = page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
    assert "Palatino" in family
    page.close()
