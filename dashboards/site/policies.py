"""Policy changes and the figures named for them, in a page's language.

Rule: a page says what policy_impact.csv says, refusals included, and never more: a figure left its
course, not why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from dashboards.site.locale import Locale
from pipelines.estimation.policy_register import LEAST_PERIODS

_NUMBERS = {
    "bent": {"slope": "slope", "low": "slope_low", "high": "slope_high"},
    "refused": {},
}
_LEVEL = {"level": "level", "low": "level_low", "high": "level_high"}


@dataclass(frozen=True)
class Finding:
    """What is said of one figure; ``comparator`` is the indicator it was followed beside."""

    indicator: str
    comparator: str
    sentence: Markup


@dataclass(frozen=True)
class Policy:
    """One policy change and all figures that were named for it beforehand."""

    id: str
    what_changed: Markup
    source: Markup
    month: str
    named_on: str
    paragraphs: str
    findings: tuple[Finding, ...]


def policies(rows: Sequence[dict[str, str]], locale: Locale) -> list[Policy]:
    """The rows of policy_impact.csv by policy, in the order of the file."""
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        grouped.setdefault(row["policy_id"], []).append(row)
    return [_policy(name, some, locale) for name, some in grouped.items()]


def _policy(name: str, rows: list[dict[str, str]], locale: Locale) -> Policy:
    first = rows[0]
    return Policy(
        id=name,
        what_changed=locale.of_candidate(f"policies.{name}.what_changed", first["what_changed"]),
        source=locale.of_candidate(f"policies.{name}.source", first["source"]),
        month=locale.month(first["month"]),
        named_on=locale.month(first["named_on"]),
        paragraphs=first["paragraphs"].replace(";", ", "),
        findings=tuple(
            Finding(row["indicator_id"], row["comparator"].split(" ")[0], sentence(row, locale))
            for row in rows
        ),
    )


def sentence(row: dict[str, str], locale: Locale) -> Markup:
    """The plain sentence of a row."""
    values: dict[str, object] = {"month": locale.month(row["month"])}
    # A difference of shares is in points: 40 % after 30 % moved by 10 points, not by 10 %.
    unit = "share_difference" if row["unit"] == "share" else row["unit"]
    for name, column in _NUMBERS.get(row["finding"], _LEVEL).items():
        values[name] = locale.amount(Decimal(row[column]), unit)
    if row["refusal"]:
        values["reason"] = locale.text(
            f"context.refusals.{row['refusal']}",
            **{
                "before": row["periods_before"],
                "after": row["periods_after"],
                "month": locale.month(row["month"]),
                "least": LEAST_PERIODS,
                "period": _time(row["refusal_period"], locale),
            },
        )
    return locale.text(f"context.sentences.{row['finding']}", **values)


def _time(text: str, locale: Locale) -> str:
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return locale.month(text)
    return locale.period(text)
