"""Cells and the lines they add up along, found from the rows and from nothing else.

The rule: no relation between cells is listed by hand. A cell is a measure together with its bounds
(``unknown_low``, ``unknown_high``): they tell the same counts and share one mark. A line is a set
of cells bound by one sum that an attacker can compute:

- the categories of a breakdown add up to its total;
- quarters add up to a year, years to pooled years, and so do entry cohorts;
- measures of one population add up to their denominator (states that exclude each other), or to
  the measure ``value`` (its parts).

A line is taken as such only where its numbers do add up. States at a horizon (S) exclude each
other by definition, so what they leave of their population is a cell as well: nobody publishes
it, everyone can compute it. Where it is small it stands on a line of its own, hidden.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import PART
from pipelines.periods import Period


def find_lines(connection: duckdb.DuckDBPyConnection, threshold: int) -> None:
    """From the table ``marked`` (rows with ``primary``) make ``cells``, ``lines`` and ``twins``.

    ``cells``: one row a cell with ``cell_id`` (in order of key), its counts and ``hidden``. A cell
    that is blank for another reason (x, u, z) does not count as hidden: x often says that nobody
    is known, so it covers for no other. ``lines``: one row a cell on a line with
    ``line_id``, ``is_parent`` and ``shared_base`` (the cells share one denominator). ``twins``:
    pairs of cells of which the second tells the first's numerator.
    """
    texts = connection.sql(
        "select period from marked union select cohort from marked where cohort <> ''"
    ).fetchall()
    spans = [(text, Period.parse(text)) for (text,) in sorted(texts)]
    connection.register(
        "spans",
        pa.table(
            {
                "text": pa.array([text for text, _ in spans], pa.string()),
                "first_month": pa.array([span.first for _, span in spans], pa.int64()),
                "last_month": pa.array([span.last for _, span in spans], pa.int64()),
            }
        ),
    )
    for statement in (_CELLS, _TIED, _LINES, _TWINS, _REMAINDERS.format(t=threshold)):
        connection.execute(statement)


_CELLS = f"""
create temp table marked_cells as
select
    *,
    {PART} as part,
    measure <> part as is_bound,
    dense_rank() over (
        order by
            indicator_id,
            country,
            period,
            cohort,
            horizon_months,
            breakdown,
            category,
            part
    ) as cell_id
from marked;

create temp table cells as
select
    cell_id,
    part,
    indicator_id,
    country,
    period,
    cohort,
    horizon_months,
    breakdown,
    category,
    method,
    numerator,
    denominator,
    unknown,
    units,
    first_month,
    last_month,
    hidden
from (
    select
        *,
        bool_or("primary") over (partition by cell_id) as hidden
    from marked_cells
)
inner join spans on spans.text = if(cohort <> '', cohort, period)
qualify row_number() over (partition by cell_id order by is_bound, measure) = 1;
"""

_TIED = """
create temp table tied as
-- categories of a breakdown and their total
select
    parent.cell_id as parent_id,
    child.cell_id as child_id,
    child.breakdown as kind,
    false as shared_base
from cells as parent
inner join cells as child
    on
        parent.indicator_id = child.indicator_id
        and parent.country = child.country
        and parent.period = child.period
        and parent.cohort = child.cohort
        and parent.horizon_months is not distinct from child.horizon_months
        and parent.part = child.part
where parent.breakdown = 'total' and child.breakdown <> 'total'

union all

-- shorter spans of time that tile a longer one: periods of a flow, entry cohorts of a cohort
select
    parent.cell_id,
    child.cell_id,
    'months ' || (child.last_month - child.first_month + 1),
    false
from cells as parent
inner join cells as child
    on
        parent.indicator_id = child.indicator_id
        and parent.country = child.country
        and parent.horizon_months is not distinct from child.horizon_months
        and parent.part = child.part
        and parent.breakdown = child.breakdown
        and parent.category = child.category
        and (parent.cohort = '') = (child.cohort = '')
        and parent.first_month <= child.first_month
        and parent.last_month >= child.last_month
        and parent.last_month - parent.first_month > child.last_month - child.first_month

union all

-- measures of one population that are parts of its value
select
    parent.cell_id,
    child.cell_id,
    'parts',
    true
from cells as parent
inner join cells as child
    on
        parent.indicator_id = child.indicator_id
        and parent.country = child.country
        and parent.period = child.period
        and parent.cohort = child.cohort
        and parent.horizon_months is not distinct from child.horizon_months
        and parent.breakdown = child.breakdown
        and parent.category = child.category
        and parent.denominator = child.denominator
where parent.part = 'value' and child.part <> 'value' and parent.method <> 'R'
"""

_LINES = """
create temp table lines as
with sums as (
    select
        parent_id,
        kind,
        shared_base
    from tied
    inner join cells as parent on tied.parent_id = parent.cell_id
    inner join cells as child on tied.child_id = child.cell_id
    group by all
    having
        case
            when shared_base
                then sum(child.numerator) = any_value(parent.numerator)
            when kind like 'months %'
                then
                    sum(child.last_month - child.first_month + 1)
                    = any_value(parent.last_month - parent.first_month + 1)
            else true
        end
        and (
            sum(child.denominator) = any_value(parent.denominator)
            or sum(child.units) = any_value(parent.units)
            or (
                sum(child.numerator) = any_value(parent.numerator)
                and any_value(parent.numerator) > 0
            )
        )
),

-- states that exclude each other: the numerators of one population fill its denominator
states as (
    select
        min(cell_id) as first_id,
        list(cell_id order by cell_id) as members
    from cells
    where method <> 'R' and denominator > 0
    group by
        indicator_id,
        country,
        period,
        cohort,
        horizon_months,
        breakdown,
        category,
        denominator
    having sum(numerator) = denominator and count(*) > 1
)

select
    parent_id || ' ' || kind as line_id,
    parent_id as cell_id,
    true as is_parent,
    shared_base
from sums

union all

select
    tied.parent_id || ' ' || tied.kind,
    tied.child_id,
    false,
    tied.shared_base
from tied
inner join sums using (parent_id, kind)

union all

select
    first_id || ' states',
    unnest(members),
    false,
    true
from states
"""

_TWINS = """
-- a step counted against the step before (n of d) is told by two siblings that carry n and d
create temp table twins as
select
    step.cell_id,
    told.cell_id as twin_id
from cells as step
inner join cells as told
    on
        step.indicator_id = told.indicator_id
        and step.country = told.country
        and step.period = told.period
        and step.cohort = told.cohort
        and step.horizon_months is not distinct from told.horizon_months
        and step.breakdown = told.breakdown
        and step.category = told.category
        and step.part <> told.part
        and step.numerator = told.numerator
        and step.denominator < told.denominator
where step.method <> 'R' and step.numerator > 0
"""

_REMAINDERS = """
create temp table remainders as
select
    (select max(cell_id) from cells) + row_number() over (order by min(cell_id)) as cell_id,
    list(cell_id order by cell_id) as members,
    denominator - sum(numerator) as numerator,
    denominator,
    max(unknown) as unknown,
    max(units) as units
from cells
where method = 'S'
group by
    indicator_id,
    country,
    period,
    cohort,
    horizon_months,
    breakdown,
    category,
    denominator
having denominator - sum(numerator) between 1 and {t} - 1 and count(*) > 1;

insert into cells by name
select
    cell_id,
    'remainder' as part,
    'S' as method,
    numerator,
    denominator,
    unknown,
    units,
    true as hidden
from remainders;

insert into lines
select
    cell_id || ' remainder',
    unnest(list_append(members, cell_id)),
    false,
    true
from remainders;
"""
