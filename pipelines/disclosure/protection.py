"""Disclosure control from end to end: result rows in, publishable rows out.

The rule: what leaves here has no internal column and no number in a marked row. A row that isn't
there says that nobody is, so where a measure lacks a row that its sisters have, one is added: it is
marked x, or c like any other. Where counts are rounded, nobody must not differ from a few: there a
group that an indicator ever has is in each of its periods. What may not be brought up to date since
an earlier release printed it is repeated as it stood there, and ``held`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.disclosure.choice import choose_hidden
from pipelines.disclosure.earlier import FIGURES, Edition, last_printed, remember
from pipelines.disclosure.primary import Selection, suppress_primary
from pipelines.disclosure.rounded import COUNTS, beside_withheld, check_method, round_rows
from pipelines.disclosure.rounding import Rounding
from pipelines.disclosure.table import KEY, Reach, RowsError, check_rows
from pipelines.registry import Registry


@dataclass(frozen=True)
class Suppression:
    """How many rows went in and what became of them (counts of rows).

    ``held`` rows are hidden too, and repeat what an earlier release printed. ``protected`` counts
    the hidden numbers that were given a span of the threshold; the last four are those of the
    choice of secondaries (``choice.Choice``).
    """

    cells: int
    primary: int
    secondary: int
    withheld: int
    held: int
    dropped: int
    protected: int
    out_of_reach: int
    components: int
    method: str
    gap: float


@dataclass(frozen=True)
class Protected:
    """Rows by key: numerator, denominator, known_share, estimate, ci_low, ci_high (blank where
    marked), unit, method, mark, held, rounded; the counts of what was hidden; and how good the
    rounding is, where there is one."""

    rows: pa.Table
    suppression: Suppression
    rounding: Rounding | None = None

    @property
    def reach(self) -> Reach | None:
        """What rounding tells of a count."""
        return Reach(self.rounding.base, self.rounding.reach) if self.rounding else None


def protect(
    rows: pa.Table,
    registry: Registry,
    threshold: int,
    withheld: Sequence[Selection] = (),
    editions: Sequence[Edition] = (),
    base: int | None = None,
) -> Protected:
    """Suppress, mark and blank the contracted rows; ``editions`` are all earlier releases.

    Marks: the row's own flag (u, z, x), else h where the council withholds it (``withheld`` selects
    such rows by parts of their key), else c where disclosure control hides it and no edition
    printed it. ``threshold`` is the smallest count that may be shown, at least 5. With a ``base``
    counts of people are rounded to it instead of being hidden (``rounded``). RowsError for an
    indicator that the registry does not know; TableError when the rows contradict each other, or
    the editions were not protected by the same method.
    """
    if threshold < 5:
        raise ValueError(f"threshold {threshold}: counts under 5 are never shown; give 5 or more")
    checked = check_rows(rows)
    strangers = sorted(set(checked["indicator_id"].to_pylist()) - registry.indicators.keys())
    if strangers:
        raise RowsError(f"rows of {', '.join(strangers)}: no such indicator in the registry")
    allowed = _allowed(checked, registry)
    check_method(base, editions)
    complete = _with_absent(allowed, everywhere=base is not None)
    marked = suppress_primary(complete, threshold, withheld, registry.money)
    rounded = round_rows(marked, registry, threshold, base, editions) if base else None
    if rounded:
        marked = rounded.others
    memory = remember(marked, editions, threshold)
    choice = choose_hidden(marked, registry, threshold, memory)
    gone = choice.hidden | memory.bound
    if rounded:
        gone |= beside_withheld(rounded.rows, registry, threshold)
        marked = pa.concat_tables([marked, rounded.rows])
    with duckdb.connect() as connection:
        connection.register("marked", marked)
        connection.register("hidden", pa.table({"cell_id": pa.array(sorted(gone), pa.int64())}))
        connection.register("before", last_printed(editions))
        connection.execute(_MARKS)
        cells, primary, secondary, by_council, held = connection.sql(
            """
            select
                count(*),
                count(*) filter ("primary"),
                count(*) filter ((mark = 'c' or held) and not "primary"),
                count(*) filter (mark = 'h'),
                count(*) filter (held)
            from judged
            """
        ).fetchall()[0]
        published = connection.sql(
            _PUBLISHED, params={"rounded": rounded is not None}
        ).to_arrow_table()
    return Protected(
        published,
        Suppression(
            cells=cells,
            primary=primary,
            secondary=secondary,
            withheld=by_council,
            held=held,
            dropped=checked.num_rows - allowed.num_rows,
            protected=choice.protected,
            out_of_reach=choice.out_of_reach,
            components=choice.components,
            method=choice.method,
            gap=round(choice.gap, 4),
        ),
        rounded.rounding if rounded else None,
    )


def _with_absent(rows: pa.Table, *, everywhere: bool) -> pa.Table:
    """The rows, and an x for each measure that lacks a row where its indicator has one.

    ``everywhere``: or, of counts of people, has one of the same group in another period.
    """
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        return connection.sql(_ABSENT, params={"everywhere": everywhere}).to_arrow_table()


def _allowed(rows: pa.Table, registry: Registry) -> pa.Table:
    pairs = [
        (indicator.id, breakdown)
        for indicator in registry.indicators.values()
        for breakdown in {"total", *indicator.breakdowns}
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


_ABSENT = f"""
with counted as (
    select *
    from rows
    where units is not null and method <> 'R'
),

