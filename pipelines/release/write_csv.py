"""indicators.csv: UTF-8, RFC 4180 (comma, CRLF, quotes only where needed), sorted by key.

The rule: no cell may run as a formula when a spreadsheet opens the file. A text cell that begins
with a sign that starts one is written behind an apostrophe. Counts are written without decimals,
sums of money and estimates with two.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.release.columns import COLUMNS, Column

_FORMULA = r"^[=+@\t\r-]"


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


def inert(text: str) -> str:
    """A text as a cell: behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{text}" if re.match(_FORMULA, text) else text


def _text(column: Column) -> str:
    if column.kind == "string":
        return (
            f"if(regexp_matches({column.name}, '{_FORMULA}'), '''' || {column.name}, {column.name})"
        )
    if column.name in ("numerator", "denominator"):
        return (
            f"if(method <> 'R' and {column.name} = trunc({column.name}), "
            f"cast(cast({column.name} as hugeint) as varchar), cast({column.name} as varchar))"
        )
    return f"cast({column.name} as varchar)"
