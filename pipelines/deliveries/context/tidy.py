"""One shape for every published table: one row a figure, its categories, the range it stands for.

Rules guarded: a sum over everything is called ``total`` in every column, so that nobody adds it to
its parts unknowingly; a suppressed count is a range and never a number; what a source does not say
is ``unknown`` and never 0; a figure appears once.

Columns: source, area (ISO 3166 code, the source's own spelling kept), period (year, quarter or
``2005-2013``), variable, sex, age, form (of exploitation, or law broken), origin (citizenship),
detail (whatever else tells figures apart), value_low, value_high, unit, status. A category is
``total`` where the source does not divide by it. value_low equals value_high unless status is
``range``; both are empty where it is ``implausible``. Other statuses: ``conflicting`` (the source
gives several values: lowest and highest), ``estimated``, ``provisional``, ``illegible`` (a
category's text lost characters), or empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.errors import Foreseen

TOTAL = "total"
UNKNOWN = "unknown"
CATEGORIES = ("sex", "age", "form", "origin", "detail")
KEY = ("source", "area", "period", "variable", *CATEGORIES)
COLUMNS: Mapping[str, str] = {
    **dict.fromkeys(KEY, "varchar"),
    "value_low": "decimal(18,4)",
    "value_high": "decimal(18,4)",
    "unit": "varchar",
    "status": "varchar",
}


class ContextError(Foreseen, ValueError):
    """A published file is not what its reader knows; the message says where and what to do."""


@dataclass(frozen=True)
class Note:
    """Something about the source that a user of its figures should know, and how often."""

    rule: str
    count: int
    message: str


@dataclass(frozen=True)
class Context:
    """Tidy rows in key order, and what the reader noticed."""

    rows: pa.Table
    notes: tuple[Note, ...] = ()

    def note(self, rule: str) -> int:
        """How often a rule was met; 0 where it was not."""
        return sum(note.count for note in self.notes if note.rule == rule)


def load_text(
    connection: DuckDBPyConnection, file: Path, relation: str, needs: Sequence[str]
) -> list[str]:
    """A CSV as a table of text; ContextError unless it has the columns in ``needs``."""
    try:
        connection.execute(
            f"create or replace temp table {relation} as "
            "select * from read_csv(?, all_varchar = true, header = true, delim = ',', "
            "quote = '\"')",
            [str(file)],
        )
    except duckdb.Error as error:
        raise ContextError(f"{file}: not a readable CSV ({type(error).__name__})") from None
    described = connection.execute(f"describe {relation}").fetchall()
    columns = [str(row[0]) for row in described]
    if missing := [name for name in needs if name not in columns]:
        raise ContextError(f"{file}: no column {missing}; the publisher changed it: see the reader")
    return columns


def tidy(connection: DuckDBPyConnection, sql: str, notes: Sequence[Note] = ()) -> Context:
    """Rows of ``sql`` in the one shape: absent categories are ``total``, the order is the key's."""
    given = [str(row[0]) for row in connection.execute(f"describe {sql}").fetchall()]
    absent = dict.fromkeys(CATEGORIES, f"'{TOTAL}'") | {"status": "''"}
    selected = ", ".join(
        f"cast({name if name in given else absent[name]} as {kind}) as {name}"
        for name, kind in COLUMNS.items()
    )
    rows: pa.Table = connection.sql(
        f"select {selected} from ({sql}) order by {', '.join(KEY)}, value_low, value_high"
    ).to_arrow_table()
    repeated = rows.num_rows - rows.select(list(KEY)).group_by(list(KEY)).aggregate([]).num_rows
    if repeated:
        raise ContextError(f"{repeated} figures appear twice; the reader must tell them apart")
    return Context(rows, tuple(note for note in notes if note.count))


def count(connection: DuckDBPyConnection, sql: str) -> int:
    """The single number of a query."""
    return int(connection.execute(sql).fetchall()[0][0] or 0)


def shares_of_known(counts: Mapping[str, int], unknown: str = UNKNOWN) -> dict[str, float]:
    """Shares among members whose category is known: unknown is in no denominator."""
    known = {name: number for name, number in counts.items() if name != unknown}
    total = sum(known.values())
    return {name: number / total for name, number in known.items()} if total else {}
