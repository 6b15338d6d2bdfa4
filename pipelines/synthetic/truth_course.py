"""Exact expectations of the life course: retrafficking, secure residence, sustained support.

Of things in one month the end (death, removal, return) comes first, as in course.py. People who
are secure at contact can't be removed or returned, so everything is a mixture of two groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.course import BACK_IN_SUPPORT, retrafficking_survival
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
_LONG = 240  # months by which hardly anybody is still in support


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
        rows += [
            Expected("retrafficking_service_recorded", measure, value, horizon)
            for measure, value in _left_the_country(parameters, horizon).items()
        ]
    return rows


def _left_the_country(parameters: Parameters, horizon: int) -> dict[str, float]:
    """Incidence of removal and of return after an exit, all ends competing.

    Some exits are themselves a removal or a return, in month 0; exits by death are no origin.
    """
    course = parameters.course
    weights, left = [], []
    for share, end in groups(parameters):
        exits = _exits_of_group(course, end, _LONG)
        origins = sum(exits.values()) - exits["died"]
        begins = sum(p * (1 - end) ** delay for delay, p in enumerate(course.support_delay))
        at_once = (exits["removed"] + exits["returned"]) / origins
        later = (1 - at_once) * (1 - (1 - end) ** horizon) / end * (end > course.died)
        weights.append(share * begins * origins)
        left.append(
            [
                exits["removed"] / origins + later * course.removed,
                exits["returned"] / origins + later * course.returned,
            ]
        )
    removed, returned = np.average(left, axis=0, weights=weights)
    return {"removed": float(removed), "returned": float(returned)}


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


@dataclass(frozen=True)
class _States:
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


def _states(course: Course, end: float, horizon: int, delay: int = 0) -> _States:
    """``end`` is the group's hazard; months count from ``delay`` after contact, alive then.

    Deaths and removals are register data, returns are seen only while in contact.
    """
    kept = contact_kept(course, horizon, delay)
    alive = (1 - end) ** np.arange(horizon + 1)
    leaves = end > course.died
    returned = course.returned * leaves
    return _States(
        alive=float(alive[horizon]),
        died=float(course.died * alive[:-1].sum()),
        removed=float(course.removed * leaves * alive[:-1].sum()),
        returned=float(returned * alive[:-1].sum()),
        seen_alive=float(alive[horizon] * kept[horizon]),
        seen_returned=float(returned * (alive[:-1] * kept[1:]).sum()),
    )


def _secure_residence(parameters: Parameters) -> list[Expected]:
    """Two states, secure or not, while nothing has ended; held at the horizon."""
    course = parameters.course
    shares = residence_shares(parameters.population)
    end = _end(course)
    rows = []
    for horizon in RESIDENCE_HORIZONS:
        state = _states(course, end, horizon)
        values = {
            status: _secure(hazard, course.residence_ended, horizon)
            for status, hazard in course.residence_granted.items()
        }
        weights = {status: shares[status] for status in values}
        total = sum(weights[s] * values[s] for s in values) / sum(weights.values())
        categories = [("total", "", total)]
        categories += [("residence", status, value) for status, value in values.items()]
        categories += [("sex", sex, total) for sex in SEXES]
        rows += [
            Expected(
                "inclusion_secure_residence",
                "value",
                state.alive * value,
                horizon,
                breakdown,
                category,
                value_among_known=state.seen_alive * value / state.known,
            )
            for breakdown, category, value in categories
        ]
        for measure, every, seen in (
            ("died", state.died, state.died),
            ("removed", state.removed, state.removed),
            ("returned", state.returned, state.seen_returned),
        ):
            rows.append(
                Expected(
                    "inclusion_secure_residence",
                    measure,
                    every,
                    horizon,
                    value_among_known=seen / state.known,
                )
            )
    return rows


def _secure(granted: float, lapsed: float, months: int) -> float:
    """P(secure after ``months``) of a chain that starts insecure and can move once a month."""
    secure = 0.0
    for _ in range(months):
        secure = secure * (1 - lapsed) + (1 - secure) * granted
    return secure


def _sustained_support(parameters: Parameters) -> list[Expected]:
    """In joined support in the month of the horizon, whose own last month counts as support.

    By sex, because some are back in support by then after having been retrafficked.
    """
    course = parameters.course
    horizon = SUPPORT_HORIZON
    begun = alive = seen = known = 0.0
    for share, end in groups(parameters):
        for delay, chance in enumerate(course.support_delay):
            begins = share * chance * (1 - end) ** delay
            state = _states(course, end, horizon, delay)
            begun += begins
            alive += begins * state.alive
            seen += begins * state.seen_alive
            known += begins * state.known
    supported = {sex: _in_support(course, row, horizon) for row, sex in enumerate(SEXES)}
    shares = zip(parameters.population.sex, supported.values(), strict=True)
    total = sum(share * value for share, value in shares)
    categories = [("total", "", total), *(("sex", sex, value) for sex, value in supported.items())]
    rows = [
        Expected(
            "inclusion_sustained_support",
            "value",
            alive * value / begun,
            horizon,
            breakdown,
            category,
            value_among_known=seen * value / known,
        )
        for breakdown, category, value in categories
    ]
    return rows + _exits(parameters)


def _in_support(course: Course, sex: int, month: int) -> float:
    """P(in the first or second spell in ``month`` of support), given that nothing has ended."""
    stay = 1 - course.exit
    curve = retrafficking_survival(course)[sex]
    again = curve[:-1] - curve[1:]  # [r - 1]: retrafficked r months after the exit
    back = 0.0
    for exit_month in range(1, month):
        left = stay ** (exit_month - 1) * course.exit
        for wait in range(1, month - exit_month):
            for gap in BACK_IN_SUPPORT:
                start = exit_month + wait + gap
                if start <= month:
                    kept = stay ** max(month - start - 1, 0)
                    back += left * float(again[wait - 1]) * kept / len(BACK_IN_SUPPORT)
    return float(stay ** (month - 1)) + course.supported_again * back


def _exits(parameters: Parameters) -> list[Expected]:
    """Cumulative incidence of each exit reason, all competing; loss of contact is one of them."""
    course = parameters.course
    begun = 0.0
    reasons: dict[str, float] = {}
    for share, end in groups(parameters):
        begins = sum(p * (1 - end) ** delay for delay, p in enumerate(course.support_delay))
        begun += share * begins
        for name, value in _exits_of_group(course, end, SUPPORT_HORIZON).items():
            recorded = "other" if name == "removed" else name
            reasons[recorded] = reasons.get(recorded, 0.0) + share * begins * value
    return [
        Expected("inclusion_sustained_support", f"exit_{name}", value / begun, SUPPORT_HORIZON)
        for name, value in reasons.items()
    ]


def _exits_of_group(course: Course, end: float, months: int) -> dict[str, float]:
    """P(exit for each reason within ``months``) of those who begin; ``end`` is their hazard."""
    leaves = end > course.died
    exits = dict.fromkeys(
        ("completed", "independent", "other", "lost_contact", "returned", "removed", "died"), 0.0
    )
    chances = [p * (1 - end) ** delay for delay, p in enumerate(course.support_delay)]
    for delay, chance in enumerate(chances):
        inside = chance / sum(chances)
        for month in range(1, months + 1):
            exits["died"] += inside * course.died
            exits["removed"] += inside * course.removed * leaves
            exits["returned"] += inside * course.returned * leaves
            leaving = inside * (1 - end) * course.exit
            for name, part in zip(
                ("completed", "independent", "other"), course.exit_reasons, strict=True
            ):
                exits[name] += leaving * part
            inside *= (1 - end) * (1 - course.exit)
            if (month + delay) % LOSS_EVERY == 0:
                exits["lost_contact"] += inside * course.lost_at_follow_up
                inside *= 1 - course.lost_at_follow_up
    return exits
