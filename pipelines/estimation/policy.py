"""What a policy change did to the figures named for it (¶33), in numbers and in a plain sentence.

The rule: every policy × indicator pair of the register is tried and shown, refused ones with their
reason, and all that were tried are corrected for together (Holm 1979). The wording never says
"effect": an interrupted series shows that a figure left its course, not why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
from statsmodels.stats.multitest import multipletests

from pipelines.estimation.interrupted import Interruption, RefusedSeries, interrupt
from pipelines.estimation.policy_register import (
    Expectation,
    PolicyChange,
    PolicyRegister,
    Series,
)

LEVEL = 0.05
"""Family-wise probability of calling any change that is chance."""

SENTENCES: Mapping[str, str] = {
    "moved_as_expected": (
        "When the rule changed in {month}, the figure moved by {level} ({low} to {high}) from its "
        "earlier course, in the direction hoped for. Other causes of the same time are not ruled "
        "out."
    ),
    "moved_otherwise": (
        "When the rule changed in {month}, the figure moved by {level} ({low} to {high}) from its "
        "earlier course, but not in the direction hoped for."
    ),
    "moved": (
        "When the rule changed in {month}, the figure moved by {level} ({low} to {high}) from its "
        "earlier course. Other causes of the same time are not ruled out."
    ),
    "bent": (
        "From {month} on the figure rises by {slope} more a period than before ({low} to {high}). "
        "Other causes of the same time are not ruled out."
    ),
    "no_change_seen": (
        "Around {month} the figure kept to its earlier course as far as these data can tell: it "
        "moved by {level} ({low} to {high}). That does not prove that nothing changed."
    ),
    "refused": "Whether the change of {month} moved this figure cannot be told: {reason}.",
}
"""English texts by key; other languages give the same keys and placeholders."""


@dataclass(frozen=True)
class Sentence:
    """A translatable sentence: a key of SENTENCES and the values of its placeholders."""

    key: str
    values: Mapping[str, str | float]

    def english(self) -> str:
        """The English text; numbers in the series' unit with a sign and three decimals."""
        shown = {
            name: value if isinstance(value, str) else f"{value:+.3f}"
            for name, value in self.values.items()
        }
        return SENTENCES[self.key].format(**shown)


@dataclass(frozen=True)
class Finding:
    """One policy × indicator pair. ``result`` is None where the series was refused.

    ``adjusted``: Holm's probability over all pairs that were tried.
    """

    policy: str
    series: Series
    result: Interruption | None
    adjusted: float | None
    controlled: bool
    sentence: Sentence
    refusal: RefusedSeries | None = None


ReadSeries = Callable[[str, Series], pa.Table]
"""Country and series → its figures (``period``, ``estimate``), quarters or years, not both."""


def assess(register: PolicyRegister, read: ReadSeries) -> list[Finding]:
    """Try every pair of the register, in its order."""
    tried: list[tuple[PolicyChange, Expectation, Interruption | RefusedSeries]] = [
        (policy, expectation, _try(register, policy, expectation, read))
        for policy in register.policies
        for expectation in policy.indicators
    ]
    raw = [result.probability for _, _, result in tried if isinstance(result, Interruption)]
    adjusted = iter(multipletests(raw, method="holm")[1] if raw else ())
    return [
        _finding(policy, expectation, result, next(adjusted))
        if isinstance(result, Interruption)
        else Finding(
            policy.id,
            expectation.series,
            None,
            None,
            expectation.comparator is not None,
            Sentence("refused", {"month": policy.month, "reason": str(result)}),
            result,
        )
        for policy, expectation, result in tried
    ]


def _try(
    register: PolicyRegister, policy: PolicyChange, expectation: Expectation, read: ReadSeries
) -> Interruption | RefusedSeries:
    comparator = expectation.comparator
    names = {series.indicator for series in (expectation, comparator) if series}
    breaks = [
        broken.month
        for broken in register.breaks
        if broken.country == policy.country and broken.indicator in names
    ]
    try:
        return interrupt(
            read(policy.country, expectation.series),
            policy.month,
            read(policy.country, comparator) if comparator else None,
            breaks,
        )
    except RefusedSeries as refusal:
        return refusal


def _finding(
    policy: PolicyChange, expectation: Expectation, result: Interruption, adjusted: float
) -> Finding:
    change = result.level
    key = "no_change_seen"
    if adjusted < LEVEL:
        if change.ci_low <= 0 <= change.ci_high:
            key, change = "bent", result.slope
        elif expectation.expected == "either":
            key = "moved"
        else:
            hoped = (change.estimate > 0) == (expectation.expected == "higher")
            key = "moved_as_expected" if hoped else "moved_otherwise"
    values: dict[str, str | float] = {
        "month": policy.month,
        "slope" if key == "bent" else "level": change.estimate,
        "low": change.ci_low,
        "high": change.ci_high,
    }
    return Finding(
        policy=policy.id,
        series=expectation.series,
        result=result,
        adjusted=float(adjusted),
        controlled=expectation.comparator is not None,
        sentence=Sentence(key, values),
    )
