"""The uncensored life course: support, exits, retrafficking, status, the end of it all.

Months count from first contact. Nothing happens at or after ``end`` except what ends it. Of things
that would fall in one month the end comes first, which is what truth.py's recursions assume too.
Nothing here knows whether anybody saw it: that is seen.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.draws import NEVER, Draw, Floats, Ints
from pipelines.synthetic.parameters import LOSS_EVERY, SEXES, Course
from pipelines.synthetic.people import People
from pipelines.synthetic.vocabulary import EXIT_REASON, RESIDENCE

ALIVE, DIED, REMOVED, RETURNED = 0, 1, 2, 3
_REASON_OF_END = np.array(
    [-1, EXIT_REASON.index("died"), EXIT_REASON.index("other"), EXIT_REASON.index("returned")]
)
STATUS_CYCLES = 3
BACK_IN_SUPPORT = (4, 5, 6)  # months after retrafficking; never so near as to join the spells
_LONGEST = 600  # months for which survival after an exit is tabulated


@dataclass(frozen=True)
class Spell:
    """Joined support: first and last month (NEVER if none), reason, at most one transfer.

    A transferred person ends an episode in ``moved`` and begins the next in ``resumed``, at most
    two months later; ``moved`` is NEVER without a transfer.
    """

    start: Ints
    exit: Ints
    reason: Ints
    moved: Ints
    resumed: Ints
    retrafficked: Ints


@dataclass(frozen=True)
class LifeCourse:
    """Months from contact; ``cause`` says what ``end`` is."""

    end: Ints
    cause: Ints
    spells: tuple[Spell, Spell]
    granted: tuple[Ints, ...]
    lapsed: tuple[Ints, ...]
    temporary: Ints


def retrafficking_survival(course: Course) -> Floats:
    """P(not retrafficked by month m of being out of support), a row a sex, were there no end."""
    month = np.arange(1, _LONGEST)
    stage = np.digitize(month, (13, 25))
    hazards = np.array([course.retrafficked[sex] for sex in SEXES])[:, stage]
    return np.hstack([np.ones((len(SEXES), 1)), np.cumprod(1 - hazards, axis=1)])


def live(draw: Draw, people: People, course: Course) -> LifeCourse:
    """One uncensored life course a person."""
    insecure = ~people.secure
    hazard = course.died + insecure * (course.removed + course.returned)
    end = draw.waiting(hazard)
    which = draw.uniform() * hazard
    cause = np.where(
        which < course.died, DIED, np.where(which < course.died + course.removed, REMOVED, RETURNED)
    )
    delay = draw.choice(course.support_delay)
    survival = retrafficking_survival(course)
    first_start = np.where(draw.chance(course.supported), delay, NEVER)
    first = _spell(draw, people, course, first_start, end, cause, survival)
    again = first.retrafficked + BACK_IN_SUPPORT[0] + draw.below(len(BACK_IN_SUPPORT))
    again = np.where(draw.chance(course.supported_again), again, NEVER)
    second = _spell(draw, people, course, again, end, cause, survival)
    granted, lapsed = _status(draw, people, course, end)
    temporary = before(draw.waiting(course.temporary_granted * insecure), end)
    return LifeCourse(end, cause, (first, second), granted, lapsed, temporary)


def before(month: Ints, end: Ints) -> Ints:
    """``month`` where it comes before ``end``, else NEVER."""
    return np.where(month < np.minimum(end, NEVER), month, NEVER)


def _spell(
    draw: Draw,
    people: People,
    course: Course,
    start: Ints,
    end: Ints,
    cause: Ints,
    survival: Floats,
) -> Spell:
    start = before(start, end)
    stays = start < NEVER
    leaves = start + draw.waiting(course.exit)
    left = leaves < end
    exit_month = np.where(stays, np.minimum(leaves, end), NEVER)
    reason = np.where(left, draw.choice(course.exit_reasons), _REASON_OF_END[cause])
    # A transfer falls in the month after a follow-up, so that its gap holds none.
    moved = start - start % LOSS_EVERY + LOSS_EVERY + 1
    moved = moved + LOSS_EVERY * (draw.waiting(course.transfer) - 1)
    transferred = stays & ~people.refused & (moved + 3 <= exit_month)
    resumed = np.where(transferred, moved + draw.below(3), NEVER)
    again = exit_month + draw.first_month(people.sex, survival)
    retrafficked = before(np.where(stays & left, again, NEVER), end)
    return Spell(
        start, exit_month, reason, np.where(transferred, moved, NEVER), resumed, retrafficked
    )


def _status(
    draw: Draw, people: People, course: Course, end: Ints
) -> tuple[tuple[Ints, ...], tuple[Ints, ...]]:
    hazards = np.array([course.residence_granted.get(name, 0.0) for name in RESIDENCE])
    granted, lapsed = [], []
    clock = np.zeros(len(people), dtype=np.int64)
    for _ in range(STATUS_CYCLES):
        clock = before(clock + draw.waiting(hazards[people.residence]), end)
        granted.append(clock)
        clock = before(clock + draw.waiting(course.residence_ended), end)
        lapsed.append(clock)
    return tuple(granted), tuple(lapsed)
