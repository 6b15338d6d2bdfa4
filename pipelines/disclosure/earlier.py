"""What earlier releases printed, and what a new one may therefore not print.

The rule: an attacker has every release. A difference between two of them is a count like any
other, so it is hidden where it is one of 1 to t − 1; what once stood hidden stays hidden, since
with it the sums of the release that hid it could be solved; and what stands as it was printed is
known to all, so it covers for nobody. Nothing but the published files is read: no release's secrets
are kept.

A figure that may not be brought up to date is repeated as it was last printed, which tells nothing
new, and says so (``HELD``). It moves on once it differs by t or more from all that was printed.

Method: the change of a cell between two releases is a cell of its own (Fischetti &
Salazar-González, Management Science 47 (2001), treat linked tables so); with the older number
printed, its interval is that of the newer number, which is then the protected cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.disclosure.table import KEY, PART, Reach

HELD = "held_until_revision"
"""The caveat of a figure that is repeated from an earlier release."""

HELD_TEXT = (
    "This figure is repeated as an earlier release printed it. It waits for a larger revision, "
    "because a small change since then could point at a few people."
)

FIGURES = ("numerator", "denominator", "known_share", "estimate", "ci_low", "ci_high")
"""What a row prints."""

_SCHEMA = pa.schema(
    [
        ("edition", pa.int32()),
        *((name, pa.int32() if name == "horizon_months" else pa.string()) for name in KEY),
        ("numerator", pa.decimal128(20, 2)),
        ("denominator", pa.decimal128(20, 2)),
        *((name, pa.decimal128(18, 2)) for name in FIGURES[2:]),
        ("method", pa.string()),
        ("mark", pa.string()),
        ("held", pa.bool_()),
    ]
)

Printed = dict[int, dict[str, int]]
"""Cell → what a release printed of it: n, c, b, and u and p where its bounds told them."""


@dataclass(frozen=True)
class Edition:
    """An earlier release: its folder and the hash of its manifest, the columns that are compared,
    and the indicators of which nothing may be repeated, since they were taken down or withheld.

    ``rounding`` where its counts are rounded: to which base, and how far from the truth at most.
    """

    manifest: str
    folder: Path
    rows: pa.Table
    taken_down: frozenset[str] = frozenset()
    rounding: Reach | None = None


def read_edition(
    folder: Path, manifest: str, now: Path | None = None, rounding: Reach | None = None
) -> Edition:
    """Read the table of a release as it was published, which ``rounding`` tells how to read.

    ``now`` is the folder as it stands, where indicators were taken down since.
    """
    columns = [*KEY, *FIGURES, "method", "mark", "caveats"]
    rows = pq.read_table(folder / "indicators.parquet", columns=columns)
    standing = pq.read_table((now or folder) / "indicators.parquet", columns=columns)
    with duckdb.connect() as connection:
        connection.register("standing", standing)
        gone = connection.sql(
            "select distinct indicator_id from standing where mark = 'h' order by all"
        ).fetchall()
    return Edition(manifest, folder, rows, frozenset(name for (name,) in gone), rounding)


@dataclass(frozen=True)
class Memory:
    """What the cells of a candidate owe to earlier releases, by number of the cell.

    ``moved`` differ by little from what was printed, ``covered`` were hidden before, ``known`` were
    printed just so. ``near`` gives the quantities of a cell (n, c, b, u, p) that differ from what
    was printed, but by less than twice the threshold. ``printed`` is what each release told.
    """

    moved: frozenset[int] = frozenset()
    covered: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()
    near: dict[int, str] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()

    @property
    def bound(self) -> frozenset[int]:
        """The cells that no choice may print anew."""
        return self.moved | self.covered


def remember(marked: pa.Table, editions: Sequence[Edition], threshold: int) -> Memory:
    """Compare the rows of ``suppress_primary`` with what was printed before."""
    if not editions:
        return Memory()
    with duckdb.connect() as connection:
        connection.register("marked", marked)
        connection.register("before", _before(editions))
        connection.execute(_COMPARED)
        verdicts = connection.sql(_VERDICTS.format(t=threshold)).fetchall()
        told = connection.sql("select edition, cell_id, n, c, b, u, p from compared").fetchall()
    printed: list[Printed] = [{} for _ in editions]
    for edition, cell, *counts in told:
        pairs = zip("ncbup", counts, strict=True)
        printed[edition][cell] = {name: int(one) for name, one in pairs if one is not None}
    return Memory(
        frozenset(cell for cell, moved, *_ in verdicts if moved),
        frozenset(cell for cell, _, covered, *_ in verdicts if covered),
        frozenset(cell for cell, _, _, known, _ in verdicts if known),
        {cell: near for cell, *_, near in verdicts if near},
        tuple(printed),
    )


def last_printed(editions: Sequence[Edition]) -> pa.Table:
    """By key: the figures of the last release that printed the row, where they may be repeated."""
    with duckdb.connect() as connection:
        connection.register("before", _before(editions))
        connection.register(
            "taken_down",
            pa.table(
                {"indicator_id": pa.array(sorted(_taken_down(editions)), pa.string())},
            ),
        )
        return connection.sql(
            f"""
            select {", ".join((*KEY, *FIGURES))}
            from before
            anti join taken_down using (indicator_id)
            where mark = '' and not held
            qualify row_number() over (partition by {", ".join(KEY)} order by edition desc) = 1
            """
        ).to_arrow_table()


def _taken_down(editions: Sequence[Edition]) -> set[str]:
    return {name for edition in editions for name in edition.taken_down}


def _before(editions: Sequence[Edition]) -> pa.Table:
    """The rows of all editions, with the edition's place and whether it only repeated the row."""
    with duckdb.connect() as connection:
        parts = [_SCHEMA.empty_table()]
        for place, edition in enumerate(editions):
            connection.register("rows", edition.rows)
            parts.append(
                connection.sql(
                    f"""
                    select
                        cast({place} as integer) as edition,
                        {", ".join((*KEY, *FIGURES))},
                        method,
                        mark,
                        list_contains(string_split(caveats, ';'), '{HELD}') as held
                    from rows
                    """
                )
                .to_arrow_table()
                .cast(_SCHEMA)
            )
            connection.unregister("rows")
        return pa.concat_tables(parts)


