"""The truth file's recursions against life courses simulated directly, nobody lost to sight."""

from dataclasses import dataclass

import numpy as np
import pytest

from pipelines.synthetic.contact import Contact, meet
from pipelines.synthetic.course import DIED, REMOVED, RETURNED, LifeCourse, live
from pipelines.synthetic.draws import NEVER, Draw
from pipelines.synthetic.parameters import CHANNELS, SEXES, Parameters, Scenario
from pipelines.synthetic.people import People, draw_people
from pipelines.synthetic.providers import all_providers
from pipelines.synthetic.remedy import PARTLY, WITHDRAWN, RemedyCourse, seek_remedy
from pipelines.synthetic.truth import Truth, break_quarter, expected
from pipelines.synthetic.vocabulary import EXIT_REASON, RESIDENCE

SIZE = 300_000
QUARTERS = 40
NAMES = [f"{2021 + q // 4}Q{q % 4 + 1}" for q in range(QUARTERS)]
PARAMETERS = Parameters()
STANDARD_ERRORS = 3.5  # some forty comparisons with a fixed seed


@dataclass(frozen=True)
class World:
    people: People
    life: LifeCourse
    remedy: RemedyCourse
    contact: Contact


@pytest.fixture(scope="module")
def world() -> World:
    scenario = Scenario(late_entry=False, early_stop=False)
    providers = all_providers(QUARTERS, scenario)[:8]
    people = draw_people(Draw((11, 0), SIZE), 0, 3 * QUARTERS, PARAMETERS.population)
    life = live(Draw((11, 1), SIZE), people, PARAMETERS.course)
    remedy = seek_remedy(Draw((11, 2), SIZE), life.end, PARAMETERS.remedy)
    contact = meet(Draw((11, 3), SIZE), people, life, providers, NEVER, scenario, PARAMETERS)
    return World(people, life, remedy, contact)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return expected(PARAMETERS, Scenario(), 2021 * 12, QUARTERS, NAMES, SIZE)


def agrees(share: float, value: float, size: int) -> None:
    spread = (value * (1 - value) / size) ** 0.5
    assert abs(share - value) <= STANDARD_ERRORS * spread, (share, value, spread)


def among_known(truth: Truth, indicator: str, measure: str, horizon: int) -> float:
    [row] = [
        row
        for row in truth.expected
        if (row.indicator_id, row.measure, row.horizon_months, row.breakdown)
        == (indicator, measure, horizon, "total")
    ]
    assert row.value_among_known is not None
    return row.value_among_known


def incidence(time: np.ndarray, event: np.ndarray, competing: np.ndarray, horizon: int) -> float:
    """Aalen–Johansen; whoever has neither event is censored at ``time``."""
    surviving, reached = 1.0, 0.0
    for month in range(horizon + 1):
        at_risk = (time >= month).sum()
        now = time == month
        reached += surviving * (now & event).sum() / at_risk
        surviving *= 1 - (now & (event | competing)).sum() / at_risk
    return reached


@pytest.mark.parametrize("horizon", [12, 24, 36])
@pytest.mark.parametrize("sex", [None, *SEXES])
def test_retrafficking_incidence(world: World, truth: Truth, horizon: int, sex: str | None) -> None:
    spell, life = world.life.spells[0], world.life
    chosen = (spell.exit < NEVER) & (spell.exit < life.end) & (spell.exit <= world.contact.until)
    if sex:
        chosen &= world.people.sex == SEXES.index(sex)
    last = np.minimum(world.contact.until, life.end)
    time = np.minimum(spell.retrafficked, last)[chosen] - spell.exit[chosen]
    event = (spell.retrafficked <= last)[chosen]
    died = ((life.cause == DIED) & (life.end <= world.contact.until))[chosen] & ~event
    keys = {"breakdown": "sex", "category": sex} if sex else {}
    value = truth.value("retrafficking_service_recorded", horizon_months=horizon, **keys)
    still_seen = int((time >= horizon).sum() + event.sum())
    agrees(incidence(time, event, died, horizon), value, still_seen)


@pytest.mark.parametrize(("measure", "cause"), [("removed", REMOVED), ("returned", RETURNED)])
def test_leaving_the_country_after_an_exit(
    world: World, truth: Truth, measure: str, cause: int
) -> None:
    spell, life, until = world.life.spells[0], world.life, world.contact.until
    begun = spell.start < NEVER
    origin = np.minimum(spell.exit, until)
    chosen = (
        begun
        & (spell.start <= until)
        & ~((spell.exit == life.end) & (life.cause == DIED) & (life.end <= until))
    )
    happened = (life.cause == cause) & (life.end <= origin + 24)
    value = truth.value("retrafficking_service_recorded", measure, horizon_months=24)
    agrees(happened[chosen].mean(), value, int(chosen.sum()))


@pytest.mark.parametrize("horizon", [12, 24])
def test_secure_residence(world: World, truth: Truth, horizon: int) -> None:
    life = world.life
    cohort = world.people.residence >= RESIDENCE.index("temporary")
    secure = np.zeros(SIZE, dtype=bool)
    for granted, lapsed in zip(life.granted, life.lapsed, strict=True):
        secure |= (granted <= horizon) & (lapsed > horizon)
    held = secure & (life.end > horizon)
    value = truth.value("inclusion_secure_residence", horizon_months=horizon)
    agrees(held[cohort].mean(), value, int(cohort.sum()))

    until = world.contact.until
    ended = (life.end <= horizon) & ((life.cause != RETURNED) | (life.end <= until))
    known = cohort & (ended | ((until >= horizon) & (life.end > horizon)))
    agrees(
        held[known].mean(),
        among_known(truth, "inclusion_secure_residence", "value", horizon),
        int(known.sum()),
    )


