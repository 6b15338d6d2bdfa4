"""indicators.csv: UTF-8, RFC 4180 (comma, CRLF, quotes only where needed), sorted by key.

The rule: no cell may run as a formula when a spreadsheet opens the file. A text cell that begins
with a sign that starts one is written behind an apostrophe. Counts are written without decimals,
sums of money and estimates with two.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.release.columns import COLUMNS, Column


def write_csv(figures: pa.Table, path: Path) -> None:
    """Write the table of ``release.columns.COLUMNS``, in the order it comes."""
    with duckdb.connect() as connection:
        connection.register("figures", figures)
        texts = ",\n".join(f"{_text(column)} as {column.name}" for column in COLUMNS)
        lines = connection.sql(f"select {texts} from figures").fetchall()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(column.name for column in COLUMNS)
        writer.writerows(lines)


def _text(column: Column) -> str:
    if column.kind == "string":
        return (
            f"if(regexp_matches({column.name}, '^[=+@\\t\\r-]'), '''' || {column.name}, "
            f"{column.name})"
        )
    if column.name in ("numerator", "denominator"):
        return (
            f"if(method <> 'R' and {column.name} = trunc({column.name}), "
            f"cast(cast({column.name} as hugeint) as varchar), cast({column.name} as varchar))"
        )
    return f"cast({column.name} as varchar)"