_SAME = " and ".join(f"now.{name} is not distinct from before.{name}" for name in KEY)
_ROUNDED = {"known_share", "estimate", "ci_low", "ci_high"}
_EQUAL = " and ".join(
    f"round(cast(now.{name} as decimal(38, 9)), 2) is not distinct from before.{name}"
    if name in _ROUNDED
    else f"now.{name} is not distinct from before.{name}"
    for name in FIGURES
)

_COMPARED = f"""
create temp table compared as
with rows as (
    select
        before.edition,
        now.cell_id,
        now.method,
        now.withheld,
        before.mark,
        before.held,
        now.measure = {PART.replace("measure", "now.measure")} as is_value,
        ends_with(now.measure, 'unknown_low') as is_low,
        now.numerator as now_n,
        now.denominator as now_d,
        now.unknown as now_u,
        before.numerator as then_n,
        before.denominator as then_d,
        {_EQUAL} as equal
    from marked as now
    inner join before on {_SAME}
    where now.method <> 'D' and now.units is not null
),

-- one line a cell and edition: what both say, in whole counts
sides as (
    select
        edition,
        cell_id,
        any_value(method) as method,
        bool_or(withheld) as withheld,
        bool_and(mark = '' and not held) as printed,
        bool_or(mark = 'c') as hidden,
        bool_and(equal) as equal,
        max(now_n) filter (is_value) as now_n,
        max(now_d) filter (is_value) as now_d,
        max(now_u) filter (is_value) as now_u,
        max(then_n) filter (is_value) as then_n,
        max(then_d) filter (is_value) as then_d,
        max(then_d) filter (is_low) as then_p
    from rows
    group by edition, cell_id
)

select
    edition,
    cell_id,
    method in ('P', 'S', 'AJ') as counted,
    withheld,
    printed,
    hidden,
    equal,
    if(printed and method in ('P', 'S', 'AJ'), then_n, null) as n,
    if(printed and method in ('P', 'S', 'AJ'), then_d - then_n, null) as c,
    if(printed and method in ('P', 'S', 'AJ'), then_d, null) as b,
    if(printed and method in ('P', 'S'), then_p - then_d, null) as u,
    if(printed and method in ('P', 'S'), then_p, null) as p,
    now_n - n as dn,
    (now_d - now_n) - c as dc,
    now_d - b as db,
    now_u - u as du,
    (now_d + now_u) - p as dp
from sides
"""

_MOVES = ("dn", "dc", "db", "du", "dp")
_LITTLE = " or ".join(f"coalesce(abs({one}) between 1 and {{t}} - 1, false)" for one in _MOVES)
_AT_ALL = " + ".join(f"coalesce(abs({one}), 0)" for one in _MOVES)
_NEAR = " || ".join(
    f"if(bool_or(coalesce(abs({one}) between 1 and 2 * {{t}} - 1, false)), '{one[1]}', '')"
    for one in _MOVES
)

_VERDICTS = f"""
with cells as (
    select
        cell_id,
        bool_or(printed and equal) as stands,
        bool_or(printed) as was_printed,
        bool_or(hidden) as was_hidden,
        bool_or(withheld) as withheld,
        bool_or(
            -- Where no count is printed, or none of them moved, nobody can tell how few moved it.
            printed and not equal and (not counted or {_LITTLE} or {_AT_ALL} = 0)
        ) as little,
        {_NEAR} as near
    from compared
    group by cell_id
)

select
    cell_id,
    little and not stands as moved,
    was_hidden and not was_printed as covered,
    stands and not withheld as known,
    if(stands, '', near) as near
from cells
order by cell_id
"""
