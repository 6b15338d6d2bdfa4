"""What every answer carries, and what none gives away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboards.portal import guard
from dashboards.portal.app import create_app
from dashboards.portal.guard import Guard
from tests.portal_kit import ADDRESS, World, form_key, hidden

PATHS = ("/", "/sign-in", "/home", "/nowhere", "/leave", "/safety")


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_closed_to_scripts_frames_caches_and_other_hosts(
    shared: World, path: str
) -> None:
    headers = shared.client().get(path).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_cookies_are_for_this_host_alone_and_closed_to_scripts(shared: World) -> None:
    client = shared.client()
    page = client.get("/sign-in")
    answer = client.post(
        "/sign-in",
        data={**hidden(page), "handle": "heron", "passphrase": "four words that agree"},
    )
    for cookie in (page.headers["set-cookie"], answer.headers["set-cookie"]):
        assert cookie.startswith("__Host-")
        for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"):
            assert part in cookie


def test_an_error_that_nobody_foresaw_shows_and_logs_no_value(
    capsys: pytest.CaptureFixture[str], shared: World
) -> None:
    def broken(request: Request) -> None:
        raise ValueError("the secret word")

    app = Starlette(routes=[Route("/", broken)])
    desk = create_app(shared.portal).user_middleware[0].kwargs["error_page"]
    client = TestClient(Guard(app, desk), ADDRESS, raise_server_exceptions=False)
    answer = client.get("/")
    assert answer.status_code == 500
    said = answer.text + capsys.readouterr().err
    assert "ValueError at " in said
    assert "secret word" not in said
    assert "Traceback" not in said


def test_a_body_larger_than_any_form_is_not_read(shared: World) -> None:
    answer = shared.client().post("/sign-in", data={"handle": "x" * guard.LARGEST_BODY})
    assert answer.status_code == 413


def test_a_host_name_that_is_not_ours_gets_nothing(shared: World) -> None:
    answer = shared.client().get("/sign-in", headers={"host": "elsewhere.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "/\\example.org"])
def test_nobody_is_led_to_another_site(shared: World, back: str) -> None:
    answer = shared.client().get("/language/es", params={"back": back})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize(
    "path",
    ["/style/../portal.py", "/style/%2e%2e%2fportal.py", "/charts/../../keys/portal.secret"],
)
def test_no_path_leads_to_a_file(shared: World, path: str) -> None:
    secret = (shared.portal.home.keys / "portal.secret").read_text(encoding="ascii")
    answer = shared.client().get(path)
    assert secret not in answer.text
    assert "def " not in answer.text


@pytest.mark.parametrize("name", ["../../../keys/portal.secret", "%2e%2e%2f", "trend%00", "nope"])
def test_a_chart_is_a_drawing_of_the_packet_or_nothing(shared: World, name: str) -> None:
    assert shared.signed_in("heron").get(f"{shared.packet}/charts/{name}").status_code == 404


def test_what_people_write_is_shown_and_never_run(world: World) -> None:
    attack = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    secretary = world.signed_in("heron")
    form = {"form_key": form_key(secretary.get("/agenda")), "kind": "change_wording"}
    assert secretary.post("/agenda", data={**form, "text": attack}).status_code == 303
    for path in ("/agenda", "/said"):
        text = secretary.get(path).text
        assert "&lt;script&gt;alert(1)" in text
        assert not re.search(r"<script|<img[^>]*onerror", text)


def test_the_portal_holds_no_script_and_no_style_in_its_pages() -> None:
    folder = Path(guard.__file__).parent / "templates"
    for template in folder.glob("*.j2"):
        text = template.read_text(encoding="utf-8")
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|https?://", text), template
