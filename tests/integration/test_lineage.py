"""Lineage: an indicator rests on the columns its own plan reads, and on no others."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from pipelines.lineage import read_lineage, without_breakdowns


def model(name: str, schema: str, code: str, *reads: str, **more: Any) -> dict[str, Any]:
    meta = {key: more.pop(key) for key in ("breakdowns", "decides") if key in more}
    return {
        "resource_type": "model", "name": name, "schema": schema, "compiled_code": code,
        "language": "sql", "depends_on": {"nodes": [f"model.{one}" for one in reads]},
        "config": {"meta": meta}, "columns": {}, **more,
    }  # fmt: skip


STAGED = model(
    "stg_cases",
    "staging",
    "select case_key, gender as sex, outcome, month, country, note from landing.cases",
)
PUBLISHED = model(
    "dim_published",
    "core",
    "select country from staging.stg_cases where note is not null",
    "stg_cases",
    decides="publication",
    columns={"country": {"name": "country", "data_type": "varchar"}},
)
INDICATOR = model(
    "ind_granted",
    "indicators",
    """
    with members as (
        select sex, country, outcome = 'granted' as yes
        from staging.stg_cases
        where month > 3
    )

    select
        country,
        case when grouping(sex) = 0 then 'sex' else 'total' end as breakdown,
        case when grouping(sex) = 0 then sex else '' end as category,
        count(*) filter (yes) as numerator
    from members
    semi join core.dim_published using (country)
    group by grouping sets ((country), (country, sex))
    """,
    "stg_cases",
    "dim_published",
    breakdowns=["sex"],
)


@pytest.fixture
def landed() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema landing")
    columns = ("case_key", "gender", "outcome", "country", "note", "unread")
    types = ", ".join(f"{name} varchar" for name in columns)
    connection.execute(f"create table landing.cases ({types}, month integer)")
    return connection


def rests_on(
    connection: duckdb.DuckDBPyConnection, *models: dict[str, Any]
) -> set[tuple[str, ...]]:
    nodes = {f"model.{one['name']}": one for one in models}
    rows = read_lineage(connection, {"nodes": nodes}).to_pylist()
    return {(row["indicator_id"], row["column_name"], row["breakdown"]) for row in rows}


def test_what_is_counted_or_filtered_touches_every_row_and_a_breakdown_only_its_own(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    assert rests_on(landed, INDICATOR, PUBLISHED, STAGED) == {
        ("granted", "country", ""),
        ("granted", "outcome", ""),
        ("granted", "month", ""),
        ("granted", "gender", "sex"),
    }


def test_a_column_touches_the_rows_that_cross_it_or_take_its_groups_together(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    staged = model(
        "stg_cases", "staging", "select country, gender as sex, note as age_band from landing.cases"
    )
    crossed = model(
        "ind_seen",
        "indicators",
        """
        select
            case
                when grouping(sex) = 0 and grouping(age_group) = 0 then 'sex*age_group'
                else 'total'
            end as breakdown,
            count(*) as numerator
        from (
            select *, case when age_band = '9-17' then 'child' else 'adult' end as age_group
            from staging.stg_cases
        ) as divided
        group by grouping sets ((country), (country, sex, age_group))
        """,
        "stg_cases",
        breakdowns=["sex", "age_band", "age_group", "sex*age_group"],
    )
    assert rests_on(landed, crossed, staged) == {
        ("seen", "country", ""),
        ("seen", "gender", "sex"),
        ("seen", "gender", "sex*age_group"),
        ("seen", "note", "age_band"),
        ("seen", "note", "age_group"),
        ("seen", "note", "sex*age_group"),
    }


def test_an_attribute_that_is_also_counted_touches_every_row(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    also = INDICATOR["compiled_code"].replace("month > 3", "month > 3 and sex <> 'unknown'")
    found = rests_on(landed, {**INDICATOR, "compiled_code": also}, PUBLISHED, STAGED)
    assert ("granted", "gender", "") in found


def test_a_model_in_another_language_rests_on_all_that_it_reads(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    columns = {"share": {"name": "share", "data_type": "double"}}
    python = model("fct_shares", "core", "def model(): ...", "stg_cases",
                   language="python", columns=columns)  # fmt: skip
    on_top = model("ind_share", "indicators", "select share from core.fct_shares", "fct_shares")
    found = rests_on(landed, STAGED, python, on_top)
    assert {column for _, column, _ in found} == {
        "case_key", "gender", "outcome", "month", "country", "note"
    }  # fmt: skip


def test_without_its_breakdowns_a_statement_counts_the_whole(
    landed: duckdb.DuckDBPyConnection,
) -> None:
    code = without_breakdowns(
        "select a, case when grouping(b) = 0 then b else 'all' end as what, count(*) as n "
        "from (values (1, 'x'), (1, 'y')) as t (a, b) group by grouping sets ((a), (a, b))"
    )
    assert landed.sql(code).fetchall() == [(1, "all", 2)]
