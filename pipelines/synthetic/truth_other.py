"""Exact expectations of support conditions and inspections."""

from __future__ import annotations

from pipelines.periods import Period
from pipelines.synthetic.parameters import Inspection, Parameters
from pipelines.synthetic.truth_rows import Expected

FLOWS = ("immigration_present", "police_present", "status_checked", "data_shared")


def other_truths(parameters: Parameters, names: list[str], break_quarter: int) -> list[Expected]:
    """All of them; ``names`` are the run's quarters."""
    return [
        *_unconditional(parameters, names, break_quarter),
        *_inspections(parameters.inspection),
    ]


def _unconditional(parameters: Parameters, names: list[str], break_quarter: int) -> list[Expected]:
    """By quarter, and by year where a year lies on one side of the break."""
    course = parameters.course
    values = {
        name: course.unconditional_after
        if quarter >= break_quarter
        else course.unconditional_before
        for quarter, name in enumerate(names)
    }
    years: dict[str, list[float]] = {}
    for name, value in values.items():
        years.setdefault(str(Period.parse(name).first // 12), []).append(value)
    values |= {year: of[0] for year, of in years.items() if len(of) == 4 and len(set(of)) == 1}
    return [
        Expected("inclusion_unconditional_support", "value", value, period=period)
        for period, value in values.items()
    ]


def _inspections(belief: Inspection) -> list[Expected]:
    exposed = 1 - belief.none
    rows = [Expected("inspection_firewall", "value", belief.none)]
    for flow, leading, also in zip(FLOWS, belief.leading, belief.also, strict=True):
        share = exposed * (leading + (1 - leading) * also)
        rows.append(Expected("inspection_firewall", flow, share))
    paid = belief.paid_at_once + belief.paid_later + belief.paid_half / 2
    rows.append(Expected("inspection_wages_recovered", "value", paid))
    return rows
