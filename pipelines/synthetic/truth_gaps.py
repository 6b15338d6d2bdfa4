"""Exact expectations of comparisons: retrafficking in two groups, and after a return.

Retrafficking hangs on sex and on the time since an exit, on nothing else. So groups formed by
status or by accommodation differ only as the ends of their members' courses do; those formed by
the length of support differ because the clock after an exit starts later for some.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.course import retrafficking_survival
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import SECURE_AT_CONTACT, Parameters
from pipelines.synthetic.truth_common import (
    end_of_insecure,
    groups,
    incidence,
    residence_shares,
    waiting,
)
from pipelines.synthetic.truth_rows import Expected

HORIZONS = (12, 24, 36)
LANDMARK = 12
FOLLOWED = 24
_LONG = 120  # months by which hardly anybody is still in support


def gap_truths(parameters: Parameters) -> list[Expected]:
    """All of them."""
    return [
        *_closed_accommodation(parameters),
        *_residence(parameters),
        *_length_of_support(parameters),
        *_abroad(parameters),
    ]


def _gap(
    indicator: str, horizon: int, first: tuple[str, float], second: tuple[str, float]
) -> list[Expected]:
    values = {"value": first[1] - second[1], first[0]: first[1], second[0]: second[1]}
    return [Expected(indicator, measure, value, horizon) for measure, value in values.items()]


def _after_exit(parameters: Parameters, end: float) -> Floats:
    """Incidence of retrafficking by month since an exit, of a group with this hazard of its end."""
    course = parameters.course
    survival = retrafficking_survival(course)
    hazards = 1 - survival[:, 1:] / survival[:, :-1]
    by_sex = [incidence((1 - end) * one, course.died) for one in hazards]
    mixed: Floats = np.asarray(parameters.population.sex) @ np.array(by_sex)
    return mixed


def _closed_accommodation(parameters: Parameters) -> list[Expected]:
    mixed = [share * _after_exit(parameters, end) for share, end in groups(parameters)]
    everybody = np.sum(mixed, axis=0)
    return [
        row
        for horizon in HORIZONS
        for row in _gap(
            "retrafficking_closed_shelter_gap",
            horizon,
            ("closed", float(everybody[horizon])),
            ("not_closed", float(everybody[horizon])),
        )
    ]


def _residence(parameters: Parameters) -> list[Expected]:
    """Those secure at contact can't be removed or returned; those who became so can."""
    course = parameters.course
    shares = residence_shares(parameters.population)
    at_contact = sum(shares[name] for name in SECURE_AT_CONTACT)
    became = 0.0
    for status, granted in course.residence_granted.items():
        secure = 0.0
        for left in waiting(course.exit, _LONG)[1:]:
            became += shares[status] * float(left) * secure
            secure = secure * (1 - course.residence_ended) + (1 - secure) * granted
    staying = _after_exit(parameters, course.died)
    leaving = _after_exit(parameters, end_of_insecure(course))
    mixed = (at_contact * staying + became * leaving) / (at_contact + became)
    return [
        row
        for horizon in HORIZONS
        for row in _gap(
            "retrafficking_residence_gap",
            horizon,
            ("secure", float(mixed[horizon])),
            ("not_secure", float(leaving[horizon])),
        )
    ]


def _length_of_support(parameters: Parameters) -> list[Expected]:
    """From the landmark on: the whole year still has its exits before it, the others have not."""
    course = parameters.course
    survival = retrafficking_survival(course)
    exits = waiting(course.exit, LANDMARK + FOLLOWED)
    whole: list[Floats] = []
    shorter: list[Floats] = []
    for one in survival:
        density = one[:-1] - one[1:]
        later = np.concatenate([[0.0], density])[: FOLLOWED + 1]
        staying = exits[LANDMARK:] / (1 - course.exit) ** (LANDMARK - 1)
        whole.append(np.convolve(staying, later)[: FOLLOWED + 1])
        gone = np.arange(1, LANDMARK)
        unharmed = exits[gone] @ one[LANDMARK - gone]
        since = LANDMARK - gone[:, None] + np.arange(1, FOLLOWED + 1)
        shorter.append(np.concatenate([[0.0], exits[gone] @ density[since - 1] / unharmed]))
    values = [_mixed(parameters, by_sex) for by_sex in (whole, shorter)]
    return _gap(
        "retrafficking_support_gap", FOLLOWED, ("whole_year", values[0]), ("shorter", values[1])
    )


def _mixed(parameters: Parameters, densities: list[Floats]) -> float:
    """Incidence at the end of the densities (a row a sex), over sexes and groups."""
    total = 0.0
    for sex, chances in zip(parameters.population.sex, densities, strict=True):
        stay = 1 - np.cumsum(chances)
        hazards = chances[1:] / stay[:-1]
        for share, end in groups(parameters):
            reached = incidence((1 - end) * hazards, parameters.course.died)
            total += sex * share * float(reached[-1])
    return total


def _abroad(parameters: Parameters) -> list[Expected]:
    """A constant hazard from the return on; nobody dies abroad here."""
    value = 1 - (1 - parameters.inclusion.retrafficked_abroad) ** FOLLOWED
    return [Expected("retrafficking_after_return", "value", value, FOLLOWED)]
