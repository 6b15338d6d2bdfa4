"""Rows with rounded counts, for a country that rounds instead of suppressing.

The rule: a printed row says nothing but its rounded counts. Shares and their intervals are worked
out from these anew; an incidence, which no two counts tell, moves by what rounding moved the share
of its counts, and its bounds show no events of their own. A share of fewer than the threshold is
unreliable (u).

Rounded are the counts of methods P, S and AJ, and sums of people (R). Sums of money, survey answers
and differences between groups are suppressed here as everywhere; a difference shows no counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.disclosure.choice import choose_hidden
from pipelines.disclosure.earlier import Edition
from pipelines.disclosure.linked_tables import CellId, Table, TableError
from pipelines.disclosure.model import build_counts
from pipelines.disclosure.rounding import Released, Rounding, round_table
from pipelines.disclosure.table import BOUND, KEY, PART
from pipelines.registry import Registry

ROUNDED = "rounded_counts"
"""The caveat of a row whose counts are rounded."""

ROUNDED_TEXT = (
    "Counts are rounded so that nobody can be found by them, and sums still add up; shares follow "
    "from the rounded counts. The methods page says how far a count may be from the truth."
)

COUNTS = """(
    (method in ('P', 'S', 'AJ') or (method = 'R' and not is_money)) and units is not null
)"""
"""SQL: whether a row of ``suppress_primary`` is one whose counts are rounded."""


@dataclass(frozen=True)
class Rounded:
    """Of the rows of ``suppress_primary`` those whose counts are rounded, the ``others``, and how
    good the rounding is. None of the rounded ones is primary."""

    rows: pa.Table
    others: pa.Table
    rounding: Rounding


def check_method(base: int | None, editions: Sequence[Edition]) -> None:
    """TableError when a country would change between rounding and suppressing, or its base.

    What one method left open, the other would tell of figures that stayed as they were.
    """
    before = {one.rounding.base if one.rounding else None for one in editions}
    if before - {base}:
        said = ", ".join(
            f"rounded to base {one}" if one else "suppressed"
            for one in sorted(before, key=lambda one: one or 0)
        )
        raise TableError(
            f"earlier releases of the country are {said}, so it can't be "
            f"{f'rounded to base {base}' if base else 'suppressed'} now: set rounding in its "
            "settings as it was at the first release"
        )


def round_rows(
    marked: pa.Table,
    registry: Registry,
    threshold: int,
    base: int,
    editions: Sequence[Edition],
) -> Rounded:
    """The rows of ``suppress_primary``, with those that hold counts rounded to ``base``.

    TableError when their sums contradict each other or no additive
    rounding is found.
    """
    with duckdb.connect() as connection:
        connection.register("marked", marked)
        rows = connection.sql(f"select * from marked where {COUNTS}").to_arrow_table()
        others = connection.sql(_OTHERS).to_arrow_table()
        table = build_counts(rows, registry)
        earlier = [
            Released(_printed(connection, edition), edition.rounding.reach)
            for edition in editions
            if edition.rounding
        ]
        rounding = round_table(table, base=base, earlier=earlier)
        connection.register("rows", rows)
        connection.register("by_cell", _by_cell(table, rounding))
        return Rounded(
            connection.sql(_ROUNDED.format(t=threshold)).to_arrow_table(), others, rounding
        )


def beside_withheld(rows: pa.Table, registry: Registry, threshold: int) -> frozenset[int]:
    """Cells of rounded rows to hide so that what the council withholds can't be worked out.

    Sums of multiples would tell a withheld multiple. Nothing else needs to be hidden.
    """
    if not pc.any(rows["withheld"]).as_py():
        return frozenset()
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        open_rows = connection.sql("select * replace ('' as flag) from rows").to_arrow_table()
    return choose_hidden(open_rows, registry, threshold).hidden


def _printed(connection: duckdb.DuckDBPyConnection, edition: Edition) -> dict[CellId, int]:
    """The multiples that a release printed, by the cells that ``marked`` numbers."""
    connection.register("before", edition.rows)
    lines = connection.sql(_PRINTED).fetchall()
    connection.unregister("before")
    return {
        (cell, name): int(number)
        for cell, *numbers in lines
        for name, number in zip("ndu", numbers, strict=True)
        if number is not None
    }


def _by_cell(table: Table, rounding: Rounding) -> pa.Table:
    """One line a printed number: cell_id, name (n, d, u), multiple."""
    lines = [
        (cell[0], cell[1], multiple)
        for cell, multiple in zip(table.ids, rounding.values.tolist(), strict=True)
        if isinstance(cell, tuple) and type(cell[0]) is int
    ]
    cells, names, multiples = zip(*lines, strict=True) if lines else ((), (), ())
    return pa.table(
        {
            "cell_id": pa.array(cells, pa.int64()),
            "name": pa.array(names, pa.string()),
            "multiple": pa.array(multiples, pa.int64()),
        }
    )


_OTHERS = f"""
select
    * replace (
        if(method = 'D', null, numerator) as numerator,
        if(method = 'D', null, denominator) as denominator
    )
