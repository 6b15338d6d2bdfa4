"""One expected value, keyed as a row of indicators.csv is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """``period`` and ``cohort`` are empty where the value is the same in all of them.

    ``value_among_known`` is None where the method does not condition on being known.
    """

    indicator_id: str
    measure: str
    value: float
    horizon_months: int | None = None
    breakdown: str = "total"
    category: str = ""
    period: str = ""
    cohort: str = ""
    value_among_known: float | None = None
