"""Each side's part, from its form to where the others read it."""

from __future__ import annotations

import datetime as dt

import httpx
import pyarrow as pa
import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from pipelines.disclosure.table import ROW_SCHEMA
from pipelines.participation.box import Ballot
from pipelines.participation.models import Review
from pipelines.participation.seats import Pay
from pipelines.participation.states import State
from tests import candidate_kit
from tests.kept import kept_candidate
from tests.portal_kit import INDICATOR, World, form_key, hidden
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


def test_paid_hours_are_entered_once_within_the_cap_and_seen_by_their_member_alone(
    world: World,
) -> None:
    secretary = world.signed_in("heron")
    page = secretary.get("/pay")
    fields = {"form_key": form_key(page), "seat": world.members[1], "month": "2025-02"}
    for _ in range(2):  # a double click
        assert secretary.post("/pay", data={**fields, "hours": "6"}).status_code == 303
    assert "Hours: 6" in secretary.get("/pay").text
    assert "Hours: 6" in world.signed_in("member 1").get("/seat").text
    assert "Hours: 6" not in world.signed_in("member 2").get("/seat").text
    bad = {**fields, "form_key": form_key(secretary.get("/pay")), "month": "May", "hours": "1"}
    assert secretary.post("/pay", data=bad).status_code == 409
    with world.portal.store.read() as session:
        (entry,) = session.scalars(sa.select(Pay)).all()
    assert (entry.month, entry.hours) == ("2025-02", 6)


def test_a_minority_statement_is_printed_with_consent_and_the_name_its_author_chose(
    world: World,
) -> None:
    world.clock.go_to(OPENING + dt.timedelta(days=14))
    member = world.signed_in("member 1")
    shown, to = f"{world.packet}/discussion", f"{world.packet}/discussion/words"
    words = {"kind": "minority", "text": "I see it otherwise.", "signed_as": "A reader"}
    refused = member.post(to, data={"form_key": form_key(member.get(shown)), **words})
    assert "Please tick the box" in refused.text
    send(member, shown, to, **words, consent="yes")
    said = world.signed_in("member 2").get("/said").text
    assert "I see it otherwise." in said
    assert "A reader" in said
    council = {"form_key": form_key(member.get(shown)), "kind": "council", "text": "Ours."}
    assert member.post(to, data=council).status_code == 403


def _corrected(world: World) -> None:
    """A newer candidate, whose figures of one indicator are others."""
    rows = candidate_kit.rows().to_pylist()
    kept = [one for one in rows if one["indicator_id"] != INDICATOR or one["period"] != "2024"]
    table = pa.Table.from_pylist(kept, schema=ROW_SCHEMA)
    kept_candidate(world.portal.home.candidates, table)


def _votes(world: World) -> list[str]:
    with world.portal.store.read() as session:
        return sorted(session.scalars(sa.select(Ballot.indicator_id)))


def test_corrected_figures_reset_the_votes_on_them_and_no_others(world: World) -> None:
    other = "remedy_paid"
    for number, packet in ((1, INDICATOR), (2, INDICATOR), (1, other)):
        member = world.signed_in(f"member {number}")
        ballot = f"{world.review}/indicators/{packet}/ballot"
        page = member.get(ballot)
        answer = member.post(ballot, data={**hidden(page), "choice": "endorse"})
        assert answer.status_code == 303, answer.text
    delegate = world.signed_in("member 0")
    assert "no newer figures" in delegate.get(f"{world.review}/correction").text
    _corrected(world)
    assert _votes(world) == sorted([INDICATOR, INDICATOR, other])
    send(delegate, f"{world.review}/correction", f"{world.review}/correction")
    assert _votes(world) == [other]
    again = world.signed_in("member 1").get(world.packet).text
    assert "The figures were corrected during this review" in again


def test_what_is_published_is_corrected_by_a_review_of_its_own(world: World) -> None:
    with world.portal.store.write() as session:
        review = session.get_one(Review, world.review_id)
        review.state, review.release = State.PUBLISHED, "f" * 64
    _corrected(world)
    delegate = world.signed_in("member 0")
    send(delegate, f"{world.review}/correction", f"{world.review}/correction")
    with world.portal.store.read() as session:
        found = {one.version: one.state for one in session.scalars(sa.select(Review))}
    assert found == {1: State.PUBLISHED, 2: State.DRAFT}
    page = delegate.get(f"{world.review}/correction")
    answer = delegate.post(f"{world.review}/correction", data={"form_key": form_key(page)})
    assert answer.status_code == 409
    assert "planned or reviewed already" in answer.text


@pytest.mark.parametrize("handle", ["river", "heron", "member 2", "ministry"])
def test_only_the_delegate_asks_for_corrected_figures(world: World, handle: str) -> None:
    client = world.signed_in(handle)
    assert client.get(f"{world.review}/correction").status_code == 403
