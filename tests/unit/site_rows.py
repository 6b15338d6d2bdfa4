"""Hand-made rows and indicators for the tests of the site."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pipelines.registry import Indicator
from pipelines.release.columns import CLEAR_COLUMNS
from pipelines.release.reading import Figure


def indicator(**changes: Any) -> Indicator:
    """A flow of claims with a value and its bounds, unless changed."""
    entry: dict[str, Any] = {
        "id": "remedy_granted",
        "theme": "remedy",
        "title": "Claims granted",
        "explanation": "Claims decided. Claims nobody recorded are not counted.",
        "paragraphs": [37, 71],
        "sources": ["service_provider"],
        "population": {
            "kind": "flow",
            "origin": "claim",
            "unit": "claims",
            "definition": "Claims decided in the period.",
        },
        "method": ["P"],
        "measures": {"value": "Granted", "unknown_low": "All no", "unknown_high": "All yes"},
        "breakdowns": ["sex"],
        "unit": "share",
        "better": "higher",
    }
    return Indicator.model_validate({**entry, **changes})


def followed(**changes: Any) -> Indicator:
    """An exit cohort followed for 12 and 24 months, unless changed."""
    return indicator(
        id="retrafficking_service_recorded",
        theme="retrafficking",
        population={
            "kind": "cohort",
            "origin": "exit",
            "unit": "spells",
            "definition": "Exits from support.",
        },
        method=["AJ"],
        horizons=[12, 24],
        **changes,
    )


def row(estimate: str | None = "0.45", **changes: Any) -> Figure:
    """A row of 2024Q4 for all; a mark blanks its numbers as the candidate does."""
    values: dict[str, Any] = {
        "indicator_id": "remedy_granted",
        "country": "ZZ",
        "period": "2024Q4",
        "cohort": "",
        "measure": "value",
        "horizon_months": None,
        "breakdown": "total",
        "category": "",
        "numerator": Decimal(45),
        "denominator": Decimal(1200),
        "known_share": Decimal("0.80"),
        "estimate": None if estimate is None else Decimal(estimate),
        "ci_low": Decimal("0.40"),
        "ci_high": Decimal("0.50"),
        "unit": "share",
        "method": "P",
        "mark": "",
        "obs_status": "A",
        "conf_status": "F",
        "council_verdict": "pending",
        "caveats": (),
        **changes,
    }
    if values["mark"]:
        values |= dict.fromkeys(CLEAR_COLUMNS)
    return Figure(**values)
