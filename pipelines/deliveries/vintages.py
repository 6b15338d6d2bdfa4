"""Vintages: which deliveries stand behind a warehouse, named by a hash of their ids.

Rule guarded: a vintage is its content. The hash is over the sorted names of the current deliveries:
their id, ``:aside`` for one set aside, the erasures that took rows from it, a digest of the values
corrected in it, the columns that drifted in it. ``vintage.parquet`` and ``corrections.parquet``
have the same bytes wherever they are written, and the running number is only a local alias. A
vintage from which somebody was erased afterwards can't be rebuilt, says so, and is never built by
mistake; what was signed from it can still be verified.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.deliveries.corrections import Applied, apply_corrections
from pipelines.deliveries.register import Record, Register
from pipelines.deliveries.storage import write_json, write_parquet
from pipelines.deliveries.tombstones import unfinished
from pipelines.errors import Foreseen
from pipelines.paths import Home
from pipelines.periods import Period, month_number

CORRECTIONS = "corrections.parquet"
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
        ("erasures", pa.string()),
        ("corrections", pa.string()),
        ("drifted", pa.string()),
        ("corrects", pa.bool_()),
    ]
)


class VintageError(Foreseen, LookupError):
    """No vintage of that hash or number."""


@dataclass(frozen=True)
class Vintage:
    """A vintage: its hash, local number, ordered delivery ids and the file that lists them.

    ``last_month`` is the last month of its deliveries' periods, as an integer; None without any.
    ``erasures`` is what had been erased from each delivery when it was fixed (names, comma-joined).
    """

    hash: str
    number: int
    deliveries: tuple[str, ...]
    last_month: int | None
    path: Path
    erasures: tuple[str, ...] = ()

    def rebuildable(self, register: Register) -> bool:
        """Whether its rows are all still there: nobody was erased from it since it was fixed."""
        return all(
            erased == _erasures(register.records[delivery_id])
            for delivery_id, erased in zip(self.deliveries, self.erasures, strict=True)
        )


def current_vintage(home: Home) -> Vintage:
    """The vintage of what the register holds now; written if it is new.

    The caller holds the writer lock, or is alone. VintageError while an erasure is half done.
    """
    if unfinished(home):
        raise VintageError(
            f"{home.erasures}: an erasure was cut short; run `observatory erase` again, or any "
            "ingest, which finishes it"
        )
    records = Register(home).current()
    applied = apply_corrections(home, records)
    digests = applied.digests()
    rows = [_row(record, digests.get(record.delivery_id, "")) for record in records]
    name = vintage_hash(rows)
    path = home.vintages / name / "vintage.parquet"
    if not path.exists():
        _write_corrections(applied, path.with_name(CORRECTIONS))
        _write(rows, path)
    index = _index(home)
    if name not in index.values():
        index[max(index, default=0) + 1] = name
        write_json(home.vintages / "index.json", {str(n): h for n, h in index.items()})
    return load_vintage(home, name)


def vintage_hash(deliveries: Iterable[Mapping[str, Any]]) -> str:
    """The hash of a set of deliveries, given as rows of ``vintage.parquet``."""
    return hashlib.sha256("\n".join(sorted(map(_name, deliveries))).encode()).hexdigest()


def _name(row: Mapping[str, Any]) -> str:
    aside = ":aside" if row["status"] == "aside" else ""
    erased = f":erased={row['erasures']}" if row["erasures"] else ""
    corrected = f":corrected={row['corrections']}" if row["corrections"] else ""
    drifted = f":drifted={row['drifted']}" if row["drifted"] else ""
    return f"{row['delivery_id']}{aside}{erased}{corrected}{drifted}"


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
            "select delivery_id, erasures, period_last_month from read_parquet(?) order by 1",
            [str(path)],
        ).fetchall()
    return Vintage(
        vintage_hash,
        number,
        deliveries=tuple(name for name, _, _ in rows),
        last_month=max((month for _, _, month in rows), default=None),
        path=path,
        erasures=tuple(erased for _, erased, _ in rows),
    )


def check_rebuildable(home: Home, vintage: Vintage) -> None:
    """VintageError where somebody was erased from the vintage since it was fixed."""
    if not vintage.rebuildable(Register(home)):
        raise VintageError(
            f"vintage {vintage.number} ({vintage.hash[:12]}) can't be built again: a person in it "
            "was erased since. What was signed from it can still be verified; build the newest "
            "vintage instead."
        )


def vintages(home: Home) -> list[Vintage]:
    """Every vintage of the home, by running number."""
    return [load_vintage(home, name) for _, name in sorted(_index(home).items())]


def _index(home: Home) -> dict[int, str]:
    path = home.vintages / "index.json"
    if not path.exists():
        return {}
    return {int(n): name for n, name in json.loads(path.read_text(encoding="utf-8")).items()}


def _write(rows: list[dict[str, Any]], path: Path) -> None:
    cutoffs: dict[str, int] = {}
    for row in rows:
        cutoffs[row["country"]] = max(cutoffs.get(row["country"], 0), row["period_last_month"])
    for row in rows:
        row["cutoff_month"] = cutoffs[row["country"]]
    listed = pa.Table.from_pylist(rows, schema=_SCHEMA)
    with duckdb.connect() as connection:
        connection.register("listed", listed)
        write_parquet(connection, "select * from listed order by delivery_id", path)


def _write_corrections(applied: Applied, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("corrected", applied.values)
        order = "table_name, delivery_id, row_number, field"
        write_parquet(connection, f"select * from corrected order by {order}", path)


def _row(record: Record, corrections: str) -> dict[str, Any]:
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
        "erasures": _erasures(record),
        "corrections": corrections,
        "drifted": ";".join(record.drifted),
        "corrects": record.supersedes is not None,
    }


def _erasures(record: Record) -> str:
    return ",".join(record.erasures)
