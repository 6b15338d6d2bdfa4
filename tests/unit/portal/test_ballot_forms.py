"""A vote is one ballot and none is lost, whatever happens between the form and the store."""

from __future__ import annotations

import datetime as dt

import httpx
import sqlalchemy as sa
from starlette.testclient import TestClient

from pipelines.participation.box import Ballot
from tests.portal_kit import World, form_key, hidden
from tests.review_kit import OPENING


def ballots(world: World) -> list[str]:
    """The choices in the box."""
    with world.portal.store.read() as session:
        return list(session.scalars(sa.select(Ballot.choice).order_by(Ballot.choice)))


def filled(page: httpx.Response, choice: str, reason: str = "because") -> dict[str, str]:
    return {**hidden(page), "choice": choice, "reason": reason}


def send(world: World, client: TestClient, form: dict[str, str]) -> httpx.Response:
    return client.post(f"{world.packet}/ballot", data=form)


def test_a_form_sent_twice_is_one_ballot(world: World) -> None:
    member = world.signed_in("member 0")
    form = filled(member.get(f"{world.packet}/ballot"), "object")
    answers = [send(world, member, form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert ballots(world) == ["object"]


def test_two_browsers_of_one_member_leave_one_ballot_and_lose_none(world: World) -> None:
    phone, desk = world.signed_in("member 0"), world.signed_in("member 0")
    on_phone = filled(phone.get(f"{world.packet}/ballot"), "endorse")
    on_desk = filled(desk.get(f"{world.packet}/ballot"), "object", "the wait is missing")
    assert send(world, phone, on_phone).status_code == 303
    shown = send(world, desk, on_desk)
    assert shown.status_code == 409
    assert "You have voted on this in the meantime" in shown.text
    assert "the wait is missing" in shown.text
    assert ballots(world) == ["endorse"]
    assert send(world, desk, filled(shown, "object", "the wait is missing")).status_code == 303
    assert ballots(world) == ["object"]


def test_an_old_form_repeated_late_does_not_replace_a_newer_vote(world: World) -> None:
    member = world.signed_in("member 0")
    old = filled(member.get(f"{world.packet}/ballot"), "endorse")
    send(world, member, old)
    send(world, member, filled(member.get(f"{world.packet}/ballot"), "abstain"))
    assert send(world, member, old).status_code == 409
    assert ballots(world) == ["abstain"]


def test_what_was_written_outlives_the_session(world: World) -> None:
    member = world.signed_in("member 0")
    form = filled(member.get(f"{world.packet}/ballot"), "harm", "people could be found")
    member.cookies.clear()
    asked = send(world, member, form)
    assert asked.status_code == 401
    assert "What you wrote is kept" in asked.text
    back = member.post(
        "/sign-in",
        data={**hidden(asked), "handle": "member 0", "passphrase": "four words that agree"},
    )
    assert back.headers["location"] == f"{world.packet}/ballot"
    again = member.get(back.headers["location"])
    assert "people could be found" in again.text
    assert ballots(world) == []
    assert send(world, member, filled(again, "harm", "people could be found")).status_code == 303
    assert ballots(world) == ["harm"]
    assert "people could be found" in member.get(f"{world.packet}/ballot").text


def test_an_expired_form_comes_back_with_what_was_written(world: World) -> None:
    member = world.signed_in("member 0")
    form = filled(member.get(f"{world.packet}/ballot"), "object", "not true of the islands")
    shown = send(world, member, {**form, "form_key": "worn out"})
    assert shown.status_code == 409
    assert "not true of the islands" in shown.text
    assert (
        send(world, member, filled(shown, "object", "not true of the islands")).status_code == 303
    )
    assert ballots(world) == ["object"]


def test_a_reason_is_asked_for_and_the_choice_is_kept(world: World) -> None:
    member = world.signed_in("member 0")
    shown = send(world, member, filled(member.get(f"{world.packet}/ballot"), "object", ""))
    assert shown.status_code == 409
    assert "This choice needs a reason" in shown.text
    assert 'value="object" required checked' in shown.text


def test_a_member_without_keys_votes_with_the_slip_typed_once(world: World) -> None:
    member, (slip,) = world.signed_in("member 6"), world.slips
    page = member.get(f"{world.packet}/ballot")
    assert 'name="token"' in page.text
    assert send(world, member, {**filled(page, "endorse"), "token": "A" * 26}).status_code == 409
    assert (
        send(world, member, {**filled(page, "endorse"), "token": slip.lower()}).status_code == 303
    )
    assert 'name="token"' not in member.get(f"{world.packet}/ballot").text
    assert ballots(world) == ["endorse"]


def test_two_secretaries_make_one_ballot_of_a_sheet(world: World) -> None:
    heron, egret = world.signed_in("heron"), world.signed_in("egret")
    (slip,) = world.slips
    sheet = {"token": slip, "choice": "object", "reason": "unfair"}
    sheet["indicator"] = world.packet.rsplit("/", 1)[1]

    def enter(who: TestClient, **changes: str) -> str:
        key = form_key(who.get(f"{world.review}/paper"))
        answer = who.post(f"{world.review}/paper", data={"form_key": key, **sheet, **changes})
        return answer.headers["location"].partition("said=")[2]

    assert [enter(heron), enter(heron)] == ["waits", "waits"]
    assert enter(egret, reason="unfare") == "differs"
    assert [enter(egret), enter(heron), enter(heron)] == ["waits", "counted", "counted"]
    assert ballots(world) == ["object"]


def test_voting_ends_on_its_day(world: World) -> None:
    member = world.signed_in("member 0")
    form = filled(member.get(f"{world.packet}/ballot"), "endorse")
    world.clock.go_to(OPENING + dt.timedelta(days=14))
    member = world.signed_in("member 0")
    assert member.get(f"{world.packet}/ballot").status_code == 409
    assert (
        send(world, member, {**form, "form_key": form_key(member.get("/home"))}).status_code == 409
    )
    assert ballots(world) == []