measures as (
    select distinct
        indicator_id,
        country,
        period,
        cohort,
        horizon_months,
        measure,
        unit,
        method
    from counted
),

places as (
    select distinct
        indicator_id,
        country,
        period,
        cohort,
        horizon_months,
        breakdown,
        category
    from counted

    union

    select distinct
        one.indicator_id,
        one.country,
        one.period,
        one.cohort,
        one.horizon_months,
        one.breakdown,
        other.category
    from counted as one
    inner join counted as other using (indicator_id, country, breakdown)
    where
        $everywhere
        and one.method in ('P', 'S', 'AJ')
        and other.method in ('P', 'S', 'AJ')
)

select *
from rows

union all by name

select
    places.*,
    measures.measure,
    cast(0 as decimal(20, 2)) as numerator,
    cast(0 as decimal(20, 2)) as denominator,
    cast(0 as decimal(20, 2)) as unknown,
    cast(0 as bigint) as units,
    measures.unit,
    measures.method,
    'x' as flag
from places
inner join measures
    on
        places.indicator_id = measures.indicator_id
        and places.country = measures.country
        and places.period = measures.period
        and places.cohort = measures.cohort
        and places.horizon_months is not distinct from measures.horizon_months
where not exists (
    select 1
    from rows
    where
        rows.indicator_id = places.indicator_id
        and rows.country = places.country
        and rows.period = places.period
        and rows.cohort = places.cohort
        and rows.horizon_months is not distinct from places.horizon_months
        and rows.breakdown = places.breakdown
        and rows.category = places.category
        and rows.measure = measures.measure
)
order by {", ".join(KEY)}
"""

_MARKS = """
create temp table judged as
with marks as (
    select
        *,
        case
            -- Where a whole series knows of nobody, that is no secret of anybody.
            when
                flag = 'x'
                and coalesce(
                    max(units) over (partition by country, indicator_id, measure, horizon_months), 0
                ) = 0
                then flag
            when flag <> '' and not (flag = 'x' and (units is null or units = 0)) then flag
            when withheld then 'h'
            when "primary" or cell_id in (select cell_id from hidden) then 'c'
            else flag
        end as mark
    from marked
),

-- A difference and one group that is shown would tell of the other group.
settled as (
    select
        * replace (
            if(
                method = 'D'
                and mark = ''
                and bool_or(mark in ('c', 'h')) over (
                    partition by
                        country, indicator_id, period, cohort, horizon_months, breakdown, category
                ),
                'c',
                mark
            ) as mark
        )
    from marks
)

-- What is hidden now and was printed before is repeated, whatever hid it: the mark doesn't say.
select
    settled.* replace (
        if(settled.mark = 'c' and before.indicator_id is not null, '', settled.mark) as mark,
        {figures}
    ),
    settled.mark = 'c' and before.indicator_id is not null as held
from settled
left join before on {same}
""".format(
    figures=", ".join(
        f"if(settled.mark = 'c', before.{name}, settled.{name}) as {name}" for name in FIGURES
    ),
    same=" and ".join(f"settled.{name} is not distinct from before.{name}" for name in KEY),
)

_PUBLISHED = f"""
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
    mark,
    held,
    {COUNTS} and $rounded as rounded
from judged
order by {", ".join(KEY)}
"""
