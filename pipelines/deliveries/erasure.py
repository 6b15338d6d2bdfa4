"""Erasure: a person's rows leave the home, and a tombstone stays that keeps them out.

Rule guarded: this is the one exception to "nothing accepted is edited". Order makes it safe to
kill: the tombstone (``begun``) comes first, then files are rewritten one by one, whole, by the
writer that landed them; then the register, the ledger and the tombstone (``done``). Whoever writes
next finishes what was cut short, without the key, for a tombstone recognises its person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from pipelines.deliveries import copies
from pipelines.deliveries.arrivals import in_inbox
from pipelines.deliveries.contract import Contract, contracts
from pipelines.deliveries.manifest import peek
from pipelines.deliveries.quarantine import quarantine_path
from pipelines.deliveries.register import FileRecord, Record, Register
from pipelines.deliveries.storage import landed_path, remove_debris, write_parquet
from pipelines.deliveries.tombstones import (
    ErasureError,
    Tombstone,
    Tombstones,
    erased_rows,
    erasure_name,
    load_tombstones,
    read_tombstone,
    recognise,
    unfinished,
    write_tombstone,
)
from pipelines.locking import writer_lock
from pipelines.participation import ledger
from pipelines.paths import Home


@dataclass(frozen=True)
class Found:
    """What a home holds of a person: rows by table and how many deliveries they came in.

    ``erased_before`` where a tombstone of the person is there already.
    """

    rows: dict[str, int]
    deliveries: int
    erased_before: bool


def find_person(home: Home, person_key: str) -> Found:
    """What an erasure would remove; changes nothing but, on first use, makes the home's salt."""
    name = erasure_name(home, person_key)
    with _searching(home, name) as connection:
        parts = _parts(connection, home)
    return Found(
        _by_table(parts),
        len({part.delivery_id for part in parts}),
        read_tombstone(home, name) is not None,
    )


def erase(home: Home, person_key: str) -> Tombstone:
    """Remove a person's rows from landing and quarantine, and every copy that mentions them.

    Returns the finished tombstone; doing it again finds nothing and changes nothing. Also removed:
    the warehouse (a cache) and corrections that name the person. ErasureError while the inbox holds
    a delivery that was not taken in; Busy when another process writes.
    """
    name = erasure_name(home, person_key)
    with writer_lock(home, "erase"):
        remove_debris(home.root, [home.landing, home.quarantine, home.register, home.erasures])
        _check_inbox(home)
        return _carry_out(home, name)


def finish_erasures(home: Home) -> None:
    """Finish erasures that were cut short; the caller holds the writer lock."""
    for tombstone in unfinished(home):
        _carry_out(home, tombstone.erasure)


def _check_inbox(home: Home) -> None:
    known = Register(home).records
    waiting = [path.name for path in in_inbox(home) if peek(path).id not in known]
    if waiting:
        raise ErasureError(
            f"{home.inbox} holds {len(waiting)} deliveries that were not taken in ({waiting[0]} …):"
            " run `observatory ingest` on them first, so that nothing of theirs is lost"
        )


def _carry_out(home: Home, name: str) -> Tombstone:
    register = Register(home)
    register.mend()
    tombstone = read_tombstone(home, name)
    with _searching(home, name) as connection:
        parts = _parts(connection, home)
        if tombstone is None or tombstone.state == "done":
            tombstone = _begin(home, tombstone, name, parts)
        for part in parts:
            part.rewrite(connection)
    for delivery_id in tombstone.deliveries:
        if record := register.records.get(delivery_id):
            register.enter(record)
            register.write(_without(home, record, name))
    _remove_the_rest(home, load_tombstones(home), register)
    ledger.append(home.ledger, "erasure", _entry(tombstone))
    done = tombstone.model_copy(update={"state": "done"})
    write_tombstone(home, done)
    return done


def _begin(home: Home, earlier: Tombstone | None, name: str, parts: list[_Part]) -> Tombstone:
    """The tombstone to work off; rows that a backup brought back add to those removed before."""
    rows = Counter(_by_table(parts)) + Counter(earlier.rows if earlier else {})
    touched = {part.delivery_id for part in parts} | set(earlier.deliveries if earlier else ())
    begun = Tombstone(
        erasure=name, state="begun", deliveries=sorted(touched), rows=dict(sorted(rows.items()))
    )
    if earlier is None or parts:
        write_tombstone(home, begun)
    return begun


