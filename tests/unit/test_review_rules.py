"""The tables and the arithmetic of a review: transitions, permissions, verdicts, bands, tokens."""

from __future__ import annotations

import datetime as dt
import inspect
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.participation import permissions, policies, tokens, verdicts
from pipelines.participation.after_publication import working_days_after
from pipelines.participation.people import Actor, Role
from pipelines.participation.states import OWNERS, TRANSITIONS, Mover, State, diagram
from pipelines.participation.verdicts import Choice
from pipelines.paths import CHECKOUT

COUNTS = st.builds(
    Counter, st.dictionaries(st.sampled_from([str(choice) for choice in Choice]), st.integers(0, 9))
)


def test_the_diagram_in_the_docs_is_the_table_in_the_code() -> None:
    page = (CHECKOUT / "docs" / "council-review.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}```" in page


def test_every_state_has_an_owner_and_can_be_reached() -> None:
    assert OWNERS.keys() == set(State)
    assert {one.target for one in TRANSITIONS} | {State.DRAFT} == set(State)


def test_nothing_but_dates_stands_between_opening_and_the_release() -> None:
    between = (State.INDEPENDENT, State.CONSOLIDATING, State.AWAITING_RESPONSE)
    ways = [one for one in TRANSITIONS if one.source in between]
    assert len(ways) == len(between)
    assert {one.mover for one in ways} == {Mover.DATE}


@pytest.mark.parametrize("module", [permissions, policies])
def test_every_check_has_a_can(module: object) -> None:
    names = [name for name, _ in inspect.getmembers(module, inspect.isfunction)]
    checks = [name for name in names if name.startswith("check_")]
    cans = [name for name in names if name.startswith("can_")]
    alone = {"check_country"}
    assert len(checks) - len(alone & set(checks)) == len(cans)


def test_the_state_may_answer_ask_and_nothing_else() -> None:
    authority = Actor(Role.AUTHORITY, "ZZ", delegate=True)
    may = {
        name
        for name, can in inspect.getmembers(permissions, inspect.isfunction)
        if name.startswith("can_") and can(authority)
    }
    assert may == {"can_answer", "can_request_change"}


def test_too_few_ballots_are_not_reviewed_and_silence_is_no_consent() -> None:
    nothing = Counter[str]()
    three = Counter({Choice.ENDORSE: 3, Choice.RECUSE: 2})
    assert verdicts.verdict(three, nothing, nothing, 4, held=False) == "not_reviewed"
    all_abstain = Counter({Choice.ABSTAIN: 7})
    assert verdicts.verdict(all_abstain, nothing, nothing, 4, held=False) == "not_reviewed"


def test_an_objection_is_upheld_by_a_majority_of_a_quorum() -> None:
    votes = Counter({Choice.ENDORSE: 5, Choice.OBJECT: 1})
    nothing = Counter[str]()

    def decided(yes: int, no: int) -> str:
        answers = Counter({"yes": yes, "no": no})
        return verdicts.verdict(votes, answers, nothing, 4, held=False)

    assert decided(4, 3) == "objected"
    assert decided(3, 4) == "endorsed_with_note"
    assert decided(3, 0) == "endorsed_with_note"


@given(votes=COUNTS, quorum=st.integers(1, 9))
def test_only_a_held_indicator_is_withheld(votes: Counter[str], quorum: int) -> None:
    nothing = Counter[str]()
    assert verdicts.verdict(votes, nothing, nothing, quorum, held=False) != "withheld"
    assert verdicts.verdict(votes, nothing, nothing, quorum, held=True) == "withheld"


@given(endorsing=st.integers(0, 30), seats=st.integers(1, 30))
def test_a_band_never_tells_how_everybody_or_a_few_voted(endorsing: int, seats: int) -> None:
    endorsing = min(endorsing, seats)
    band = verdicts.banded(Counter({Choice.ENDORSE: endorsing}), seats)[Choice.ENDORSE]
    if endorsing < 4 or seats - endorsing < 4:
        alike = [
            other
            for other in range(seats + 1)
            if verdicts.banded(Counter({Choice.ENDORSE: other}), seats)[Choice.ENDORSE] == band
        ]
        assert len(alike) > 1


def test_a_band_says_which_counts_it_holds() -> None:
    seven = verdicts.banded(Counter({Choice.ENDORSE: 4, Choice.OBJECT: 3}), 7)
    assert (seven[Choice.ENDORSE], seven[Choice.OBJECT]) == ("4 or more", "0-3")
    twelve = verdicts.banded(Counter({Choice.ENDORSE: 6, Choice.OBJECT: 9}), 12)
    assert (twelve[Choice.ENDORSE], twelve[Choice.OBJECT]) == ("6", "9 or more")


def test_a_token_survives_being_typed_from_paper() -> None:
    token = tokens.new_token()
    typed = token.lower().replace("-", " ").replace("o", "0")
    assert tokens.digest(typed) == tokens.digest(token)
    with pytest.raises(tokens.TokenError) as refused:
        tokens.digest("not a token")
    assert "not a token" not in str(refused.value).replace("the token is not", "")


@given(st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_keys_of_two_ballots_can_not_be_paired_without_the_token(parts: list[str]) -> None:
    token = tokens.new_token()
    one, other = (tokens.ballot_key(token, part) for part in parts)
    assert one != other
    assert tokens.digest(token) not in (one, other)


def test_twenty_working_days_skip_weekends() -> None:
    friday = dt.date(2025, 3, 28)
    assert working_days_after(friday, 1) == dt.date(2025, 3, 31)
    assert working_days_after(friday, 20) == dt.date(2025, 4, 25)
    assert working_days_after(dt.date(2025, 3, 29), 1) == dt.date(2025, 3, 31)
