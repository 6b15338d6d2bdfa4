"""The register of policy changes (¶33): what changed, where, when, and which figures should move.

The rule: indicators are named before the change takes effect. Whoever picks them afterwards finds
one that moved. The register is a part of the country's settings
(docs/how-to/register-a-policy-change.md).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipelines.periods import month_number

LEAST_PERIODS = 12
"""Periods that a series needs on each side of a change."""


def _month(text: str) -> str:
    month_number(text)
    return text


Month = Annotated[str, AfterValidator(_month)]
_Text = Annotated[str, Field(min_length=1)]
_Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Series(_Entry):
    """One published series: an indicator's measure in a country, one value a period."""

    indicator: _Code
    measure: _Code = "value"
    breakdown: str = "total"
    category: str = ""


class Expectation(Series):
    """A series named beforehand, the direction hoped for, and what would show a general trend."""

    expected: Literal["higher", "lower", "either"]
    comparator: Series | None = Field(
        default=None, description="a series of the same country that the change cannot reach"
    )

    @property
    def series(self) -> Series:
        """The series alone."""
        return Series(**self.model_dump(include=set(Series.model_fields)))

    @model_validator(mode="after")
    def _compares_with_another(self) -> Expectation:
        if self.comparator == self.series:
            raise ValueError("the comparator is the series itself")
        return self


class PolicyChange(_Entry):
    """A law, rule or practice that changed from one month to the next."""

    id: _Code
    country: _Country
    month: Month = Field(description="first month in which the new rule held")
    named_on: Month = Field(description="month in which the indicators were named")
    what_changed: _Text
    source: _Text = Field(description="where the text of the change can be read")
    paragraphs: list[Annotated[int, Field(ge=1)]] = Field(min_length=1)
    indicators: list[Expectation] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_beforehand(self) -> PolicyChange:
        if month_number(self.named_on) > month_number(self.month):
            raise ValueError(
                f"indicators were named in {self.named_on}, after the change of {self.month}: "
                "such a comparison is a search for what moved, and is refused"
            )
        named = [expectation.series for expectation in self.indicators]
        if len(set(map(repr, named))) < len(named):
            raise ValueError("an indicator is named twice")
        return self


class DefinitionBreak(_Entry):
    """From this month an indicator counts something else, so that before and after differ."""

    indicator: _Code
    country: _Country
    month: Month
    what: _Text


class PolicyRegister(_Entry):
    """Everything registered of one country."""

    policies: list[PolicyChange] = []
    breaks: list[DefinitionBreak] = []

    @model_validator(mode="after")
    def _ids_name_one(self) -> PolicyRegister:
        ids = [policy.id for policy in self.policies]
        if len(set(ids)) < len(ids):
            raise ValueError("two policies have the same id")
        return self
