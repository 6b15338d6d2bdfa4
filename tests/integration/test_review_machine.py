"""Whatever anybody does in whatever order: the rules of a review hold.

A machine takes actions at random by every role, permitted or not, sensible or not, and compares the
store with a small model of what must be true. It runs on both databases; ``-m slow`` takes
thousands of sequences.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

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
    recommendations,
    responses,
    reviews,
)
from pipelines.participation.events import deliver_events
from pipelines.participation.models import Base, Packet, Review
from pipelines.participation.people import Actor, Refused
from pipelines.participation.policies import DATES
from pipelines.participation.record import review_record
from pipelines.participation.states import TRANSITIONS, State
from pipelines.participation.store import Store
from pipelines.participation.verdicts import Answer, Choice
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
    Council,
    frozen,
    rows_hash,
    seat_council,
)

SEATS = 5
OUTSIDERS = (SECRETARY, OTHER_SECRETARY, RAPPORTEUR, AUTHORITY, ENGINEER)
ACTORS = st.integers(0, SEATS + len(OUTSIDERS) - 1)
_RAPPORTEUR = SEATS + OUTSIDERS.index(RAPPORTEUR)
SIDES = st.one_of(st.tuples(ACTORS, ACTORS), st.sampled_from([(0, _RAPPORTEUR), (_RAPPORTEUR, 0)]))
"""Who proposes and who agrees; half of the time the two that may."""
SEAT = st.integers(0, SEATS - 1)
INDICATOR = st.sampled_from(INDICATORS)
VOTING_ENDS = (State.AWAITING_RESPONSE, State.SCHEDULED)


class ReviewMachine(RuleBasedStateMachine):
    """One council of five and one review; ``store`` is set by the test."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.day = OPENING - dt.timedelta(days=2)
        self.editions = dict.fromkeys(INDICATORS, 0)
        self.votes: dict[tuple[int, str, str], str] = {}
        self.final: dict[tuple[int, str, str], str] = {}
        self.moved = False
        self.opened: dict[str, Any] = {}
        self.published = False
        self.result: Any = None
        with self.store.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(sa.delete(table))
            self.council: Council = seat_council(session, SEATS)
            review = reviews.plan_review(
                session, COUNTRY, PERIOD, reviews.Dates.from_opening(OPENING)
            )
            session.flush()
            self.review_id = review.id
            self.states = [State(review.state)]

    def actor(self, number: int) -> Actor:
        return self.council.actors[number] if number < SEATS else OUTSIDERS[number - SEATS]

    def attempt(self, act: Callable[[Any], object]) -> bool:
        """Do something in a transaction; whether it was let through."""
        try:
            with self.store.write() as session:
                self.result = act(session)
        except Refused:
            return False
        return True

    def review(self) -> Review:
        with self.store.read() as session:
            return session.get_one(Review, self.review_id)

    def noted(self) -> None:
        """Remember the states that were passed."""
        state = State(self.review().state)
        if state != self.states[-1]:
            self.states.append(state)

    # What time does.

    @initialize(opens=st.integers(0, 3))
    def most_reviews_are_opened(self, opens: int) -> None:
        if opens:
            self.day = OPENING
            self.open(SEATS)

    @rule(days=st.integers(0, 6))
    def time_passes(self, days: int) -> None:
        self.day += dt.timedelta(days=days)
        with self.store.write() as session:
            made = reviews.advance(session, self.review_id, self.day)
        self.states += [transition_target(name) for name in made]
        if self.states[-1] in VOTING_ENDS and not self.final:
            self.final = dict(self.votes)
            self.votes.clear()

    @rule()
    def a_phase_passes(self) -> None:
        review = self.review()
        ahead = [getattr(review, name) for name in DATES if getattr(review, name) > self.day]
        if ahead:
            self.time_passes((ahead[0] - self.day).days)

    # What people do, whoever they are.

    @rule(number=ACTORS)
    def open(self, number: int) -> None:
        if self.attempt(
            lambda session: reviews.open_review(
                session, self.actor(number), self.review_id, frozen(self.editions), self.day
            )
        ):
            assert self.actor(number) in (SECRETARY, OTHER_SECRETARY)
            self.council.slips = list(self.result)
            review = self.review()
            self.opened = {name: getattr(review, name) for name in FROZEN}
            self.noted()

    @rule(
        number=ACTORS,
        seat=SEAT,
        indicator=INDICATOR,
        choice=st.sampled_from([*Choice, Choice.HARM, *Answer]),
        question=st.sampled_from(["indicator", "indicator", "objection", "harm"]),
        edition=st.integers(-1, 0),
    )
    def vote(
        self, number: int, seat: int, indicator: str, choice: str, question: str, edition: int
    ) -> None:
        if not self.council.slips:
            return
        seat %= len(self.council.slips)  # who paused before the opening has none
        seen = self.editions[indicator] + (edition if number % 3 == 0 else 0)
        cast = self.attempt(
            lambda session: ballots.cast_ballot(
                session,
                self.actor(number),
                self.review_id,
                self.council.slips[seat],
                ballots.Vote(indicator, rows_hash(indicator, seen), choice, question, "reason"),
            )
        )
        if cast:
            assert number < SEATS, "only members vote"
            assert seen == self.editions[indicator], "a ballot binds to the rows in force"
            self.votes[seat, indicator, question] = str(choice)

    @rule(
        indicator=INDICATOR,
        choices=st.lists(
            st.sampled_from(["", *Choice, *[Choice.HARM] * 4]), min_size=SEATS, max_size=SEATS
        ),
        upheld=st.sampled_from(Answer),
    )
    def the_council_votes(self, indicator: str, choices: list[str], upheld: str) -> None:
        """Members vote as they should: alone, and on what the discussion has to decide."""
        for seat, choice in enumerate(choices):
            if choice:
                self.vote(seat, seat, indicator, choice, "indicator", 0)
                self.vote(seat, seat, indicator, upheld, "harm", 0)

    @rule(number=st.one_of(ACTORS, st.just(0)), indicator=INDICATOR)
    def correct(self, number: int, indicator: str) -> None:
        editions = {**self.editions, indicator: self.editions[indicator] + 1}
        changed = self.attempt(
            lambda session: reviews.take_correction(
                session, self.actor(number), self.review_id, frozen(editions), self.day
            )
        )
        if changed and self.result:
            assert number == 0, "only the council's delegate asks for corrected figures"
            self.editions = editions
            self.opened |= {"manifest": frozen(editions).manifest}
            self.opened |= {"vintage": frozen(editions).vintage}
            self.votes = {key: said for key, said in self.votes.items() if key[1] != indicator}

    @rule(
        sides=SIDES,
        name=st.sampled_from(DATES),
        days=st.integers(-5, 40),
    )
    def move_a_date(self, sides: tuple[int, int], name: str, days: int) -> None:
        review = self.review()
        to = getattr(review, name) + dt.timedelta(days=days)
        payload = {"review_id": self.review_id, "name": name, "to": to.isoformat()}

        def both(session: Any) -> object:
            act = joint_acts.propose(
                session, self.actor(sides[0]), "move_date", payload, "reason", self.day
            )
            session.flush()
            return joint_acts.agree(session, self.actor(sides[1]), act.id, self.day)

        if self.attempt(both):
            sides = {self.actor(sides[0]), self.actor(sides[1])}
            assert sides == {RAPPORTEUR, self.council.delegate}
            assert not self.moved
            assert 0 < days <= 30
            self.moved = True
            for later in DATES[DATES.index(name) :]:
                self.opened[later] += dt.timedelta(days=days)

    @rule(sides=SIDES, value=st.integers(1, 9))
    def change_the_quorum(self, sides: tuple[int, int], value: int) -> None:
        def both(session: Any) -> object:
            act = joint_acts.propose(
                session, self.actor(sides[0]), "change_setting",
                {"name": "quorum", "value": value}, "reason", self.day,
            )  # fmt: skip
            session.flush()
            return joint_acts.agree(session, self.actor(sides[1]), act.id, self.day)

        self.attempt(both)

    @rule(number=SEAT, paused=st.booleans(), leaves=st.booleans())
    def pause_or_leave(self, number: int, paused: bool, leaves: bool) -> None:
        self.attempt(lambda session: electorate.pause(session, self.actor(number), paused=paused))
        if leaves and number > 2:
            self.attempt(lambda session: electorate.leave(session, self.actor(number)))

    @rule(number=ACTORS, indicator=INDICATOR, kind=st.sampled_from(discussion.KINDS))
    def speak(self, number: int, indicator: str, kind: str) -> None:
        actor = self.actor(number)
        self.attempt(
            lambda session: discussion.comment(
                session, actor, self.review_id, indicator, "text", self.day
            )
        )
        self.attempt(
            lambda session: discussion.state_words(
                session, actor, self.review_id, indicator, kind, "text"
            )
        )

    @rule(number=ACTORS, indicator=INDICATOR)
    def answer_and_ask(self, number: int, indicator: str) -> None:
        actor = self.actor(number)
        day, review_id = self.day, self.review_id
        self.attempt(
            lambda session: responses.respond(session, actor, review_id, indicator, "no", day)
        )
        self.attempt(
            lambda session: access.request_change(session, actor, review_id, indicator, "x", day)
        )
        self.attempt(
            lambda session: access.record_access(session, actor, "view", review_id, "page", day)
        )
        self.attempt(
            lambda session: agenda.put_on_agenda(
                session, actor, "set_priorities", "text", day, due_on=day
            )
        )
        self.attempt(lambda session: agenda.answer_item(session, actor, 1, "x", "no_change", day))
        self.attempt(
            lambda session: recommendations.answer_recommendation(
                session, actor, 1, "text", "accepted", day
            )
        )

    @rule(number=ACTORS)
    def publish(self, number: int) -> None:
        """Publishing asks for no actor: two signatures are checked on the folder before it."""
        before = self.review()
        done = self.attempt(
            lambda session: (
                review_record(session, self.review_id),
                reviews.mark_published(session, self.review_id, "f" * 64, self.day),
            )
        )
        if done:
            assert before.state == State.SCHEDULED
            assert self.day >= before.publishes_on
            self.published = True
            self.noted()

    @rule(number=ACTORS, seat=SEAT, indicator=INDICATOR)
    def take_down(self, number: int, seat: int, indicator: str) -> None:
        if not self.council.slips:
            return
        seat %= len(self.council.slips)
        down = self.attempt(
            lambda session: after_publication.take_down(
                session, self.actor(number), self.review_id, indicator, "harm", self.day,
                token=self.council.slips[seat],
            )
        )  # fmt: skip
        assert not down or self.published

    @rule(sides=SIDES)
    def withdraw(self, sides: tuple[int, int]) -> None:
        def both(session: Any) -> object:
            act = joint_acts.propose(
                session, self.actor(sides[0]), "withdraw", {"review_id": self.review_id},
                "reason", self.day,
            )  # fmt: skip
            session.flush()
            return joint_acts.agree(session, self.actor(sides[1]), act.id, self.day)

        if self.attempt(both):
            assert {self.actor(sides[0]), self.actor(sides[1])} == {
                RAPPORTEUR,
                self.council.delegate,
            }
            self.noted()

    # What must be true after each of them.

    @invariant()
    def nothing_frozen_changes(self) -> None:
        if self.opened:
            review = self.review()
            assert {name: getattr(review, name) for name in FROZEN} == self.opened
            with self.store.read() as session:
                seats = session.scalar(sa.select(sa.func.count()).select_from(box.Token))
            assert seats == self.opened["electorate"]

    @invariant()
    def the_box_holds_exactly_the_votes_that_count(self) -> None:
        with self.store.read() as session:
            held = Counter(
                session.execute(
                    sa.select(box.Ballot.indicator_id, box.Ballot.question, box.Ballot.choice)
                ).all()
            )
        expected = Counter(
            (indicator, question, said) for (_, indicator, question), said in self.votes.items()
        )
        assert Counter({tuple(key): count for key, count in held.items()}) == expected

    @invariant()
    def a_review_moves_only_as_the_table_says(self) -> None:
        ways = {(one.source, one.target) for one in TRANSITIONS}
        assert set(zip(self.states, self.states[1:], strict=False)) <= ways

    @invariant()
    def only_the_council_sets_h(self) -> None:
        with self.store.read() as session:
            withheld = session.scalars(
                sa.select(Packet.indicator_id).where(Packet.verdict == "withheld")
            ).all()
        for indicator in withheld:
            assert self.harm_ballots(indicator) >= 2

    def harm_ballots(self, indicator: str) -> int:
        return sum(
            key[1:] == (indicator, "indicator") and said == Choice.HARM
            for key, said in self.final.items()
        )

    def teardown(self) -> None:
        """The calendar ends every review; the chain verifies and tells the same story."""
        self.final = self.final or dict(self.votes)
        far = self.day + dt.timedelta(days=400)
        with self.store.write() as session:
            reviews.advance(session, self.review_id, far)
        review = self.review()
        assert review.state in (
            State.SCHEDULED, State.PUBLISHED, State.WITHDRAWN,
        ), "awaiting_response always ends"  # fmt: skip
        with self.store.write() as session:
            record = review_record(session, self.review_id)
        if not self.opened:
            assert record.expired
            assert record.verdict(INDICATORS[0]) == "not_reviewed"
        assert all(one.verdict != "pending" for one in record.indicators.values())
        for name in INDICATORS:
            overruled = Counter(
                said for key, said in self.final.items() if key[1:] == (name, "harm")
            )
            if self.harm_ballots(name) < 2:
                assert record.verdict(name) != "withheld"
            elif overruled[Answer.NO] <= overruled[Answer.YES]:
                assert record.verdict(name) == "withheld"
        with tempfile.TemporaryDirectory() as folder:
            chain = Path(folder) / "ledger.jsonl"
            deliver_events(self.store, chain)
            ledger.verify_chain(chain)
            kinds = [entry.kind for entry in ledger.entries(chain)]
        assert kinds.count("release_published") == self.published
        assert kinds.count("review_opened") == bool(self.opened)


FROZEN = ("vintage", "manifest", "quorum", "electorate", "opens_on", *DATES)


def transition_target(name: str) -> State:
    return next(one.target for one in TRANSITIONS if one.name == name)


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    ("sequences", "steps"), [(15, 30), pytest.param(1000, 50, marks=pytest.mark.slow)]
)
def test_no_order_of_actions_breaks_a_rule(
    database: str, sequences: int, steps: int, tmp_path: Path
) -> None:
    with fresh_store(database, tmp_path) as store:
        machine = type("Machine", (ReviewMachine,), {"store": store})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=sequences,
                stateful_step_count=steps,
                deadline=None,
                phases=[Phase.generate],  # shrinking such sequences takes longer than reading one
                suppress_health_check=list(HealthCheck),
            ),
        )
