"""Landing published tables: where they came from, what they say, what they don't.

Rule guarded: the discipline of deliveries without their claims. A table is named by the hash of
what was given; it lands whole or is refused with the reason kept; figures without a value go to
quarantine under the rule that they broke; its suite of expectations may set it aside. It is no
delivery: it has no provider, enters no vintage, and no indicator rests on it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from pipelines.deliveries.context.catalogue import CATALOGUE, Published
from pipelines.deliveries.context.tidy import COLUMNS, KEY, ContextError, Note
from pipelines.deliveries.expectations import check_deliveries, load_suites
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.storage import write_json, write_parquet
from pipelines.locking import writer_lock
from pipelines.paths import EXPECTATIONS, Home
from pipelines.periods import Period

CONTEXT_SUITES = EXPECTATIONS / "context"
LARGEST_FILE = 512 * 1024**2
_RECORD = "provenance.json"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContextFile(_Part):
    """One file as it was given: it is not kept, its hash is."""

    name: str
    sha256: str
    bytes: int


class Provenance(_Part):
    """What became of a published table. ``expectations`` are the messages of failed ones."""

    context_id: str
    source: str
    status: Literal["accepted", "aside", "refused"]
    reason: str = Field(default="", description="why it was refused")
    title: str
    publisher: str
    licence: str
    period: str
    retrieved: str = Field(description="the day on which it was fetched, YYYY-MM-DD")
    files: list[ContextFile]
    rows_landed: int = 0
    rows_quarantined: int = 0
    notes: dict[str, int] = {}
    expectations: list[str] = []


def land_context(
    home: Home, source: str, files: Sequence[Path], retrieved: str, period: str = ""
) -> Provenance:
    """Land a published table and say what became of it; the same files again change nothing.

    ``source`` is a name of the catalogue, ``period`` the quarter of a table that doesn't say it
    itself. ContextError where the call is wrong: then nothing is kept. A file that is not what its
    reader knows is refused, and the record says why. Busy when another process writes.
    """
    published = _checked(source, files, retrieved, period)
    given = [_described(file) for file in files]
    name = _name(source, period, given)
    folder = home.context / source / name
    with writer_lock(home, "land a published table"):
        if (folder / _RECORD).exists():
            return _read(folder / _RECORD)
        record = Provenance(
            context_id=name,
            source=source,
            status="accepted",
            title=published.title,
            publisher=published.publisher,
            licence=published.licence,
            period=period,
            retrieved=retrieved,
            files=sorted(given, key=lambda file: (file.name, file.sha256)),
        )
        try:
            record = _landed(folder, record, published, files)
        except ContextError as error:
            record = record.model_copy(update={"status": "refused", "reason": str(error)})
        write_json(folder / _RECORD, record.model_dump(mode="json"))
    return record


def landed_context(home: Home) -> list[Provenance]:
    """Every published table of a home, in order of source and id."""
    return [_read(path) for path in sorted(home.context.glob(f"*/*/{_RECORD}"))]


def describe_context(home: Home) -> list[dict[str, object]]:
    """One row a published table, for people to read."""
    return [
        {
            "source": record.source,
            "id": record.context_id,
            "period": record.period,
            "status": record.status,
            "retrieved": record.retrieved,
            "rows": record.rows_landed,
            "quarantine": record.rows_quarantined,
            "to_look_at": len(record.expectations),
            "licence": record.licence,
            "reason": record.reason,
        }
        for record in landed_context(home)
    ]


def _landed(
    folder: Path, record: Provenance, published: Published, files: Sequence[Path]
) -> Provenance:
    with duckdb.connect() as connection:
        context = published.read(connection, files, record.period)
        connection.register("figures", context.rows)
        columns, order = ", ".join(COLUMNS), ", ".join((*KEY, "value_low", "value_high"))
        valued = "value_low is not null"
        rows, bad = folder / "rows.parquet", folder / "quarantine.parquet"
        write_parquet(
            connection, f"select {columns} from figures where {valued} order by {order}", rows
        )
        write_parquet(
            connection,
            "select *, if(status = '', 'no_value', status) as rule from figures "
            f"where not ({valued}) order by {order}",
            bad,
        )
        landed, quarantined = (
            connection.execute("select count(*) from read_parquet(?)", [str(path)]).fetchall()[0][0]
            for path in (rows, bad)
        )
        failed = _failed(connection, rows, record.context_id, published.suite)
    return record.model_copy(
        update={
            "status": "aside" if any(f.rule.startswith("critical") for f in failed) else "accepted",
            "rows_landed": landed,
            "rows_quarantined": quarantined,
            "notes": _counted(context.notes),
            "expectations": [finding.message for finding in failed],
        }
    )


def _failed(
    connection: duckdb.DuckDBPyConnection, rows: Path, name: str, suite: str
) -> list[Finding]:
    connection.execute("create schema landing")
    place = str(rows).replace("'", "''")
    connection.execute(
        f"create view landing.{suite} as "
        f"select '{name}' as delivery_id, * from read_parquet('{place}')"
    )
    suites = load_suites(CONTEXT_SUITES)
    (result,) = check_deliveries(connection, rows.with_name("data_docs"), {suite: suites[suite]})
    return [failure.finding() for failure in result.failures]


def _checked(source: str, files: Sequence[Path], retrieved: str, period: str) -> Published:
    published = CATALOGUE.get(source)
    if published is None:
        raise ContextError(f"{source}: not a known table; one of {', '.join(sorted(CATALOGUE))}")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", retrieved):
        raise ContextError(f"{retrieved!r} is not the day of retrieval: write 2025-04-14")
    if published.dated != bool(period):
        need = "needs its period, for example 2022Q2" if published.dated else "says its own periods"
        raise ContextError(f"{source} {need}")
    if period:
        Period.parse(period)
    if not files:
        raise ContextError(f"{source}: give the files as the publisher gave them")
    for file in files:
        if not file.is_file() or file.stat().st_size > LARGEST_FILE:
            raise ContextError(f"{file}: no file, or over {LARGEST_FILE} bytes")
    return published


def _described(file: Path) -> ContextFile:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return ContextFile(name=file.name, sha256=digest, bytes=file.stat().st_size)


def _name(source: str, period: str, files: Sequence[ContextFile]) -> str:
    """The table's id: content, source and period, not the files' names or the day."""
    said = [source, period, *sorted(file.sha256 for file in files)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _counted(notes: Sequence[Note]) -> dict[str, int]:
    return {note.rule: note.count for note in notes}


def _read(path: Path) -> Provenance:
    return Provenance.model_validate_json(path.read_bytes())
