"""What the audit asks of the numbers as counted, which no file prints.

The rule: three questions, and no other. An attacker who takes what is hidden of a sum for unchanged
may be right or wrong: whoever is wrong has found out nothing, so the audit grants them exactly the
sums that are; likewise a rounded count that is taken for unchanged. And an amount that is hidden
for others' sake may have many behind it: to know it well tells of nobody.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines.disclosure.audit import Cell, Row
from pipelines.disclosure.published import KEY_COLUMNS, KIND, cell_key
from pipelines.disclosure.published_before import ONE


def right_beliefs(
    beliefs: Mapping[str, Row], relations: Mapping[str, Row], counted: pa.Table
) -> dict[str, Row]:
    """The relations among ``beliefs`` that hold of what was counted.

    ``counted`` are contracted rows. A cell without a row counts nobody; one that several cells
    leave is what ``relations`` make of them; ``ONE`` is 1.
    """
    numbers = numbers_of(counted)

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


def of_many(counted: pa.Table, threshold: int) -> set[Cell]:
    """The ratios behind each of whose rows are twice ``threshold`` members, as read from files."""
    with duckdb.connect() as connection:
        connection.register("counted", counted)
        lines = connection.sql(_OF_MANY.format(twice=2 * threshold, t=threshold)).fetchall()
    return {cell_key(*line) for line in lines}


def numbers_of(counted: pa.Table) -> dict[Cell, dict[str, float]]:
    """By cell as read from files: n, d, c, u and p as they were counted."""
    found: dict[Cell, dict[str, float]] = {}
    with duckdb.connect() as connection:
        connection.register("counted", counted)
        lines = connection.sql(_LINES).fetchall()
    for *key, n, d, u in lines:
        numbers = {"n": n, "d": d, "c": d - n, "u": u, "p": d + u}
        found[cell_key(*key)] = {one: float(x) for one, x in numbers.items()}
    return found


_OF_MANY = f"""
select {KEY_COLUMNS}
from counted
where method = 'R'
group by all
having
    min(units) >= {{twice}}
    and bool_and(flag <> 'c')
    and not bool_or(coalesce(unknown between 1 and {{t}} - 1, false))
"""

_LINES = f"""
select
    {KEY_COLUMNS},
    numerator,
    denominator,
    coalesce(unknown, 0) as unknown
from counted
where
    method in ('P', 'S', 'AJ', 'R')
    and numerator is not null
    and denominator is not null
    and {KIND} = 'value'
"""
