"""Everything else that happens: identification, appeals, work, housing, family, detention …

Nothing here changes the life course; each thing draws by itself, so that its truth is a short sum.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import Contact
from pipelines.synthetic.course import REMOVED, RETURNED, LifeCourse, before
from pipelines.synthetic.draws import NEVER, Draw, Ints
from pipelines.synthetic.events import RESIDENCE_APPEAL, SUPPORT_APPEAL
from pipelines.synthetic.parameters import LOSS_EVERY, Inclusion, Law, Parameters
from pipelines.synthetic.people import People
from pipelines.synthetic.rows import EventRows
from pipelines.synthetic.vocabulary import AGE_BAND, GROUND, OUTCOME, SUBJECT, event_code

_BODY_WEIGHTS = (0.35, 0.10, 0.10, 0.10, 0.15, 0.05, 0.10, 0.05)


def side_events(
    draw: Draw,
    people: People,
    life: LifeCourse,
    contact: Contact,
    horizon: Ints,
    rows: EventRows,
    parameters: Parameters,
) -> None:
    """Add them to ``rows``; months from contact, ``horizon`` is a person's last one in the run."""
    _identification(draw, life, rows, parameters)
    _denials(draw, people, life, rows, parameters.law)
    _childhood(draw, people, life, rows, parameters.inclusion)
    _inclusion(draw, people, life, rows, parameters.inclusion)
    _accommodation(draw, life, rows, parameters.inclusion)
    _prosecution(draw, people, life, rows, parameters.law)
    _abroad(draw, life, contact, horizon, rows, parameters.inclusion)


def _once(draw: Draw, life: LifeCourse, share: float, hazard: float, origin: Ints | int) -> Ints:
    """The month of something that ``share`` of the people are exposed to after ``origin``."""
    month = origin + draw.waiting(hazard)
    return before(np.where(draw.chance(share), month, NEVER), life.end)


def _identification(draw: Draw, life: LifeCourse, rows: EventRows, parameters: Parameters) -> None:
    unknown = parameters.population.unknown["subject_of_identification"]
    body = np.where(draw.chance(unknown), -1, draw.choice(_BODY_WEIGHTS))
    formal, presumed = OUTCOME.index("formal"), OUTCOME.index("presumed")
    belief = parameters.inclusion
    outcome = np.where(draw.chance(belief.formally), formal, presumed)
    month = _once(draw, life, *belief.identified, -1)
    rows.add(month < NEVER, month, event_code("identified"), outcome=outcome, subject=body)
    # Some who were retrafficked are identified once more, which is all that registers see of it.
    again = _once(draw, life, *belief.identified_again, life.spells[0].retrafficked)
    rows.add(again < NEVER, again, event_code("identified"), outcome=formal, subject=body)
    rows.add(
        again < NEVER,
        again,
        event_code("retrafficked"),
        outcome=OUTCOME.index("reidentified"),
    )


def _denials(draw: Draw, people: People, life: LifeCourse, rows: EventRows, belief: Law) -> None:
    granted = draw.chance(belief.early_support_granted)
    now = np.zeros(len(people), dtype=np.int64)
    rows.add(granted, now, event_code("early_support_granted"))
    denied = before(
        np.where(~granted & draw.chance(belief.early_support_denied), now, NEVER), life.end
    )
    rows.add(denied < NEVER, denied, event_code("early_support_denied"))
    _appeal(draw, life, rows, belief, denied, SUPPORT_APPEAL, SUBJECT.index("early_support"))

    refused = _once(draw, life, *belief.residence_refused, 0)
    refused = np.where(people.secure | (refused >= life.granted[0]), NEVER, refused)
    rows.add(refused < NEVER, refused, event_code("residence_refused"))
    _appeal(draw, life, rows, belief, refused, RESIDENCE_APPEAL, SUBJECT.index("residence"))


def _appeal(
    draw: Draw,
    life: LifeCourse,
    rows: EventRows,
    belief: Law,
    denied: Ints,
    claim: int,
    subject: int,
) -> None:
    filed = _once(draw, life, *belief.appealed, denied)
    rows.add(filed < NEVER, filed, event_code("appeal_filed"), claim=claim, subject=subject)
    decided = _once(draw, life, 1.0, belief.appeal_decided, filed)
    outcomes = np.array([OUTCOME.index(name) for name in ("overturned", "upheld", "withdrawn")])
    rows.add(
        decided < NEVER,
        decided,
        event_code("appeal_decided"),
        claim=claim,
        subject=subject,
        outcome=outcomes[draw.choice(belief.appeal_outcome)],
    )


