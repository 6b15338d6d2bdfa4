"""Exact expectations of the life course: retrafficking, secure residence, sustained support.

Of things in one month the end (death, removal, return) comes first, as in course.py. People who
are secure at contact can't be removed or returned, so everything is a mixture of two groups.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.course import retrafficking_survival
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import (
    LOSS_EVERY,
    SECURE_AT_CONTACT,
    SEXES,
    Course,
    Parameters,
    Population,
)
from pipelines.synthetic.truth_rows import Expected
from pipelines.synthetic.vocabulary import RESIDENCE

RETRAFFICKING_HORIZONS = (12, 24, 36)
RESIDENCE_HORIZONS = (12, 24)
SUPPORT_HORIZON = 12


def course_truths(parameters: Parameters) -> list[Expected]:
    """All of them."""
    return [
        *_retrafficking(parameters),
        *_secure_residence(parameters),
        *_sustained_support(parameters),
    ]


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
    return [(secure, course.died), (1 - secure, _end(course))]


def _end(course: Course) -> float:
    return course.died + course.removed + course.returned


def _retrafficking(parameters: Parameters) -> list[Expected]:
    """Aalen–Johansen: death competes, removal and return censor.

    A month's hazard among those at risk is that of retrafficking times the chance that nothing
    ended in that month. Groups are mixed by their shares among exits, which are those of the
    people: exits and losses do not depend on sex.
    """
    course = parameters.course
    survival = retrafficking_survival(course)
    rows = []
    by_sex: dict[str, Floats] = {}
    for row, sex in enumerate(SEXES):
        hazards = 1 - survival[row, 1:] / survival[row, :-1]
        mixed = [
            share * _incidence((1 - end) * hazards, course.died)
            for share, end in groups(parameters)
        ]
        by_sex[sex] = np.sum(mixed, axis=0)
    total = np.asarray(parameters.population.sex) @ np.array([by_sex[sex] for sex in SEXES])
    for horizon in RETRAFFICKING_HORIZONS:
        keys = ("retrafficking_service_recorded", "value")
        rows.append(Expected(*keys, float(total[horizon]), horizon))
        rows += [Expected(*keys, float(by_sex[sex][horizon]), horizon, "sex", sex) for sex in SEXES]
    return rows


def _incidence(hazards: Floats, competing: float) -> Floats:
    """Cumulative incidence by month 0, 1, … under a competing constant hazard."""
    stay = np.concatenate([[1.0], np.cumprod(1 - hazards - competing)])[:-1]
    return np.concatenate([[0.0], np.cumsum(stay * hazards)])


def contact_kept(course: Course, months: int, delay: int = 0) -> Floats:
    """P(not lost before month m), m = 0 … ``months``, counted from ``delay`` after contact.

    Somebody lost at a follow-up was still seen in its month.
    """
    month = np.arange(months + 1) + delay
    follow_ups_before = np.maximum(month - 1, 0) // LOSS_EVERY
    kept: Floats = (1 - course.lost_at_follow_up) ** follow_ups_before.astype(np.float64)
    return kept


def _known(course: Course, end: float, horizon: int, delay: int = 0) -> tuple[float, float]:
    """P(in contact, nothing ended), P(state known): in contact, or ended and known to have.

    Deaths and removals are register data, returns are seen only while in contact; ``end`` is the
    group's hazard. Months count from ``delay`` after contact, given that nothing had ended.
    """
    kept = contact_kept(course, horizon, delay)
    alive = (1 - end) ** np.arange(horizon + 1)
    registered = course.died if end == course.died else course.died + course.removed
    returned = end - registered
    seen = float(alive[horizon] * kept[horizon])
    ended = float(registered * alive[:-1].sum() + returned * (alive[:-1] * kept[1:]).sum())
    return seen, seen + ended


def _secure_residence(parameters: Parameters) -> list[Expected]:
    """Two states, secure or not, while nothing has ended; held at the horizon."""
    course = parameters.course
    end = _end(course)
    shares = residence_shares(parameters.population)
    rows = []
    for horizon in RESIDENCE_HORIZONS:
        alive = (1 - end) ** horizon
        seen, known = _known(course, end, horizon)
        values = {}
        for status, hazard in course.residence_granted.items():
            values[status] = _secure(hazard, course.residence_ended, horizon)
        weights = {status: shares[status] for status in values}
        total = sum(weights[s] * values[s] for s in values) / sum(weights.values())
        categories = [("total", "", total)]
        categories += [("residence", status, value) for status, value in values.items()]
        categories += [("sex", sex, total) for sex in SEXES]
        rows += [
            Expected(
                "inclusion_secure_residence",
                "value",
                alive * value,
                horizon,
                breakdown,
                category,
                value_among_known=seen * value / known,
            )
            for breakdown, category, value in categories
        ]
    return rows


def _secure(granted: float, lapsed: float, months: int) -> float:
    """P(secure after ``months``) of a chain that starts insecure and can move once a month."""
    secure = 0.0
    for _ in range(months):
        secure = secure * (1 - lapsed) + (1 - secure) * granted
    return secure


def _sustained_support(parameters: Parameters) -> list[Expected]:
    course = parameters.course
    horizon = SUPPORT_HORIZON
    stays = inside = known_all = seen_inside = 0.0
    stay = (1 - course.exit) ** horizon
    for share, end in groups(parameters):
        for delay, chance in enumerate(course.support_delay):
            begins = share * chance * (1 - end) ** delay
            seen, known = _known(course, end, horizon, delay)
            inside += begins
            stays += begins * (1 - end) ** horizon * stay
            seen_inside += begins * seen * stay
            known_all += begins * known
    value, among_known = stays / inside, seen_inside / known_all
    keys = ("inclusion_sustained_support", "value")
    rows = [Expected(*keys, value, horizon, value_among_known=among_known)]
    rows += [
        Expected(*keys, value, horizon, "sex", sex, value_among_known=among_known) for sex in SEXES
    ]
    return rows + _exits(parameters)


def _exits(parameters: Parameters) -> list[Expected]:
    """Cumulative incidence of each exit reason, all competing; loss of contact is one of them."""
    course = parameters.course
    reasons = dict.fromkeys(
        ("completed", "independent", "other", "lost_contact", "returned", "died"), 0.0
    )
    begun = 0.0
    for share, end in groups(parameters):
        leaves_removed = 0.0 if end == course.died else course.removed
        leaves_returned = 0.0 if end == course.died else course.returned
        for delay, chance in enumerate(course.support_delay):
            inside = share * chance * (1 - end) ** delay
            begun += inside
            for month in range(1, SUPPORT_HORIZON + 1):
                reasons["died"] += inside * course.died
                reasons["other"] += inside * leaves_removed
                reasons["returned"] += inside * leaves_returned
                leaving = inside * (1 - end) * course.exit
                for name, part in zip(
                    ("completed", "independent", "other"), course.exit_reasons, strict=True
                ):
                    reasons[name] += leaving * part
                inside *= (1 - end) * (1 - course.exit)
                if (month + delay) % LOSS_EVERY == 0:
                    reasons["lost_contact"] += inside * course.lost_at_follow_up
                    inside *= 1 - course.lost_at_follow_up
    return [
        Expected("inclusion_sustained_support", f"exit_{name}", value / begun, SUPPORT_HORIZON)
        for name, value in reasons.items()
    ]
