"""The events of a life course that the main indicators rest on, seen or not.

Side events (work, housing, appeals …) are in side_events.py; who sees which of them, when and
where they are recorded is in seen.py.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.contact import Contact
from pipelines.synthetic.course import DIED, REMOVED, RETURNED, LifeCourse, before
from pipelines.synthetic.draws import NEVER, Draw
from pipelines.synthetic.parameters import LOSS_EVERY, Parameters
from pipelines.synthetic.people import People
from pipelines.synthetic.remedy import RemedyCourse
from pipelines.synthetic.rows import EventRows
from pipelines.synthetic.vocabulary import GROUND, OUTCOME, SUBJECT, event_code

REMEDY_CLAIM, SUPPORT_APPEAL, RESIDENCE_APPEAL = 0, 1, 2
_SECURE_WEIGHTS = (0.25, 0.40, 0.35)  # permanent, long_term, protection


def core_events(
    draw: Draw,
    people: People,
    life: LifeCourse,
    remedy: RemedyCourse,
    contact: Contact,
    horizon: np.ndarray,
    parameters: Parameters,
) -> EventRows:
    """First contact, follow-ups, ends, retrafficking, residence, remedy; months from contact.

    ``horizon``: each person's last month inside the run.
    """
    rows = EventRows()
    everybody = np.ones(len(people), dtype=np.bool_)
    start = np.zeros(len(people), dtype=np.int64)
    rows.add(everybody, start, event_code("first_contact"))
    _follow_ups(rows, life, contact, horizon)

    for cause, name in ((DIED, "died"), (REMOVED, "removed"), (RETURNED, "returned")):
        rows.add(life.cause == cause, life.end, event_code(name))
    for spell in life.spells:
        rows.add(
            spell.retrafficked < NEVER,
            spell.retrafficked,
            event_code("retrafficked"),
            outcome=OUTCOME.index("service_recorded"),
        )
    _residence(draw, rows, life, parameters)
    _remedy(draw, rows, life, remedy, parameters)
    return rows


def _follow_ups(rows: EventRows, life: LifeCourse, contact: Contact, horizon: np.ndarray) -> None:
    last = np.minimum(np.minimum(contact.until, life.end - 1), horizon)
    first, second = life.spells
    code = event_code("follow_up")
    for month in range(LOSS_EVERY, int(last.max(initial=0)) + 1, LOSS_EVERY):
        due = (last >= month) & (first.retrafficked != month) & (second.retrafficked != month)
        rows.add(due, np.full(last.size, month), code)
    closing = contact.until % LOSS_EVERY != 0
    closing &= contact.stopped & (contact.until < life.end)
    closing &= (first.retrafficked != contact.until) & (second.retrafficked != contact.until)
    rows.add(closing, contact.until, code)


def _residence(draw: Draw, rows: EventRows, life: LifeCourse, parameters: Parameters) -> None:
    secure = np.array([SUBJECT.index(name) for name in ("permanent", "long_term", "protection")])
    unknown = parameters.population.unknown["ground"]
    for granted, lapsed in zip(life.granted, life.lapsed, strict=True):
        ground = np.where(draw.chance(unknown), -1, draw.choice(parameters.course.granted_on))
        rows.add(
            granted < NEVER,
            granted,
            event_code("residence_granted"),
            subject=secure[draw.choice(_SECURE_WEIGHTS)],
            ground=ground,
        )
        rows.add(lapsed < NEVER, lapsed, event_code("residence_ended"))
    # A temporary permit says nothing beside a secure one, so it is only recorded before it.
    rows.add(
        life.temporary < life.granted[0],
        life.temporary,
        event_code("residence_granted"),
        subject=SUBJECT.index("temporary"),
        ground=GROUND.index("cooperation"),
    )


def _remedy(
    draw: Draw, rows: EventRows, life: LifeCourse, remedy: RemedyCourse, parameters: Parameters
) -> None:
    rows.add(remedy.informed < NEVER, remedy.informed, event_code("rights_information_given"))
    rows.add(
        remedy.aid < NEVER,
        remedy.aid,
        event_code("legal_aid_granted"),
        outcome=np.where(remedy.aid_free, OUTCOME.index("free"), OUTCOME.index("paid")),
    )
    unknown = draw.chance(parameters.population.unknown["channel"])
    channel = np.where(unknown, -1, remedy.channel)
    rows.add(
        remedy.claimed < NEVER,
        remedy.claimed,
        event_code("remedy_claimed"),
        claim=REMEDY_CLAIM,
        channel=channel,
        cents=remedy.claimed_cents,
    )
    decided = remedy.decided < NEVER
    awarded = remedy.awarded_cents > 0
    rows.add(
        decided,
        remedy.decided,
        event_code("remedy_decided"),
        claim=REMEDY_CLAIM,
        channel=channel,
        outcome=remedy.outcome,
        cents=np.where(awarded, remedy.awarded_cents, -1),
    )
    for form, (share, hazard) in parameters.remedy.forms.items():
        ordered = np.where(awarded & draw.chance(share), remedy.decided, NEVER)
        obtained = before(ordered + draw.waiting(hazard), life.end)
        for month, outcome in ((ordered, "ordered"), (obtained, "obtained")):
            rows.add(
                month < NEVER,
                month,
                event_code("remedy_form"),
                claim=REMEDY_CLAIM,
                subject=SUBJECT.index(form),
                outcome=OUTCOME.index(outcome),
            )
    for month, cents in remedy.payments:
        rows.add(month < NEVER, month, event_code("remedy_paid"), claim=REMEDY_CLAIM, cents=cents)
