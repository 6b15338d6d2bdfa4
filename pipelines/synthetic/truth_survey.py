"""Exact expectations of the survivor survey: its response, and what all its adults would say.

A weighted share (method W) aims at the frame's adults: each stratum counts by its share of them,
however many of it answered.
"""

from __future__ import annotations

from pipelines.synthetic.parameters import STRATA, Survey
from pipelines.synthetic.survey import DISPOSITIONS, disposition_shares, yes_shares
from pipelines.synthetic.truth_rows import Expected

ASKED = {
    ("inclusion_core_outcomes", "housing_secure"): "housing_secure",
    ("inclusion_core_outcomes", "safe_from_abusers"): "safe_from_abusers",
    ("inclusion_core_outcomes", "support_consistent"): "support_consistent",
    ("inclusion_core_outcomes", "services_compassionate"): "services_compassionate",
    ("inclusion_core_outcomes", "purpose_found"): "purpose_found",
    ("inclusion_core_outcomes", "medical_access"): "medical_access",
    ("inclusion_core_outcomes", "education_access"): "education_access",
    ("inclusion_agency", "value"): "decides_own_life",
    ("inclusion_freedom_from_fear", "value"): "free_from_fear",
    ("inclusion_stigma", "value"): "no_stigma",
    ("inclusion_work", "fair_pay"): "fair_pay",
    ("inclusion_work", "free_to_leave_work"): "free_to_leave_work",
    ("retrafficking_self_reported", "value"): "exploited_again",
    ("remedy_informed", "rights_informed"): "rights_informed",
    ("remedy_fair_treatment", "value"): "treated_with_respect",
    ("protection_service_firewall", "value"): "firewall_trusted",
    ("participation_involvement", "value"): "took_part",
}
"""Indicator and measure → survey item."""


def survey_truths(belief: Survey) -> list[Expected]:
    """All of them; the same in every period."""
    return [*_response(belief), *_shares(belief)]


def _response(belief: Survey) -> list[Expected]:
    """AAPOR response rate 2: complete and partial of all but those known not to be eligible."""
    answered = eligible = 0.0
    rows = []
    for stratum, share, chances in zip(
        STRATA, belief.share, disposition_shares(belief), strict=True
    ):
        answers = chances[0] + chances[1]
        asked = 1 - chances[DISPOSITIONS.index("not_eligible")]
        answered += share * answers
        eligible += share * asked
        rows.append(
            Expected("participation_response", "value", answers / asked, None, "stratum", stratum)
        )
    return [Expected("participation_response", "value", answered / eligible), *rows]


def _shares(belief: Survey) -> list[Expected]:
    """Each item's share of yes, of all and by stratum."""
    agree = yes_shares(belief)
    rows = []
    for (indicator, measure), item in ASKED.items():
        of_all = sum(share * yes for share, yes in zip(belief.share, agree[item], strict=True))
        rows.append(Expected(indicator, measure, of_all / sum(belief.share)))
        rows += [
            Expected(indicator, measure, yes, None, "stratum", stratum)
            for stratum, yes in zip(STRATA, agree[item], strict=True)
        ]
    return rows
