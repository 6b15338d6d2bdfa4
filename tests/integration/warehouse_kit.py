"""Build a warehouse from plain rows, with the real dbt, as production does.

The rule: a test states only the columns it is about. Everything else is filled as the landing area
fills an empty field: NULL, or ``unknown`` for a coded column (the contracts say which is which).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.adapters.factory import reset_adapters
from dbt.cli.main import dbtRunner

from pipelines.deliveries import create_code_type
from pipelines.deliveries.contract import UNKNOWN, contracts
from pipelines.participation.facts import fact_tables
from pipelines.paths import DBT_PROJECT
from pipelines.periods import Period, month_number

Row = Mapping[str, Any]

VINTAGE_TYPES = {
    "delivery_id": "varchar",
    "status": "varchar",
    "source": "varchar",
    "provider_key": "varchar",
    "country": "varchar",
    "period": "varchar",
    "period_first_month": "integer",
    "period_last_month": "integer",
    "sent_month": "integer",
    "synthetic": "boolean",
    "cutoff_month": "integer",
    "erasures": "varchar",
    "corrections": "varchar",
    "drifted": "varchar",
    "corrects": "boolean",
}

CORRECTION_TYPES = {
    "correction": "varchar",
    "delivery_id": "varchar",
    "table_name": "varchar",
    "row_number": "bigint",
    "field": "varchar",
    "from_value": "varchar",
    "to_value": "varchar",
}


def key(name: str | int) -> str:
    """A contract key (32 hex digits) that a test can name."""
    return f"{name}".encode().hex().rjust(32, "0")


def person_id(person_key: str, country: str = "ZZ") -> str:
    """The number that the warehouse gives a delivered key, as an SQL expression."""
    return f"cast(hash('{country}', '{person_key}') >> 1 as bigint)"


def delivery(
    delivery_id: str = "d1",
    *,
    provider: str = "provider",
    country: str = "ZZ",
    period: str = "2015-2024",
    cutoff: str = "2024-12",
    source: str = "service_provider",
    status: str = "accepted",
) -> dict[str, Any]:
    """A row of the vintage; the period text and the cut-off month become integers."""
    span = Period.parse(period)
    return {
        "delivery_id": delivery_id,
        "status": status,
        "source": source,
        "provider_key": key(provider),
        "country": country,
        "period": period,
        "period_first_month": span.first,
        "period_last_month": span.last,
        "sent_month": span.last + 1,
        "synthetic": True,
        "cutoff_month": month_number(cutoff),
        "erasures": "",
        "corrections": "",
        "drifted": "",
        "corrects": False,
    }


def build_warehouse(
    tmp_path: Path,
    tables: Mapping[str, Sequence[Row]],
    select: str | None = None,
    *,
    threads: int = 2,
) -> Path:
    """Land the rows, run dbt (models and data tests), and return the DuckDB file.

    ``tables`` maps canonical tables, facts of reviews, ``vintage`` and ``corrections`` to rows;
    absent tables are empty, an absent vintage is one delivery ``d1`` of 2015 to 2024. A row without
    ``delivery_id`` belongs to the vintage's first delivery, and every row takes the provider of its
    delivery.
    """
    return build_over(tmp_path, lambda to: land(to, tables), select, threads=threads)


def build_over(
    tmp_path: Path,
    fill: Callable[[duckdb.DuckDBPyConnection], None],
    select: str | None = None,
    *,
    threads: int = 2,
) -> Path:
    """Run dbt over a new DuckDB file whose schema ``landing`` a function fills; return the file."""
    work = _workspace(threads)
    building = work / "building.duckdb"
    building.unlink(missing_ok=True)
    with closing(duckdb.connect(str(building))) as connection:
        fill(connection)
        _fill_facts(connection)
    run_dbt(work, building, threads, "build", "--exclude-resource-type", "unit_test", select=select)
    finished = tmp_path / "warehouse.duckdb"
    shutil.move(building, finished)
    return finished


def query(warehouse: Path, sql: str) -> list[dict[str, Any]]:
    """The rows of a query as dicts."""
    with closing(duckdb.connect(str(warehouse), read_only=True)) as connection:
        return connection.sql(sql).to_arrow_table().to_pylist()


def compile_macro(template: str) -> str:
    """The SQL that a call of a project macro becomes, for a test to run on data of its own."""
    work = _workspace(2)
    result = run_dbt(work, work / "compiling.duckdb", 2, "compile", "--inline", template)
    return str(result.results[0].node.compiled_code)


def land(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Sequence[Row]]) -> None:
    """Fill the ``landing`` schema of a new DuckDB file with plain rows."""
    vintage = list(tables.get("vintage") or [delivery()])
    providers = {row["delivery_id"]: row["provider_key"] for row in vintage}
    connection.execute("create schema landing")
    create_code_type(connection)
    _create(connection, "vintage", VINTAGE_TYPES, vintage)
    _create(connection, "corrections", CORRECTION_TYPES, tables.get("corrections", []))
    for name, facts in fact_tables().items():
        given = {column.name: column.type for column in facts.columns}
        _create(connection, name, given, tables.get(name, []))
    for name, contract in contracts().items():
        types = {column.name: column.sql_type for column in contract.columns}
        filled = {column.name: UNKNOWN for column in contract.columns if column.coded}
        rows = []
        for number, row in enumerate(tables.get(name, []), start=1):
            landed = {"delivery_id": vintage[0]["delivery_id"], "row_number": number, **row}
            known = {k: v for k, v in landed.items() if v is not None}
            own = {"provider_key": providers[landed["delivery_id"]]}
            rows.append(filled | own | known)
        _create(connection, name, types | {"row_number": "bigint", "delivery_id": "varchar"}, rows)


def _fill_facts(connection: duckdb.DuckDBPyConnection) -> None:
    """Facts of reviews that a test says nothing of are empty."""
    there = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'landing'"
        ).fetchall()
    }
    for name, facts in fact_tables().items():
        if name not in there:
            connection.execute(f"create view landing.{name} as {facts.empty}")


def run_dbt(
    work: Path, warehouse: Path, threads: int, *arguments: str, select: str | None = None
) -> Any:
    """One dbt command's result, run in this process; AssertionError names each node that failed."""
    environment = {
        "OBSERVATORY_WAREHOUSE": str(warehouse),
        "OBSERVATORY_THREADS": str(threads),
        "DO_NOT_TRACK": "1",
    }
    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    output = ["--target-path", str(work / "target"), "--log-path", str(work / "logs"), "--quiet"]
    chosen = ["--select", select] if select else []
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        result = dbtRunner().invoke([*arguments, *folders, *output, *chosen])
    finally:
        os.environ.clear()
        os.environ.update(before)
        _let_go_of_the_file()
    results = getattr(result.result, "results", [])
    failed = [f"{r.node.name}: {r.message}" for r in results if r.status in _FAILED]
    assert result.success, "\n".join(failed) or str(result.exception)
    return result.result


def _let_go_of_the_file() -> None:
    """The adapter keeps its DuckDB instance for the process; the file is whole only once closed."""
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager.env().close()
    DuckDBConnectionManager.close_all_connections()
    reset_adapters()


_FAILED = {"error", "fail", "runtime error"}


@cache
def _workspace(threads: int) -> Path:
    """One folder a session and thread count: dbt parses anew when its environment changes."""
    return Path(tempfile.mkdtemp(prefix=f"observatory-dbt-{threads}-"))


def _create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    types: Mapping[str, str],
    rows: Sequence[Row],
) -> None:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
    connection.execute(f"create table landing.{name} ({columns})")
    if rows:
        unknown = sorted({column for row in rows for column in row} - set(types))
        assert not unknown, f"{name} has no column {', '.join(unknown)}"
        given = pa.table({column: [row.get(column) for row in rows] for column in types})
        connection.register("given", given)
        connection.execute(f"insert into landing.{name} select * from given")
        connection.unregister("given")
