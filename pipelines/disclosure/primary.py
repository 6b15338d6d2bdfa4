"""Primary suppression: cells that would themselves point at a few people.

The rule, for a threshold t: a cell is hidden when its numerator, its complement, its number of
unknowns or its base is a count from 1 to t − 1, or when all or none of a base under 2t share the
outcome, since that tells the outcome of everyone in a small group. Ratios of sums (R) have two
bases, the sum and the members behind it (``units``); both are judged, but of money only the
members, and whether one contributor dominates it (flag c). Incidence over time (AJ) is also
hidden at a horizon where fewer than t are still at risk, or where 1 to t − 1 events separate it
from an earlier horizon. Where the bases of a value and its bounds differ by 1 to t − 1 units, all
are hidden. A true zero is not a small count and stays.

The rules are SQL over whole tables.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import duckdb
import pyarrow as pa

from pipelines.disclosure.table import CELL_ID, KEY, PART, RowsError, check_rows


def _unsafe(threshold: int) -> str:
    """The count rules as an SQL condition on numerator, denominator, unknown, units, is_money."""
    small, few = f"between 1 and {threshold - 1}", f"between 1 and {2 * threshold - 1}"
    return f"""(
        coalesce(units {small}, false)
        or coalesce(unknown {small}, false)
        or (
            not is_money
            and (
                coalesce(numerator {small}, false)
                or coalesce(denominator {small}, false)
                or coalesce(denominator - numerator {small}, false)
            )
        )
        or coalesce(
            numerator in (0, denominator)
            and (units {few} or (denominator {few} and not is_money)),
            false
        )
    )"""


Selection = Mapping[str, str | int]
"""Rows by some of their key, e.g. {"indicator_id": "remedy_paid", "breakdown": "region"}."""


def suppress_primary(
    rows: pa.Table,
    threshold: int,
    withheld: Sequence[Selection] = (),
    money: Collection[str] = (),
) -> pa.Table:
    """The contracted rows by key, with ``primary``, ``withheld``, ``is_money`` and ``cell_id``.

    ``money`` are the indicators whose ratios are of amounts. A flag c is taken off: what it says
    is in ``primary``.

    A missing ``units`` is read from the denominator where that is a count. ``withheld`` says which
    rows the council withholds. RowsError when the table is not of the contracted shape or a
    selection names what is no part of the key.
    """
    for selection in withheld:
        if not selection or set(selection) - set(KEY):
            raise RowsError(
                f"rows withheld by {dict(selection)}: name at least one column, and only of "
                f"{', '.join(KEY)}"
            )
    with duckdb.connect() as connection:
        connection.register("rows", check_rows(rows))
        connection.register("money", pa.table({"id": pa.array(sorted(money), pa.string())}))
        connection.execute("create temp table asked (entry integer, name varchar, value varchar)")
        for entry, selection in enumerate(withheld):
            connection.executemany(
                "insert into asked values (?, ?, ?)",
                [(entry, name, str(value)) for name, value in selection.items()],
            )
        return connection.sql(
            _PRIMARY.format(unsafe=_unsafe(threshold), t=threshold)
        ).to_arrow_table()


_PRIMARY = f"""
with based as (
    select
        * replace (
            coalesce(units, case when method <> 'R' then cast(denominator as bigint) end) as units,
            if(flag = 'c', '', flag) as flag
        ),
        flag = 'c' as is_dominated,
        method = 'R' and indicator_id in (select id from money) as is_money
    from rows
),

-- a value and its bounds: the difference of their bases is a count too
compared as (
    select
        *,
        max(units) over cell - min(units) over cell as units_between,
        if(
            is_money, null, max(denominator) over cell - min(denominator) over cell
        ) as sums_between
    from based
    window cell as (
        partition by
            indicator_id,
            country,
            period,
            cohort,
            horizon_months,
            breakdown,
            category,
            method,
            {PART}
    )
),

-- horizons whose count lies 1 to t - 1 above that of any earlier horizon of the same cohort
steps as (
    select distinct
        later.indicator_id,
        later.country,
        later.cohort,
        later.measure,
        later.horizon_months,
        later.breakdown,
        later.category
    from based as later
    inner join based as earlier
        using (indicator_id, country, cohort, measure, breakdown, category, method)
    where
        method = 'AJ'
        and earlier.horizon_months < later.horizon_months
        and later.numerator - earlier.numerator between 1 and {{t}} - 1
)

select
    compared.* exclude (units_between, sums_between, is_dominated),
    is_dominated
    or {{unsafe}}
    or coalesce(units_between between 1 and {{t}} - 1, false)
    or coalesce(sums_between between 1 and {{t}} - 1, false)
    or coalesce(method = 'AJ' and at_risk between 1 and {{t}} - 1, false)
    or steps.indicator_id is not null as "primary",
    exists (
        select entry
        from asked
        group by entry
        having
            bool_and(
                case name
                    {
    " ".join(f"when '{name}' then asked.value = cast(compared.{name} as varchar)" for name in KEY)
}
                end
            )
    ) as withheld,
    {CELL_ID} as cell_id
from compared
left join steps
    using (indicator_id, country, cohort, measure, horizon_months, breakdown, category)
order by {", ".join(KEY)}
"""
