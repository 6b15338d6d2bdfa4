"""status.json: what a candidate is, and that it is not cleared for release.

The rule: until the disclosure audit exists no candidate is cleared, and every reader is told so.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

NOT_CLEARED = (
    "Small counts are suppressed, with a neighbour where one stood alone, but the disclosure audit "
    "and the council's review have not taken place. For review only: not to be published."
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StatusCountry(_Part):
    """The country's code and its names by language."""

    code: str
    names: dict[str, str]


class SuppressionCounts(_Part):
    """How many cells there are and how many disclosure control hid."""

    cells: int
    primary: int
    secondary: int


class Freshness(_Part):
    """How long a source's deliveries took: months from a period's end to the month of sending."""

    deliveries: int
    median_months: int = Field(description="the lower median")
    largest_months: int


class Status(_Part):
    """The content of status.json."""

    cleared_for_release: bool
    reason: str
    synthetic: bool = Field(description="whether any delivery was made up for demonstration")
    country: StatusCountry
    period: str
    publisher: str
    contact: str
    vintage: str
    cutoff: str = Field(description="last month that a delivery covers, YYYY-MM")
    deliveries: dict[str, int] = Field(description="source → deliveries that the figures rest on")
    freshness: dict[str, Freshness] = Field(
        default_factory=dict, description="source → lateness of the deliveries it rests on"
    )
    threshold: int
    suppression: SuppressionCounts
