"""What a reader is: it loads one file as text and says how its columns become canonical ones.

Rule guarded: whatever a source holds beyond the contract is named by its reader, as dropped or
coarsened at the boundary; what no reader names is scanned like everything else. A reader never
invents: what a source does not say stays empty, which the contract reads as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import Contract


@dataclass(frozen=True)
class Raw:
    """One delivered file in DuckDB: ``relation`` has varchar columns ``c0``… in file order.

    ``columns`` maps the source's column names to them. Row ``rowid + 1`` is the file's data row.
    Where the rows are ``uneven``, column ``fields`` says how many fields each had.
    """

    relation: str
    columns: Mapping[str, str]
    uneven: bool = False

    def width(self, names: Iterable[str]) -> int:
        """How many fields a row needs to hold all the named columns."""
        order = list(self.columns)
        return max((order.index(name) + 1 for name in names if name in self.columns), default=0)


@dataclass(frozen=True)
class Translation:
    """How a raw file becomes canonical text.

    ``sql`` selects ``row_number`` and every contract column as varchar (empty is null). ``dropped``
    maps source columns that end at the boundary to the reason; ``unknown`` lists the columns that
    the reader does not know; ``missing`` those it needs and lacks. A row with fewer fields than
    ``width`` was cut off where something would be lost.
    """

    sql: str
    width: int = 0
    dropped: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Reader(Protocol):
    """One delivery format."""

    @property
    def name(self) -> str:
        """What ``format`` says in delivery.json."""

    def load(self, connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
        """Read ``file`` (named ``path`` in messages) into ``relation``; Refused if unreadable."""

    def translate(self, raw: Raw, contract: Contract, provider_key: str) -> Translation:
        """How ``raw`` becomes rows of the contract's table."""


@dataclass(frozen=True)
class NativeReader:
    """A source with its own columns, declared: one module builds one of these.

    ``keeps`` maps source columns to what becomes of them, ``drops`` maps regular expressions of
    column names to the reason why they end at the boundary. ``columns`` maps canonical columns to
    DuckDB expressions over the kept source columns (nullable varchar, quoted by name); a canonical
    column that is not mapped is empty. ``optional`` kept columns may be absent.
    """

    name: str
    table: str
    keeps: Mapping[str, str]
    drops: Mapping[str, str]
    columns: Mapping[str, str]
    loader: Reader
    optional: frozenset[str] = frozenset()
    joins: str = ""

    def load(self, connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
        """Read the file as the canonical reader does: the format differs, the syntax doesn't."""
        return self.loader.load(connection, file, path, relation)

    def translate(self, raw: Raw, contract: Contract, provider_key: str) -> Translation:
        """Kept columns through the declared expressions; the rest dropped, with the reason."""
        if contract.table != self.table:
            return Translation(sql="", missing=(f"(format {self.name} fills only {self.table})",))
        others = [name for name in raw.columns if name not in self.keeps]
        dropped = {name: why for name in others if (why := self._why_dropped(name))}
        source = ", ".join(
            f"nullif(trim({raw.columns[name]}), '') as \"{name}\""
            if name in raw.columns
            else f'null::varchar as "{name}"'
            for name in self.keeps
        )
        expressions = {"provider_key": f"'{provider_key}'", **self.columns}
        selected = ", ".join(
            f"cast({expressions.get(column.name, 'null')} as varchar) as {column.name}"
            for column in contract.columns
        )
        return Translation(
            sql=(
                f"with source as (select rowid + 1 as row_number, {source} from {raw.relation}) "
                f"select source.row_number, {selected} from source {self.joins}"
            ),
            width=raw.width(self.keeps),
            dropped=dropped,
            unknown=tuple(name for name in others if name not in dropped),
            missing=tuple(
                name for name in self.keeps if name not in raw.columns and name not in self.optional
            ),
        )

    def _why_dropped(self, name: str) -> str | None:
        return next((w for pattern, w in self.drops.items() if re.fullmatch(pattern, name)), None)


def code_pairs(file: Path) -> list[tuple[str, str]]:
    """The first two columns of a CSV of codes (header first)."""
    lines = file.read_text(encoding="utf-8").splitlines()[1:]
    return [(line.split(",")[0], line.split(",")[1]) for line in lines if line]


def code_map(file: Path) -> str:
    """A CSV of codes as a DuckDB ``values`` list of pairs."""
    quoted = (
        ", ".join("'" + part.replace("'", "''") + "'" for part in pair) for pair in code_pairs(file)
    )
    return ", ".join(f"({pair})" for pair in quoted)


def month_sql(column: str) -> str:
    """The month of a source's date column; text that is no ISO date is named so, and not kept."""
    return (
        f'case when "{column}" is not null then '
        f"coalesce(strftime(try_cast(\"{column}\" as date), '%Y-%m'), 'not a date') end"
    )
