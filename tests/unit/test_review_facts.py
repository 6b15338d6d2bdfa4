"""What releases tell the warehouse of their reviews: written once, checked, seen as two tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.participation.facts import (
    FOLDER,
    FactsError,
    attach_facts,
    fact_tables,
    releases_seen,
    write_facts,
)
from pipelines.release.manifest import MANIFEST, file_entry, manifest_of

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


def released(folder: Path, **changes: Any) -> Path:
    """A release folder with its facts and a manifest."""
    write_facts(folder, facts(**changes))
    (folder / MANIFEST).write_bytes(manifest_of(folder))
    return folder


def attached(*releases: Path) -> dict[str, list[dict[str, Any]]]:
    with duckdb.connect() as connection:
        attach_facts(connection, releases)
        return {
            name: connection.sql(f"from landing.{name} order by all").to_arrow_table().to_pylist()
            for name in fact_tables()
        }


def test_facts_of_every_release_are_seen_together(tmp_path: Path) -> None:
    first, second = tmp_path / "ZZ" / "2024Q3" / "v1", tmp_path / "ZZ" / "2024Q4" / "v1"
    released(first)
    released(second, release_period="2024Q4", verdict="objected")
    found = attached(second, first)
    assert found["review_items"] == [ITEM, {**ITEM, "release_period": "2024Q4"}]
    verdicts = [(row["release_period"], row["verdict"]) for row in found["review_verdicts"]]
    assert verdicts == [("2024Q3", "endorsed"), ("2024Q4", "objected")]


def test_before_a_first_release_the_tables_are_empty() -> None:
    assert attached() == {"review_verdicts": [], "review_items": []}


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


def test_a_warehouse_says_whose_facts_it_has(tmp_path: Path) -> None:
    folders = [released(tmp_path / "ZZ" / "2024Q3" / f"v{number}") for number in (1, 2)]
    folders.append(released(tmp_path / "AA" / "2024Q3" / "v1"))
    with duckdb.connect() as connection:
        attach_facts(connection, folders)
        found = releases_seen(connection)
    manifests = [file_entry(folder / MANIFEST)["sha256"] for folder in folders]
    assert found == {"ZZ": manifests[:2], "AA": manifests[2:]}


def test_facts_that_were_changed_after_signing_are_named(tmp_path: Path) -> None:
    release = released(tmp_path / "ZZ" / "2024Q3" / "v1")
    other = released(tmp_path / "ZZ" / "2024Q3" / "v2", verdict="objected")
    (other / FOLDER / "review_verdicts.parquet").rename(
        release / FOLDER / "review_verdicts.parquet"
    )
    with pytest.raises(
        FactsError, match=r"v1/council/facts/review_verdicts\.parquet is not the file"
    ):
        attached(release)
