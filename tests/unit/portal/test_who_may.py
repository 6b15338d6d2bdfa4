"""Every route by every role: the table of routes says who may, this table says who should."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from dashboards.portal.routes import ROUTES, Entry
from tests.portal_kit import INDICATOR, World

MEMBER, DELEGATE, SECRETARY = "member 1", "member 0", "heron"
RAPPORTEUR, AUTHORITY, ENGINEER = "river", "ministry", "lathe"
EVERYBODY = {MEMBER, DELEGATE, SECRETARY, RAPPORTEUR, AUTHORITY, ENGINEER}
MEMBERS, COUNCIL = {MEMBER, DELEGATE}, {MEMBER, DELEGATE, SECRETARY}
JOINT = {DELEGATE, RAPPORTEUR}
ANSWERING = {RAPPORTEUR, ENGINEER}
BEFORE_RELEASE = {RAPPORTEUR, AUTHORITY, ENGINEER}
_INDICATOR = "/reviews/{review}/indicators/{indicator}"

SHOULD: dict[str, set[str] | None] = {
    "GET /": None,
    "GET /safety": None,
    "GET /elsewhere": None,
    "GET /leave": None,
    "GET /language/{code}": None,
    "GET /style/{name}": None,
    "GET /sign-in": None,
    "POST /sign-in": None,
    "GET /invitation": None,
    "POST /invitation": None,
    "POST /sign-out": EVERYBODY,
    "GET /home": EVERYBODY,
    "GET /reviews/{review}": EVERYBODY,
    f"GET {_INDICATOR}": EVERYBODY,
    f"GET {_INDICATOR}/charts/{{chart}}": EVERYBODY,
    f"GET {_INDICATOR}/sheet": COUNCIL,
    f"GET {_INDICATOR}/ballot": MEMBERS,
    f"POST {_INDICATOR}/ballot": MEMBERS,
    f"GET {_INDICATOR}/ballot/counted": MEMBERS,
    "GET /reviews/{review}/paper": {SECRETARY},
    "POST /reviews/{review}/paper": {SECRETARY},
    "GET /reviews/{review}/open": {SECRETARY},
    "POST /reviews/{review}/open": {SECRETARY},
    "GET /reviews/{review}/correction": {DELEGATE},
    "POST /reviews/{review}/correction": {DELEGATE},
    f"GET {_INDICATOR}/discussion": COUNCIL,
    f"POST {_INDICATOR}/discussion": COUNCIL,
    f"POST {_INDICATOR}/discussion/decide": MEMBERS,
    f"POST {_INDICATOR}/discussion/words": COUNCIL,
    f"GET {_INDICATOR}/answer": {AUTHORITY},
    f"POST {_INDICATOR}/answer": {AUTHORITY},
    f"GET {_INDICATOR}/request": BEFORE_RELEASE,
    f"POST {_INDICATOR}/request": BEFORE_RELEASE,
    f"GET {_INDICATOR}/after": COUNCIL | {RAPPORTEUR},
    f"POST {_INDICATOR}/after": COUNCIL,
    f"POST {_INDICATOR}/after/take-down": MEMBERS | {RAPPORTEUR},
    f"POST {_INDICATOR}/after/confirm": {DELEGATE},
    "GET /agenda": COUNCIL | ANSWERING,
    "POST /agenda": COUNCIL,
    "POST /agenda/{number}/answer": ANSWERING,
    "POST /agenda/{number}/judge": {DELEGATE},
    "GET /said": COUNCIL | ANSWERING,
    "POST /said/{number}/answer": ANSWERING,
    "GET /register": EVERYBODY,
    "POST /register": COUNCIL | {RAPPORTEUR},
    "POST /register/{number}/reply": {AUTHORITY},
    "POST /register/{number}/withdraw": JOINT,
    "GET /settings": JOINT,
    "POST /settings": JOINT,
    "POST /settings/{act}/agree": JOINT,
    "GET /seat": MEMBERS,
    "POST /seat/pause": MEMBERS,
    "POST /seat/leave": MEMBERS,
    "POST /seat/interest": MEMBERS,
    "GET /seats": {SECRETARY},
    "POST /seats": {SECRETARY},
    "GET /pay": {SECRETARY},
    "POST /pay": {SECRETARY},
    "GET /access": EVERYBODY,
    "GET /engineer": {ENGINEER},
}


def ask(client: TestClient, entry: Entry, world: World) -> int:
    """The status of a route's answer; a form is sent with a key that is not one."""
    path = entry.path.format(
        review=world.review_id,
        indicator=INDICATOR,
        chart="trend",
        code="en",
        name="x.css",
        number="1",
        act="0",
    )
    if entry.method == "GET":
        return client.get(path).status_code
    return client.post(path, data={"form_key": "none"}).status_code


def test_every_route_is_in_the_table_of_this_test() -> None:
    assert {f"{entry.method} {entry.path}" for entry in ROUTES} == SHOULD.keys()
    assert {entry.method for entry in ROUTES} == {"GET", "POST"}


@pytest.mark.parametrize("handle", sorted(EVERYBODY))
def test_a_role_is_let_in_where_it_should_and_nowhere_else(shared: World, handle: str) -> None:
    client = shared.signed_in(handle)
    cookies = dict(client.cookies)
    wrong = []
    for entry in ROUTES:
        should = SHOULD[f"{entry.method} {entry.path}"]
        client.cookies.clear()
        client.cookies.update({} if entry.path == "/leave" else cookies)
        status = ask(client, entry, shared)
        if status >= 500 or (status in (401, 403)) != (should is not None and handle not in should):
            wrong.append(f"{entry.method} {entry.path}: {status}")
    assert wrong == []


def test_nobody_gets_past_the_door_without_signing_in(shared: World) -> None:
    wrong = []
    for entry in ROUTES:
        status = ask(shared.client(), entry, shared)
        open_to_all = SHOULD[f"{entry.method} {entry.path}"] is None
        if (status == 401) == open_to_all or status >= 500:
            wrong.append(f"{entry.method} {entry.path}: {status}")
    assert wrong == []


def test_another_countrys_review_is_out_of_reach(world: World) -> None:
    client = world.signed_in(RAPPORTEUR)
    assert client.get("/reviews/0123456789abcdef").status_code == 404
