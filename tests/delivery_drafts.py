"""Deliveries in memory that are sound until somebody spoils them, and how they get to disk."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.utils.exceptions import IllegalCharacterError

from pipelines.deliveries import contracts
from tests.deliveries_kit import PROVIDER, key, service_tables, survey_tables

Table = list[list[Any]]


@dataclass
class Draft:
    """A delivery in memory. A table's first row is its header.

    ``before`` and ``after`` spoil a file's bytes before and after they are hashed. ``planted`` is
    what must not be found in any home afterwards. ``rows`` stays true while a file's number of rows
    is known to be what its table says.
    """

    manifest: dict[str, Any]
    tables: dict[str, Table]
    suffix: str = "csv"
    newline: str = "\n"
    encoding: str = "utf-8"
    zipped: bool = False
    before: list[Callable[[bytes], bytes]] = field(default_factory=list)
    after: list[Callable[[bytes], bytes]] = field(default_factory=list)
    manifest_bytes: list[Callable[[bytes], bytes]] = field(default_factory=list)
    in_folder: list[Callable[[Path], None]] = field(default_factory=list)
    in_zip: list[Callable[[zipfile.ZipFile], None]] = field(default_factory=list)
    planted: list[str] = field(default_factory=list)
    rows_known: bool = True

    def any_table(self, random: Random) -> tuple[str, Table]:
        """Some table; it has a column, if need be a new one."""
        for rows in self.tables.values():
            if not rows or not rows[0]:
                rows[:1] = [["provider_key"]]
        return random.choice(list(self.tables.items()))

    def any_cell(self, random: Random) -> tuple[str, Table, int, int]:
        """A table by name and rows, and a place in it below its header."""
        name, rows = self.any_table(random)
        if len(rows) == 1:
            rows.append([""] * len(rows[0]))
        row = random.randrange(1, len(rows))
        rows[row] += [""] * (len(rows[0]) - len(rows[row]))
        return name, rows, row, random.randrange(len(rows[0]))


@cache
def _base(source: str) -> dict[str, Table]:
    """A small sound delivery's tables, every column of the contract in place."""
    if source == "survivor_survey":
        tables = survey_tables(8)
    elif source == "service_provider":
        tables = service_tables(6)
    else:
        months = ("2024-10", "2024-11", "2024-12")
        tables = {
            "inspections": [
                {
                    "inspection_key": key(f"inspection {i}"), "month": months[i % 3],
                    "region": "north", "sector": "A", "trigger": "routine", "workers_met": i,
                    "wages_owed": "100.50", "currency": "EUR",
                }
                for i in range(12)
            ]
        }  # fmt: skip
    return {
        table: [
            names := [column.name for column in contracts()[table].columns],
            *(
                [str({"provider_key": PROVIDER, **row}.get(name, "")) for name in names]
                for row in rows
            ),
        ]
        for table, rows in tables.items()
    }


def draft(source: str, suffix: str) -> Draft:
    """A sound delivery."""
    tables = {name: [list(row) for row in rows] for name, rows in _base(source).items()}
    manifest = {
        "contract": "v1", "source": source, "provider_key": PROVIDER, "country": "ZZ",
        "period": "2024Q4", "format": "canonical", "synthetic": True, "supersedes": None,
        "sent_month": "2025-01",
    }  # fmt: skip
    return Draft(manifest, tables, suffix)


def write(spoilt: Draft, folder: Path) -> Path:
    """Put a draft on disk: a folder, or a zip beside where it would be. Returns its path."""
    folder.mkdir()
    files = []
    for table, rows in spoilt.tables.items():
        content = _encoded(spoilt, rows)
        for change in spoilt.before:
            content = change(content)
        path = f"{table}.{spoilt.suffix}"
        files.append({"path": path, "table": table, "sha256": hashlib.sha256(content).hexdigest()})
        for change in spoilt.after:
            content = change(content)
        (folder / path).write_bytes(content)
    said = json.dumps({"files": files, **spoilt.manifest}).encode()
    for change in spoilt.manifest_bytes:
        said = change(said)
    (folder / "delivery.json").write_bytes(said)
    for add in spoilt.in_folder:
        add(folder)
    if not spoilt.zipped:
        return folder
    packed = folder.with_suffix(".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.iterdir()):
            if file.is_file():
                archive.write(file, file.name)
        for put in spoilt.in_zip:
            put(archive)
    for change in spoilt.after:
        packed.write_bytes(change(packed.read_bytes()))
    return packed


def _encoded(spoilt: Draft, rows: Table) -> bytes:
    if spoilt.suffix == "parquet":
        return _parquet(rows)
    if spoilt.suffix == "xlsx":
        return _xlsx(rows)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=spoilt.newline).writerows(rows)
    return text.getvalue().encode(spoilt.encoding, errors="replace")


def _parquet(rows: Table) -> bytes:
    header, *body = rows
    columns = [pa.array([row[i] if i < len(row) else None for row in body]) if _alike(body, i)
               else pa.array([str(row[i]) if i < len(row) else None for row in body])
               for i in range(len(header))]  # fmt: skip
    target = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(columns, names=list(map(str, header))), target)
    return target.getvalue()


def _alike(body: Table, place: int) -> bool:
    return len({type(row[place]) for row in body if place < len(row)}) == 1


def _xlsx(rows: Table) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row, 1):
            try:
                # a workbook is XML, which has no such character; openpyxl finds out when saving
                sheet.cell(number, place, "?" if value == "\ufffe" else value)
            except (IllegalCharacterError, ValueError):
                sheet.cell(number, place, "?")
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
