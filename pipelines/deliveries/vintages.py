"""Vintages: which deliveries stand behind a warehouse, named by a hash of their ids.

Rule guarded: a vintage is its content. The hash is over the sorted ids of the current deliveries
(``<id>:aside`` for one set aside), ``vintage.parquet`` has the same bytes wherever it is written,
and the running number is only a local alias.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.deliveries.register import Record, Register
from pipelines.deliveries.storage import write_json, write_parquet
from pipelines.errors import Foreseen
from pipelines.paths import Home
from pipelines.periods import Period, month_number

_SCHEMA = pa.schema(
    [
        ("delivery_id", pa.string()),
        ("status", pa.string()),
        ("source", pa.string()),
        ("provider_key", pa.string()),
        ("country", pa.string()),
        ("period", pa.string()),
        ("period_first_month", pa.int32()),
        ("period_last_month", pa.int32()),
        ("sent_month", pa.int32()),
        ("synthetic", pa.bool_()),
        ("cutoff_month", pa.int32()),
    ]
)


class VintageError(Foreseen, LookupError):
    """No vintage of that hash or number."""


@dataclass(frozen=True)
class Vintage:
    """A vintage: its hash, local number, ordered delivery ids and the file that lists them.

    ``last_month`` is the last month of its deliveries' periods, as an integer; None without any.
    """

    hash: str
    number: int
    deliveries: tuple[str, ...]
    last_month: int | None
    path: Path


def current_vintage(home: Home) -> Vintage:
    """The vintage of what the register holds now; written if it is new.

    The caller holds the writer lock, or is alone.
    """
    records = Register(home).current()
    name = vintage_hash((record.delivery_id, record.status) for record in records)
    path = home.vintages / name / "vintage.parquet"
    if not path.exists():
        _write(records, path)
    index = _index(home)
    if name not in index.values():
        index[max(index, default=0) + 1] = name
        write_json(home.vintages / "index.json", {str(n): h for n, h in index.items()})
    return load_vintage(home, name)


def vintage_hash(deliveries: Iterable[tuple[str, str]]) -> str:
    """The hash of a set of deliveries, given as pairs of id and status."""
    names = sorted(name + (":aside" if status == "aside" else "") for name, status in deliveries)
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def load_vintage(home: Home, vintage_hash: str) -> Vintage:
    """A vintage written before; VintageError when there is none of that hash."""
    path = home.vintages / vintage_hash / "vintage.parquet"
    number = next((n for n, known in _index(home).items() if known == vintage_hash), None)
    if number is None or not path.exists():
        raise VintageError(
            f"{home.vintages}: no vintage {vintage_hash}; see `observatory vintages`"
        )
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select delivery_id, period_last_month from read_parquet(?) order by 1", [str(path)]
        ).fetchall()
    last_month = max((month for _, month in rows), default=None)
    return Vintage(vintage_hash, number, tuple(name for name, _ in rows), last_month, path)


def vintages(home: Home) -> list[Vintage]:
    """Every vintage of the home, by running number."""
    return [load_vintage(home, name) for _, name in sorted(_index(home).items())]


def _index(home: Home) -> dict[int, str]:
    path = home.vintages / "index.json"
    if not path.exists():
        return {}
    return {int(n): name for n, name in json.loads(path.read_text(encoding="utf-8")).items()}


def _write(records: list[Record], path: Path) -> None:
    rows = [_row(record) for record in records]
    cutoffs: dict[str, int] = {}
    for row in rows:
        cutoffs[row["country"]] = max(cutoffs.get(row["country"], 0), row["period_last_month"])
    for row in rows:
        row["cutoff_month"] = cutoffs[row["country"]]
    listed = pa.Table.from_pylist(rows, schema=_SCHEMA)
    with duckdb.connect() as connection:
        connection.register("listed", listed)
        write_parquet(connection, "select * from listed order by delivery_id", path)


def _row(record: Record) -> dict[str, Any]:
    said = record.manifest or {}
    period = Period.parse(said["period"])
    return {
        "delivery_id": record.delivery_id,
        "status": record.status,
        **{name: said[name] for name in ("source", "provider_key", "country", "period")},
        "period_first_month": period.first,
        "period_last_month": period.last,
        "sent_month": month_number(said["sent_month"]),
        "synthetic": said["synthetic"],
    }
