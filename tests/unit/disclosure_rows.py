"""Contracted rows for tests of disclosure control, from the few numbers a test is about."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.disclosure.earlier import HELD
from pipelines.disclosure.table import ROW_SCHEMA
from pipelines.release.columns import COLUMNS
from pipelines.release.write_csv import write_csv
from pipelines.release.write_parquet import write_parquet
from tests import candidate_kit


def row(
    numerator: Decimal | int | None, denominator: Decimal | int | None, **other: Any
) -> dict[str, Any]:
    """One row of method P for the quarter 2024Q4 and the total, unless told otherwise."""
    return {
        "indicator_id": "remedy_granted",
        "country": "ZZ",
        "period": "2024Q4",
        "cohort": "",
        "measure": "value",
        "horizon_months": None,
        "breakdown": "total",
        "category": "",
        "numerator": numerator,
        "denominator": denominator,
        "unknown": 0,
        "units": denominator,
        "at_risk": None,
        "known_share": 1.0,
        "estimate": 0.5,
        "ci_low": 0.4,
        "ci_high": 0.6,
        "std_error": 0.01,
        "unit": "share",
        "method": "P",
        "flag": "",
        **other,
    }


def table(*rows: dict[str, Any]) -> pa.Table:
    """The rows as the contracted Arrow table."""
    return pa.Table.from_pylist(list(rows), schema=ROW_SCHEMA)


def write_folder(rows: list[dict[str, Any]], folder: Path) -> Path:
    """The files of a candidate that the audit reads."""
    (folder / "methodology").mkdir(parents=True)
    full = pa.Table.from_pylist(
        [{c.name: one.get(c.name, "" if c.kind == "string" else None) for c in COLUMNS}
         | ({"caveats": HELD} if one.get("held") else {}) for one in rows]
    )  # fmt: skip
    with duckdb.connect() as connection:
        connection.register("rows", full)
        columns = ", ".join(f"cast({c.name} as {c.sql_type}) as {c.name}" for c in COLUMNS)
        figures = connection.sql(f"select {columns} from rows").to_arrow_table()
    write_csv(figures, folder / "indicators.csv")
    write_parquet(figures, folder / "indicators.parquet")
    entries = [entry.model_dump() for entry in candidate_kit.registry().indicators.values()]
    (folder / "methodology" / "registry.json").write_text(json.dumps({"indicators": entries}))
    return folder
