"""What the warehouse may know of reviews: facts that a release carries, never the review store.

The rule: a participation indicator is computed from releases alone, so a candidate stays a function
of its vintage and the releases in its lock. ``facts.yml`` fixes the tables; a release writes them
with ``write_facts``, the warehouse sees all of them with ``attach_facts``. Until a first review has
closed there is no release, the tables are empty and the indicators are x.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

from pipelines.errors import Foreseen

FOLDER = Path("council") / "facts"
"""Where a release folder holds its facts."""
_MANIFEST = "MANIFEST.json"


class FactsError(Foreseen, ValueError):
    """Facts that do not fit facts.yml; the message names table and column."""


class FactColumn(BaseModel):
    """One column; ``codes`` are all it may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    type: str
    description: str
    codes: tuple[str, ...] = ()


class FactTable(BaseModel):
    """One table of facts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grain: str
    description: str
    columns: tuple[FactColumn, ...]

    @property
    def empty(self) -> str:
        """A select of no row with the table's columns."""
        nulls = ", ".join(
            f"cast(null as {column.type}) as {column.name}" for column in self.columns
        )
        return f"select {nulls} where false"


@cache
def fact_tables() -> Mapping[str, FactTable]:
    """The tables by name, as facts.yml has them."""
    text = Path(__file__).with_name("facts.yml").read_text(encoding="utf-8")
    return TypeAdapter(dict[str, FactTable]).validate_python(yaml.safe_load(text))


def write_facts(release: Path, facts: Mapping[str, pa.Table]) -> None:
    """Write every table into a release folder; FactsError where one does not fit facts.yml.

    ``facts`` has the tables of facts.yml with its columns; rows are sorted here.
    """
    folder = release / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in fact_tables().items():
        with duckdb.connect() as connection:
            connection.register("given", facts[name])
            _check(connection, name, table, facts[name].column_names)
            columns = ", ".join(f"cast({c.name} as {c.type}) as {c.name}" for c in table.columns)
            connection.execute(
                f"copy (select {columns} from given order by all) "
                f"to {_quoted(folder / f'{name}.parquet')} (format parquet, compression zstd)"
            )


def earlier_releases(releases: Path, vintage: str) -> list[Path]:
    """Every version ever published that rests on another vintage, by country, period and version.

    What a candidate of a vintage may know of releases. Those of the very vintage are left out: a
    candidate that is built again after its release is still the same candidate.
    """
    found = releases.glob("[A-Z][A-Z]/*/v[0-9]*")
    return [
        folder
        for folder in sorted(found, key=lambda path: (path.parts[-3:-1], int(path.name[1:])))
        if json.loads((folder / "release.lock.json").read_bytes())["vintage"] != vintage
    ]


def attach_facts(connection: duckdb.DuckDBPyConnection, releases: Iterable[Path]) -> None:
    """Make one view a table in schema ``landing`` over the facts of these release folders.

    Table ``landing.fact_releases`` says which they are: place, country and the SHA-256 of the
    manifest, which fixes every fact. FactsError names a file that is not the one in its
    release's manifest.
    """
    connection.execute("create schema if not exists landing")
    folders = sorted(releases)
    connection.execute(
        "create or replace table landing.fact_releases "
        "(place integer, country varchar, manifest varchar)"
    )
    for place, folder in enumerate(folders):
        _check_signed(folder)
        row = [place, folder.parts[-3], _sha256(folder / _MANIFEST)]
        connection.execute("insert into landing.fact_releases values (?, ?, ?)", row)
    for name, table in fact_tables().items():
        parts = [folder / FOLDER / f"{name}.parquet" for folder in folders]
        paths = ", ".join(_quoted(part) for part in parts if part.exists())
        rows = f"select * from read_parquet([{paths}])" if paths else table.empty
        connection.execute(f"create or replace view landing.{name} as {rows}")


def releases_seen(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Country → manifest hashes of the releases whose facts a warehouse was built of, in order."""
    found: dict[str, list[str]] = {}
    for country, manifest in connection.execute(
        "select country, manifest from landing.fact_releases order by place"
    ).fetchall():
        found.setdefault(country, []).append(manifest)
    return found


def _check_signed(release: Path) -> None:
    listed = json.loads((release / _MANIFEST).read_bytes())
    for name in fact_tables():
        path = FOLDER / f"{name}.parquet"
        there = release / path
        entry = listed.get(path.as_posix())
        if (entry["sha256"] if entry else None) != (_sha256(there) if there.exists() else None):
            raise FactsError(
                f"{there} is not the file that {release / _MANIFEST} lists: put the signed release "
                "back in place"
            )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _check(
    connection: duckdb.DuckDBPyConnection, name: str, table: FactTable, given: list[str]
) -> None:
    wanted = [column.name for column in table.columns]
    if sorted(given) != sorted(wanted):
        raise FactsError(f"{name}: the columns are {', '.join(wanted)}, not {', '.join(given)}")
    for column in table.columns:
        if not column.codes:
            continue
        strange = connection.execute(
            f"select distinct {column.name} from given "
            f"where {column.name} is null or not list_contains($codes, {column.name}) order by all",
            {"codes": list(column.codes)},
        ).fetchall()
        if strange:
            values = ", ".join(str(value) for (value,) in strange)
            raise FactsError(f"{name}.{column.name}: {values} is none of {', '.join(column.codes)}")
