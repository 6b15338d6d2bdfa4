"""Tables into files whose bytes depend on nothing but the table: no clock, no thread count.

CSV and Parquet come from one-thread writers; workbooks and zips, whose libraries stamp the time,
are packed again with a fixed one.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.csv

from pipelines.synthetic.providers import CSV, PARQUET, XLSX

_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


class TableWriter:
    """Writes tables as csv, parquet or xlsx; holds the one connection that Parquet needs."""

    def __init__(self) -> None:
        """Open it; use as a context manager."""
        self._connection = duckdb.connect(config={"threads": 1})

    def __enter__(self) -> TableWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def write(self, table: pa.Table, path: Path, form: str) -> None:
        """Write ``table`` to ``path`` in the form named."""
        if form == PARQUET:
            self._connection.register("rows_of_table", table)
            self._connection.execute(
                "copy (select * from rows_of_table) to ? (format parquet, compression snappy)",
                [str(path)],
            )
            self._connection.unregister("rows_of_table")
        else:
            {CSV: _csv, XLSX: _workbook}[form](table, path)


def _csv(table: pa.Table, path: Path) -> None:
    quoting = "needed" if "comment" in table.column_names else "none"
    options = pa.csv.WriteOptions(quoting_style=quoting, quoting_header="none", batch_size=16_384)
    pa.csv.write_csv(table, path, options)


def _workbook(table: pa.Table, path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.append(table.column_names)
    for batch in table.to_batches(max_chunksize=5_000):
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.append(row)
    stamped = path.with_suffix(".stamped")
    book.save(stamped)
    with zipfile.ZipFile(stamped) as packed, zipfile.ZipFile(path, "w") as settled:
        for name in sorted(packed.namelist()):
            content = packed.read(name)
            if name == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<2>", content)
            settled.writestr(_member(name), content, compresslevel=6)
    stamped.unlink()


def zip_folder(folder: Path) -> Path:
    """Pack a folder's files into ``<folder>.zip``, at its top, and remove the folder."""
    target = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.iterdir()):
            with file.open("rb") as source, archive.open(_member(file.name), "w") as packed:
                shutil.copyfileobj(source, packed, 1 << 20)
    shutil.rmtree(folder)
    return target


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member
