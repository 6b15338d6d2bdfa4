"""CSV, Parquet and XLSX files as text columns in DuckDB, in file order.

Rule guarded: every row arrives or the file is refused with the line that stopped it. Error messages
are our own, for the engine's quote the line, and the line may hold what must not be kept.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.findings import Refused, refusal
from pipelines.deliveries.readers.base import Raw

_BATCH = 20_000


def load(
    connection: DuckDBPyConnection, file: Path, path: str, relation: str, delimiter: str = ","
) -> Raw:
    """Load a file by its suffix; Refused (step 1) when it can't be read whole.

    ``delimiter`` is that of CSV files.
    """
    suffix = file.suffix.lower()
    loaders: dict[str, Callable[[DuckDBPyConnection, Path, str, str], list[str]]] = {
        ".csv": partial(_csv, delimiter=delimiter),
        ".parquet": _parquet,
        ".xlsx": _xlsx,
    }
    load_one = loaders.get(suffix)
    if load_one is None:
        raise refusal(1, "file_type", "only .csv, .parquet and .xlsx files are read", path)
    uneven = False
    try:
        try:
            names = load_one(connection, file, path, relation)
        except duckdb.InvalidInputException:
            if suffix != ".csv":
                raise
            names = _uneven_csv(connection, file, path, relation, delimiter)
            uneven = True
    except (duckdb.Error, csv.Error, OSError, KeyError, ValueError) as error:
        place = re.search(r"(?:Line: |row )(\d+)", str(error))
        where = f" at row {place[1]}" if place else ""
        raise refusal(
            1,
            "unreadable_file",
            f"it can't be read as {suffix[1:]}{where}: no row may have more fields than the "
            f"header; separate them by {delimiter!r} and put text in double quotes",
            path,
        ) from None
    return Raw(relation, {name: f"c{place}" for place, name in enumerate(names)}, uneven)


def _checked_names(names: list[str], path: str) -> list[str]:
    if not names or not all(names):
        raise refusal(1, "header", "the first row must name every column", path)
    if len({name.casefold() for name in names}) < len(names):
        raise refusal(1, "duplicate_column", "two columns have the same name", path)
    return names


def _csv(
    connection: DuckDBPyConnection, file: Path, path: str, relation: str, delimiter: str
) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        names = _checked_names(next(csv.reader(text, delimiter=delimiter), []), path)
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(len(names)))
    connection.execute(
        f"create or replace table {relation} as select * from read_csv(?, columns = {{{columns}}}, "
        f"auto_detect = false, header = true, delim = '{delimiter}', quote = '\"', escape = '\"', "
        "nullstr = '', strict_mode = true, max_line_size = 2000000)",
        [str(file)],
    )
    return names


def _uneven_csv(
    connection: DuckDBPyConnection, file: Path, path: str, relation: str, delimiter: str
) -> list[str]:
    """A CSV with rows that end early, row by row: slow, exact, and met only in damaged files."""
    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = csv.reader(text, strict=True, delimiter=delimiter)
        names = _checked_names(next(rows, []), path)
        filled = ([cell or None for cell in row] for row in rows if row)
        _insert(connection, relation, len(names), filled)
    return names


def _parquet(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> list[str]:
    described = connection.execute("describe select * from read_parquet(?)", [str(file)]).fetchall()
    names = _checked_names([name for name, *_ in described], path)
    texts = ", ".join(
        f"nullif({_parquet_text(name, kind)}, '') as c{place}"
        for place, (name, kind, *_) in enumerate(described)
    )
    connection.execute(
        f"create or replace table {relation} as select {texts} from read_parquet(?)", [str(file)]
    )
    return names


def _parquet_text(name: str, kind: str) -> str:
    """A typed column as the contract spells it: data frames keep counts with gaps as floats."""
    column = '"' + name.replace('"', '""') + '"'
    if kind == "BOOLEAN":
        return f"case {column} when true then 'yes' when false then 'no' end"
    if kind in ("FLOAT", "DOUBLE"):
        whole = f"{column} = trunc({column}) and abs({column}) < 1e15"
        return (
            f"case when isnan({column}) then null when {whole} then {column}::bigint::varchar "
            f"else {column}::varchar end"
        )
    return f"{column}::varchar"


def _xlsx(connection: DuckDBPyConnection, file: Path, path: str, relation: str) -> list[str]:
    book = None
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        if len(book.worksheets) != 1:
            raise refusal(1, "sheets", "the workbook must hold one sheet and no hidden ones", path)
        rows = book.worksheets[0].iter_rows()
        names = _checked_names([_text(cell) or "" for cell in next(rows, ())], path)
        filled = (row for row in (list(map(_text, cells)) for cells in rows) if any(row))
        _insert(connection, relation, len(names), filled)
    except Refused:
        raise
    except Exception as error:  # a damaged workbook fails in many ways, all of them ours to name
        raise ValueError(type(error).__name__) from None
    finally:
        if book is not None:
            book.close()
    return names


def _insert(
    connection: DuckDBPyConnection, relation: str, width: int, rows: Iterator[list[str | None]]
) -> None:
    """Create ``relation`` from rows; column ``fields`` says how many each row had."""
    schema = pa.schema([*((f"c{i}", pa.string()) for i in range(width)), ("fields", pa.int32())])
    batches = chain([schema.empty_table()], _batches(rows, width, schema))
    for place, batch in enumerate(batches):
        connection.register("part", batch)
        verb = f"insert into {relation}" if place else f"create or replace table {relation} as"
        connection.execute(f"{verb} select * from part")
        connection.unregister("part")


def _batches(rows: Iterator[list[str | None]], width: int, schema: pa.Schema) -> Iterator[pa.Table]:
    done = 0
    while batch := list(islice(rows, _BATCH)):
        for place, row in enumerate(batch, done + 1):
            if any(row[width:]):
                raise ValueError(f"row {place} has more fields than the header")
        done += len(batch)
        padded = [[*row, *[None] * (width - len(row))][:width] for row in batch]
        fields = pa.array([len(row) for row in batch], pa.int32())
        columns = [pa.array(column, pa.string()) for column in zip(*padded, strict=True)]
        yield pa.Table.from_arrays([*columns, fields], schema=schema)


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
