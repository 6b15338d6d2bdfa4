"""Exact expectations of what follows an exit that hangs on when, and why, support ended.

An exit is a true one, a file closed because contact was lost, or a removal or return. How common
each is, and how far it lies from contact, depends on the year: contact is uniform over the run, so
early years know short distances only. Second spells are few and are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.synthetic.contact import last_loss
from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import LOSS_EVERY, Course, Parameters, Scenario
from pipelines.synthetic.providers import STOPS, all_providers
from pipelines.synthetic.truth_common import (
    cohorts,
    contact_kept,
    groups,
    identified_after_exit,
    waiting,
)
from pipelines.synthetic.truth_rows import Expected

HORIZONS = (12, 24, 36)
_CLOSED_TO_NEW = 2  # quarters before a provider stops in which it takes nobody in


@dataclass(frozen=True)
class Exits:
    """Of one group and month: weights by months since contact (index), a kind each."""

    month: int
    end: float
    left: Floats
    lost: Floats
    removed: Floats
    returned: Floats


def exit_truths(
    parameters: Parameters, scenario: Scenario, first_month: int, quarters: int
) -> list[Expected]:
    """All of them, by cohort."""
    rows = []
    for horizon in HORIZONS:
        for cohort, start, end in cohorts(first_month, 3 * quarters, horizon):
            period = str((first_month + end + horizon) // 12)
            exits = list(_exits(parameters, start, end))
            values = {
                ("retrafficking_reidentified", "value"): _reidentified(parameters, exits, horizon)
            }
            for measure, value in _followed(parameters, scenario, exits, horizon, quarters).items():
                values["retrafficking_followed_up", measure] = value
            rows += [
                Expected(indicator, measure, value, horizon, period=period, cohort=cohort)
                for (indicator, measure), value in values.items()
            ]
    return rows


def _exits(parameters: Parameters, start: int, end_month: int) -> Iterator[Exits]:
    course = parameters.course
    for month in range(start, end_month + 1):
        since = np.arange(month + 1)
        kept = contact_kept(course, month)
        for share, end in groups(parameters):
            leaves = float(end > course.died)
            left, lost, ended = np.zeros(month + 1), np.zeros(month + 1), np.zeros(month + 1)
            for delay, chance in enumerate(course.support_delay):
                inside = np.where(since >= delay, (1 - course.exit) ** (since - delay + 0.0), 0.0)
                before = np.where(since > delay, np.roll(inside, 1), 0.0)
                weight = share * chance * kept
                left += weight * (1 - end) ** since * before * course.exit
                at_follow_up = (since > 0) & (since % LOSS_EVERY == 0)
                lost += weight * (1 - end) ** since * inside * at_follow_up
                ended += weight * (1 - end) ** (since - 1.0) * before * leaves
            yield Exits(
                month,
                end,
                left,
                lost * course.lost_at_follow_up,
                ended * course.removed,
                ended * course.returned,
            )


def _total(exits: list[Exits]) -> float:
    return sum(float((one.left + one.lost + one.removed + one.returned).sum()) for one in exits)


def _reidentified(parameters: Parameters, exits: list[Exits], horizon: int) -> float:
    """The first identification, if it comes after the exit, or one after retrafficking."""
    belief = parameters.inclusion
    share, hazard = belief.identified
    months = np.arange(horizon + 1)
    after_exit = identified_after_exit(parameters, horizon)
    again = {
        "left": np.cumsum(after_exit),
        # A closed file says nothing of the support, which goes on and ends unseen.
        "lost": np.cumsum(
            np.convolve(waiting(parameters.course.exit, horizon), after_exit)[: horizon + 1]
        ),
    }
    identified = 0.0
    for one in exits:
        lasting = (1 - one.end) ** months[1:]
        since = np.arange(one.month + 1)[:, None]
        stay = 1 - hazard
        first = belief.formally * share * stay ** (since + 1) * (1 - stay**months)
        for kind, weights in (("left", one.left), ("lost", one.lost)):
            either = 1 - (1 - first) * (1 - again[kind])
            identified += float(weights @ (np.diff(either, axis=1) @ lasting))
    return identified / _total(exits)


def _followed(
    parameters: Parameters,
    scenario: Scenario,
    exits: list[Exits],
    horizon: int,
    quarters: int,
) -> dict[str, float]:
    """States at the horizon; a provider that stops leaves its people unseen from then on."""
    course = parameters.course
    sums = dict.fromkeys(("value", "died", "removed", "returned"), 0.0)
    for one in exits:
        alive = (1 - one.end) ** np.arange(horizon + 1)
        leaves = float(one.end > course.died)
        going_on = 1 - _stopped(scenario, one.month, horizon, quarters)[:, None]
        seen = _kept_since(course, one.month, horizon, 3 * quarters) * going_on
        home = float((one.left + one.lost).sum())
        sums["value"] += float(one.left @ seen[:, -1] * alive[-1])
        sums["died"] += home * course.died * float(alive[:-1].sum())
        sums["removed"] += home * leaves * course.removed * float(alive[:-1].sum())
        sums["removed"] += float(one.removed.sum())
        sums["returned"] += leaves * course.returned * float(one.left @ (seen[:, 1:] @ alive[:-1]))
        sums["returned"] += float(one.returned.sum())
    total = _total(exits)
    shares = {measure: value / total for measure, value in sums.items()}
    return {**shares, "lost": 1 - sum(shares.values())}


def _kept_since(course: Course, month: int, horizon: int, months: int) -> Floats:
    """P(not lost before j months after an exit), a row a distance from contact, a column a j."""
    since = np.arange(month + 1)[:, None]
    until = since + np.minimum(np.arange(horizon + 1) - 1, last_loss(months) - month)
    follow_ups = until // LOSS_EVERY - (since - 1) // LOSS_EVERY
    # There is no follow-up in the month of contact itself.
    follow_ups = np.maximum(follow_ups - (since == 0), 0)
    kept: Floats = (1 - course.lost_at_follow_up) ** follow_ups.astype(np.float64)
    return kept


def _stopped(scenario: Scenario, month: int, horizon: int, quarters: int) -> Floats:
    """Share of the exits of a month, by distance from contact, unseen once a provider stopped."""
    provider = all_providers(quarters, scenario)[STOPS]
    stop = 3 * provider.last + 2
    contact = month - np.arange(month + 1)
    theirs = provider.weight * (contact // 3 <= provider.last - _CLOSED_TO_NEW)
    return np.asarray(theirs * (provider.stops and month <= stop < month + horizon), np.float64)
