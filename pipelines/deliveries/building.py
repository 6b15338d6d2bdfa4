"""How a build of the warehouse begins: from the file of the last build, or from nothing.

Rule guarded: both give the same rows in every table. Where that is not certain (other code, another
cut-off month, people erased), the build starts from nothing. The last file is copied and never
written to: it stands until the new one is whole and takes its place.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.deliveries.landing import attach_landing, landed_view
from pipelines.paths import Home

_CHANGED = "changed_deliveries"
_CHANGED_TABLES = ("persons", "support_episodes")


@dataclass(frozen=True)
class Begun:
    """Whether a build updates a copy of the last one, and the words for it, with the reason."""

    updates: bool
    words: str


def start_building(home: Home, vintage: str, code: str) -> Begun:
    """Make ``home.warehouse_building`` ready for dbt; say what the build starts from, and why.

    ``code`` is the hash of everything that the warehouse's rows depend on beside the vintage. The
    caller holds the writer lock. In a file that starts from the last one, schema ``landing`` also
    has ``changed_<table>`` (rows of deliveries that count anew, or no longer) and
    ``providers_before``.
    """
    home.warehouse_building.parent.mkdir(parents=True, exist_ok=True)
    for left in (home.warehouse_building, Path(f"{home.warehouse_building}.wal")):
        left.unlink(missing_ok=True)
    begun = _from_last(home, vintage, code) if home.warehouse.is_file() else "there is no last one"
    if isinstance(begun, str):
        home.warehouse_building.unlink(missing_ok=True)
        start_from_nothing(home.warehouse_building, home, vintage, code)
        return Begun(updates=False, words=f"from nothing: {begun}")
    return Begun(updates=True, words=f"from the last one: {begun} deliveries changed")


def start_from_nothing(
    building: Path, home: Home, vintage: str, code: str, releases: Sequence[Path] | None = None
) -> None:
    """Make a new file that holds nothing but the landing area of a home's vintage.

    ``releases`` are those whose facts it shows; see ``attach_landing``.
    """
    with duckdb.connect(str(building)) as connection:
        attach_landing(connection, home, vintage, releases)
        connection.execute("create table landing.build as select $code as code", {"code": code})


def _from_last(home: Home, vintage: str, code: str) -> int | str:
    """How many deliveries changed since the last build; or why it can't be built upon."""
    try:
        with duckdb.connect(str(home.warehouse), read_only=True) as last:
            if last.execute("select code from landing.build").fetchall() != [(code,)]:
                return "the code has changed since the last one"
    except duckdb.Error:
        return "the last one does not say which code built it, or can't be read"
    shutil.copyfile(home.warehouse, home.warehouse_building)
    with duckdb.connect(str(home.warehouse_building)) as connection:
        connection.execute("create or replace temp table before as from landing.vintage")
        attach_landing(connection, home, vintage)
        return _differences(connection) or _show_changes(connection, home)


def _differences(connection: DuckDBPyConnection) -> str:
    """What is new in the vintage that touches more than the persons in some deliveries."""
    cutoffs = "select distinct country, cutoff_month from"
    if _differ(connection, f"{cutoffs} before", f"{cutoffs} landing.vintage"):
        return "a country's cut-off month, or the countries, have changed"
    connection.execute(
        f"create or replace temp table {_CHANGED} as with changed as ("
        f"(from before except from landing.vintage) union (from landing.vintage except from before)"
        ") from changed"
    )
    rows = "select delivery_id, erasures from"
    both = "where delivery_id in (select delivery_id from landing.vintage)"
    known = "where delivery_id in (select delivery_id from before)"
    if _differ(connection, f"{rows} before {both}", f"{rows} landing.vintage {known}"):
        return "a person was erased"
    return ""


def _show_changes(connection: DuckDBPyConnection, home: Home) -> int:
    countries = connection.execute(f"select distinct delivery_id, country from {_CHANGED}")
    of = dict(countries.fetchall())
    connection.execute(
        "create or replace table landing.changed_deliveries as "
        f"select distinct delivery_id, country from {_CHANGED}"
    )
    for table in _CHANGED_TABLES:
        connection.execute(
            f"create or replace view landing.changed_{table} as "
            f"select country, changed.* from ({landed_view(home, table, of)}) as changed "
            "inner join landing.changed_deliveries using (delivery_id)"
        )
    connection.execute("create or replace table landing.providers_before as from core.dim_provider")
    return len(of)


def _differ(connection: DuckDBPyConnection, one: str, other: str) -> bool:
    return bool(_count(connection, f"({one} except {other}) union ({other} except {one})"))


def _count(connection: DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(f"select count(*) from ({query})").fetchall()[0][0])
