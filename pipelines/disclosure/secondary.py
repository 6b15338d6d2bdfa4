"""Secondary suppression: no hidden cell may be had by subtraction.

The rule, along every line of cells that add up: never exactly one hidden cell, and never hidden
cells that together would break the primary rules, because what the shown cells leave over is as
good as published. A cell in which nobody is known covers for no other: its mark x says so. Where a
line breaks the rule its smallest shown part is hidden too (the total only when no part is left),
and again, until no line breaks it.

This is the first of the conditions of Fischetti and Salazar (2001), not yet an optimum nor an
interval guarantee: the audit decides on release.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.disclosure.cells import find_lines
from pipelines.disclosure.primary import unsafe
from pipelines.disclosure.table import KEY


@dataclass(frozen=True)
class Secondary:
    """The rows of ``suppress_primary`` with a boolean ``secondary``, and the rounds it took."""

    rows: pa.Table
    iterations: int


def suppress_secondary(marked: pa.Table, threshold: int) -> Secondary:
    """Hide further cells until no line gives a hidden one away.

    ``marked`` is what ``suppress_primary`` returned. ``secondary`` is true where a row is hidden
    for the sake of another: never where ``primary`` is.
    """
    with duckdb.connect() as connection:
        connection.register("marked", marked)
        find_lines(connection, threshold)
        iterations = 0
        while _hide_more(connection, threshold):
            iterations += 1
        rows = connection.sql(_RESULT).to_arrow_table()
    return Secondary(rows, iterations)


def _hide_more(connection: duckdb.DuckDBPyConnection, threshold: int) -> bool:
    connection.execute(_CHOSEN.format(unsafe=unsafe(threshold)))
    connection.execute(
        """
        update cells set hidden = true
        where cell_id in (select cell_id from chosen)
        """
    )
    return bool(connection.sql("select 1 from chosen limit 1").fetchall())


_CHOSEN = """
create or replace temp table chosen as
with members as (
    select
        lines.line_id,
        lines.is_parent,
        lines.shared_base,
        cells.*
    from lines
    inner join cells using (cell_id)
),

-- what is hidden on each line, added up
left_over as (
    select
        line_id,
        count(*) as cells_hidden,
        count(*) filter (coalesce(units, 1) > 0) as covers,
        bool_or(is_parent) as parent_hidden,
        max(method) as method,
        sum(numerator) as numerator,
        if(any_value(shared_base), max(denominator), sum(denominator)) as denominator,
        if(any_value(shared_base), max(unknown), sum(unknown)) as unknown,
        if(any_value(shared_base), max(units), sum(units)) as units
    from members
    where hidden
    group by line_id
),

given_away as (
    select line_id
    from left_over
    where cells_hidden = 1 or covers = 1 or (not parent_hidden and {unsafe})
),

smallest as (
    select cell_id
    from members
    inner join given_away using (line_id)
    where not hidden and coalesce(units, 0) + coalesce(unknown, 0) > 0
    qualify
        row_number() over (
            partition by line_id
            order by
                coalesce(units, 0) = 0,
                is_parent,
                units,
                unknown,
                numerator,
                cell_id
        ) = 1
),

told_by_siblings as (
    select twin.cell_id
    from twins
    inner join cells as step on twins.cell_id = step.cell_id
    inner join cells as twin on twins.twin_id = twin.cell_id
    where
        step.hidden
        and not twin.hidden
        and exists (
            select 1
            from cells as other
            where
                not other.hidden
                and other.indicator_id = step.indicator_id
                and other.country = step.country
                and other.period = step.period
                and other.cohort = step.cohort
                and other.horizon_months is not distinct from step.horizon_months
                and other.breakdown = step.breakdown
                and other.category = step.category
                and step.denominator in (other.numerator, other.denominator)
        )
)

select cell_id from smallest
union
select cell_id from told_by_siblings
"""

_RESULT = f"""
select
    marked_cells.* exclude (part, is_bound, cell_id),
    cells.hidden and not marked_cells.primary as secondary
from marked_cells
inner join cells using (cell_id)
order by {", ".join(f"marked_cells.{name}" for name in KEY)}
"""
