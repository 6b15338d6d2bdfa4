"""Each side's part, from its form to where the others read it."""

from __future__ import annotations

import datetime as dt

import httpx
from starlette.testclient import TestClient

from tests.portal_kit import World, form_key
from tests.review_kit import OPENING


def send(client: TestClient, shown_on: str, to: str, **fields: str) -> httpx.Response:
    """Open a page, fill in its form and send it."""
    page = client.get(shown_on)
    assert page.status_code == 200, page.text
    answer = client.post(to, data={"form_key": form_key(page), **fields})
    assert answer.status_code == 303, answer.text
    return answer


def test_the_agenda_is_answered_and_the_council_judges_the_answer(world: World) -> None:
    member, delegate = world.signed_in("member 1"), world.signed_in("member 0")
    rapporteur = world.signed_in("river")
    send(member, "/agenda", "/agenda", kind="change_wording", text="Say people, not spells.")
    send(rapporteur, "/agenda", "/agenda/1/answer", text="It is our unit.", result="no_change")
    send(delegate, "/agenda", "/agenda/1/judge", judgement="reject", text="It is cold.")
    said = member.get("/said").text
    for words in ("Say people, not spells.", "It is our unit.", "It is cold."):
        assert words in said


def test_the_state_comments_after_the_council_and_all_can_read_it(world: World) -> None:
    world.clock.go_to(OPENING + dt.timedelta(days=21))
    state = world.signed_in("ministry")
    send(state, f"{world.packet}/answer", f"{world.packet}/answer", text="The law has changed.")
    member = world.signed_in("member 1")
    assert "The law has changed." in member.get(world.packet).text
    assert "The law has changed." in member.get("/register").text


def test_a_request_to_withhold_and_each_look_are_on_the_list_that_all_can_read(
    world: World,
) -> None:
    state = world.signed_in("ministry")
    state.get(world.packet)
    send(state, f"{world.packet}/request", f"{world.packet}/request", text="Leave it out.")
    world.signed_in("member 2").get(world.packet)
    text = world.signed_in("member 1").get("/access").text
    assert "Leave it out." in text
    assert text.count("The State") == 2
    assert "Council member" not in text


def test_settings_change_only_when_council_and_rapporteur_agree(world: World) -> None:
    delegate, rapporteur = world.signed_in("member 0"), world.signed_in("river")
    fields = {"kind": "change_setting", "name": "quorum", "value": "5", "reason": "We are seven."}
    send(delegate, "/settings", "/settings", **fields)
    assert "/agree" not in delegate.get("/settings").text
    shown = rapporteur.get("/settings").text
    act = shown.partition("/settings/")[2].partition("/agree")[0]
    send(rapporteur, "/settings", f"/settings/{act}/agree")
    assert "We are seven." not in rapporteur.get("/settings").text
    world.clock.go_to(OPENING + dt.timedelta(days=60))
    assert "(Now: 5)" in world.signed_in("member 0").get("/settings").text


def test_a_recommendation_is_answered_by_the_state_and_stays_when_withdrawn(world: World) -> None:
    member, state, rapporteur = (world.signed_in(one) for one in ("member 1", "ministry", "river"))
    fields = {"text": "Pay within a year.", "addressee": "The courts", "due": "2025-09-01"}
    send(member, "/register", "/register", paragraph="71", **fields)
    send(state, "/register", "/register/1/reply", text="Agreed.", status="accepted")
    send(rapporteur, "/register", "/register/1/withdraw")
    text = member.get("/register").text
    for words in ("Pay within a year.", "Agreed.", "Withdrawn"):
        assert words in text


def test_a_declared_interest_leaves_only_stepping_aside(world: World) -> None:
    member = world.signed_in("member 1")
    indicator = world.packet.rsplit("/", 1)[1]
    send(member, "/seat", "/seat/interest", indicator=indicator, text="I work there.")
    ballot = member.get(f"{world.packet}/ballot").text
    assert 'value="recuse"' in ballot
    assert 'value="endorse"' not in ballot


def test_a_member_pauses_and_comes_back(world: World) -> None:
    member = world.signed_in("member 1")
    send(member, "/seat", "/seat/pause", paused="yes")
    assert "Come back" in member.get("/seat").text
    send(member, "/seat", "/seat/pause", paused="no")
    assert "Come back" not in member.get("/seat").text
