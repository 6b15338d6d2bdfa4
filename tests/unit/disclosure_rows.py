"""Contracted rows for tests of disclosure control, from the few numbers a test is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.disclosure.table import ROW_SCHEMA


def row(
    numerator: Decimal | int | None, denominator: Decimal | int | None, **other: Any
) -> dict[str, Any]:
    """One row of method P for the quarter 2024Q4 and the total, unless told otherwise."""
    return {
        "indicator_id": "remedy_granted",
        "country": "ZZ",
        "period": "2024Q4",
        "cohort": "",
        "measure": "value",
        "horizon_months": None,
        "breakdown": "total",
        "category": "",
        "numerator": numerator,
        "denominator": denominator,
        "unknown": 0,
        "units": denominator,
        "at_risk": None,
        "known_share": 1.0,
        "estimate": 0.5,
        "ci_low": 0.4,
        "ci_high": 0.6,
        "std_error": 0.01,
        "unit": "share",
        "method": "P",
        "flag": "",
        **other,
    }


def table(*rows: dict[str, Any]) -> pa.Table:
    """The rows as the contracted Arrow table."""
    return pa.Table.from_pylist(list(rows), schema=ROW_SCHEMA)
