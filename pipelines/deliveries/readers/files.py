"""CSV, Parquet and XLSX files as text columns in DuckDB, in file order.

Rule guarded: every row arrives or the file is refused with the line that stopped it. Error messages
are our own, for the engine's quote the line, and the line may hold what must not be kept.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.findings import Refused, refusal
from pipelines.deliveries.readers.base import Raw

_BATCH = 20_000


def load(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> Raw:
    """Load a file by its suffix; Refused (step 1) when it can't be read whole."""
    load_one = {".csv": _csv, ".parquet": _parquet, ".xlsx": _xlsx}.get(file.suffix.lower())
    if load_one is None:
        raise refusal(1, "file_type", "only .csv, .parquet and .xlsx files are read", path)
    try:
        names = load_one(connection, file, path, relation)
    except (duckdb.Error, OSError, KeyError, ValueError) as error:
        line = re.search(r"Line: (\d+)", str(error))
        where = f" at line {line[1]}" if line else ""
        raise refusal(
            1, "unreadable_file",
            f"it can't be read as {file.suffix[1:]}{where}: every row needs as many fields as the "
            "header, separated by commas, with text in double quotes", path,
        ) from None  # fmt: skip
    return Raw(relation, {name: f"c{place}" for place, name in enumerate(names)})


def _checked_names(names: list[str], path: str) -> list[str]:
    if not names or not all(names):
        raise refusal(1, "header", "the first row must name every column", path)
    if len({name.casefold() for name in names}) < len(names):
        raise refusal(1, "duplicate_column", "two columns have the same name", path)
    return names


def _csv(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        names = _checked_names(next(csv.reader(text), []), path)
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(len(names)))
    connection.execute(
        f"create or replace table {relation} as select * from read_csv(?, columns = {{{columns}}}, "
        "auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"', "
        "nullstr = '', strict_mode = true, max_line_size = 2000000)",
        [str(file)],
    )
    return names


def _parquet(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> list[str]:
    description = connection.execute("select * from read_parquet(?) limit 0", [str(file)])
    names = _checked_names([column[0] for column in description.description or []], path)
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    texts = ", ".join(f"nullif({q}::varchar, '') as c{i}" for i, q in enumerate(quoted))
    connection.execute(
        f"create or replace table {relation} as select {texts} from read_parquet(?)", [str(file)]
    )
    return names


def _xlsx(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> list[str]:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    try:
        if len(book.worksheets) != 1:
            raise refusal(1, "sheets", "the workbook must hold one sheet and no hidden ones", path)
        rows = book.worksheets[0].iter_rows()
        names = _checked_names([_text(cell) or "" for cell in next(rows, ())], path)
        schema = pa.schema([(f"c{place}", pa.string()) for place in range(len(names))])
        empty = schema.empty_table()
        connection.register("sheet_part", empty)
        connection.execute(f"create or replace table {relation} as select * from sheet_part")
        connection.unregister("sheet_part")
        filled = (row for row in (list(map(_text, cells)) for cells in rows) if any(row))
        for columns in _column_batches(filled, len(names)):
            connection.register("sheet_part", pa.Table.from_arrays(columns, schema=schema))
            connection.execute(f"insert into {relation} select * from sheet_part")
            connection.unregister("sheet_part")
    except Refused:
        raise
    except Exception as error:  # a damaged workbook fails in many ways, all of them ours to name
        raise ValueError(type(error).__name__) from None
    finally:
        book.close()
    return names


def _column_batches(rows: Iterator[list[str | None]], width: int) -> Iterator[list[pa.Array]]:
    while batch := list(islice(rows, _BATCH)):
        if any(value for row in batch for value in row[width:]):
            raise ValueError("a cell lies outside the header")
        padded = ([*row, *[None] * (width - len(row))][:width] for row in batch)
        yield [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]


def _text(cell: Any) -> str | None:
    """A cell as text. Spreadsheets turn a typed month into its first day; its format tells."""
    value = cell.value
    if isinstance(value, dt.datetime):
        shown = re.sub(r'\[[^\]]*\]|"[^"]*"', "", cell.number_format.lower())
        month_only = value.day == 1 and value.time() == dt.time() and "d" not in shown
        return value.strftime("%Y-%m") if month_only else value.isoformat(sep=" ")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value in (None, "") else str(value)
