"""Disclosure control from end to end: result rows in, publishable rows out.

The rule: what leaves here has no internal column and no number in a marked row. Rows broken by more
than one dimension are dropped until the disclosure audit can judge them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import duckdb
import pyarrow as pa

from pipelines.disclosure.primary import suppress_primary
from pipelines.disclosure.secondary import suppress_secondary
from pipelines.disclosure.table import KEY, RowsError, check_rows
from pipelines.registry import Breakdown, Registry


@dataclass(frozen=True)
class Suppression:
    """How many rows went in and what became of them (counts of rows)."""

    cells: int
    primary: int
    secondary: int
    dropped: int
    iterations: int


@dataclass(frozen=True)
class Protected:
    """Rows by key: numerator, denominator, known_share, estimate, ci_low, ci_high (blank where
    marked), unit, method, mark; and the counts of what was hidden."""

    rows: pa.Table
    suppression: Suppression


def protect(rows: pa.Table, registry: Registry, threshold: int) -> Protected:
    """Suppress, mark and blank the contracted rows.

    Marks: the row's own flag (x, u, z), else c where a suppression rule hides it. ``threshold`` is
    the smallest count that may be shown, at least 5. RowsError for an indicator that the registry
    does not know.
    """
    if threshold < 5:
        raise ValueError(f"threshold {threshold}: counts under 5 are never shown; give 5 or more")
    checked = check_rows(rows)
    strangers = sorted(set(checked["indicator_id"].to_pylist()) - registry.indicators.keys())
    if strangers:
        raise RowsError(f"rows of {', '.join(strangers)}: no such indicator in the registry")
    allowed = _allowed(checked, registry)
    judged = suppress_secondary(suppress_primary(allowed, threshold), threshold)
    with duckdb.connect() as connection:
        connection.register("judged", judged.rows)
        counts = connection.sql(
            'select count(*), count(*) filter ("primary"), count(*) filter (secondary) from judged'
        ).fetchall()[0]
        published = connection.sql(_PUBLISHED).to_arrow_table()
    return Protected(
        published,
        Suppression(
            cells=counts[0],
            primary=counts[1],
            secondary=counts[2],
            dropped=checked.num_rows - allowed.num_rows,
            iterations=judged.iterations,
        ),
    )


def _allowed(rows: pa.Table, registry: Registry) -> pa.Table:
    pairs = [
        (indicator.id, breakdown)
        for indicator in registry.indicators.values()
        for breakdown in get_args(Breakdown)
        if breakdown == "total" or breakdown in indicator.breakdowns
    ]
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.register(
            "pairs",
            pa.table(
                {
                    "indicator_id": pa.array([indicator for indicator, _ in pairs], pa.string()),
                    "breakdown": pa.array([breakdown for _, breakdown in pairs], pa.string()),
                }
            ),
        )
        return connection.sql(
            f"""
            select rows.*
            from rows
            semi join pairs using (indicator_id, breakdown)
            order by {", ".join(KEY)}
            """
        ).to_arrow_table()


_PUBLISHED = f"""
with marked as (
    select
        *,
        case
            when flag <> '' then flag
            when "primary" or secondary then 'c'
            else ''
        end as mark
    from judged
)

select
    {", ".join(KEY)},
    if(mark = '', numerator, null) as numerator,
    if(mark = '', denominator, null) as denominator,
    if(mark = '', known_share, null) as known_share,
    if(mark = '', estimate, null) as estimate,
    if(mark = '', ci_low, null) as ci_low,
    if(mark = '', ci_high, null) as ci_high,
    unit,
    method,
    mark
from marked
order by {", ".join(KEY)}
"""
