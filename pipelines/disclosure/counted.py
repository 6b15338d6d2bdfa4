"""Counted cells: what the rows count, apart from how they relate.

The rule: a cell is a measure together with its bounds, since they tell the same counts and are
shown or hidden as one. It stands for disjoint whole counts ("atoms"): those with the outcome (n),
without (c), not known (u). For incidence those lost to follow-up (u) are part of the base and the
rest is r. A ratio of sums (R) has two sums (n, d), which need not be part of each other, and the
members behind them (b); of money only the members count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from pipelines.disclosure.linked_tables import CellId, TableError
from pipelines.disclosure.table import KEY, PART
from pipelines.periods import Period, month_text
from pipelines.registry import COARSER, CROSSED

Row = dict[CellId, int]
"""One relation: cell → coefficient, with sum 0."""


class Series(NamedTuple):
    """What is counted, wherever and whenever."""

    indicator: str
    part: str
    horizon: int
    method: str


class Point(NamedTuple):
    """Where and when it is counted; ``span`` is the cohort's or the period's months."""

    country: str
    cohort: bool
    span: tuple[int, int]
    breakdown: str
    category: str

    @property
    def dimensions(self) -> int:
        """By how many it is divided: 0 for a total."""
        return 0 if self.breakdown == "total" else 1 + self.breakdown.count(CROSSED)

    @property
    def margins(self) -> list[Point]:
        """Where it is part of a sum: without one of its dimensions, or with a coarser one."""
        if self.breakdown == "total":
            return []
        pairs = [*zip(self.breakdown.split(CROSSED), self.category.split(CROSSED), strict=True)]
        found = []
        for place, (name, group) in enumerate(pairs):
            before, after = pairs[:place], pairs[place + 1 :]
            found.append([*before, *after] or [("total", "")])
            if coarser := COARSER.get(name):
                wider = coarser.groups.get(group, coarser.rest)
                found.append([*before, (coarser.dimension, wider), *after])
        names = [map(CROSSED.join, zip(*margin, strict=True)) for margin in found]
        return [self._replace(breakdown=name, category=group) for name, group in names]


@dataclass(frozen=True)
class Counted:
    """One cell; ``hidden`` by a primary rule, ``blank`` for a reason of its own (x, u, z),
    ``withheld`` at the council's request.

    An x that stands for nobody is no blank: it says 0, and can be hidden as any number.
    """

    id: int
    series: Series
    point: Point
    atoms: dict[str, int]
    hidden: bool
    blank: bool
    withheld: bool
    units: int

    def sum_of(self, quantity: str) -> tuple[str, ...]:
        """The atoms that a quantity adds up: n, c, u, base b or population p."""
        if self.series.method == "R":
            alone = (quantity,) if quantity in self.atoms else ()
            return ("b", "u") if quantity == "p" else alone
        if self.series.method == "AJ":
            whole = ("n", "u", "r")
            return {"n": ("n",), "c": ("u", "r"), "u": ("u",), "b": whole, "p": whole}[quantity]
        base = ("n", "c")
        return {"n": ("n",), "c": ("c",), "u": ("u",), "b": base, "p": (*base, "u")}[quantity]

    @property
    def name(self) -> str:
        """Its key in words, for errors."""
        first, last = (month_text(month) for month in self.point.span)
        where = [self.point.country, f"{'cohort ' * self.point.cohort}{first} to {last}"]
        horizon = [f"{self.series.horizon} months"] if self.series.horizon else []
        what = [self.series.indicator, self.series.part, *horizon, *where]
        return " ".join([*what, self.point.breakdown, self.point.category]).rstrip()

    @property
    def quantities(self) -> str:
        """What can be said of the cell; for incidence base and population are one."""
        if self.series.method == "R":
            return "".join([*self.atoms, "p"])
        return "ncub" if self.series.method == "AJ" else "ncubp"

    def value(self, quantity: str) -> int:
        """The number that a quantity is."""
        return sum(self.atoms[atom] for atom in self.sum_of(quantity))

    def terms(self, quantity: str, sign: int = 1) -> Row:
        """A quantity as one side of a relation."""
        return {(self.id, atom): sign for atom in self.sum_of(quantity)}


def counted_cells(marked: pa.Table) -> list[Counted]:
    """The cells of rows with ``primary``, ``withheld`` and ``cell_id``; none without units.

    TableError names the first row whose numbers are no counts: negative, broken, or a part larger
    than its whole.
    """
    with duckdb.connect() as connection:
        connection.register("marked", marked)
        for wrong in connection.sql(_NO_COUNTS).fetchall():
            *key, numerator, denominator, unknown, units = wrong
            place = " ".join(str(part) for part in key if part not in ("", None))
            raise TableError(
                f"{place}: {numerator} of {denominator}, {unknown} not known, {units} units. "
                "Counts are whole numbers from 0, and no part is larger than its whole: correct "
                f"ind_{key[0]}"
            )
        records = connection.sql(_CELLS).to_arrow_table().to_pylist()
    return [_counted(record) for record in records]


def _counted(record: dict[str, Any]) -> Counted:
    n, d, u, units = (record[name] for name in ("numerator", "denominator", "unknown", "units"))
    method = record["method"]
    if method == "R":
        atoms = {"u": u, "b": units} | ({} if record["is_money"] else {"n": n, "d": d})
    elif method == "AJ":
        lost = min(u, d - n)
        atoms = {"n": n, "u": lost, "r": d - n - lost}
    else:
        atoms = {"n": n, "c": d - n, "u": u}
    span = Period.parse(record["cohort"] or record["period"])
    return Counted(
        record["cell_id"],
        Series(record["indicator_id"], record["part"], record["horizon_months"] or 0, method),
        Point(
            record["country"],
            bool(record["cohort"]),
            (span.first, span.last),
            record["breakdown"],
            record["category"],
        ),
        atoms,
        record["hidden"],
        record["blank"],
        record["withheld"],
        units,
    )


_NO_COUNTS = f"""
select {", ".join(KEY)}, numerator, denominator, unknown, units
from marked
where
    units is not null
    and (
        units < 0
        or coalesce(unknown, 0) < 0
        or coalesce(unknown, 0) <> floor(coalesce(unknown, 0))
        or (
            not is_money
            and method in ('P', 'S', 'AJ', 'R')
            and (
                coalesce(numerator, 0) < 0
                or numerator <> floor(numerator)
                or denominator <> floor(denominator)
                or (method <> 'R' and numerator > denominator)
            )
        )
    )
order by {", ".join(KEY)}
limit 1
"""

_CELLS = f"""
select
    cell_id,
    indicator_id,
    country,
    period,
    cohort,
    horizon_months,
    breakdown,
    category,
    {PART} as part,
    method,
    is_money,
    cast(if(is_money, 0, coalesce(numerator, 0)) as bigint) as numerator,
    cast(if(is_money, 0, coalesce(denominator, 0)) as bigint) as denominator,
    cast(coalesce(unknown, 0) as bigint) as unknown,
    units,
    bool_or("primary") over cell as hidden,
    bool_and(flag <> '' and not (flag = 'x' and units = 0)) over cell as blank,
    bool_or(withheld) over cell as withheld
from marked
where units is not null
window cell as (partition by cell_id)
qualify row_number() over (cell order by measure <> {PART}, measure) = 1
order by cell_id
"""
