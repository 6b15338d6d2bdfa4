"""Which delivered columns each indicator rests on, as the database's own planner sees it.

Rule guarded: nobody keeps a list by hand. Every model becomes a view over empty landed tables; the
planner prunes what an indicator doesn't need, and what its plan still scans is what it rests on.
Planned again without its breakdowns, the columns that are gone serve breakdowns only: they touch
the rows of theirs, told by the names that staging gives. Models that only decide which periods may
be shown (``meta: decides: publication``) are left out. A model that is not SQL rests on all that it
reads.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

from pipelines.deliveries import create_code_type
from pipelines.registry import columns_behind

#: One row an indicator, landed column and breakdown; breakdown '' stands for every row.
LINEAGE_SCHEMA = pa.schema(
    [
        ("indicator_id", pa.string()),
        ("table_name", pa.string()),
        ("column_name", pa.string()),
        ("breakdown", pa.string()),
    ]
)
#: The only optimizers wanted: others cost time, or drop whole scans because the tables are empty.
_OPTIMIZERS = ("unused_columns", "cte_inlining")
_DIALECT = "duckdb"
_Columns = frozenset[tuple[str, str]]


def write_lineage(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> None:
    """Write table ``landing.lineage`` (``LINEAGE_SCHEMA``) into a warehouse.

    ``manifest`` is dbt's, after the models were compiled.
    """
    connection.register("lineage_rows", read_lineage(connection, manifest))
    connection.execute("create or replace table landing.lineage as select * from lineage_rows")
    connection.unregister("lineage_rows")


def read_lineage(connection: duckdb.DuckDBPyConnection, manifest: Mapping[str, Any]) -> pa.Table:
    """Rows of ``LINEAGE_SCHEMA`` in key order, for every ``ind_`` model of a manifest.

    ``connection`` shows schema ``landing``, of which only the columns' types are read.
    """
    models = {
        key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    with duckdb.connect() as database:
        _keep_optimizers(database)
        _copy_landing(connection, database)
        plans = _Plans(database, models)
        rows = sorted(
            (node["name"].removeprefix("ind_"), *touched)
            for node in models.values()
            if node["name"].startswith("ind_")
            for touched in plans.touched(node)
        )
    columns = list(zip(*rows, strict=True)) or [()] * len(LINEAGE_SCHEMA)
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=LINEAGE_SCHEMA)


def without_breakdowns(code: str) -> str:
    """A statement that counts the whole alone: of its grouping sets it keeps the first."""
    tree = sqlglot.parse_one(code, dialect=_DIALECT)
    for case in list(tree.find_all(exp.Case)):
        if any(branch.find(exp.Grouping) for branch in case.args["ifs"]):
            case.replace(case.args["default"])
    for group in tree.find_all(exp.Group):
        if sets := group.find(exp.GroupingSets):
            first = sets.expressions[0]  # one column comes in brackets, several as a tuple
            group.set("expressions", [one.copy() for one in first.expressions or [first.this]])
    return tree.sql(dialect=_DIALECT)


class _Plans:
    """dbt's models as views over empty tables, and what plans over them scan."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, models: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._database = database
        self._models = models
        self._behind: dict[str, _Columns] = {}  # by relation that is a table here
        self._made: set[str] = set()
        for key in models:
            self._make(key)
        self._names: dict[tuple[str, str], set[str]] = defaultdict(set)
        for table, column, name in self._staged_names():
            self._names[table, column].add(name)

    def touched(self, node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        """Table, column and breakdown of all that touches an indicator's rows."""
        breakdowns = set(node["config"]["meta"].get("breakdowns", []))
        always = self._scanned(without_breakdowns(node["compiled_code"]))
        for table, column in self._scanned(node["compiled_code"]):
            names = self._names[table, column]
            served = {one for one in breakdowns if names & columns_behind(one)}
            if (table, column) in always or not served:
                yield table, column, ""
            else:
                yield from ((table, column, breakdown) for breakdown in served)

    def _make(self, key: str) -> None:
        if key in self._made or key not in self._models:
            return
        self._made.add(key)
        node = self._models[key]
        parents = node["depends_on"]["nodes"]
        for parent in parents:
            self._make(parent)
        relation = _relation(node)
        self._database.execute(f"create schema if not exists {node['schema']}")
        decides_publication = node["config"]["meta"].get("decides") == "publication"
        if node["language"] == "sql" and not decides_publication:
            self._database.execute(f"create view {relation} as {node['compiled_code']}")
            return
        columns = ", ".join(f"{c['name']} {c['data_type']}" for c in node["columns"].values())
        self._database.execute(f"create table {relation} ({columns})")
        read = [_relation(self._models[one]) for one in parents if one in self._models]
        scanned = [self._scanned(f"select * from {one}") for one in read]
        self._behind[relation] = frozenset() if decides_publication else frozenset().union(*scanned)

    def _scanned(self, statement: str) -> _Columns:
        plan = self._database.execute(f"explain (format json) {statement}").fetchall()[0][1]
        found: set[tuple[str, str]] = set()
        for scan in _scans(json.loads(plan)):
            relation = scan["Table"].split(".", 1)[1]
            columns = scan.get("Projections", [])
            columns = [columns] if isinstance(columns, str) else columns
            table = relation.removeprefix("landing.")
            found |= self._behind.get(relation, {(table, column) for column in columns})
        return frozenset(found)

    def _staged_names(self) -> Iterator[tuple[str, str, str]]:
        """Table, landed column and the name of a staged column made of it."""
        for node in self._models.values():
            if not node["name"].startswith("stg_"):
                continue
            table = node["name"].removeprefix("stg_")
            made = sqlglot.parse_one(node["compiled_code"], dialect=_DIALECT).find(exp.Select)
            for item in made.selects if made else []:
                for column in item.find_all(exp.Column):
                    yield table, column.name, item.alias_or_name


def _keep_optimizers(database: duckdb.DuckDBPyConnection) -> None:
    names = database.execute("select name from duckdb_optimizers() order by name").fetchall()
    others = ",".join(name for (name,) in names if name not in _OPTIMIZERS)
    database.execute(f"set disabled_optimizers = '{others}'")


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node['name']}"


def _scans(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What a plan says of each scan of a table."""
    for node in nodes:
        about = node.get("extra_info", {})
        if "Table" in about:
            yield about
        yield from _scans(node["children"])


def _copy_landing(
    connection: duckdb.DuckDBPyConnection, database: duckdb.DuckDBPyConnection
) -> None:
    database.execute("create schema landing")
    create_code_type(database)
    tables = connection.execute(
        """
        select table_name, string_agg(column_name || ' ' || data_type, ', ' order by column_index)
        from duckdb_columns()
        where schema_name = 'landing'
        group by table_name
        order by table_name
        """
    ).fetchall()
    for table, columns in tables:
        database.execute(f"create table landing.{table} ({columns})")
