"""Which of the things that an attacker may believe of hidden numbers are so.

The rule: an attacker who takes what is hidden of a sum for unchanged may be right or wrong. Whoever
is wrong has found out nothing, so the audit grants them exactly the sums that are. The numbers as
counted are looked up for this one question.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines.disclosure.audit import Cell, Row
from pipelines.disclosure.published_before import ONE
from pipelines.periods import Period


def right_beliefs(
    beliefs: Mapping[str, Row], relations: Mapping[str, Row], counted: pa.Table
) -> dict[str, Row]:
    """The relations among ``beliefs`` that hold of what was counted.

    ``counted`` are contracted rows. A cell without a row counts nobody; one that several cells
    leave is what ``relations`` make of them; ``ONE`` is 1.
    """
    numbers = _numbers(counted)

    def true(cell: Cell) -> float:
        row = relations.get(repr(cell))
        if row is not None:
            return sum(factor * true(one) for one, factor in row.items() if one != cell)
        assert isinstance(cell, tuple)
        return 1.0 if cell == ONE else numbers.get(cell[0], {}).get(cell[-1], 0.0)

    return {
        name: row
        for name, row in beliefs.items()
        if abs(sum(factor * true(cell) for cell, factor in row.items())) < 0.5
    }


def _numbers(counted: pa.Table) -> dict[Cell, dict[str, float]]:
    found: dict[Cell, dict[str, float]] = {}
    with duckdb.connect() as connection:
        connection.register("counted", counted)
        lines = connection.sql(_LINES).fetchall()
    for indicator, part, horizon, country, followed, span, breakdown, category, n, d, u in lines:
        months = Period.parse(span)
        where = (country, followed, months.first, months.last, breakdown, category)
        numbers = {"n": n, "d": d, "c": d - n, "u": u, "p": d + u}
        found[(indicator, part, horizon), where] = {one: float(x) for one, x in numbers.items()}
    return found


_LINES = """
select
    indicator_id,
    measure,
    coalesce(horizon_months, 0) as horizon,
    country,
    cohort <> '' as followed,
    if(cohort <> '', cohort, period) as span,
    breakdown,
    category,
    numerator,
    denominator,
    coalesce(unknown, 0) as unknown
from counted
where
    method in ('P', 'S', 'AJ')
    and numerator is not null
    and denominator is not null
    and not regexp_matches(measure, 'unknown_(low|high)$')
"""
