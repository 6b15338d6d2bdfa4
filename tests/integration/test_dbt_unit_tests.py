"""The unit tests beside the indicator models, run on a warehouse in which no row has landed.

Such a warehouse must build too: every indicator is there and empty.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
from warehouse_kit import land, query, run_dbt

from pipelines.paths import INDICATOR_MODELS


def test_unit_tests_hold_and_an_empty_warehouse_builds(tmp_path: Path) -> None:
    warehouse = tmp_path / "empty.duckdb"
    with closing(duckdb.connect(str(warehouse))) as connection:
        land(connection, {})
    run_dbt(tmp_path, warehouse, 2, "build")

    built = query(
        warehouse,
        "select table_name from information_schema.tables where table_schema = 'indicators'",
    )
    assert {row["table_name"] for row in built} == {
        path.stem for path in INDICATOR_MODELS.glob("ind_*.sql")
    }
