"""Exact expectations of single steps to remedy: aid, claims, how long they take, forms, status.

As in truth_remedy.py a step is its own waiting time, given that nothing has ended by then.
"""

from __future__ import annotations

import numpy as np

from pipelines.synthetic.draws import Floats
from pipelines.synthetic.parameters import CHANNELS, SECURE_AT_CONTACT, Parameters
from pipelines.synthetic.truth_common import end_of_insecure, groups, residence_shares, waiting
from pipelines.synthetic.truth_remedy import outcome_share, step_distributions
from pipelines.synthetic.truth_rows import Expected

INFORMED_HORIZON = 6
AID_HORIZON = 12
CLAIM_HORIZONS = (12, 24)
FUND_HORIZON = 36
FORM_HORIZON = 12
_LONG = 120  # months by which hardly anybody is still on the way


def claim_truths(parameters: Parameters) -> list[Expected]:
    """All of them."""
    steps = step_distributions(parameters.remedy, FUND_HORIZON)
    informed = _by(parameters, steps["informed"], INFORMED_HORIZON)
    aided = _by(parameters, steps["free_aid"], AID_HORIZON)
    return [
        Expected("remedy_informed", "value", informed, INFORMED_HORIZON),
        Expected("remedy_legal_aid", "value", aided, AID_HORIZON),
        *_claimed(parameters, steps["claimed"]),
        *_state_fund(parameters),
        *_time(parameters),
        *_forms(parameters),
        *_status(parameters, steps["claimed"]),
    ]


def _by(parameters: Parameters, density: Floats, horizon: int) -> float:
    """P(a step of this density by ``horizon``), of everybody."""
    month = np.arange(horizon + 1)
    return float(
        sum(
            share * (density[: horizon + 1] * (1 - end) ** month).sum()
            for share, end in groups(parameters)
        )
    )


def _claimed(parameters: Parameters, density: Floats) -> list[Expected]:
    unknown = parameters.population.unknown["channel"]
    rows = []
    for horizon in CLAIM_HORIZONS:
        value = _by(parameters, density, horizon)
        shares = {
            name: (1 - unknown) * share
            for name, share in zip(CHANNELS, parameters.remedy.channel, strict=True)
        }
        rows.append(Expected("remedy_claimed", "value", value, horizon))
        rows += [
            Expected("remedy_claimed", f"channel_{name}", share * value, horizon)
            for name, share in {**shares, "unknown": unknown}.items()
        ]
    return rows


def _state_fund(parameters: Parameters) -> list[Expected]:
    """First payment by month; a claim's channel is known, or not, for all its payments."""
    remedy = parameters.remedy
    granted = step_distributions(remedy, FUND_HORIZON)["granted"]
    first = np.zeros(FUND_HORIZON + 1)
    first[1 : remedy.at_once_within + 1] += remedy.paid_at_once / remedy.at_once_within
    first[remedy.instalment_months[0]] += remedy.paid_in_part
    paid = _by(parameters, np.convolve(granted, first)[: FUND_HORIZON + 1], FUND_HORIZON)
    fund = remedy.channel[CHANNELS.index("state_fund")] * sum(remedy.outcome["state_fund"][:2])
    value = paid * fund / outcome_share(remedy, (0, 1))
    unknown = parameters.population.unknown["channel"]
    among_known = (1 - unknown) * value / (1 - unknown * paid)
    row = Expected("remedy_state_fund", "value", value, FUND_HORIZON, value_among_known=among_known)
    return [row]


def _weights(parameters: Parameters, step: str) -> list[tuple[float, float]]:
    """(share of those who reach a step, hazard of the end) of both groups."""
    density = step_distributions(parameters.remedy, _LONG)[step]
    month = np.arange(density.size)
    reach = [share * (density * (1 - end) ** month).sum() for share, end in groups(parameters)]
    ends = [end for _, end in groups(parameters)]
    return [(float(one / sum(reach)), end) for one, end in zip(reach, ends, strict=True)]


def _within(weights: list[tuple[float, float]], hazard: float, horizon: int) -> float:
    """P(something of this hazard within ``horizon`` months, before the end)."""
    month = np.arange(horizon + 1)
    chances = waiting(hazard, horizon)
    return float(sum(share * (chances * (1 - end) ** month).sum() for share, end in weights))


def _time(parameters: Parameters) -> list[Expected]:
    remedy = parameters.remedy
    withdrawn = outcome_share(remedy, (3,))
    rows = []
    for horizon in CLAIM_HORIZONS:
        ended = _within(_weights(parameters, "claimed"), remedy.decided, horizon)
        rows.append(Expected("remedy_time", "value", ended * (1 - withdrawn), horizon))
        rows.append(Expected("remedy_time", "withdrawn", ended * withdrawn, horizon))
    return rows


def _forms(parameters: Parameters) -> list[Expected]:
    weights = _weights(parameters, "granted")
    rows = []
    for form, (ordered, hazard) in parameters.remedy.forms.items():
        obtained = ordered * _within(weights, hazard, FORM_HORIZON)
        rows.append(Expected("remedy_forms", f"{form}_ordered", ordered))
        rows.append(Expected("remedy_forms", f"{form}_obtained", obtained))
    return rows


def _status(parameters: Parameters, density: Floats) -> list[Expected]:
    """Status has no bearing on claims and grants but through the end that it exposes to."""
    shares = residence_shares(parameters.population)
    horizon = CLAIM_HORIZONS[-1]
    month = np.arange(horizon + 1)
    by_end = {
        end: float((density[: horizon + 1] * (1 - end) ** month).sum())
        for _, end in groups(parameters)
    }
    irregular = by_end[end_of_insecure(parameters.course)]
    secure = sum(shares[name] for name in SECURE_AT_CONTACT)
    insecure = 1 - secure - shares["irregular"]
    other = (secure * by_end[parameters.course.died] + insecure * irregular) / (secure + insecure)
    remedy = parameters.remedy
    granted = outcome_share(remedy, (0, 1)) / outcome_share(remedy, (0, 1, 2))
    gap = "remedy_status_gap"
    return [
        Expected(gap, "irregular_claimed", irregular, horizon),
        Expected(gap, "other_claimed", other, horizon),
        Expected(gap, "value", irregular - other, horizon),
        Expected(gap, "irregular_granted", granted),
        Expected(gap, "other_granted", granted),
        Expected(gap, "granted_gap", 0.0),
    ]