from marked
where not coalesce({COUNTS}, false)
"""

_PRINTED = f"""
select
    now.cell_id,
    max(before.numerator) filter (now.measure = {PART.replace("measure", "now.measure")}) as n,
    max(before.denominator) filter (now.measure = {PART.replace("measure", "now.measure")}) as d,
    max(before.denominator) filter (now.method <> 'AJ' and now.measure like '%unknown_low')
    - max(before.denominator) filter (now.measure = {PART.replace("measure", "now.measure")}) as u
from marked as now
inner join before
    on {" and ".join(f"now.{name} is not distinct from before.{name}" for name in KEY)}
where
    ({COUNTS.replace("method", "now.method").replace("units", "now.units")})
    and before.mark = ''
group by now.cell_id
order by now.cell_id
"""

_Z = 1.959963984540054


def _wilson(sign: str) -> str:
    """SQL: an end of Wilson's 95 % interval of a share, JASA 22 (1927)."""
    root = f"sqrt(numerator * (1 - numerator / denominator) + {_Z} ^ 2 / 4)"
    end = f"(numerator + {_Z} ^ 2 / 2 {sign} {_Z} * {root}) / (denominator + {_Z} ^ 2)"
    return f"greatest(0, least(1, {end}))"


_ROUNDED = f"""
with multiples as (
    select
        cell_id,
        max(multiple) filter (name = 'n') as n,
        max(multiple) filter (name = 'd') as d,
        max(multiple) filter (name = 'u') as u
    from by_cell
    group by cell_id
),

counts as (
    select
        rows.*,
        multiples.n,
        multiples.d,
        multiples.u,
        {BOUND} as bound,
        max(rows.numerator) filter (measure = {PART}) over cell as counted,
        max(rows.unknown) filter (measure = {PART}) over cell as not_known,
        max(coalesce(rows.units, 0)) over (
            partition by country, indicator_id, measure, horizon_months
        ) = 0 as is_structural
    from rows
    inner join multiples using (cell_id)
    window cell as (partition by cell_id)
),

-- A bound counts those not known with the outcome, or, turned round, without it.
signed as (
    select
        *,
        cast(coalesce(sign(numerator - counted), 0) as integer) as adds
    from counts
),

multiplied as (
    select
        * replace (
            cast(greatest(0, n + adds * u) as double) as numerator,
            cast(if(bound = '' or method = 'AJ', d, d + u) as double) as denominator,
            u as unknown,
            d as units
        ),
        (counted + adds * not_known) / nullif(denominator, 0) as share_counted
    from signed
),

shares as (
    select
        *,
        numerator / nullif(denominator, 0) - share_counted as moved,
        numerator / nullif(denominator, 0)
        * coalesce(cast(nullif(regexp_extract(unit, '^per_(\\d+)_', 1), '') as integer), 1) as ratio
    from multiplied
),

estimates as (
    select
        * replace (
            case
                when method <> 'AJ' then ratio
                when unit = 'months' or estimate is null then estimate
                else greatest(0, least(1, estimate + moved))
            end as estimate,
            case
                when unit = 'months' or ci_low is null then ci_low
                when method in ('P', 'S') then {_wilson("-")}
                when method = 'R' then greatest(0, ci_low + ratio - estimate)
                else greatest(0, ci_low + moved)
            end as ci_low,
            case
                when unit = 'months' or ci_high is null then ci_high
                when method in ('P', 'S') then {_wilson("+")}
                when method = 'R' then ci_high + ratio - estimate
                else least(1, ci_high + moved)
            end as ci_high,
            case
                when method = 'AJ' and bound = '' then greatest(0, d - u) / nullif(denominator, 0)
                when method in ('P', 'S') then d / nullif(cast(d + u as double), 0)
                else known_share
            end as known_share,
            case
                when flag not in ('', 'x') or is_structural then flag
                when d < {{t}} then 'u'
                when method = 'AJ' then flag
                else ''
            end as flag
        )
    from shares
)

select
    * exclude (n, d, u, bound, counted, not_known, is_structural, adds, share_counted, moved, ratio)
    replace (
        cast(if(method = 'AJ' and bound <> '', null, numerator) as decimal(20, 2)) as numerator,
        cast(denominator as decimal(20, 2)) as denominator,
        cast(unknown as decimal(20, 2)) as unknown,
        -- An incidence lies within its bounds, whatever each of them moved by.
        case
            when method <> 'AJ' or unit = 'months' then estimate
            when bound = 'low' then least(estimate, max(estimate) filter (bound = '') over cell)
            when bound = 'high' then greatest(estimate, max(estimate) filter (bound = '') over cell)
            else estimate
        end as estimate,
        false as "primary"
    )
from estimates
window cell as (partition by cell_id)
order by {", ".join(KEY)}
"""
