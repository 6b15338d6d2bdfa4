"""Exact expectations of retrafficking and of secure residence."""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.course import retrafficking_survival
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import SEXES, Parameters
from pipelines.synthetic.truth_common import (
    end_of_insecure,
    groups,
    incidence,
    residence_shares,
    states_at,
)
from pipelines.synthetic.truth_rows import Expected
from pipelines.synthetic.truth_support import exits_of_group

RETRAFFICKING_HORIZONS = (12, 24, 36)
RESIDENCE_HORIZONS = (12, 24)
_LONG = 240  # months by which hardly anybody is still in support


def course_truths(parameters: Parameters) -> list[Expected]:
    """All of them."""
    return [*_retrafficking(parameters), *_secure_residence(parameters)]


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
            share * incidence((1 - end) * hazards, course.died) for share, end in groups(parameters)
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
        exits = exits_of_group(course, end, _LONG)
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


def _secure_residence(parameters: Parameters) -> list[Expected]:
    """Two states, secure or not, while nothing has ended; held at the horizon."""
    course = parameters.course
    shares = residence_shares(parameters.population)
    end = end_of_insecure(course)
    rows = []
    for horizon in RESIDENCE_HORIZONS:
        state = states_at(course, end, horizon)
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
