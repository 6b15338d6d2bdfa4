"""From invitations and frame to a weighted sample: base weights, non-response, raking margins.

The rule: whoever answered stands for those who were asked in vain, stratum by stratum, and the
whole for the adults whom the frame lists. In order (docs/survey-estimates.md):

1. eligible / invited of the stratum, over the share of its invitations that were answered;
2. divided by the number of providers who could have invited the person (multiplicity);
3. raked, wave by wave, to the frame's strata, sex, age band and residence group.

A margin's category with fewer than ``LEAST_ANSWERS`` answers is raked together with the next
smallest one. People whose category is unknown keep the share that steps 1 and 2 give them; the
frame's counts share out the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import polars as pl
import pyarrow as pa
import svy
from svy.core.types import Category, Number
from svy.errors import WeightingError

from pipelines.errors import Foreseen

MARGINS = ("stratum", "sex", "age_band", "residence_group")
LEAST_ANSWERS = 5
MOST_ROUNDS = 500
_TOLERANCE = 1e-9
_FRAME_SLACK = 0.01
"""A margin of the frame may miss the strata's total by rounding and late entries, not by more."""


class MarginError(Foreseen, ValueError):
    """The frame's margins can't be met; the message names wave and margin."""


def weighted_sample(
    connection: duckdb.DuckDBPyConnection, responses: pa.Table, frame: pa.Table
) -> pl.DataFrame:
    """The complete and partial answers of ``responses`` in a fixed order, weighted to ``frame``.

    Columns: those of the responses, ``weight``, ``design_stratum`` and ``eligible`` (the stratum's
    population), and the raking cell ``rake_<margin>`` of each of ``MARGINS``.

    Both are rows of core.fct_survey_responses and fct_survey_frame of one country; waves are
    samples of their own, so several may be given and are then pooled. MarginError when nobody
    answered, when the frame contradicts itself or when raking does not settle in
    ``MOST_ROUNDS`` rounds.
    """
    with connection.cursor() as cursor:
        cursor.register("responses", responses)
        cursor.register("frame", frame)
        rows = cursor.sql(_BASE_WEIGHTS).pl()
        margins = cursor.sql(_FRAME_MARGINS).pl()
    if rows.is_empty():
        raise MarginError("nobody answered: there is nothing to weight")
    controls: dict[str, dict[Category, Number]] = {}
    for margin in MARGINS:
        column, controls[f"rake_{margin}"] = _margin(rows, margins, margin)
        rows = rows.with_columns(column.alias(f"rake_{margin}"))
    base = svy.Sample(
        rows,
        svy.Design(
            stratum="design_stratum", wgt="base_weight", pop_size="eligible", singleton="center"
        ),
    )
    try:
        raked = base.weighting.rake(
            controls=controls, wgt_name="weight", tol=_TOLERANCE, max_iter=MOST_ROUNDS
        )
    except WeightingError as error:
        raise MarginError(
            f"wave {', '.join(sorted(set(rows['wave'])))}: the margins {', '.join(MARGINS)} "
            f"can't all be met: {error.detail}"
        ) from None
    return raked.data.lazy().collect()


def _margin(
    rows: pl.DataFrame, margins: pl.DataFrame, margin: str
) -> tuple[pl.Series, dict[Category, Number]]:
    """Each row's raking cell of a margin, and the population of every cell."""
    cells: dict[tuple[str, str], str] = {}
    targets: dict[str, float] = {}
    for (wave,), answers in rows.group_by("survey", maintain_order=True):
        listed = margins.filter((pl.col("survey") == wave) & (pl.col("margin") == margin))
        total = margins.filter((pl.col("survey") == wave) & (pl.col("margin") == "stratum"))
        counts = dict(zip(listed["category"], listed["eligible"], strict=True))
        people, sum_of_margin = float(total["eligible"].sum()), float(listed["eligible"].sum())
        if abs(sum_of_margin - people) > _FRAME_SLACK * people:
            raise MarginError(
                f"wave {answers['wave'][0]}: margin {margin} of the frame adds up to "
                f"{sum_of_margin:.0f} persons, its strata to {people:.0f}; correct the frame"
            )
        weights = dict(
            answers.group_by(margin).agg(pl.col("base_weight").sum()).sort(margin).iter_rows()
        )
        given = dict(answers[margin].value_counts().sort(margin).iter_rows())
        strange = sorted(weights.keys() - counts.keys())
        share = sum(weights[name] for name in strange) / sum(weights.values())
        for group in _groups({name: given.get(name, 0) for name in sorted(counts)}):
            cell = f"{wave}|{'+'.join(group)}"
            cells |= {(wave, name): cell for name in group}
            targets[cell] = people * (1 - share) * sum(counts[n] for n in group) / sum_of_margin
        for name in strange:
            cells[wave, name] = f"{wave}|{name}?"
            targets[f"{wave}|{name}?"] = people * weights[name] / sum(weights.values())
    column = [cells[key] for key in zip(rows["survey"], rows[margin], strict=True)]
    used = set(column)
    return pl.Series(column), {cell: count for cell, count in targets.items() if cell in used}


def _groups(answers: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Categories, the smallest put together until each group has ``LEAST_ANSWERS``."""
    groups: list[tuple[int, tuple[str, ...]]] = sorted(
        (count, (name,)) for name, count in answers.items()
    )
    while len(groups) > 1 and groups[0][0] < LEAST_ANSWERS:
        (fewer, first), (more, second), *rest = groups
        groups = sorted([(fewer + more, tuple(sorted(first + second))), *rest])
    return [names for _, names in groups]


_BASE_WEIGHTS = """
with strata as (
    select provider_key, wave, stratum, sum(eligible) as eligible, sum(invited) as invited
    from frame
    where margin = 'total'
    group by all
),

asked as (
    select
        provider_key,
        wave,
        stratum,
        count(*) filter (disposition <> 'not_eligible') as asked,
        count(*) filter (disposition in ('complete', 'partial')) as answered
    from responses
    group by all
)

select
    responses.*,
    provider_key || ' ' || wave as survey,
    provider_key || ' ' || wave || ' ' || stratum as design_stratum,
    cast(strata.eligible as double) as eligible,
    strata.eligible / cast(coalesce(strata.invited, asked.asked) as double)
    * asked.asked / asked.answered
    / coalesce(responses.provider_count, 1) as base_weight
from responses
inner join strata using (provider_key, wave, stratum)
inner join asked using (provider_key, wave, stratum)
where responses.disposition in ('complete', 'partial')
order by provider_key, wave, stratum, response_key
"""

_FRAME_MARGINS = """
select
    provider_key || ' ' || wave as survey,
    case margin when 'total' then 'stratum' else margin end as margin,
    case margin when 'total' then stratum else category end as category,
    cast(sum(eligible) as double) as eligible
from frame
where eligible > 0
group by all
order by all
"""
