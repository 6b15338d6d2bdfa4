"""The landing area: accepted rows, typed, one Parquet file a table and delivery.

Rule guarded: a delivery lands whole or not at all, keyed by its id; readers see only what a vintage
lists, so a file without a register record is never read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.deliveries.contract import UNKNOWN, Contract, contracts
from pipelines.deliveries.storage import landed_path, write_parquet
from pipelines.deliveries.vintages import CORRECTIONS, check_rebuildable, load_vintage
from pipelines.participation.facts import attach_facts, earlier_releases
from pipelines.paths import Home


def land(connection: DuckDBPyConnection, home: Home, table: str, delivery_id: str) -> None:
    """Write the rows of ``typed_<t>`` that break nothing, in file order."""
    columns = ", ".join(column.name for column in contracts()[table].columns)
    write_parquet(
        connection,
        f"select {columns}, row_number from typed_{table} "
        f"anti join breach_{table} using (row_number) order by row_number",
        landed_path(home, table, delivery_id),
    )


def attach_landing(
    connection: DuckDBPyConnection,
    home: Home,
    vintage_hash: str,
    releases: Sequence[Path] | None = None,
) -> None:
    """Make schema ``landing`` of a vintage: its deliveries, its corrections, and what landed.

    Tables ``vintage`` and ``corrections``, one view a canonical table, and what the home's releases
    say of their reviews: those before the vintage's own, unless ``releases`` names them.

    The views show the vintage's deliveries, accepted or set aside. VintageError when there is no
    such vintage, or somebody was erased from it since.
    """
    vintage = load_vintage(home, vintage_hash)
    check_rebuildable(home, vintage)
    show_landed(connection, home, vintage.deliveries)
    connection.execute(
        "create or replace table landing.vintage as "
        "select * from read_parquet($path) order by delivery_id",
        {"path": str(vintage.path)},
    )
    connection.execute(
        "create or replace table landing.corrections as "
        "select * from read_parquet($path) order by table_name, delivery_id, row_number, field",
        {"path": str(vintage.path.with_name(CORRECTIONS))},
    )
    if releases is None:
        releases = earlier_releases(home.releases, vintage_hash)
    attach_facts(connection, releases)


def show_landed(connection: DuckDBPyConnection, home: Home, deliveries: Iterable[str]) -> None:
    """Make schema ``landing`` with one view a canonical table over some deliveries' rows.

    A view has ``delivery_id``, the contract's columns and ``row_number``; it is empty, and typed,
    where no delivery brought the table.
    """
    connection.execute("create schema if not exists landing")
    create_code_type(connection)
    ids = sorted(deliveries)
    for table in contracts():
        view = landed_view(home, table, ids)
        connection.execute(f"create or replace view landing.{table} as {view}")


def create_code_type(connection: DuckDBPyConnection) -> None:
    """Make the type ``code``: every word of the contracts' code lists, in alphabetical order.

    A column of it takes a byte or two a row where its text would take sixteen, and sorts alike.
    """
    words = {"several", UNKNOWN}
    for contract in contracts().values():
        words.update(*(contract.codes(column) or () for column in contract.columns))
    listed = ", ".join(f"'{word}'" for word in sorted(words))
    connection.execute(f"create type if not exists code as enum ({listed})")


def landed_view(home: Home, table: str, deliveries: Iterable[str]) -> str:
    """The query behind such a view."""
    parts = [landed_path(home, table, one) for one in sorted(deliveries)]
    return _view(contracts()[table], [part for part in parts if part.exists()])


def _view(contract: Contract, parts: list[Path]) -> str:
    names = ", ".join(column.name for column in contract.columns)
    if parts:
        paths = ", ".join("'" + str(part).replace("'", "''") + "'" for part in parts)
        return (
            f"select delivery as delivery_id, {names}, row_number from read_parquet([{paths}], "
            "hive_partitioning = true, hive_types = {'delivery': varchar})"
        )
    nulls = ", ".join(f"null::{column.sql_type} as {column.name}" for column in contract.columns)
    return f"select null::varchar as delivery_id, {nulls}, null::bigint as row_number where false"
