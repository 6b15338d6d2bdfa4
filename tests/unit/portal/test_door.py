"""Coming in: invitations that work once, limits by the clock, forms that are ours, sessions."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from dashboards.portal import accounts
from dashboards.portal.limits import Limit
from dashboards.portal.tables import PortalBase, SealedSession
from pipelines.participation.people import Role
from tests.portal_kit import World, form_key, hidden, invited

NOW = dt.datetime(2025, 2, 17, 9, tzinfo=dt.UTC)


def accept(
    client: TestClient, code: str, handle: str, passphrase: str = "one two three four"
) -> int:
    form = {"form_key": form_key(client.get("/invitation")), "code": code, "handle": handle}
    answer = client.post(
        "/invitation", data={**form, "passphrase": passphrase, "again": passphrase}
    )
    return answer.status_code


def test_an_invitation_works_once_and_the_passphrase_is_argon2id(world: World) -> None:
    code = invited(world, Role.AUTHORITY)
    first = world.client()
    assert accept(first, code, "Ministry of Nothing") == 303
    assert first.get("/home").status_code == 200
    assert accept(world.client(), code, "another") == 409
    with world.portal.store.read() as session:
        account = accounts.find_account(session, " ministry  of NOTHING ")
        assert account is not None
        assert account.passphrase.startswith("$argon2id$v=19$m=65536,")


def test_an_invitation_ends_after_its_days(world: World) -> None:
    code = invited(world, Role.ENGINEER)
    world.clock.now += dt.timedelta(days=accounts.INVITATION_DAYS + 1)
    assert accept(world.client(), code, "late") == 409


@pytest.mark.parametrize("passphrase", ["short", "x" * 257])
def test_a_passphrase_that_can_be_guessed_is_not_taken(world: World, passphrase: str) -> None:
    assert accept(world.client(), invited(world, Role.ENGINEER), "word", passphrase) == 409


def test_the_secretary_invites_to_a_seat_and_the_member_finds_the_portal(world: World) -> None:
    with world.portal.store.write() as session:
        account = accounts.find_account(session, "member 5")
        assert account is not None
        session.delete(account)
    secretary = world.signed_in("heron")
    page = secretary.get("/seats")
    shown = secretary.post(
        "/seats", data={"form_key": form_key(page), "seat": world.members[5]}
    ).text
    code = shown.partition('<code dir="ltr">')[2].partition("</code>")[0]
    member = world.client()
    assert accept(member, code, "swift") == 303
    assert "Reviews" in member.get("/home").text


def test_a_limit_counts_by_the_clock_it_is_given() -> None:
    limit = Limit(2, dt.timedelta(minutes=15))
    assert [limit.wait(NOW, "a") for _ in range(3)] == [0, 0, 900]
    assert limit.wait(NOW, "b") == 0
    assert limit.wait(NOW + dt.timedelta(minutes=14), "a") == 60
    assert limit.wait(NOW + dt.timedelta(minutes=15), "a") == 0


def test_guessing_a_passphrase_is_stopped_and_let_go_later(world: World) -> None:
    client = world.client()
    form = {"form_key": form_key(client.get("/sign-in")), "handle": "heron", "passphrase": "no"}
    statuses = [client.post("/sign-in", data=form).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
    right = {**form, "passphrase": "four words that agree"}
    assert client.post("/sign-in", data=right).status_code == 429
    world.clock.now += dt.timedelta(minutes=15)
    assert client.post("/sign-in", data=right).status_code == 303


def test_a_wrong_name_and_a_wrong_passphrase_are_answered_alike(world: World) -> None:
    answers = []
    for handle in ("heron", "no such word"):
        client = world.client()
        form = {"form_key": form_key(client.get("/sign-in")), "handle": handle}
        answers.append(client.post("/sign-in", data={**form, "passphrase": "not this one"}))
    first, second = (
        answer.text.replace(form_key(answer), "").replace("no such word", "heron")
        for answer in answers
    )
    assert first == second


@pytest.mark.parametrize("key", ["", "forged", "anothers"])
def test_a_form_that_is_not_this_visitors_does_nothing(world: World, key: str) -> None:
    secretary, other = world.signed_in("heron"), world.signed_in("egret")
    if key == "anothers":
        key = form_key(other.get("/agenda"))
    form = {"form_key": key, "kind": "change_wording", "text": "say it shorter"}
    shown = secretary.post("/agenda", data=form)
    assert shown.status_code == 409
    assert "say it shorter" in shown.text
    assert "change_wording" not in secretary.get("/said").text


def test_a_form_that_adds_something_adds_it_once(world: World) -> None:
    secretary = world.signed_in("heron")
    page = secretary.get("/agenda")
    form = {"form_key": form_key(page), "kind": "change_wording", "text": "say it shorter"}
    for _ in range(3):
        assert secretary.post("/agenda", data=form).status_code == 303
    assert secretary.get("/agenda").text.count("say it shorter") == 1


def test_leaving_ends_the_session_and_empties_the_browser(world: World) -> None:
    client = world.signed_in("member 0")
    cookies = dict(client.cookies)
    answer = client.get("/leave")
    assert answer.headers["location"] == "/elsewhere"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    client.cookies.update(cookies)
    assert client.get("/home").status_code == 401


def test_the_tables_of_the_portal_say_neither_who_came_nor_when(world: World) -> None:
    world.signed_in("member 0")
    with world.portal.store.read() as session:
        rows = session.scalars(sa.select(SealedSession)).all()
        ids = {account for (account,) in session.execute(sa.text("select id from portal_accounts"))}
    assert rows
    for row in rows:
        assert not any(one.encode() in row.sealed for one in ids | set(world.members))
        assert row.ends_on == world.portal.today + dt.timedelta(days=1)
    timed = [
        column.name
        for table in PortalBase.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.DateTime)
    ]
    assert timed == []


def test_a_member_who_left_cannot_come_back(world: World) -> None:
    client = world.signed_in("member 3")
    client.post("/seat/leave", data={"form_key": form_key(client.get("/seat")), "sure": "yes"})
    again = world.client()
    page = again.get("/sign-in")
    form = {**hidden(page), "handle": "member 3", "passphrase": "four words that agree"}
    assert again.post("/sign-in", data=form).status_code == 403
