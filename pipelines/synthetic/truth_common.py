"""What the exact expectations of life courses share: groups, loss of contact, states.

Of things in one month the end (death, removal, return) comes first, as in course.py. People who
are secure at contact can't be removed or returned, so everything is a mixture of two groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.course import retrafficking_survival
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import (
    LOSS_EVERY,
    SECURE_AT_CONTACT,
    Course,
    Parameters,
    Population,
)
from pipelines.synthetic.vocabulary import RESIDENCE


def residence_shares(population: Population) -> dict[str, float]:
    """Share of each residence status at first contact, recorded or not."""
    national = population.citizenship[0]
    shares = {"citizen": national}
    for name, share in zip(RESIDENCE[1:], population.residence_of_non_nationals, strict=True):
        shares[name] = (1 - national) * share
    return shares


def groups(parameters: Parameters) -> list[tuple[float, float]]:
    """(share, monthly hazard of the end) of those secure at contact and of the others."""
    shares = residence_shares(parameters.population)
    secure = sum(shares[name] for name in SECURE_AT_CONTACT)
    course = parameters.course
    return [(secure, course.died), (1 - secure, end_of_insecure(course))]


def end_of_insecure(course: Course) -> float:
    """Monthly hazard of the end of those not secure at contact."""
    return course.died + course.removed + course.returned


def begun(parameters: Parameters) -> list[tuple[float, float, int, float]]:
    """(share, hazard of the end, delay, weight) of those whose support begins after the delay.

    The weight is the share of the people who belong to the group, wait so long and reach it.
    """
    return [
        (share, end, delay, share * chance * (1 - end) ** delay)
        for share, end in groups(parameters)
        for delay, chance in enumerate(parameters.course.support_delay)
    ]


def cohorts(first_month: int, months: int, horizon: int) -> Iterator[tuple[str, int, int]]:
    """Years and three pooled years whose last entrant reaches the horizon within the run.

    With their first and last month, counted from the run's first.
    """
    first_year, last_year = first_month // 12, (first_month + months - 1) // 12
    for first in range(first_year, last_year + 1):
        for last in (first, first + 2):
            end = 12 * last + 11 - first_month
            if end + horizon < months:
                text = str(first) if last == first else f"{first}-{last}"
                yield text, max(0, 12 * first - first_month), end


def waiting(hazard: float, months: int) -> Floats:
    """P(it happens in month 0, 1, … ``months``) of something that begins to wait in month 0."""
    month = np.arange(months + 1)
    chances: Floats = np.where(month > 0, hazard * (1 - hazard) ** (month - 1.0), 0.0)
    return chances


def incidence(hazards: Floats, competing: float) -> Floats:
    """Cumulative incidence by month 0, 1, … under a competing constant hazard."""
    stay = np.concatenate([[1.0], np.cumprod(1 - hazards - competing)])[:-1]
    return np.concatenate([[0.0], np.cumsum(stay * hazards)])


def identified_after_exit(parameters: Parameters, months: int) -> Floats:
    """P(identified once more in month 0, 1, … after an exit), were there no end: all sexes."""
    survival = np.asarray(parameters.population.sex) @ retrafficking_survival(parameters.course)
    retrafficked = np.concatenate([[0.0], survival[:months] - survival[1 : months + 1]])
    share, hazard = parameters.inclusion.identified_again
    return share * np.convolve(retrafficked, waiting(hazard, months))[: months + 1]


def contact_kept(course: Course, months: int, delay: int = 0) -> Floats:
    """P(not lost before month m), m = 0 … ``months``, counted from ``delay`` after contact.

    Somebody lost at a follow-up was still seen in its month.
    """
    month = np.arange(months + 1) + delay
    follow_ups_before = np.maximum(month - 1, 0) // LOSS_EVERY
    kept: Floats = (1 - course.lost_at_follow_up) ** follow_ups_before.astype(np.float64)
    return kept


@dataclass(frozen=True)
class States:
    """Probabilities at a horizon; ``seen_``: and known although contact can be lost."""

    alive: float
    died: float
    removed: float
    returned: float
    seen_alive: float
    seen_returned: float

    @property
    def known(self) -> float:
        """In contact, or ended and known to have."""
        return self.seen_alive + self.died + self.removed + self.seen_returned


def states_at(course: Course, end: float, horizon: int, delay: int = 0) -> States:
    """``end`` is the group's hazard; months count from ``delay`` after contact, alive then.

    Deaths and removals are register data, returns are seen only while in contact.
    """
    kept = contact_kept(course, horizon, delay)
    alive = (1 - end) ** np.arange(horizon + 1)
    leaves = end > course.died
    returned = course.returned * leaves
    return States(
        alive=float(alive[horizon]),
        died=float(course.died * alive[:-1].sum()),
        removed=float(course.removed * leaves * alive[:-1].sum()),
        returned=float(returned * alive[:-1].sum()),
        seen_alive=float(alive[horizon] * kept[horizon]),
        seen_returned=float(returned * (alive[:-1] * kept[1:]).sum()),
    )
