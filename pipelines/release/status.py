"""status.json: what a candidate or release is, and whether it is cleared for release.

The rule: a candidate is cleared when the audit of its files finds no hidden count exposed, and only
then; every reader is told what was audited and that the council has yet to review it.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pipelines.release.freshness import Freshness

NOT_AUDITED = (
    "Small counts are suppressed, but the disclosure audit and the council's review have not taken "
    "place. For review only: not to be published."
)
EXPOSED = (
    "The disclosure audit found hidden counts that can be computed from the figures that are "
    "shown, and the council's review has not taken place. Blocked: not to be published."
)
CLEARED = (
    "Cleared for release: the disclosure audit found no hidden count or amount that can be "
    "computed from these files, alone or beside earlier releases. The council's review has not "
    "taken place: until then it is for review only, not to be published."
)
RELEASED = (
    "The disclosure audit found no hidden count or amount that can be computed from these figures, "
    "alone or beside earlier releases. The council's review is closed, and both signers signed."
)
RELEASED_EXPOSED = (
    "The council's review is closed and both signers signed, but the disclosure audit did not "
    "pass: only made-up figures may be released like this."
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
    withheld: int = 0


class Rounded(_Part):
    """Counts of people are multiples of ``base``, none further than ``reach`` from the truth."""

    base: int
    reach: int


class AuditSummary(_Part):
    """What the audit of the files found: hidden counts asked about, and how many are exposed."""

    hidden_counts: int
    exposed: int


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
    freshness: list[Freshness] = Field(
        [], description="how late each provider is; set-aside deliveries count"
    )
    threshold: int
    suppression: SuppressionCounts
    rounding: Rounded | None = Field(None, description="none where counts are suppressed")
    audit: AuditSummary | None = Field(None, description="none where no audit has taken place")
