"""Taking deliveries in: find them, put them in order, through the gate, into the landing area.

Rule guarded: every delivery ends in exactly one record, written last. Killed anywhere and run
again, ingest leaves the same home as one run without a kill.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.deliveries import quarantine, refusals
from pipelines.deliveries.arrivals import find_deliveries
from pipelines.deliveries.contract import contracts
from pipelines.deliveries.copies import remove_copy
from pipelines.deliveries.erasure import finish_erasures
from pipelines.deliveries.findings import Refused
from pipelines.deliveries.gate import Judged, Loaded
from pipelines.deliveries.manifest import Peeked, peek, read_manifest
from pipelines.deliveries.register import FileRecord, Record, Register, kept_findings
from pipelines.deliveries.staging import Gate, Staged, ahead
from pipelines.deliveries.storage import landed_path, remove_debris
from pipelines.deliveries.tombstones import load_tombstones
from pipelines.deliveries.unpacking import Limits
from pipelines.locking import writer_lock
from pipelines.paths import Home
from pipelines.periods import Period, PeriodError


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

    Rows of erased people are left out and counted, and no copy of them stays in the home.
    ``on_progress(done, total, outcome)`` is called after each. Busy when another process writes.
    """
    outcomes: list[Outcome] = []
    with writer_lock(home, "ingest"):
        remove_debris(
            home.root, [home.landing, home.quarantine, home.register, home.refused, home.vintages]
        )
        finish_erasures(home)  # may remove copies from the inbox
        deliveries = in_order(map(peek, find_deliveries([Path(path) for path in paths])))
        register = Register(home)
        register.mend()
        gate = Gate(home, limits or Limits(), load_tombstones(home))
        with ahead(
            gate.judge, deliveries, lambda one: _is_taken(register, one), home.root
        ) as judged:
            for peeked, waiting in judged:
                outcome = _take_in(gate, register, peeked, waiting)
                register.enter(outcome.record)
                remove_copy(
                    home, gate.tombstones, outcome.path, outcome.record, seen=outcome.repeated
                )
                outcomes.append(outcome)
                if on_progress:
                    on_progress(len(outcomes), len(deliveries), outcome)
    return outcomes


def _is_taken(register: Register, peeked: Peeked) -> bool:
    known = register.records.get(peeked.id)
    return known is not None and known.counts


def _take_in(
    gate: Gate, register: Register, peeked: Peeked, waiting: Future[Staged] | None
) -> Outcome:
    """Enter one delivery after those before it: only here does anything reach the home."""
    if waiting is None or _is_taken(register, peeked):
        return Outcome(peeked.path, register.records[peeked.id], repeated=True)
    _clear(gate.home, peeked.id)
    try:
        record = _record(gate, register, peeked, waiting)
    except Refused as refused:
        if refused.step == 1:
            refusals.keep(gate.home, peeked.path, peeked.id, gate.limits)
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


def _record(gate: Gate, register: Register, peeked: Peeked, waiting: Future[Staged]) -> Record:
    manifest = read_manifest(peeked.content)
    register.check_place(manifest)
    judged = waiting.result().moved_into(gate.home)
    return Record(
        delivery_id=judged.id,
        status="refused" if judged.refused else "accepted",
        number=None if judged.refused else register.next_number,
        manifest=manifest.model_dump(mode="json"),
        step=3 if judged.refused else None,
        findings=kept_findings(judged.findings),
        files=[_file_record(judged, one) for one in judged.loaded],
        comments_dropped=judged.comments_dropped,
        erasures=judged.erasures,
    )


def _file_record(judged: Judged, one: Loaded) -> FileRecord:
    table = one.contract.table
    rows, erased = judged.tables[table].rows, judged.erased[table]
    apart = rows if judged.refused else judged.broken[table]
    return FileRecord(
        path=one.file.path,
        table=table,
        sha256=one.file.sha256,
        bytes=one.bytes,
        rows_read=rows + erased,
        rows_landed=rows - apart,
        rows_quarantined=apart,
        rows_erased=erased,
    )
