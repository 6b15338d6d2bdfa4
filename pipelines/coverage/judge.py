"""Figures against the generator's truth: how often intervals hold it, how far estimates miss it.

Rule guarded: an indicator is judged by its worst figure, not by its mean. A figure is one
indicator, measure and horizon over all seeds and years; people of different years are different
people, so its estimates are as good as independent and a binomial interval says how sure its
coverage is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from statistics import NormalDist
from typing import Any

import duckdb
import pyarrow as pa
from statsmodels.stats.proportion import binom_test, proportion_confint

from pipelines.synthetic.truth_rows import Expected

LEAST_COVERAGE = 0.93
"""Of an interval that says 95 %: what the Wilson interval of small counts may fall short by."""
MOST_BIAS = 0.15
"""In standard errors: then an interval of 95 % holds the truth in 94.8 % still."""
JUDGED = ("P", "AJ", "S", "W", "D")
FEWEST = 20
"""Estimates with a smaller denominator (for D: in either group) are counted apart."""
_BY_CHANCE = 0.01
Figure = dict[str, Any]

_EXPECTED = pa.schema(
    [
        ("aim", pa.float64()),
        ("truth", pa.float64()),
        ("indicator_id", pa.string()),
        ("measure", pa.string()),
        ("horizon_months", pa.int32()),
        ("period", pa.string()),
        ("cohort", pa.string()),
    ]
)

_SIZED = """
with sized as (
    select
        *,
        case
            when method <> 'D' then coalesce(denominator, 0)
            else min(denominator) filter (where method <> 'D' and denominator > 0) over (
                partition by country, indicator_id, period, cohort, horizon_months
            )
        end as size
    from figures
)
"""

_AGAINST_TRUTH = (
    _SIZED
    + """
select
    figures.indicator_id,
    figures.measure,
    figures.horizon_months,
    figures.method,
    count(distinct figures.country) as seeds,
    count(*) as estimates,
    median(figures.size) as denominator,
    avg(aim) as truth,
    count(*) filter (figures.ci_low is null) as without_interval,
    count(*) filter (aim between ci_low - 1e-12 and ci_high + 1e-12) as covered,
    avg(estimate - aim) as bias,
    stddev_samp(estimate - aim) as spread,
    sqrt(avg(std_error * std_error)) as error,
    avg(ci_high - ci_low) as width
from sized as figures
inner join expected using (indicator_id, measure)
where
    figures.horizon_months is not distinct from expected.horizon_months
    and expected.period in ('', figures.period)
    and expected.cohort in ('', figures.cohort)
    and (figures.size >= $fewest) = $many
group by all
order by all
"""
)

_BOUNDS = """
with low as (select * from figures where measure = 'unknown_low'),

high as (select * from figures where measure = 'unknown_high')

select
    figures.indicator_id,
    figures.horizon_months,
    count(*) as estimates,
    count(*) filter (truth between low.estimate and high.estimate) as held,
    count(*) filter (
        truth between low.estimate - 1.959964 * figures.std_error
        and high.estimate + 1.959964 * figures.std_error
    ) as held_with_chance,
    avg(low.estimate) as low,
    avg(high.estimate) as high
from figures
inner join expected using (indicator_id, measure)
inner join low
    on (figures.country, figures.indicator_id, figures.period, figures.cohort)
    = (low.country, low.indicator_id, low.period, low.cohort)
inner join high
    on (figures.country, figures.indicator_id, figures.period, figures.cohort)
    = (high.country, high.indicator_id, high.period, high.cohort)
where
    figures.measure = 'value'
    and figures.horizon_months is not distinct from expected.horizon_months
    and figures.horizon_months is not distinct from low.horizon_months
    and figures.horizon_months is not distinct from high.horizon_months
    and expected.period in ('', figures.period)
    and expected.cohort in ('', figures.cohort)
