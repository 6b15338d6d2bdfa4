"""Method W: what share of the adults known to providers would say yes, from the survivor survey.

The rule: a design-based estimate equal to R survey's. Weights and raking come from
``survey_sample``; svy gives the Taylor-linearised variance (strata, raking residuals, a correction
for the finite population) and the logit interval. Answers 4 and 5 of 5 are yes. A question left
open is unknown: it is never a no, and two bounds say what all unknowns together could change.
Under a response rate (AAPOR RR2) of 30 % an estimate is marked u.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from math import isnan
from statistics import NormalDist
from typing import Any, cast

import duckdb
import polars as pl
import pyarrow as pa
import svy

from pipelines.estimation.survey_sample import MarginError, Sample, weighted_sample

SCALE_ITEMS = (
    "housing_secure",
    "safe_from_abusers",
    "support_consistent",
    "services_compassionate",
    "purpose_found",
    "medical_access",
    "education_access",
    "decides_own_life",
    "free_from_fear",
    "no_stigma",
    "fair_pay",
    "free_to_leave_work",
    "treated_with_respect",
    "firewall_trusted",
)
TRI_ITEMS = ("rights_informed", "exploited_again", "took_part")
ITEMS = SCALE_ITEMS + TRI_ITEMS
BREAKDOWNS = {
    "total": None,
    "sex": "sex",
    "age_band": "age_band",
    "residence": "residence_group",
    "stratum": "stratum",
}
"""Breakdown of the indicators → column of the responses."""
LOWEST_RESPONSE = 0.30
ESTIMATES = pa.schema(
    [
        ("country", pa.string()),
        ("period", pa.string()),
        ("item", pa.string()),
        ("breakdown", pa.string()),
        ("category", pa.string()),
        ("yes", pa.int64()),
        ("no", pa.int64()),
        ("unknown", pa.int64()),
        ("response_rate", pa.float64()),
        ("estimate", pa.float64()),
        ("ci_low", pa.float64()),
        ("ci_high", pa.float64()),
        ("std_error", pa.float64()),
        ("unknown_low", pa.float64()),
        ("unknown_high", pa.float64()),
        ("flag", pa.string()),
    ]
)
"""yes, no, unknown count persons who answered, unweighted: what disclosure control needs.
``flag``: '' | 'u' (low response, or no interval) | 'x' (no answer known, or margins not met)."""
_Z95 = NormalDist().inv_cdf(0.975)
_log = logging.getLogger(__name__)


def estimate_shares(
    responses: pa.Table, frame: pa.Table, periods: pa.Table, items: Sequence[str] = ITEMS
) -> pa.Table:
    """All items of all countries and periods, a row an item and category (``ESTIMATES``).

    ``responses`` and ``frame`` are rows of core.fct_survey_responses and fct_survey_frame,
    ``periods`` of core.dim_period. A period pools the waves that closed in it; the waves count as
    samples drawn apart. Sorted by key.
    """
    rows: list[dict[str, Any]] = []
    with duckdb.connect() as connection:
        for name, table in (("responses", responses), ("frame", frame), ("periods", periods)):
            connection.register(name, table)
        for country, period, first, last, detailed in connection.sql(_PERIODS).fetchall():
            waves = f"country = '{country}' and wave_closed_month between {first} and {last}"
            some, listed = (
                connection.sql(f"from {name} where {waves}").to_arrow_table()
                for name in ("responses", "frame")
            )
            breakdowns = BREAKDOWNS if detailed else {"total": None}
            found = _period_rows(some, listed, items, breakdowns, f"{country} {period}")
            rows += [{"country": country, "period": period, **row} for row in found]
    return pa.Table.from_pylist(rows, ESTIMATES).sort_by(
        [(name, "ascending") for name in ESTIMATES.names[:5]]
    )


def response_rates(responses: pa.Table) -> dict[str, float]:
    """AAPOR RR2 by stratum, and of all under '': partial answers count, unknown cases stay in."""
    with duckdb.connect() as connection:
        connection.register("responses", responses)
        return dict(connection.sql(_RESPONSE_RATES).fetchall())


def _period_rows(
    responses: pa.Table,
    frame: pa.Table,
    items: Sequence[str],
    breakdowns: dict[str, str | None],
    where: str,
) -> Iterator[dict[str, Any]]:
    rates = response_rates(responses)
    answers = _answers(responses, items)
    try:
        sample = weighted_sample(answers, frame)
    except MarginError as error:
        # One country's frame stops no other's release: its figures are x, and the log says why.
        _log.warning("survey of %s is not estimated: %s", where, error)
        yield from _without_estimate(answers, items, rates[""])
        return
    for breakdown, column in breakdowns.items():
        for row in _estimates(sample, items, column):
            rate = rates[row["category"] if breakdown == "stratum" else ""]
            known = row["yes"] + row["no"]
            unreliable = rate < LOWEST_RESPONSE or row.get("ci_low") is None
            flag = "x" if known == 0 else "u" if unreliable else ""
            yield {**row, "breakdown": breakdown, "response_rate": rate, "flag": flag}


def _without_estimate(
    answers: pa.Table, items: Sequence[str], rate: float
) -> Iterator[dict[str, Any]]:
    """Unweighted counts of the whole: what is known where no weights could be found."""
    given = pl.DataFrame(answers).filter(pl.col("disposition").is_in(["complete", "partial"]))
    for item in items:
        counts = given[item].value_counts()
        number = dict(zip(counts[item], counts["count"], strict=True))
        yield {
            "item": item,
            "breakdown": "total",
            "category": "",
            "yes": number.get("yes", 0),
            "no": number.get("no", 0),
            "unknown": number.get(None, 0),
            "response_rate": rate,
            "flag": "x",
        }


def _answers(responses: pa.Table, items: Sequence[str]) -> pa.Table:
    """The responses with each item as yes, no or null (unknown)."""
    answers = ", ".join(
        f"case when {item} >= 4 then 'yes' when {item} < 4 then 'no' end as {item}"
        if item in SCALE_ITEMS
        else f"case when {item} in ('yes', 'no') then {item} end as {item}"
        for item in items
    )
    with duckdb.connect() as connection:
        connection.register("responses", responses)
        return connection.sql(f"select * replace ({answers}) from responses").to_arrow_table()


def _estimates(
    sample: Sample, items: Sequence[str], column: str | None
) -> Iterator[dict[str, Any]]:
    for item in items:
        counts = _counts(sample.rows, item, column)
        found = {
            (estimate.by_level or ("",))[0]: estimate
            for estimate in _shares(sample, item, column)
            if estimate.y_level == "yes"
        }
        for category, yes, no, unknown, known_weight, weight in counts.iter_rows():
            row = {"item": item, "category": category, "yes": yes, "no": no, "unknown": unknown}
            if yes + no == 0:
                yield {**row, "unknown_low": 0.0, "unknown_high": 1.0}
                continue
            share = float(found[category].est) if yes and no else float(yes > 0)
            low, high, error = (
                (found[category].lci, found[category].uci, found[category].se)
                if yes and no
                else (*_unanimous(yes > 0, yes + no), 0.0)
            )
            # As many strata as answers leave no degree of freedom, and so no interval.
            has_interval = not (isnan(low) or isnan(high))
            yield {
                **row,
                "estimate": share,
                "ci_low": float(low) if has_interval else None,
                "ci_high": float(high) if has_interval else None,
                "std_error": float(error),
                "unknown_low": share * known_weight / weight,
                "unknown_high": 1 - (1 - share) * known_weight / weight,
            }


def _shares(sample: Sample, item: str, column: str | None) -> list[Any]:
    if sample.rows[item].null_count() == sample.rows.height:
        return []
    # One item gives one estimate; svy's signature does not say so.
    found = sample.design.estimation.prop(item, by=column, drop_nulls=True)
    return list(cast(svy.Estimate, found).estimates)


def _counts(rows: pl.DataFrame, item: str, column: str | None) -> pl.DataFrame:
    """category, yes, no, unknown, weight of the known, weight of all; sorted by category."""
    category = pl.col(column) if column else pl.lit("")
    return (
        rows.group_by(category.alias("category"), maintain_order=True)
        .agg(
            (pl.col(item) == "yes").sum().alias("yes"),
            (pl.col(item) == "no").sum().alias("no"),
            pl.col(item).is_null().sum().alias("unknown"),
            pl.col("weight").filter(pl.col(item).is_not_null()).sum().alias("known_weight"),
            pl.col("weight").sum().alias("all_weight"),
        )
        .sort("category")
    )


def _unanimous(is_yes: bool, known: int) -> tuple[float, float]:
    """Where all say the same the logit has no interval: Wilson's (1927) for that many answers."""
    reach = _Z95**2 / (known + _Z95**2)
    return (1 - reach, 1.0) if is_yes else (0.0, reach)


_PERIODS = """
select distinct
    periods.country,
    periods.period,
    periods.first_month,
    periods.last_month,
    periods.has_breakdowns
from periods
inner join responses
    on
        periods.country = responses.country
        and responses.wave_closed_month between periods.first_month and periods.last_month
order by all
"""

_RESPONSE_RATES = """
select
    case when grouping(stratum) = 1 then '' else stratum end as stratum,
    count(*) filter (disposition in ('complete', 'partial')) / cast(count(*) as double) as rate
from responses
where disposition <> 'not_eligible'
group by grouping sets ((), (stratum))
"""