@contextmanager
def _searching(home: Home, name: str) -> Iterator[DuckDBPyConnection]:
    salt = load_tombstones(home).salt
    with duckdb.connect() as connection:
        recognise(connection, Tombstones(salt, (name,)))
        yield connection


@dataclass(frozen=True)
class _Part:
    """One Parquet file and the query of its rows that mention the person."""

    contract: Contract
    delivery_id: str
    path: Path
    found: str
    rows: int

    def rewrite(self, connection: DuckDBPyConnection) -> None:
        """Write the file again without those rows, in the same order; an empty quarantine goes."""
        kept = (
            f"select * from {_reading(self.path)} "
            f"anti join ({self.found}) using (row_number) order by row_number"
        )
        write_parquet(connection, kept, self.path)
        if not pq.read_metadata(self.path).num_rows and self.path.parents[2].name == "quarantine":
            self.path.unlink()
            self.path.parent.rmdir()


def _parts(connection: DuckDBPyConnection, home: Home) -> list[_Part]:
    """Every file of landing and quarantine in which the person is, in the order of their paths."""
    found = []
    for contract in contracts().values():
        whole = f"concat_ws(' ', {', '.join(column.name for column in contract.columns)})"
        for folder in (home.landing, home.quarantine):
            for path in sorted((folder / contract.table).glob("delivery=*/part.parquet")):
                source = _reading(path)
                rows = (
                    erased_rows(contract, source)
                    if folder == home.landing
                    else f"select row_number from {source} where len(erasures_in({whole})) > 0"
                )
                count = connection.execute(
                    f"select count(distinct row_number) from ({rows})"
                ).fetchall()[0][0]
                if count:
                    delivery_id = path.parent.name.removeprefix("delivery=")
                    found.append(_Part(contract, delivery_id, path, rows, count))
    return found


def _reading(path: Path) -> str:
    quoted = str(path).replace("'", "''")
    return f"read_parquet('{quoted}', hive_partitioning = false)"


def _by_table(parts: list[_Part]) -> dict[str, int]:
    rows = Counter[str]()
    for part in parts:
        rows[part.contract.table] += part.rows
    return dict(sorted(rows.items()))


def _without(home: Home, record: Record, name: str) -> Record:
    """The record with its counts read off the files, so that it comes out the same again."""

    def counted(file: FileRecord) -> FileRecord:
        landed = _rows(landed_path(home, file.table, record.delivery_id))
        apart = _rows(quarantine_path(home, file.table, record.delivery_id))
        return file.model_copy(
            update={
                "rows_landed": landed,
                "rows_quarantined": apart,
                "rows_erased": file.rows_read - landed - apart,
            }
        )

    return record.model_copy(
        update={
            "files": [counted(file) for file in record.files],
            "erasures": sorted({*record.erasures, name}),
        }
    )


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows) if path.exists() else 0


def _remove_the_rest(home: Home, tombstones: Tombstones, register: Register) -> None:
    """Copies as they came, corrections that name the person, and the warehouse built of them."""
    waiting = [(path, register.records.get(peek(path).id)) for path in in_inbox(home)]
    touched = [path for path, record in waiting if record is not None and record.erasures]
    others = [path for path, _ in waiting if path not in touched]
    others += [*sorted(home.refused.glob("*")), *sorted(home.corrections.glob("*"))]
    for copy in [*touched, *(one for one in others if copies.mentioned(home, tombstones, one))]:
        copies.remove(copy)
    for cache in home.warehouse.parent.glob("*.duckdb*"):
        cache.unlink()


def _entry(tombstone: Tombstone) -> dict[str, object]:
    """What the ledger says: that it happened, and how much went; not from whom."""
    return {
        "erasure": tombstone.erasure,
        "deliveries": len(tombstone.deliveries),
        "rows": sum(tombstone.rows.values()),
    }
