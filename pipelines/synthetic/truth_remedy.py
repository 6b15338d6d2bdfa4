"""Exact expectations of the way to remedy: sums over months of waiting-time distributions.

Everything after first contact is independent of the end (death, removal, return) except that
nothing happens from its month on, so P(step by month m) is the sum over months of the step's own
distribution times the chance that nothing has ended by then.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import CHANNELS, SEXES, Parameters, Remedy
from pipelines.synthetic.truth_common import groups
from pipelines.synthetic.truth_rows import Expected

FUNNEL_HORIZON = 36
PAID_HORIZON = 12
STEPS = ("informed", "free_aid", "claimed", "granted", "paid_in_full")


def remedy_truths(parameters: Parameters) -> list[Expected]:
    """All of them."""
    return [*_funnel(parameters), *_granted(parameters.remedy), *_paid(parameters)]


def _funnel(parameters: Parameters) -> list[Expected]:
    steps = step_distributions(parameters.remedy, FUNNEL_HORIZON)
    month = np.arange(FUNNEL_HORIZON + 1)
    reached = {
        step: float(
            sum(share * (density * (1 - end) ** month).sum() for share, end in groups(parameters))
        )
        for step, density in steps.items()
    }
    rows = []
    before = 1.0
    for step in STEPS:
        keys = ("remedy_funnel", step)
        rows.append(Expected(*keys, reached[step], FUNNEL_HORIZON))
        rows += [Expected(*keys, reached[step], FUNNEL_HORIZON, "sex", sex) for sex in SEXES]
        if step != STEPS[0]:
            conditional = reached[step] / before
            measure = f"{step}_of_{STEPS[STEPS.index(step) - 1]}"
            rows.append(Expected("remedy_funnel", measure, conditional, FUNNEL_HORIZON))
        before = reached[step]
    return rows


def step_distributions(remedy: Remedy, months: int) -> dict[str, Floats]:
    """P(step in month m), m = 0 … ``months``, as if nothing ended."""
    hazards = np.zeros(months + 1)
    hazards[: len(remedy.informed)] = remedy.informed
    informed = hazards * np.concatenate([[1.0], np.cumprod(1 - hazards)[:-1]])
    delay = np.zeros(months + 1)
    delay[:2] = remedy.aid_same_month, 1 - remedy.aid_same_month
    free_aid = _later(informed, delay) * remedy.aid * remedy.aid_free
    claimed = _later(free_aid, _waiting(remedy.claimed, months))
    decided = _later(claimed, _waiting(remedy.decided, months))
    granted = decided * outcome_share(remedy, (0, 1))
    at_once = np.zeros(months + 1)
    at_once[1 : remedy.at_once_within + 1] = 1 / remedy.at_once_within
    paid = _later(granted, at_once) * remedy.paid_at_once
    return dict(zip(STEPS, (informed, free_aid, claimed, granted, paid), strict=True))


def _waiting(hazard: float, months: int) -> Floats:
    month = np.arange(months + 1)
    chance: Floats = np.where(month > 0, hazard * (1 - hazard) ** (month - 1.0), 0.0)
    return chance


def _later(first: Floats, wait: Floats) -> Floats:
    return np.convolve(first, wait)[: first.size]


def outcome_share(remedy: Remedy, outcomes: tuple[int, ...]) -> float:
    """Share of decisions with one of these outcomes (positions), over all channels."""
    return sum(
        share * sum(remedy.outcome[channel][outcome] for outcome in outcomes)
        for channel, share in zip(CHANNELS, remedy.channel, strict=True)
    )


def _granted(remedy: Remedy) -> list[Expected]:
    total = outcome_share(remedy, (0, 1)) / outcome_share(remedy, (0, 1, 2))
    rows = [
        Expected("remedy_granted", "value", total),
        Expected("remedy_granted", "withdrawn", outcome_share(remedy, (3,))),
    ]
    for channel in CHANNELS:
        granted, partly, refused, withdrawn = remedy.outcome[channel]
        value = (granted + partly) / (granted + partly + refused)
        rows.append(Expected("remedy_granted", "value", value, None, "channel", channel))
        rows.append(Expected("remedy_granted", "withdrawn", withdrawn, None, "channel", channel))
    return rows


def _paid(parameters: Parameters) -> list[Expected]:
    """Amounts do not depend on how they are paid, so the ratio of sums is one of probabilities."""
    remedy = parameters.remedy
    granted = step_distributions(remedy, 10 * PAID_HORIZON)["granted"]
    month = np.arange(granted.size)
    weights = [share * (granted * (1 - end) ** month).sum() for share, end in groups(parameters)]
    at_once = range(1, remedy.at_once_within + 1)
    paid = in_full = 0.0
    for weight, (_, end) in zip(weights, groups(parameters), strict=True):
        share = weight / sum(weights)
        full = remedy.paid_at_once * np.mean([(1 - end) ** m for m in at_once if m <= PAID_HORIZON])
        parts = sum((1 - end) ** m for m in remedy.instalment_months if m <= PAID_HORIZON)
        in_full += share * float(full)
        paid += share * float(full + remedy.paid_in_part * remedy.instalment_share * parts)
    return [
        Expected("remedy_paid", "value", paid, PAID_HORIZON),
        Expected("remedy_paid", "fully_paid", in_full, PAID_HORIZON),
    ]
