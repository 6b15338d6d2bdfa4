"""The register: one JSON record a delivery, written last; it is what makes a delivery count.

Rule guarded: accepted deliveries are never edited. A correction supersedes one delivery of the same
provider, source and period; without saying so a second delivery of a period is refused. What is
superseded is read off the records themselves, so a kill between two writes can't make it differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pipelines.deliveries.findings import DRIFT, DRIFT_OF_ALL, Finding, refusal
from pipelines.deliveries.manifest import MANIFEST, Manifest
from pipelines.deliveries.storage import write_json
from pipelines.errors import Foreseen
from pipelines.participation import ledger
from pipelines.paths import Home

Status = Literal["accepted", "refused", "aside"]


class RegisterError(Foreseen, LookupError):
    """No such delivery, or one that may not change as asked."""


class FileRecord(BaseModel):
    """One file of a delivery: what was read of it and where its rows went.

    ``rows_read`` is the sum of those landed, in quarantine and erased.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    path: str
    table: str
    sha256: str
    bytes: int
    rows_read: int
    rows_landed: int
    rows_quarantined: int
    rows_erased: int = 0


class FindingRecord(BaseModel):
    """A finding as it is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    step: int
    rule: str
    file: str
    table: str
    field: str
    row: int | None
    count: int
    message: str


class Record(BaseModel):
    """What became of one delivery. ``number`` counts acceptances; ``step`` is where it failed.

    ``erasures`` names the erasures that took rows from it, when it came or later.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    delivery_id: str
    status: Status
    number: int | None
    superseded_by: str | None = None
    manifest: dict[str, Any] | None
    step: int | None
    findings: list[FindingRecord]
    files: list[FileRecord]
    comments_dropped: int
    erasures: list[str] = []

    @property
    def counts(self) -> bool:
        """Whether it was taken in (and is then final): accepted, or accepted and set aside."""
        return self.status in ("accepted", "aside")

    @property
    def place(self) -> tuple[str, str, str, str] | None:
        """Country, provider, source and period: what only one current delivery may hold."""
        said = self.manifest
        if said is None or not self.counts:
            return None
        return said["country"], said["provider_key"], said["source"], said["period"]

    @property
    def drifted(self) -> list[str]:
        """``drift:table.column`` or ``drift_of_all:table.column`` of what moved, sorted.

        One code of a multi column is ``…column:code``.
        """
        return sorted(
            f"{f.rule}:{f.table}.{f.field}"
            for f in self.findings
            if f.rule in (DRIFT, DRIFT_OF_ALL)
        )

    @property
    def supersedes(self) -> str | None:
        """The delivery it corrects."""
        return (self.manifest or {}).get("supersedes")


def kept_findings(findings: Iterable[Finding]) -> list[FindingRecord]:
    """Findings in the form in which a record keeps them."""
    return [FindingRecord(**finding.as_dict()) for finding in findings]


class Register:
    """The records of a home, read once; the caller holds the writer lock while it writes."""

    def __init__(self, home: Home) -> None:
        self._home = home
        records = [
            Record.model_validate_json(path.read_bytes())
            for path in sorted(home.register.glob("*.json"))
        ]
        corrected = {r.supersedes: r.delivery_id for r in records if r.counts and r.supersedes}
        self.records = {
            r.delivery_id: r.model_copy(update={"superseded_by": corrected.get(r.delivery_id)})
            for r in records
        }
        self._unmarked = [r.delivery_id for r in records if r != self.records[r.delivery_id]]

    @property
    def next_number(self) -> int:
        """The running number of the next acceptance."""
        return 1 + sum(record.number is not None for record in self.records.values())

    def current(self) -> list[Record]:
        """Deliveries taken in and not superseded, by id."""
        found = [r for r in self.records.values() if r.counts and r.superseded_by is None]
        return sorted(found, key=lambda record: record.delivery_id)

    def check_place(self, manifest: Manifest) -> None:
        """Refuse (step 1) a delivery whose place is taken, or that corrects what it may not."""
        place = (manifest.country, manifest.provider_key, manifest.source, manifest.period)
        holder = next((r for r in self.current() if r.place == place), None)
        corrected = manifest.supersedes
        if corrected is None:
            if holder is not None:
                raise refusal(
                    1,
                    "already_delivered",
                    f"the provider's {manifest.source} delivery of {manifest.period} is already "
                    f'here; a correction must say "supersedes": "{holder.delivery_id}"',
                    MANIFEST,
                    field="supersedes",
                )
            return
        record = self.records.get(corrected)
        if record is None or not record.counts:
            raise refusal(
                1,
                "unknown_superseded",
                f"no accepted delivery has the id {corrected}; name one that `observatory "
                "deliveries` lists, or write null",
                MANIFEST,
                field="supersedes",
            )
        if holder is None or holder.delivery_id != corrected:
            instead = f"; supersede {holder.delivery_id}" if holder else ""
            raise refusal(
                1,
                "supersedes_other",
                "it corrects a delivery that is superseded already, or one of another provider, "
                f"source or period{instead}",
                MANIFEST,
                field="supersedes",
            )

    def write(self, record: Record) -> None:
        """Commit a record, and mark in its file the delivery it supersedes."""
        self._store(record)
        if record.counts and record.supersedes in self.records:
            self._mark(record.supersedes, record.delivery_id)

    def enter(self, record: Record) -> None:
        """Tell the ledger of a verdict, once: an erasure changes a record's counts later."""
        body = _entry(record)
        verdict = [body[name] for name in ("delivery_id", "status", "step")]
        told = record.erasures and any(
            entry.kind == "delivery"
            and [entry.body[name] for name in ("delivery_id", "status", "step")] == verdict
            for entry in ledger.entries(self._home.ledger)
        )
        if not told:
            ledger.append(self._home.ledger, "delivery", body)

    def mend(self) -> None:
        """Write the marks that a kill between two writes left out."""
        while self._unmarked:
            self._store(self.records[self._unmarked.pop()])

    def _mark(self, delivery_id: str, by: str) -> None:
        self._store(self.records[delivery_id].model_copy(update={"superseded_by": by}))

    def _store(self, record: Record) -> None:
        self.records[record.delivery_id] = record
        path = self._home.register / f"{record.delivery_id}.json"
        content = record.model_dump(mode="json")
        write_json(path, content)


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
