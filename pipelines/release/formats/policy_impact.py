"""policy_impact.csv: how the figures named for a policy change moved when it came.

The rule: only the folder's own published figures are looked at, so nothing is learned from the file
that the table does not say, and a figure that is hidden later takes its finding with it. Every pair
of the register has a row, refused ones with their reason (paragraph 33 of the report).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pipelines.errors import Foreseen
from pipelines.estimation.policy import Finding, assess
from pipelines.estimation.policy_register import PolicyChange, PolicyRegister, Series
from pipelines.release.reading import POLICY_IMPACT, Candidate, Figure
from pipelines.release.write_csv import inert

COLUMNS = (
    "policy_id",
    "month",
    "named_on",
    "what_changed",
    "source",
    "paragraphs",
    "indicator_id",
    "measure",
    "breakdown",
    "category",
    "unit",
    "comparator",
    "periods_before",
    "periods_after",
    "level",
    "level_low",
    "level_high",
    "slope",
    "slope_low",
    "slope_high",
    "probability",
    "finding",
    "refusal",
    "refusal_period",
    "sentence",
)
"""Changes of level and slope are in the series' unit with their 95 % limits, probability is Holm's
over all pairs; ``finding`` and ``refusal`` are keys of the sentence, which is English."""


class UnknownSeries(Foreseen, ValueError):
    """The register names an indicator or a measure that the folder does not know."""


def write_policy_impact(candidate: Candidate, folder: Path) -> None:
    """Write the file where the folder's lock has a register with policies; else none."""
    lock = json.loads((candidate.folder / "release.lock.json").read_text(encoding="utf-8"))
    register = PolicyRegister.model_validate(lock["country"].get("policy_register", {}))
    path = folder / POLICY_IMPACT
    if not register.policies:
        path.unlink(missing_ok=True)
        return
    _check(candidate, register)
    policies = {policy.id: policy for policy in register.policies}
    found = assess(register, lambda country, series: _table(candidate, series))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_line(candidate, policies[one.policy], one) for one in found)


def figures_of(candidate: Candidate, series: Series) -> list[Figure]:
    """One figure a period: quarters where there are any, else years; at the nearest horizon.

    A cohort's figures are those of single years, by the period that they are dated with.
    """
    rows = [
        row
        for row in candidate.of(series.indicator)
        if (row.measure, row.breakdown, row.category)
        == (series.measure, series.breakdown, series.category)
        and "-" not in row.period
        and "-" not in row.cohort
    ]
    quarters = [row for row in rows if "Q" in row.period]
    horizons = {row.horizon_months for row in rows if row.horizon_months is not None}
    nearest = min(horizons) if horizons else None
    return [row for row in quarters or rows if row.horizon_months == nearest]


def _check(candidate: Candidate, register: PolicyRegister) -> None:
    for policy in register.policies:
        for expectation in policy.indicators:
            for series in (expectation, expectation.comparator):
                known = series and candidate.indicators.get(series.indicator)
                if series and (not known or series.measure not in known.measures):
                    raise UnknownSeries(
                        f"policy_register of {policy.country}, policy {policy.id}: there is no "
                        f"{series.indicator} with a measure {series.measure}; correct the name in "
                        f"the country's file"
                    )


def _table(candidate: Candidate, series: Series) -> pa.Table:
    rows = figures_of(candidate, series)
    values = [None if row.estimate is None else float(row.estimate) for row in rows]
    return pa.table(
        {
            "period": pa.array([row.period for row in rows], pa.string()),
            "estimate": pa.array(values, pa.float64()),
        }
    )


def _line(candidate: Candidate, policy: PolicyChange, one: Finding) -> Iterator[str]:
    result, refusal = one.result, one.refusal
    comparators = [e.comparator for e in policy.indicators if e.series == one.series]
    comparator = comparators[0] if comparators else None
    units = [row.unit for row in figures_of(candidate, one.series)]
    limits: list[float | None] = (
        [
            number
            for change in (result.level, result.slope)
            for number in (change.estimate, change.ci_low, change.ci_high)
        ]
        if result
        else [None] * 6
    )
    numbers = [*limits, one.adjusted]
    values = refusal.values if refusal else {}
    counts = (
        (result.before, result.after)
        if result
        else (values.get("before", ""), values.get("after", ""))
    )
    yield from map(
        inert,
        (
            policy.id,
            policy.month,
            policy.named_on,
            policy.what_changed,
            policy.source,
            ";".join(map(str, policy.paragraphs)),
            one.series.indicator,
            one.series.measure,
            one.series.breakdown,
            one.series.category,
            units[0] if units else "",
            f"{comparator.indicator} {comparator.measure}" if comparator else "",
        ),
    )
    yield from map(str, counts)
    # A sign begins no formula here: a number is read as one.
    yield from ("" if number is None else f"{number:.6f}" for number in numbers)
    yield one.sentence.key
    yield refusal.key if refusal else ""
    yield str(values.get("period", ""))
    yield inert(one.sentence.english())
