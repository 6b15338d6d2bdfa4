"""A review from opening to closing, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pipelines.participation import (
    access,
    after_publication,
    agenda,
    ballots,
    box,
    discussion,
    electorate,
    joint_acts,
    ledger,
    responses,
    reviews,
    tokens,
)
from pipelines.participation.events import deliver_events
from pipelines.participation.models import Base, Packet, Statement
from pipelines.participation.people import Refused
from pipelines.participation.store import Store, settle
from pipelines.participation.verdicts import Choice
from tests.integration.review_stores import DATABASES, fresh_store
from tests.review_kit import (
    AUTHORITY,
    COUNTRY,
    ENGINEER,
    INDICATORS,
    OPENING,
    OTHER_SECRETARY,
    PERIOD,
    RAPPORTEUR,
    SECRETARY,
    advance,
    frozen,
    opened,
    rows_hash,
    seat_council,
    token_of,
    vote,
)

DATES = reviews.Dates.from_opening(OPENING)
FIREWALL, GRANTED, PAID = INDICATORS


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request.param, tmp_path) as found:
        yield found


def packet(store: Store, review_id: str, indicator: str = FIREWALL) -> Packet:
    with store.read() as session:
        return session.get_one(Packet, (review_id, indicator))


def ballots_on(store: Store, indicator: str) -> int:
    with store.read() as session:
        return len(
            session.scalars(sa.select(box.Ballot).where(box.Ballot.indicator_id == indicator)).all()
        )


def test_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_a_review_goes_from_opening_to_scheduled_by_its_dates(store: Store) -> None:
    council, review_id = opened(store)
    for seat in range(5):
        vote(store, council, review_id, seat, Choice.ENDORSE)
    assert advance(store, review_id, DATES.consolidates_on) == ["consolidate"]
    assert advance(store, review_id, DATES.consolidates_on) == []
    assert advance(store, review_id, DATES.publishes_on) == ["ask", "schedule"]
    assert packet(store, review_id).verdict == "endorsed"
    assert packet(store, review_id).counts["endorse"] == "4 or more"
    assert packet(store, review_id, GRANTED).verdict == "not_reviewed"
    assert ballots_on(store, FIREWALL) == 0


def test_a_review_that_nobody_opened_expires(store: Store) -> None:
    with store.write() as session:
        review = reviews.plan_review(session, COUNTRY, PERIOD, DATES)
        session.flush()
        review_id = review.id
    assert advance(store, review_id, DATES.consolidates_on) == ["expire"]


def test_casting_twice_leaves_one_ballot(store: Store) -> None:
    council, review_id = opened(store)
    vote(store, council, review_id, 0, Choice.ENDORSE)
    vote(store, council, review_id, 0, Choice.OBJECT)
    assert ballots_on(store, FIREWALL) == 1
    with store.read() as session:
        own = ballots.own_ballot(session, review_id, council.slips[0], FIREWALL)
    assert own is not None
    assert own.choice == Choice.OBJECT


def test_changed_rows_void_their_ballots_and_no_others(store: Store) -> None:
    council, review_id = opened(store)
    vote(store, council, review_id, 0, Choice.ENDORSE)
    vote(store, council, review_id, 0, Choice.ENDORSE, indicator=GRANTED)
    with store.write() as session:
        changed = reviews.take_correction(
            session, council.delegate, review_id, frozen({GRANTED: 1}), OPENING
        )
    assert changed == [GRANTED]
    assert (ballots_on(store, FIREWALL), ballots_on(store, GRANTED)) == (1, 0)
    with pytest.raises(Refused, match="changed since this page was opened"):
        vote(store, council, review_id, 0, Choice.ENDORSE, indicator=GRANTED)
    vote(store, council, review_id, 0, Choice.ENDORSE, indicator=GRANTED, edition=1)


def test_two_harm_ballots_hold_and_the_discussion_decides(store: Store) -> None:
    council, review_id = opened(store)
    for seat in (0, 1):
        vote(store, council, review_id, seat, Choice.HARM, consent=True, reason="it names a street")
        vote(store, council, review_id, seat, Choice.HARM, indicator=GRANTED)
    for seat in range(2, 7):
        vote(store, council, review_id, seat, Choice.ENDORSE)
        vote(store, council, review_id, seat, Choice.ENDORSE, indicator=GRANTED)
    vote(store, council, review_id, 0, Choice.HARM, indicator=PAID)
    advance(store, review_id, DATES.consolidates_on)
    for seat in range(7):
        said = "no" if seat else "yes"
        vote(store, council, review_id, seat, said, question="harm")
    with pytest.raises(Refused, match="nothing is held"):
        vote(store, council, review_id, 0, "yes", indicator=PAID, question="harm")
    advance(store, review_id, DATES.asks_on)
    assert packet(store, review_id).verdict == "endorsed_with_note"
    assert packet(store, review_id, GRANTED).verdict == "withheld", "held and never decided"
    assert packet(store, review_id, PAID).verdict == "not_reviewed"
    with store.read() as session:
        kept = session.scalars(sa.select(Statement)).all()
    assert [one.kind for one in kept] == ["harm", "harm"]
    assert {one.text for one in kept} == {"it names a street"}


def test_a_paper_ballot_counts_when_two_people_read_the_same(store: Store) -> None:
    council, review_id = opened(store)
    entry = ballots.Vote(FIREWALL, rows_hash(FIREWALL), Choice.ABSTAIN)
    other = ballots.Vote(FIREWALL, rows_hash(FIREWALL), Choice.ENDORSE)
    outcomes = []
    for secretary, read in (
        (SECRETARY, entry), (SECRETARY, entry), (OTHER_SECRETARY, other),
        (OTHER_SECRETARY, entry), (SECRETARY, entry),
    ):  # fmt: skip
        with store.write() as session:
            outcomes.append(
                ballots.enter_paper_ballot(session, secretary, review_id, council.slips[0], read)
            )
    waits, counted, differs = ballots.Paper
    assert outcomes == [waits, waits, differs, waits, counted]
    assert ballots_on(store, FIREWALL) == 1


def test_a_member_with_keys_finds_the_token_in_the_envelope(store: Store) -> None:
    with store.write() as session:
        council = seat_council(session, 2)
        session.flush()
        electorate.set_keys(session, council.members[0].id, *tokens.new_member_keys("a long one"))
        review = reviews.plan_review(session, COUNTRY, PERIOD, DATES)
        session.flush()
        slips = reviews.open_review(session, SECRETARY, review.id, frozen(), OPENING)
        assert len(slips) == 1
        token = token_of(session, council.members[0], review.id, "a long one")
        assert token not in slips
        ballots.check_token(session, review.id, token)
        with pytest.raises(tokens.TokenError, match="passphrase"):
            token_of(session, council.members[0], review.id, "another")


def test_only_council_and_rapporteur_together_move_a_date_and_once(store: Store) -> None:
    council, review_id = opened(store)
    later = DATES.consolidates_on + dt.timedelta(days=30)
    move = {"review_id": review_id, "name": "consolidates_on", "to": later.isoformat()}
    with store.write() as session, pytest.raises(Refused):
        joint_acts.propose(session, AUTHORITY, "move_date", move, "we need time", OPENING)
    with store.write() as session:
        act = joint_acts.propose(session, RAPPORTEUR, "move_date", move, "a strike", OPENING)
        session.flush()
        with pytest.raises(Refused, match="other side"):
            joint_acts.agree(session, RAPPORTEUR, act.id, OPENING)
        joint_acts.agree(session, council.delegate, act.id, OPENING)
        review = reviews.find_review(session, review_id)
        assert review.consolidates_on == later
        assert review.publishes_on == DATES.publishes_on + dt.timedelta(days=30)
        again = joint_acts.propose(session, RAPPORTEUR, "move_date", move, "more", OPENING)
        session.flush()
        with pytest.raises(Refused, match="moved already"):
            joint_acts.agree(session, council.delegate, again.id, OPENING)


def test_the_state_answers_late_and_holds_nothing_up(store: Store) -> None:
    _, review_id = opened(store)
    advance(store, review_id, DATES.schedules_on)
    with store.write() as session:
        late = responses.respond(
            session, AUTHORITY, review_id, FIREWALL, "we differ", DATES.publishes_on
        )
        assert late.received_on > late.due_on
    with store.write() as session, pytest.raises(Refused):
        discussion.comment(session, AUTHORITY, review_id, FIREWALL, "let us in", OPENING)


def test_two_members_or_the_rapporteur_take_an_indicator_down(store: Store) -> None:
    council, review_id = opened(store)
    advance(store, review_id, DATES.publishes_on)
    day = DATES.publishes_on
    with store.write() as session:
        reviews.mark_published(session, review_id, "f" * 64, day)
    for seat, state in ((0, "asked"), (0, "asked"), (1, "down")):
        with store.write() as session:
            down = after_publication.take_down(
                session, council.actors[seat], review_id, FIREWALL, "found by her name", day,
                token=council.slips[seat],
            )  # fmt: skip
            assert down.state == state
    with store.write() as session:
        lapsed = after_publication.lapse_take_downs(session, COUNTRY, day + dt.timedelta(days=15))
        assert [one.state for one in lapsed] == ["lapsed"]


def test_the_ledger_tells_of_offices_and_never_of_members(store: Store, tmp_path: Path) -> None:
    council, review_id = opened(store)
    with store.write() as session:
        for actor in (AUTHORITY, ENGINEER, *council.actors):
            access.record_access(session, actor, "view", review_id, FIREWALL, OPENING)
        access.request_change(session, AUTHORITY, review_id, FIREWALL, "too low", OPENING)
    chain = tmp_path / "ledger.jsonl"
    assert deliver_events(store, chain) == 5
    assert deliver_events(store, chain) == 0
    ledger.verify_chain(chain)
    entries = ledger.entries(chain)
    assert [entry.kind for entry in entries] == [
        "review_planned", "review_opened", "access", "access", "change_requested",
    ]  # fmt: skip
    assert not any(member.id in chain.read_text() for member in council.members)


def test_settling_leaves_the_ballots_as_they_are(store: Store) -> None:
    council, review_id = opened(store)
    vote(store, council, review_id, 0, Choice.ENDORSE)
    settle(store)
    assert ballots_on(store, FIREWALL) == 1


def test_who_declared_an_interest_recuses(store: Store) -> None:
    council, review_id = opened(store)
    with store.write() as session:
        electorate.declare_conflict(session, council.actors[0], FIREWALL, "my employer")
    with pytest.raises(Refused, match="choose to recuse"):
        vote(store, council, review_id, 0, Choice.ENDORSE)
    vote(store, council, review_id, 0, Choice.RECUSE)
    vote(store, council, review_id, 0, Choice.ENDORSE, indicator=GRANTED)


def test_pay_is_entered_by_month_up_to_the_cap_of_a_later_period(store: Store) -> None:
    with store.write() as session:
        council = seat_council(session)
        session.flush()
        cap = {"name": "pay_cap_hours", "value": 10}
        act = joint_acts.propose(session, RAPPORTEUR, "change_setting", cap, "rest", OPENING)
        session.flush()
        joint_acts.agree(session, council.delegate, act.id, OPENING)
        member = council.members[0].id
        electorate.log_pay(session, SECRETARY, member, "2025-02", 30)  # the cap is of 2025Q2 on
        electorate.log_pay(session, SECRETARY, member, "2025-04", 10)
        session.flush()
        with pytest.raises(Refused, match="cap is 10 hours"):
            electorate.log_pay(session, SECRETARY, member, "2025-04", 1)
        assert [one.id for one in electorate.delegates(session, COUNTRY, OPENING)] == [member]


def test_an_answer_on_the_agenda_stands_when_the_council_accepts_it(store: Store) -> None:
    with store.write() as session:
        council = seat_council(session)
        session.flush()
        item = agenda.put_on_agenda(
            session, council.actors[1], "challenge_delivery", "it counts twice", OPENING,
            due_on=OPENING, delivery_id="a" * 64,
        )  # fmt: skip
        session.flush()
        assert item.number == 1
        late = OPENING + dt.timedelta(days=1)
        agenda.answer_item(session, RAPPORTEUR, 1, "it was corrected", "no_change", late)
        assert [one.number for one in agenda.challenged_deliveries(session, COUNTRY)] == [1]
        with pytest.raises(Refused, match="disagrees"):
            agenda.judge_answer(session, council.delegate, 1, accepted=False)
        agenda.judge_answer(session, council.delegate, 1, accepted=True)
        session.flush()
        assert agenda.challenged_deliveries(session, COUNTRY) == []


def test_the_ledger_tells_which_deliveries_are_doubted(store: Store, tmp_path: Path) -> None:
    """Candidates are built from the ledger, without the store: both must say the same."""
    chain = tmp_path / "chain.jsonl"

    def both_say() -> list[str]:
        deliver_events(store, chain)
        told = agenda.standing_challenges(ledger.entries(chain), COUNTRY)
        with store.read() as session:
            kept = agenda.challenged_deliveries(session, COUNTRY)
        assert told == sorted({item.delivery_id for item in kept})
        assert agenda.standing_challenges(ledger.entries(chain), "AA") == []
        return told

    with store.write() as session:
        council = seat_council(session)
        session.flush()
        for number, kind, delivery in (
            (1, "challenge_delivery", "A" * 8), (2, "set_priorities", ""),
            (3, "challenge_delivery", "b" * 64),
        ):  # fmt: skip
            item = agenda.put_on_agenda(
                session, council.actors[1], kind, "why", OPENING, due_on=OPENING,
                delivery_id=delivery,
            )  # fmt: skip
            session.flush()
            assert item.number == number
    assert both_say() == ["a" * 8, "b" * 64]
    for number, accepted in ((1, True), (2, True), (3, False)):
        with store.write() as session:
            agenda.answer_item(session, RAPPORTEUR, number, "so", "no_change", OPENING)
        assert both_say()[-1] == "b" * 64
        with store.write() as session:
            agenda.judge_answer(
                session, council.delegate, number, accepted=accepted, disagreement="no"
            )
    assert both_say() == []
    with store.write() as session:
        agenda.answer_item(session, RAPPORTEUR, 3, "looked again", "no_change", OPENING)
    assert both_say() == ["b" * 64], "a new answer has to be accepted again"


@pytest.mark.parametrize("delivery", ["a", "the one of May", "g" * 64])
def test_a_challenge_names_a_delivery(store: Store, delivery: str) -> None:
    with store.write() as session, pytest.raises(Refused, match="has 8 letters"):
        agenda.put_on_agenda(
            session, seat_council(session).delegate, "challenge_delivery", "why", OPENING,
            due_on=OPENING, delivery_id=delivery,
        )  # fmt: skip


def test_a_request_is_due_within_twenty_working_days(store: Store) -> None:
    council, review_id = opened(store)
    advance(store, review_id, DATES.publishes_on)
    with store.write() as session:
        reviews.mark_published(session, review_id, "f" * 64, DATES.publishes_on)
        asked = after_publication.ask(
            session, council.actors[2], review_id, PAID, "caveat", "say that it is late",
            DATES.publishes_on,
        )  # fmt: skip
        assert asked.due_on == DATES.publishes_on + dt.timedelta(days=28)
        session.flush()
        answered = after_publication.answer_request(
            session, ENGINEER, 1, "done in the next version", DATES.publishes_on, granted=True
        )
        assert answered.granted
