"""A real Chromium over the served site; without one, tests skip with a reason, and fail in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from dashboards.site import build_site
from dashboards.site.serve import server_of
from tests.kept import kept_candidate

HERE = Path(__file__).resolve().parent


def _need(present: bool, what: str) -> None:
    """Skip on a machine without the tool; fail where continuous integration should have it."""
    if not present:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is not installed")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, the one that is packaged for the machine."""
    path = shutil.which("chromium")
    _need(path is not None, "chromium (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core in the version that package-lock.json fixes."""
    script = HERE / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        npm = shutil.which("npm")
        _need(npm is not None, "npm (apt install npm)")
        options = ["--no-audit", "--no-fund", "--silent"]
        subprocess.run([str(npm), "ci", "--prefix", str(HERE), *options], check=True)
    return script.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the made-up candidate."""
    home = tmp_path_factory.mktemp("home")
    return build_site([kept_candidate(home)], home / "site").index.parent


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served, on loopback."""
    with server_of(site, port=0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


Violations = Callable[[str, int], list[str]]


@pytest.fixture(scope="session")
def violations(chromium: Browser, axe: str) -> Violations:
    """Open an address at a width; returns what axe finds wrong, one line each."""

    def look(url: str, width: int) -> list[str]:
        # The page's own policy forbids scripts: only the checker is let past it.
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, bypass_csp=True, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(url)
        page.evaluate(axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        context.close()
        return [
            f"{problem['id']} ({problem['impact']}): {node['html'][:160]}"
            for problem in found["violations"]
            for node in problem["nodes"]
        ]

    return look
