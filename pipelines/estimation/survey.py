"""Method W: what share of the adults known to providers would say yes, from the survivor survey.

The rule: a design-based estimate equal to R survey's. Weights and raking come from
``survey_sample``, the variance from ``linearised`` (strata, what raking leaves, a correction for
the finite population); the interval is a logit one. Answers 4 and 5 of 5 are yes. A question left
open is unknown: it is never a no, and two bounds say what all unknowns together could change.
Under a response rate (AAPOR RR2) of 30 % an estimate is marked u.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import scipy.sparse as sp
from scipy.special import expit, logit, stdtrit

from pipelines.estimation.linearised import Design, Floats, one_hot
from pipelines.estimation.survey_sample import MARGINS, MarginError, weighted_sample

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
        answers = _answers(connection, responses, items)
        for name, table in (("responses", answers), ("frame", frame), ("periods", periods)):
            connection.register(name, table)
        for country, period, first, last, dimensions in connection.sql(_PERIODS).fetchall():
            waves = f"country = '{country}' and wave_closed_month between {first} and {last}"
            some, listed = (
                connection.sql(f"from {name} where {waves}").to_arrow_table()
                for name in ("responses", "frame")
            )
            breakdowns = BREAKDOWNS if dimensions else {"total": None}
            found = _period_rows(connection, some, listed, items, breakdowns, f"{country} {period}")
            rows += [{"country": country, "period": period, **row} for row in found]
    return pa.Table.from_pylist(rows, ESTIMATES).sort_by(
        [(name, "ascending") for name in ESTIMATES.names[:5]]
    )


def response_rates(connection: duckdb.DuckDBPyConnection, responses: pa.Table) -> dict[str, float]:
    """AAPOR RR2 by stratum, and of all under '': partial answers count, unknown cases stay in."""
    with connection.cursor() as cursor:
        cursor.register("responses", responses)
        return dict(cursor.sql(_RESPONSE_RATES).fetchall())


def _period_rows(
    connection: duckdb.DuckDBPyConnection,
    answers: pa.Table,
    frame: pa.Table,
    items: Sequence[str],
    breakdowns: dict[str, str | None],
    where: str,
) -> Iterator[dict[str, Any]]:
    rates = response_rates(connection, answers)
    try:
        sample = weighted_sample(connection, answers, frame)
    except MarginError as error:
        # One country's frame stops no other's release: its figures are x, and the log says why.
        _log.warning("survey of %s is not estimated: %s", where, error)
        yield from _without_estimate(answers, items, rates[""])
        return
    categories, members = _members(sample, breakdowns)
    design = Design(
        sample["weight"].to_numpy(),
        _codes(sample["design_stratum"]),
        sample["eligible"].to_numpy(),
        [_codes(sample[f"rake_{margin}"]) for margin in MARGINS],
    )
    named = [(item, *category) for item in items for category in categories]
    found = _estimates(design, [sample[item] for item in items], members)
    for (item, breakdown, category), row in zip(named, found, strict=True):
        rate = rates[category if breakdown == "stratum" else ""]
        unreliable = rate < LOWEST_RESPONSE or row.get("ci_low") is None
        flag = "x" if row["yes"] + row["no"] == 0 else "u" if unreliable else ""
        named_row = {"item": item, "breakdown": breakdown, "category": category}
        yield {**row, **named_row, "response_rate": rate, "flag": flag}


def _members(
    sample: pl.DataFrame, breakdowns: dict[str, str | None]
) -> tuple[list[tuple[str, str]], sp.csr_array]:
    """Breakdown and category of each figure of an item, and which answers are in it."""
    named = [
        (breakdown, sample[column] if column else pl.Series([""] * sample.height))
        for breakdown, column in breakdowns.items()
    ]
    categories = [(name, each) for name, column in named for each in column.unique().sort()]
    return categories, sp.hstack([one_hot(_codes(column)) for _, column in named], format="csr")


def _codes(column: pl.Series) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Each value's place among the sorted values that occur."""
    return (column.rank("dense") - 1).cast(pl.Int64).to_numpy()


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


def _answers(
    connection: duckdb.DuckDBPyConnection, responses: pa.Table, items: Sequence[str]
) -> pa.Table:
    """The responses with each item as yes, no or null (unknown)."""
    answers = ", ".join(
        f"case when {item} >= 4 then 'yes' when {item} < 4 then 'no' end as {item}"
        if item in SCALE_ITEMS
        else f"case when {item} in ('yes', 'no') then {item} end as {item}"
        for item in items
    )
    connection.register("given", responses)
    return connection.sql(f"select * replace ({answers}) from given").to_arrow_table()


def _estimates(
    design: Design, items: Sequence[pl.Series], members: sp.csr_array
) -> Iterator[dict[str, Any]]:
    """Counts and estimate of each item's answers in each category of ``members``."""
    asked, said_yes = (
        sp.hstack([members.multiply(counts[:, None]) for counts in each], format="csr")
        for each in (
            [item.is_not_null().cast(pl.Float64).to_numpy() for item in items],
            [(item == "yes").fill_null(False).cast(pl.Float64).to_numpy() for item in items],
        )
    )
    shares, errors, freedom = design.shares(said_yes, asked)
    low, high = _logit_interval(shares, errors, freedom)
    known, yes = asked.sum(axis=0), said_yes.sum(axis=0)
    known_weights = asked.T @ design.weights
    of_all = np.tile(members.sum(axis=0), len(items))
    weights = np.tile(members.T @ design.weights, len(items))
    for at in range(asked.shape[1]):
        counts = {
            "yes": int(yes[at]),
            "no": int(known[at] - yes[at]),
            "unknown": int(of_all[at] - known[at]),
        }
        if known[at] == 0:
            yield {**counts, "unknown_low": 0.0, "unknown_high": 1.0}
            continue
        share, error, interval = float(shares[at]), float(errors[at]), (low[at], high[at])
        if not 0 < counts["yes"] < known[at]:
            share, error = float(counts["yes"] > 0), 0.0
            interval = _unanimous(counts["yes"] > 0, int(known[at]))
        # As many strata as answers leave no degree of freedom, and so no interval.
        has_interval = not np.isnan(interval).any()
        known_share = known_weights[at] / weights[at]
        yield {
            **counts,
            "estimate": share,
            "ci_low": float(interval[0]) if has_interval else None,
            "ci_high": float(interval[1]) if has_interval else None,
            "std_error": error,
            "unknown_low": share * known_share,
            "unknown_high": 1 - (1 - share) * known_share,
        }


def _logit_interval(shares: Floats, errors: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """95 % limits, symmetric on the log odds; NaN where there is no degree of freedom."""
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = stdtrit(np.where(freedom > 0, freedom, np.nan), 0.975) * errors
        reach /= shares * (1 - shares)
        return expit(logit(shares) - reach), expit(logit(shares) + reach)


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
    periods.dimensions
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
