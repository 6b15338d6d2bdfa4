"""Exact expectations of what follows contact and support: status, work, housing, family, training.

Months count from contact or, where it says so, from the start of support; ``delay`` lies between.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import Parameters
from pipelines.synthetic.truth_common import (
    begun,
    cohorts,
    end_of_insecure,
    groups,
    identified_after_exit,
    incidence,
    residence_shares,
    states_at,
    waiting,
)
from pipelines.synthetic.truth_rows import Expected
from pipelines.synthetic.vocabulary import AGE_BAND

GUARDIAN_HORIZON = 3
FOLLOWED_HORIZON = 24  # training, reunion
IDENTIFICATION_HORIZON = 12
WORK_HORIZONS = (12, 24)
HOUSING_HORIZONS = (12,)


def inclusion_truths(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """All of them, of a run of ``months`` that begins in ``first_month`` (a month integer)."""
    return [
        *_own_grounds(parameters, first_month, months),
        *_delays(parameters, first_month, months),
        *_without_identification(parameters),
        *_work_and_housing(parameters),
        *_open_accommodation(parameters),
        *_training(parameters),
        *_reunion(parameters),
        *_guardian(parameters),
    ]


def _own_grounds(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """By year: temporary permits, all for cooperation, come at another pace than secure ones.

    Contact is uniform over the run, so a calendar month has all grants up to its own distance.
    """
    course = parameters.course
    shares = residence_shares(parameters.population)
    alive = (1 - end_of_insecure(course)) ** np.arange(1, months + 1)
    secure = np.zeros(months)
    temporary = np.zeros(months)
    for status, hazard in course.residence_granted.items():
        never = (1 - hazard) ** np.arange(1, months + 1)
        secure += shares[status] * alive * _grants(hazard, course.residence_ended, months)
        first = waiting(course.temporary_granted, months)[1:]
        temporary += shares[status] * alive * first * never
    secure, temporary = np.cumsum(secure), np.cumsum(temporary)
    known = 1 - parameters.population.unknown["ground"]
    rows = []
    for cohort, start, end in cohorts(first_month, months, 0):
        own = course.granted_on[0] * known * secure[start : end + 1].sum()
        all_known = known * secure[start : end + 1].sum() + temporary[start : end + 1].sum()
        value = float(own / all_known)
        rows.append(Expected("inclusion_unconditional_residence", "value", value, period=cohort))
    return rows


def _grants(granted: float, lapsed: float, months: int) -> Floats:
    """P(a secure status is granted in month 1, 2, …) of a chain that starts without one."""
    secure, chances = 0.0, np.zeros(months)
    for month in range(months):
        chances[month] = (1 - secure) * granted
        secure = secure * (1 - lapsed) + chances[month]
    return chances


def _delays(parameters: Parameters, first_month: int, months: int) -> list[Expected]:
    """Support in the month of contact, by year: at the beginning of a run nobody is late yet."""
    rows = []
    for cohort, start, end in cohorts(first_month, months, 3):
        at_once = everybody = 0.0
        for _, _, delay, begins in begun(parameters):
            members = begins * (end + 1 - max(start, delay))
            everybody += members
            at_once += members * (delay == 0)
        year = (first_month + end) // 12
        for horizon in (3, 12):
            rows.append(
                Expected(
                    "inclusion_early_support_delay",
                    "at_once",
                    at_once / everybody,
                    horizon,
                    period=str(year + 1),
                    cohort=cohort,
                )
            )
    return rows


def _without_identification(parameters: Parameters) -> list[Expected]:
    """Neither the first identification, if formal, nor one after retrafficking, up to the end."""
    horizon = IDENTIFICATION_HORIZON
    missing = total = 0.0
    for _, end, delay, begins in begun(parameters):
        none = 1 - formally_identified(parameters, delay, horizon)
        lasting = (1 - end) ** np.arange(horizon - delay + 2)
        # Whoever's end comes in month m after the start was identified before it or never.
        months = np.arange(delay, horizon + 1)
        missing += begins * float((none[months] * end * lasting[:-1]).sum())
        missing += begins * float(none[horizon] * lasting[-1])
        total += begins
    return [Expected("inclusion_support_without_identification", "value", missing / total, horizon)]


def _work_and_housing(parameters: Parameters) -> list[Expected]:
    """Gained at most once and lost at most once; unknown at first until something changes."""
    population, belief = parameters.population, parameters.inclusion
    unknown = population.unknown
    return [
        *_states(
            parameters,
            "inclusion_work",
            WORK_HORIZONS,
            _two_states(
                population.in_work, *belief.work, belief.work_lost, unknown["in_work_at_start"]
            ),
        ),
        *_states(
            parameters,
            "inclusion_stable_housing",
            HOUSING_HORIZONS,
            _two_states(
                population.stable_housing,
                *belief.housing,
                belief.housing_lost,
                unknown["stable_housing_at_start"],
            ),
        ),
    ]


Held = Callable[[int], tuple[float, float, float]]
"""By a month: P(held), P(held and known), P(not known)."""


def _two_states(already: float, exposed: float, gain: float, loss: float, unknown: float) -> Held:
    def held(month: int) -> tuple[float, float, float]:
        kept = (1 - loss) ** month
        gained = exposed * (1 - (1 - gain) ** month)
        months = np.arange(1, month + 1)
        gained_and_kept = exposed * float(
            (gain * (1 - gain) ** (months - 1) * (1 - loss) ** (month - months)).sum()
        )
        unchanged = already * kept, (1 - already) * (1 - gained)
        new = (1 - already) * gained_and_kept
        return unchanged[0] + new, (1 - unknown) * unchanged[0] + new, unknown * sum(unchanged)

    return held


def _states(
    parameters: Parameters, indicator: str, horizons: tuple[int, ...], held: Held
) -> list[Expected]:
    rows = []
    for horizon in horizons:
        sums = dict.fromkeys(("yes", "seen", "known", "died", "removed", "returned", "all"), 0.0)
        gone = 0.0
        for _, end, delay, begins in begun(parameters):
            state = states_at(parameters.course, end, horizon, delay)
            value, seen, unknown = held(delay + horizon)
            sums["all"] += begins
            sums["yes"] += begins * state.alive * value
            sums["seen"] += begins * state.seen_alive * seen
            sums["known"] += begins * (state.known - state.seen_alive * unknown)
            sums["died"] += begins * state.died
            sums["removed"] += begins * state.removed
            sums["returned"] += begins * state.seen_returned
            gone += begins * state.returned
        for measure, every, seen in (
            ("value", sums["yes"], sums["seen"]),
            ("died", sums["died"], sums["died"]),
            ("removed", sums["removed"], sums["removed"]),
            ("returned", gone, sums["returned"]),
        ):
            rows.append(
                Expected(
                    indicator,
                    measure,
                    every / sums["all"],
                    horizon,
                    value_among_known=seen / sums["known"],
                )
            )
    return rows


def _open_accommodation(parameters: Parameters) -> list[Expected]:
    """One record a person, in the month in which support begins."""
    belief = parameters.inclusion
    value = belief.accommodated_openly / (belief.accommodated_openly + belief.accommodated_closed)
    return [Expected("inclusion_open_accommodation", "value", value)]


def _training(parameters: Parameters) -> list[Expected]:
    """Every end competes, so whoever is trained was there until then."""
    belief = parameters.inclusion
    share, hazard = belief.trained
    later = FOLLOWED_HORIZON - belief.training_after
    months = belief.training_after + np.arange(later + 1)
    trained = total = 0.0
    for _, end, _, begins in begun(parameters):
        chances = share * waiting(hazard, later) * (1 - end) ** months
        trained += begins * float(chances.sum())
        total += begins
    return [Expected("inclusion_training", "value", trained / total, FOLLOWED_HORIZON)]


def _reunion(parameters: Parameters) -> list[Expected]:
    """Death competes; removal and return censor."""
    share, hazard = parameters.inclusion.reunited
    chances = share * waiting(hazard, FOLLOWED_HORIZON)
    apart = 1 - np.cumsum(chances)
    hazards = chances[1:] / apart[:-1]
    value = sum(
        group * float(incidence((1 - end) * hazards, parameters.course.died)[-1])
        for group, end in groups(parameters)
    )
    return [Expected("inclusion_family_reunification", "value", value, FOLLOWED_HORIZON)]


def _guardian(parameters: Parameters) -> list[Expected]:
    """From the month of contact on; a birthday before ends the wait, the ends of all do too."""
    belief, bands = parameters.inclusion, parameters.population.age_band
    share, hazard = belief.guardian
    teenagers = bands[AGE_BAND.index("9-17")] / (bands[0] + bands[1])
    months = np.arange(GUARDIAN_HORIZON + 1)
    chances = share * belief.independent * waiting(hazard, GUARDIAN_HORIZON + 1)[1:]
    turned = teenagers * np.maximum(months - 1, 0) / belief.birthday_within
    value = sum(
        group * float((chances * (1 - turned) * (1 - end) ** months).sum())
        for group, end in groups(parameters)
    )
    return [Expected("inclusion_child_guardian", "value", value, GUARDIAN_HORIZON)]


def formally_identified(parameters: Parameters, delay: int, months: int) -> Floats:
    """P(formally identified by month 0, 1, … after contact), were there no end.

    Of people whose support begins ``delay`` months after contact.
    """
    share, hazard = parameters.inclusion.identified
    first = parameters.inclusion.formally * share * np.cumsum(waiting(hazard, months + 1)[1:])
    exits = np.zeros(months + 1)
    exits[delay:] = waiting(parameters.course.exit, months - delay)
    again = np.cumsum(np.convolve(exits, identified_after_exit(parameters, months))[: months + 1])
    both: Floats = 1 - (1 - first) * (1 - again)
    return both