def _childhood(
    draw: Draw, people: People, life: LifeCourse, rows: EventRows, belief: Inclusion
) -> None:
    alone = people.true["unaccompanied_or_separated_child"] == 1
    appointed = np.where(alone, _once(draw, life, *belief.guardian, -1), NEVER)
    outcome = np.where(
        draw.chance(belief.independent),
        OUTCOME.index("independent"),
        OUTCOME.index("not_independent"),
    )
    rows.add(appointed < NEVER, appointed, event_code("guardian_appointed"), outcome=outcome)
    teenager = people.age_band == AGE_BAND.index("9-17")
    birthday = before(np.where(teenager, 1 + draw.below(belief.birthday_within), NEVER), life.end)
    rows.add(birthday < NEVER, birthday, event_code("turned_18"))


def _inclusion(
    draw: Draw, people: People, life: LifeCourse, rows: EventRows, belief: Inclusion
) -> None:
    everybody = np.ones(len(people), dtype=np.bool_)
    at_work = people.true["in_work_at_start"] == 1
    housed = people.true["stable_housing_at_start"] == 1
    for already, gain, loss, names, exposed in (
        (at_work, belief.work, belief.work_lost, ("work_started", "work_ended"), ~people.child),
        (
            housed,
            belief.housing,
            belief.housing_lost,
            ("housing_gained", "housing_lost"),
            everybody,
        ),
    ):
        gained = np.where(exposed & ~already, _once(draw, life, *gain, 0), NEVER)
        rows.add(gained < NEVER, gained, event_code(names[0]))
        lost = _once(draw, life, 1.0, loss, np.where(already, 0, gained))
        lost = np.where(exposed, lost, NEVER)
        rows.add(lost < NEVER, lost, event_code(names[1]))
    trained = _once(draw, life, *belief.trained, life.spells[0].start + belief.training_after)
    rows.add(trained < NEVER, trained, event_code("training_completed"))
    apart = people.true["separated_from_family"] == 1
    reunited = np.where(apart, _once(draw, life, *belief.reunited, 0), NEVER)
    rows.add(reunited < NEVER, reunited, event_code("family_reunited"))


def _accommodation(draw: Draw, life: LifeCourse, rows: EventRows, belief: Inclusion) -> None:
    start = life.spells[0].start
    kind = draw.uniform()
    openly = kind < belief.accommodated_openly
    rows.add((start < NEVER) & openly, start, event_code("accommodation_open"))
    closed = (start < NEVER) & ~openly
    closed &= kind < belief.accommodated_openly + belief.accommodated_closed
    rows.add(closed, start, event_code("accommodation_closed"))


def _prosecution(
    draw: Draw, people: People, life: LifeCourse, rows: EventRows, belief: Law
) -> None:
    charged = _once(draw, life, 1.0, belief.charged, 0)
    links = np.array([OUTCOME.index("linked_to_exploitation"), OUTCOME.index("not_linked"), -1])
    rows.add(
        charged < NEVER,
        charged,
        event_code("charged"),
        outcome=links[draw.choice(belief.charge)],
    )
    dropped = _once(draw, life, *belief.discontinued, charged)
    rows.add(dropped < NEVER, dropped, event_code("charge_discontinued"))
    detained = np.where(people.secure, NEVER, _once(draw, life, 1.0, belief.detained, 0))
    grounds = np.array([GROUND.index("immigration"), GROUND.index("criminal"), -1])
    rows.add(
        detained < NEVER,
        detained,
        event_code("detained"),
        ground=grounds[draw.choice(belief.detention)],
    )


def _abroad(
    draw: Draw,
    life: LifeCourse,
    contact: Contact,
    horizon: Ints,
    rows: EventRows,
    belief: Inclusion,
) -> None:
    """Most of those in contact when removed or returned stay so, and may be retrafficked."""
    away = (life.cause == REMOVED) | (life.cause == RETURNED)
    followed = away & (contact.until >= life.end) & draw.chance(belief.followed_abroad)
    again = life.end + draw.waiting(belief.retrafficked_abroad)
    rows.add(
        followed & (again < NEVER),
        again,
        event_code("retrafficked"),
        outcome=OUTCOME.index("service_recorded"),
    )
    last = np.where(followed, np.minimum(contact.until, horizon), 0)
    for month in range(LOSS_EVERY, int(last.max(initial=0)) + 1, LOSS_EVERY):
        due = (last >= month) & (month > life.end) & (again != month)
        rows.add(due, np.full(last.size, month), event_code("follow_up"))