group by all
order by all
"""


def against_truth(
    figures: pa.Table, truths: Sequence[Expected], *, many: bool = True
) -> list[Figure]:
    """One entry a figure that the generator has a truth for, in order of its key.

    ``figures`` has the columns of batch.FIGURES; of them those with a denominator of ``FEWEST`` or
    more, or (not ``many``) of fewer. ``bias`` and ``bias_errors`` (the same in standard errors) are
    of the mean; ``coverage`` is of the estimates that have an interval.
    """
    with duckdb.connect() as connection:
        _register(connection, figures, truths)
        chosen = {"fewest": FEWEST, "many": many}
        rows = connection.sql(_AGAINST_TRUTH, params=chosen).to_arrow_table().to_pylist()
    return [_with_shares(row) for row in rows]


def bounds_of(figures: pa.Table, truths: Sequence[Expected]) -> list[Figure]:
    """How often the printed bounds of unknowns hold the truth of all people, lost or not.

    ``held`` as printed; ``held_with_chance`` widened by the chance variation of the estimate,
    which the bounds leave out.
    """
    with duckdb.connect() as connection:
        _register(connection, figures, truths)
        rows: list[Figure] = connection.sql(_BOUNDS).to_arrow_table().to_pylist()
    return rows


def shortcomings(judged: Sequence[Figure], *, in_all: int | None = None) -> list[str]:
    """A sentence a figure that falls short of ``LEAST_COVERAGE`` or ``MOST_BIAS``.

    ``in_all``: how many figures are looked at; then only what chance explains in less than one
    run of a hundred counts, over all of them together (Bonferroni). Without, the mere number does.
    """
    found = []
    for one in judged:
        if one["method"].split("+")[0] not in JUDGED or not one["with_interval"]:
            continue
        allowed, chance = MOST_BIAS, 0.0
        if in_all:
            chance = _BY_CHANCE / in_all
            allowed += NormalDist().inv_cdf(1 - chance / 2) / math.sqrt(one["estimates"])
        if one["coverage"] < LEAST_COVERAGE and (
            not in_all
            or binom_test(one["covered"], one["with_interval"], LEAST_COVERAGE, "smaller") < chance
        ):
            found.append(f"{name_of(one)}: coverage {one['coverage']:.1%}")
        if abs(one["bias_errors"] or 0) >= allowed:
            found.append(f"{name_of(one)}: bias {one['bias_errors']:+.2f} standard errors")
    return found


def name_of(one: Figure) -> str:
    """Indicator, measure and horizon, as a reader would say them."""
    horizon = f" {one['horizon_months']} months" if one["horizon_months"] else ""
    return f"{one['indicator_id']} {one['measure']}{horizon} ({one['method']})"


def by_indicator(judged: Sequence[Figure]) -> list[Figure]:
    """A row an indicator and method for the table: all its figures, and its worst."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for one in judged:
        groups.setdefault((one["indicator_id"], one["method"]), []).append(one)
    rows = []
    for (indicator, method), some in groups.items():
        counted = [one for one in some if one["with_interval"]]
        if not counted:
            continue
        worst = min(counted, key=lambda one: one["coverage"])
        most = max(counted, key=lambda one: abs(one["bias_errors"] or 0))
        low, high = worst["coverage_interval"]
        rows.append(
            {
                "indicator": indicator,
                "method": method,
                "figures": len(counted),
                "seeds": max(one["seeds"] for one in counted),
                "estimates": sum(one["with_interval"] for one in counted),
                "coverage": _percent(
                    sum(one["covered"] for one in counted)
                    / sum(one["with_interval"] for one in counted)
                ),
                "lowest": _percent(worst["coverage"]),
                "95 % interval": f"{_percent(low)}–{_percent(high)}",
                "of": _measure(worst),
                "bias in errors": f"{most['bias_errors'] or 0:+.3f}",
                "of ": _measure(most),
            }
        )
    return rows


def _with_shares(row: Figure) -> Figure:
    counted = row["estimates"] - row["without_interval"]
    low, high = (
        proportion_confint(row["covered"], counted, method="beta") if counted else (None, None)
    )
    return {
        **row,
        "with_interval": counted,
        "coverage": row["covered"] / counted if counted else None,
        "coverage_interval": [low, high],
        "bias_errors": row["bias"] / row["error"] if row["error"] else None,
    }


def _register(
    connection: duckdb.DuckDBPyConnection, figures: pa.Table, truths: Sequence[Expected]
) -> None:
    totals = [
        {
            "aim": one.value if one.value_among_known is None else one.value_among_known,
            "truth": one.value,
            **asdict(one),
        }
        for one in truths
        if one.breakdown == "total"
    ]
    connection.register("expected", pa.Table.from_pylist(totals, _EXPECTED))
    connection.register("figures", figures)


def _measure(one: Figure) -> str:
    horizon = f" {one['horizon_months']}" if one["horizon_months"] else ""
    return f"{one['measure']}{horizon}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
