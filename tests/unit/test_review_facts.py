"""What releases tell the warehouse of their reviews: written once, checked, seen as two tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.participation.facts import FactsError, attach_facts, fact_tables, write_facts

VERDICT = {
    "country": "ZZ",
    "release_period": "2024Q3",
    "version": 1,
    "indicator_id": "remedy_paid",
    "verdict": "endorsed",
}
ITEM = {
    "country": "ZZ",
    "release_period": "2024Q3",
    "version": 1,
    "item": "objection 1",
    "kind": "objection",
    "due_month": 24296,
    "on_time": "yes",
    "closed_month": None,
    "changed": "unknown",
}


def facts(**changes: Any) -> dict[str, pa.Table]:
    rows = {"review_verdicts": VERDICT, "review_items": ITEM}
    return {
        name: pa.Table.from_pylist([{k: changes.get(k, v) for k, v in row.items()}])
        for name, row in rows.items()
    }


def attached(*releases: Path) -> dict[str, list[dict[str, Any]]]:
    with duckdb.connect() as connection:
        attach_facts(connection, releases)
        return {
            name: connection.sql(f"from landing.{name} order by all").to_arrow_table().to_pylist()
            for name in fact_tables()
        }


def test_facts_of_every_release_are_seen_together(tmp_path: Path) -> None:
    first, second = tmp_path / "2024Q3" / "v1", tmp_path / "2024Q4" / "v1"
    write_facts(first, facts())
    write_facts(second, facts(release_period="2024Q4", verdict="objected"))
    found = attached(second, first)
    assert found["review_items"] == [ITEM, {**ITEM, "release_period": "2024Q4"}]
    verdicts = [(row["release_period"], row["verdict"]) for row in found["review_verdicts"]]
    assert verdicts == [("2024Q3", "endorsed"), ("2024Q4", "objected")]


def test_before_a_first_release_the_tables_are_empty(tmp_path: Path) -> None:
    assert attached(tmp_path / "no release") == {"review_verdicts": [], "review_items": []}


def test_the_same_facts_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_facts(tmp_path / name, facts())
    paths = [sorted((tmp_path / name).rglob("*.parquet")) for name in ("a", "b")]
    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]


def test_a_code_that_the_table_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(FactsError, match=r"review_verdicts\.verdict: liked is none of endorsed, "):
        write_facts(tmp_path, facts(verdict="liked"))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    given = facts()
    given["review_items"] = given["review_items"].drop_columns(["due_month"])
    with pytest.raises(FactsError, match=r"review_items: the columns are .*due_month"):
        write_facts(tmp_path, given)
