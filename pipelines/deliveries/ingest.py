"""Taking deliveries in: find them, put them in order, through the gate, into the landing area.

Rule guarded: every delivery ends in exactly one record, written last. Killed anywhere and run
again, ingest leaves the same home as one run without a kill.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.deliveries import quarantine, refusals
from pipelines.deliveries.contract import contracts
from pipelines.deliveries.findings import Refused
from pipelines.deliveries.gate import Judged, Loaded, gate_connection, judge
from pipelines.deliveries.landing import land, landed_path
from pipelines.deliveries.manifest import MANIFEST, Peeked, peek, read_manifest
from pipelines.deliveries.register import FileRecord, Record, Register, kept_findings
from pipelines.deliveries.storage import remove_debris
from pipelines.deliveries.unpacking import Limits
from pipelines.errors import Foreseen
from pipelines.locking import writer_lock
from pipelines.participation import ledger
from pipelines.paths import Home
from pipelines.periods import Period, PeriodError
from pipelines.settings import load_country


class NoDelivery(Foreseen, ValueError):
    """A path that holds no delivery; the message says what was looked for."""


@dataclass(frozen=True)
class Outcome:
    """What became of one delivery; ``repeated`` when it had been taken in before."""

    path: Path
    record: Record
    repeated: bool

    @property
    def message(self) -> str:
        """One line: what happened, and the first reason where it was refused."""
        record = self.record
        name = f"{self.path.name} ({record.delivery_id[:12]})"
        if self.repeated:
            return f"{name}: already taken in as delivery {record.number}; nothing changed"
        if record.status == "refused":
            first = record.findings[0]
            place = " ".join(p for p in (first.file, first.field) if p)
            row = f" row {first.row}" if first.row else ""
            return f"{name}: refused at step {record.step}: {place}{row}: {first.message}"
        landed = sum(file.rows_landed for file in record.files)
        apart = sum(file.rows_quarantined for file in record.files)
        return f"{name}: accepted, {landed} rows landed, {apart} in quarantine"


Progress = Callable[[int, int, Outcome], None]


def find_deliveries(paths: Iterable[Path]) -> list[Path]:
    """The deliveries at ``paths``: a delivery folder, a zip, or a folder that holds some.

    A folder is searched two levels down for folders with ``delivery.json`` and for zips.
    NoDelivery names the path where there is none.
    """
    found: list[Path] = []
    for path in paths:
        here = _at(path) if path.exists() else []
        below = here or [d for child in _children(path) for d in (_at(child) or _below(child))]
        if not below:
            raise NoDelivery(
                f"{path}: no delivery here. Give a folder with {MANIFEST}, a zip of one, or a "
                "folder that holds such folders."
            )
        found += [one.resolve() for one in below]
    return list(dict.fromkeys(found))


def _at(path: Path) -> list[Path]:
    is_zip = path.is_file() and path.suffix.lower() == ".zip"
    return [path] if is_zip or (path / MANIFEST).is_file() else []


def _children(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else []


def _below(path: Path) -> list[Path]:
    return [delivery for child in _children(path) for delivery in _at(child)]


def in_order(deliveries: Iterable[Peeked]) -> list[Peeked]:
    """By period, provider, and corrections after what they correct; unreadable ones last."""
    peeked = list(deliveries)
    corrects = {one.id: (one.content or {}).get("supersedes") for one in peeked}

    def depth(one: Peeked) -> int:
        steps, earlier = 0, corrects[one.id]
        while isinstance(earlier, str) and earlier in corrects and steps <= len(corrects):
            steps, earlier = steps + 1, corrects[earlier]
        return steps

    def rank(one: Peeked) -> tuple[int, int, int, str, int, str]:
        said = one.content or {}
        try:
            period = Period.parse(str(said.get("period")))
        except PeriodError:
            return (1, 0, 0, "", 0, one.id)
        return (0, period.first, period.last, str(said.get("provider_key")), depth(one), one.id)

    return sorted(peeked, key=rank)


def ingest(
    home: Home,
    paths: Sequence[Path],
    on_progress: Progress | None = None,
    limits: Limits | None = None,
) -> list[Outcome]:
    """Take every delivery at ``paths`` in, in order; one outcome a delivery.

    ``on_progress(done, total, outcome)`` is called after each. Busy when another process writes.
    """
    deliveries = in_order(map(peek, find_deliveries([Path(path) for path in paths])))
    outcomes: list[Outcome] = []
    with writer_lock(home, "ingest"):
        remove_debris(
            home.root, [home.landing, home.quarantine, home.register, home.refused, home.vintages]
        )
        register = Register(home)
        register.mend()
        for peeked in deliveries:
            outcome = _take_in(home, register, peeked, limits or Limits())
            ledger.append(home.ledger, "delivery", _entry(outcome.record))
            outcomes.append(outcome)
            if on_progress:
                on_progress(len(outcomes), len(deliveries), outcome)
    return outcomes


def _take_in(home: Home, register: Register, peeked: Peeked, limits: Limits) -> Outcome:
    known = register.records.get(peeked.id)
    if known is not None and known.counts:
        return Outcome(peeked.path, known, repeated=True)
    _clear(home, peeked.id)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=home.root))
    try:
        record = _through_gate(home, register, peeked, work, limits)
    except Refused as refused:
        if refused.step == 1:
            refusals.keep(home, peeked.path, peeked.id, limits)
        record = Record(
            delivery_id=peeked.id,
            status="refused",
            number=None,
            manifest=_typed(peeked),
            step=refused.step,
            findings=kept_findings(refused.findings),
            files=[],
            comments_dropped=0,
        )
    finally:
        shutil.rmtree(work)
    register.write(record)
    return Outcome(peeked.path, record, repeated=False)


def _clear(home: Home, delivery_id: str) -> None:
    """Remove what an unfinished run or an earlier refusal left of a delivery."""
    refusals.forget(home, delivery_id)
    for table in contracts():
        for path in (landed_path, quarantine.quarantine_path):
            shutil.rmtree(path(home, table, delivery_id).parent, ignore_errors=True)


def _typed(peeked: Peeked) -> dict[str, Any] | None:
    """The manifest where it keeps to its schema; else it may hold anything and is not recorded."""
    try:
        return read_manifest(peeked.content).model_dump(mode="json")
    except Refused:
        return None


def _through_gate(
    home: Home, register: Register, peeked: Peeked, work: Path, limits: Limits
) -> Record:
    manifest = read_manifest(peeked.content)
    register.check_place(manifest)
    tolerance = load_country(manifest.country, home).quarantine_tolerance
    with gate_connection(work) as connection:
        judged = judge(connection, peeked, work, tolerance, limits)
        for table, checked in judged.tables.items():
            if judged.refused or judged.broken[table]:
                quarantine.set_apart(connection, home, checked, judged.id, whole=judged.refused)
            if not judged.refused:
                land(connection, home, table, judged.id)
    return Record(
        delivery_id=judged.id,
        status="refused" if judged.refused else "accepted",
        number=None if judged.refused else register.next_number,
        manifest=manifest.model_dump(mode="json"),
        step=3 if judged.refused else None,
        findings=kept_findings(judged.findings),
        files=[_file_record(judged, one) for one in judged.loaded],
        comments_dropped=judged.comments_dropped,
    )


def _file_record(judged: Judged, one: Loaded) -> FileRecord:
    table = one.contract.table
    rows = judged.tables[table].rows
    apart = rows if judged.refused else judged.broken[table]
    return FileRecord(
        path=one.file.path,
        table=table,
        sha256=one.file.sha256,
        bytes=one.bytes,
        rows_read=rows,
        rows_landed=rows - apart,
        rows_quarantined=apart,
    )


def _entry(record: Record) -> dict[str, object]:
    """What the ledger says of a delivery: no clock, and the same again for the same record."""
    said = record.manifest or {}
    named = ("country", "provider_key", "source", "period", "supersedes", "synthetic")
    return {
        "delivery_id": record.delivery_id,
        "status": "refused" if record.status == "refused" else "accepted",
        "step": record.step if record.status == "refused" else None,
        "rules": sorted({f.rule for f in record.findings}) if record.status == "refused" else [],
        "rows_landed": sum(file.rows_landed for file in record.files),
        "rows_quarantined": sum(file.rows_quarantined for file in record.files),
        **{name: said.get(name) for name in named},
    }