def test_sustained_support(world: World, truth: Truth) -> None:
    life = world.life
    first, second = life.spells
    begun = first.start < NEVER
    then = first.start + 12
    inside = (first.exit > then) | ((second.start <= then) & (second.exit > then))
    inside &= life.end > then
    value = truth.value("inclusion_sustained_support", horizon_months=12)
    agrees(inside[begun].mean(), value, int(begun.sum()))

    until = world.contact.until
    ended = (life.end <= then) & ((life.cause != RETURNED) | (life.end <= until))
    known = begun & (ended | ((until >= then) & (life.end > then)))
    # Contact lost in the very month of the horizon closes the file.
    agrees(
        (inside & (until > then))[known].mean(),
        among_known(truth, "inclusion_sustained_support", "value", 12),
        int(known.sum()),
    )


@pytest.mark.parametrize("reason", ["completed", "independent", "lost_contact", "returned", "died"])
def test_exits_from_support_by_reason(world: World, truth: Truth, reason: str) -> None:
    spell, until = world.life.spells[0], world.contact.until
    begun = spell.start < NEVER
    last = np.minimum(spell.exit, until)
    why = np.where(spell.exit > until, EXIT_REASON.index("lost_contact"), spell.reason)
    out = (why == EXIT_REASON.index(reason)) & (last <= spell.start + 12)
    value = truth.value(
        "inclusion_sustained_support", f"exit_{reason}", horizon_months=12, cohort="2023"
    )
    agrees(out[begun].mean(), value, int(begun.sum()))


def test_every_step_of_the_remedy_funnel(world: World, truth: Truth) -> None:
    remedy = world.remedy
    granted = np.where(remedy.outcome <= PARTLY, remedy.decided, NEVER)
    months = {
        "informed": remedy.informed,
        "free_aid": np.where(remedy.aid_free, remedy.aid, NEVER),
        "claimed": remedy.claimed,
        "granted": granted,
        "paid_in_full": remedy.payments[0][0],
    }
    for step, month in months.items():
        value = truth.value("remedy_funnel", step, horizon_months=36)
        agrees((month <= 36).mean(), value, SIZE)


def test_money_paid_within_twelve_months_of_the_award(world: World, truth: Truth) -> None:
    remedy = world.remedy
    awarded = remedy.awarded_cents
    paid = sum(np.where(month <= remedy.decided + 12, cents, 0) for month, cents in remedy.payments)
    chosen = awarded > 0
    value = truth.value("remedy_paid", horizon_months=12)
    residual = (paid - value * awarded)[chosen]
    spread = residual.std() * chosen.sum() ** 0.5 / awarded[chosen].sum()
    assert abs(paid[chosen].sum() / awarded[chosen].sum() - value) <= STANDARD_ERRORS * spread
    in_full = remedy.payments[0][0] <= remedy.decided + 12
    agrees(
        in_full[chosen].mean(),
        truth.value("remedy_paid", "fully_paid", horizon_months=12),
        int(chosen.sum()),
    )


def test_claims_are_decided_or_withdrawn(world: World, truth: Truth) -> None:
    remedy = world.remedy
    claimed = remedy.claimed < NEVER
    ended = remedy.decided <= remedy.claimed + 12
    withdrawn = remedy.outcome == WITHDRAWN
    for measure, happened in (("value", ended & ~withdrawn), ("withdrawn", ended & withdrawn)):
        value = truth.value("remedy_time", measure, horizon_months=12)
        agrees(happened[claimed].mean(), value, int(claimed.sum()))


def test_a_state_fund_has_paid(world: World, truth: Truth) -> None:
    remedy = world.remedy
    first = np.min([month for month, _ in remedy.payments], axis=0)
    fund = remedy.channel == CHANNELS.index("state_fund")
    value = truth.value("remedy_state_fund", horizon_months=36)
    agrees((fund & (first <= 36)).mean(), value, SIZE)


def test_detained_or_removed_whichever_comes_first(world: World, truth: Truth) -> None:
    life, insecure = world.life, ~world.people.secure
    detained = Draw((11, 4), SIZE).waiting(PARAMETERS.law.detained * insecure)
    detained = np.where(detained < life.end, detained, NEVER)
    removed = np.where(life.cause == REMOVED, life.end, NEVER)
    for measure, month, other in (("detained", detained, removed), ("removed", removed, detained)):
        value = truth.value("protection_not_detained", measure, horizon_months=24)
        agrees(((month <= 24) & (month < other)).mean(), value, SIZE)


def test_the_break_in_series_begins_with_a_year_where_the_run_has_one() -> None:
    assert break_quarter(2021 * 12, 16) == 8
    assert break_quarter(2021 * 12 + 3, 16) == 11
    assert break_quarter(2021 * 12 + 3, 3) == 1


def test_a_value_that_is_not_in_the_truth_is_an_error(truth: Truth) -> None:
    with pytest.raises(KeyError, match="0 values"):
        truth.value("retrafficking_service_recorded", horizon_months=13)
