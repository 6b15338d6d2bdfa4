"""The truth of what lies beside the life course, against people whose events are simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from pipelines.synthetic.contact import Contact, meet
from pipelines.synthetic.course import RETURNED, LifeCourse, live
from pipelines.synthetic.draws import NEVER, Draw, Ints
from pipelines.synthetic.parameters import Course, Parameters, Scenario
from pipelines.synthetic.people import People, draw_people
from pipelines.synthetic.providers import all_providers
from pipelines.synthetic.rows import EventRows
from pipelines.synthetic.side_events import side_events
from pipelines.synthetic.truth import Truth, expected
from pipelines.synthetic.vocabulary import OUTCOME, event_code

SIZE = 300_000
QUARTERS = 40
NAMES = [f"{2021 + q // 4}Q{q % 4 + 1}" for q in range(QUARTERS)]
PARAMETERS = Parameters()
STANDARD_ERRORS = 3.5


@dataclass(frozen=True)
class World:
    people: People
    life: LifeCourse
    contact: Contact
    events: np.ndarray

    def first(self, name: str, outcome: str | None = None) -> Ints:
        """The month of each person's first event of a type, NEVER without one."""
        chosen = self.events["type"] == event_code(name)
        if outcome:
            chosen &= self.events["outcome"] == OUTCOME.index(outcome)
        month = np.full(SIZE, NEVER, dtype=np.int64)
        np.minimum.at(month, self.events["who"][chosen], self.events["month"][chosen])
        return month


@pytest.fixture(scope="module")
def world() -> World:
    scenario = Scenario(late_entry=False, early_stop=False)
    providers = all_providers(QUARTERS, scenario)[:8]
    people = draw_people(Draw((12, 0), SIZE), 0, 3 * QUARTERS, PARAMETERS.population)
    life = live(Draw((12, 1), SIZE), people, PARAMETERS.course)
    contact = meet(Draw((12, 3), SIZE), people, life, providers, NEVER, scenario, PARAMETERS)
    rows = EventRows()
    horizon = np.full(SIZE, 100, dtype=np.int64)
    side_events(Draw((12, 5), SIZE), people, life, contact, horizon, rows, PARAMETERS)
    return World(people, life, contact, rows.gathered())


@pytest.fixture(scope="module")
def truth() -> Truth:
    return expected(PARAMETERS, Scenario(), 2021 * 12, QUARTERS, NAMES, SIZE)


def agrees(outcomes: np.ndarray, value: float) -> None:
    spread = (value * (1 - value) / outcomes.size) ** 0.5
    assert abs(outcomes.mean() - value) <= STANDARD_ERRORS * spread, (outcomes.mean(), value)


def test_training_that_every_end_forestalls(world: World, truth: Truth) -> None:
    start = world.life.spells[0].start
    trained = world.first("training_completed") <= start + 24
    agrees(trained[start < NEVER], truth.value("inclusion_training", horizon_months=24))


def test_an_independent_guardian_before_the_eighteenth_birthday(world: World, truth: Truth) -> None:
    alone = world.people.true["unaccompanied_or_separated_child"] == 1
    appointed = world.first("guardian_appointed", "independent")
    in_time = (appointed <= 3) & (appointed <= world.first("turned_18"))
    agrees(in_time[alone], truth.value("inclusion_child_guardian", horizon_months=3))


def test_support_without_formal_identification(world: World, truth: Truth) -> None:
    none = world.first("identified", "formal") > 12
    begun = world.life.spells[0].start < NEVER
    value = truth.value("inclusion_support_without_identification", horizon_months=12)
    agrees(none[begun], value)


@pytest.mark.parametrize("horizon", [12, 24])
def test_work_is_what_changed_last(world: World, truth: Truth, horizon: int) -> None:
    start, end = world.life.spells[0].start, world.life.end
    then = start + horizon
    at_work = world.people.true["in_work_at_start"] == 1
    begun, ended = world.first("work_started"), world.first("work_ended")
    working = (at_work | (begun <= then)) & (ended > then) & (end > then)
    adults = (start < NEVER) & ~world.people.child
    agrees(working[adults], truth.value("inclusion_work", horizon_months=horizon))

    state_known = (world.people.recorded["in_work_at_start"] >= 0) | (begun <= then)
    state_known |= ended <= then
    seen = adults & (end > then) & (world.contact.until >= then)
    [row] = [
        row
        for row in truth.expected
        if (row.indicator_id, row.measure, row.horizon_months)
        == ("inclusion_work", "value", horizon)
    ]
    ended_and_known = adults & (end <= then) & (world.life.cause != RETURNED)
    ended_and_known |= adults & (end <= then) & (end <= world.contact.until)
    known = (seen & state_known) | ended_and_known
    assert row.value_among_known is not None
    agrees(working[known], row.value_among_known)


@pytest.mark.parametrize("group", ["whole_year", "shorter"])
def test_retrafficking_after_the_landmark(world: World, group: str) -> None:
    # Nobody ends, so that a share is an incidence: the truth's hazards with ends are another thing.
    calm = Parameters(course=Course(died=1e-9, removed=0, returned=0))
    life = live(Draw((12, 7), SIZE), world.people, calm.course)
    spell = life.spells[0]
    landmark = spell.start + 12
    there = (spell.start < NEVER) & (spell.retrafficked > landmark)
    there &= (spell.exit >= landmark) if group == "whole_year" else (spell.exit < landmark)
    again = spell.retrafficked <= landmark + 24
    value = expected(calm, Scenario(), 2021 * 12, QUARTERS, NAMES, SIZE).value(
        "retrafficking_support_gap", group, horizon_months=24
    )
    agrees(again[there], value)
