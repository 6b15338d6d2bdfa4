"""Exact expectations of labour inspections. What is not recorded lacks completely at random."""

from __future__ import annotations

from itertools import product

from pipelines.synthetic.inspections import (
    MET_AT_MOST,
    NOT_MET_BELOW,
    REFERRED_AT_MOST,
    ROUTINE,
    SECTOR_WEIGHTS,
    SECTORS,
    SHARED_AT_MOST,
    TRIGGER_WEIGHTS,
    UNION_COMPLAINT,
    VICTIMS_AT_MOST,
    VIOLATIONS_AT_MOST,
    inspections_a_quarter,
)
from pipelines.synthetic.parameters import Inspection
from pipelines.synthetic.truth_rows import Expected

FLOWS = ("immigration_present", "police_present", "status_checked", "data_shared")
_MET = (1 + MET_AT_MOST) / 2
_COVERED = _MET + (NOT_MET_BELOW - 1) / 2


def inspection_truths(belief: Inspection, people: int) -> list[Expected]:
    """All of them, of a run of so many people."""
    return [
        *_flows(belief),
        *_money(belief),
        *_victims(belief),
        *_coverage(belief, people),
        *_worker_led(belief),
        *_violations(belief),
    ]


def flow_shares(belief: Inspection) -> dict[str, float]:
    """Share of inspections with each flow."""
    exposed = 1 - belief.none
    return {
        flow: exposed * (leading + (1 - leading) * also)
        for flow, leading, also in zip(FLOWS, belief.leading, belief.also, strict=True)
    }


def _flows(belief: Inspection) -> list[Expected]:
    shares = flow_shares(belief).items()
    return [
        Expected("inspection_firewall", "value", belief.none),
        *(Expected("inspection_firewall", flow, share) for flow, share in shares),
    ]


def _money(belief: Inspection) -> list[Expected]:
    paid = belief.paid_at_once + belief.paid_later + belief.paid_half / 2
    return [
        Expected("inspection_wages_recovered", "value", paid),
        Expected("inspection_fees_reimbursed", "value", belief.fees_reimbursed),
    ]


def _victims(belief: Inspection) -> list[Expected]:
    pairs = list(product(range(1, VICTIMS_AT_MOST + 1), range(REFERRED_AT_MOST + 1)))
    found = sum(victims for victims, _ in pairs)
    referred = sum(min(pair) for pair in pairs)
    shared = flow_shares(belief)["data_shared"] * (1 + SHARED_AT_MOST) / 2
    a_thousand = 1000 * (1 + VICTIMS_AT_MOST) / 2 / _MET
    present = a_thousand * belief.possible_victims_with_immigration
    absent = a_thousand * belief.possible_victims
    gap = "inspection_identification_gap"
    return [
        Expected("inspection_referral", "value", referred / found),
        Expected("inspection_referral", "persons_shared", 100 * shared / _MET),
        Expected(gap, "immigration_present", present),
        Expected(gap, "immigration_absent", absent),
        Expected(gap, "value", present - absent),
    ]


def _coverage(belief: Inspection, people: int) -> list[Expected]:
    """An inspectorate's own inspections and employed: both have as many."""
    a_year = 4 * inspections_a_quarter(belief, people)
    of_all = 10_000 * a_year / (belief.employed * len(SECTORS))
    domestic = 10_000 * a_year * SECTOR_WEIGHTS[SECTORS.index("T")] / belief.employed
    values = {
        "value": of_all,
        "workers": of_all * _COVERED,
        "domestic_inspections": domestic,
        "domestic_workers": domestic * _COVERED,
    }
    return [Expected("inspection_coverage", measure, value) for measure, value in values.items()]


def _worker_led(belief: Inspection) -> list[Expected]:
    without = sum(TRIGGER_WEIGHTS[: UNION_COMPLAINT + 1])
    agreed = without + TRIGGER_WEIGHTS[ROUTINE] * belief.union_instead
    total = without + belief.collective_agreement * (agreed - without)
    values = {
        "value": total,
        "violations": total,  # who began an inspection has no bearing on what it finds
        "collective_agreement": agreed,
        "no_collective_agreement": without,
        "agreement_gap": agreed - without,
    }
    return [Expected("inspection_worker_led", measure, value) for measure, value in values.items()]


def _violations(belief: Inspection) -> list[Expected]:
    mean = (1 + VIOLATIONS_AT_MOST) / 2
    with_plan, without = belief.violation_with_plan, belief.violation
    found = without + belief.due_diligence_plan * (with_plan - without)
    diligence = "inspection_due_diligence"
    return [
        Expected("inspection_public_contractors", "value", found),
        Expected(diligence, "with_plan", mean * with_plan),
        Expected(diligence, "without_plan", mean * without),
        Expected(diligence, "value", mean * (with_plan - without)),
    ]
