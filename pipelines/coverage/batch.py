"""Some hundred seeds as countries of one warehouse: the production models, then their figures.

Rule guarded: the figures are computed by the models and the survey estimator that run in
production. Two things differ, both to save work: rows come from the generator's memory and not
through the gate, and only totals of whole years are estimated (quarters, pooled years and
breakdowns are other sums of the same counts).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.dbt_command import run_dbt
from pipelines.deliveries import create_code_type
from pipelines.deliveries.contract import contracts
from pipelines.deliveries.forms import where_empty
from pipelines.estimation.survey import ITEMS, estimate_shares
from pipelines.participation.facts import fact_tables
from pipelines.synthetic.at_once import Run, rows_of

PROCESSES = os.cpu_count() or 1
# Threads within a process would only wait for one another. Read when a process imports polars.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
_SLICE = 25
"""Runs that one file of a landed table holds."""
_SHARES = "fct_survey_shares"

FIGURES = """
select
    country,
    indicator_id,
    measure,
    horizon_months,
    period,
    cohort,
    method,
    denominator::double as denominator,
    estimate,
    ci_low,
    ci_high,
    std_error,
    flag
from ({union}) as estimates
where
    breakdown = 'total'
    and estimate is not null
    and regexp_full_match(cohort, '([0-9]{{4}})?')
"""


def figures_of(runs: Sequence[Run], work: Path) -> pa.Table:
    """The yearly totals of all runs (columns of FIGURES); ``work`` is an empty folder."""
    slices = [list(runs[first : first + _SLICE]) for first in range(0, len(runs), _SLICE)]
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(write_landed, slices, range(len(slices)), [work] * len(slices)))
        warehouse = work / "warehouse.duckdb"
        with duckdb.connect(str(warehouse)) as connection:
            land_written(connection, work)
        _dbt(warehouse, work, "path:models/staging", "path:models/core", "--exclude", _SHARES)
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("delete from core.dim_period where kind <> 'year'")
            connection.execute("update core.dim_period set dimensions = 0")
            asked = [_survey(connection, [run.country for run in some]) for some in slices]
            shares = pa.concat_tables(pool.map(_shares, *zip(*asked, strict=True)))
            connection.register("shares", shares)
            connection.execute(f"create table core.{_SHARES} as from shares")
    _dbt(warehouse, work, "path:models/indicators")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'indicators' "
            "order by table_name"
        ).fetchall()
        union = " union all ".join(f"select * from indicators.{name}" for (name,) in tables)
        return connection.sql(FIGURES.format(union=union)).to_arrow_table()


def write_landed(runs: Sequence[Run], number: int, work: Path) -> None:
    """Each table as one Parquet file, ``work``/table/number, as the gate would have landed it."""
    made = [rows_of(run) for run in runs]
    with duckdb.connect() as connection:
        connection.execute("set threads = 1")
        for name, contract in contracts().items():
            rows = pa.concat_tables([one.tables[name] for one in made])
            kind = contract.variants.column if contract.variants else ""
            columns = []
            for column in contract.columns:
                given = column.name if column.name in rows.column_names else "null"
                empty = where_empty(contract, column, kind)
                columns.append(
                    f"coalesce(cast({given} as {column.sql_type}), {empty}) as {column.name}"
                )
            chosen = ", ".join(["delivery_id", "row_number", *columns])
            _copy(connection, rows, f"select {chosen} from rows", work / name / f"{number}.parquet")
        vintage = pa.concat_tables([one.vintage for one in made])
        _copy(connection, vintage, "from rows", work / "vintage" / f"{number}.parquet")


def _copy(connection: duckdb.DuckDBPyConnection, rows: pa.Table, query: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    connection.register("rows", rows)
    connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def land_written(connection: duckdb.DuckDBPyConnection, work: Path) -> None:
    """Show what ``write_landed`` wrote as the schema ``landing`` of a new warehouse."""
    connection.execute("create schema landing")
    create_code_type(connection)
    for name in (*contracts(), "vintage"):
        connection.execute(
            f"create view landing.{name} as from read_parquet('{work / name}/*.parquet')"
        )
    connection.execute(
        "create table landing.corrections (correction varchar, delivery_id varchar, "
        "table_name varchar, row_number bigint, field varchar, from_value varchar, "
        "to_value varchar)"
    )
    for name, facts in fact_tables().items():
        connection.execute(f"create view landing.{name} as {facts.empty}")


def _survey(
    connection: duckdb.DuckDBPyConnection, countries: list[str]
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """What the survey estimator reads of some countries: one year, which is costly enough."""
    chosen = ", ".join(f"'{country}'" for country in countries)
    tables = []
    for name in ("fct_survey_responses", "fct_survey_frame", "dim_period"):
        last = " and last_month = cutoff_month" if name == "dim_period" else ""
        query = f"from core.{name} where country in ({chosen}){last}"
        tables.append(connection.sql(query).to_arrow_table())
    responses, frame, periods = tables
    return responses, frame, periods


def _shares(responses: pa.Table, frame: pa.Table, periods: pa.Table) -> pa.Table:
    return estimate_shares(responses, frame, periods, ITEMS)


def _dbt(warehouse: Path, work: Path, *selected: str) -> None:
    target = work.parent / "target"
    run_dbt("run", "--select", *selected, warehouse=warehouse, target=target, threads=PROCESSES)
