"""Exact expectations of support conditions."""

from __future__ import annotations

from pipelines.periods import Period
from pipelines.synthetic.parameters import Parameters
from pipelines.synthetic.truth_rows import Expected


def other_truths(parameters: Parameters, names: list[str], break_quarter: int) -> list[Expected]:
    """All of them; ``names`` are the run's quarters."""
    return [
        *_unconditional(parameters, names, break_quarter),
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
