"""Building a release: a candidate, what the council said of it, and what was done since the last.

The rule: a release is a pure function of a candidate, the record of a closed review, the ledger up
to a head, and the release before. No clock and no path reaches its bytes. A review belongs to the
one candidate whose manifest it froze; with any other nothing is built.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.disclosure.withheld import computable_counts
from pipelines.errors import Foreseen
from pipelines.participation import ledger
from pipelines.participation.facts import write_facts
from pipelines.participation.record import ReviewRecord
from pipelines.release.candidate import DISCLOSURE
from pipelines.release.council import write_council
from pipelines.release.datapackage import data_package
from pipelines.release.facts import facts_of
from pipelines.release.formats import write_formats
from pipelines.release.lock import LOCK
from pipelines.release.manifest import MANIFEST, SIGNATURE, file_entry, json_bytes, seal
from pipelines.release.revisions import REVISIONS, write_revisions
from pipelines.release.rows_hash import rows_hashes
from pipelines.release.signers import SIGNERS, Roster
from pipelines.release.status import RELEASED, RELEASED_EXPOSED, Status
from pipelines.release.verdicts import with_verdicts
from pipelines.release.verify_release import CANDIDATE_MANIFEST, LEDGER, RELEASE
from pipelines.release.withholding import selections
from pipelines.release.write_csv import write_csv
from pipelines.release.write_parquet import write_parquet


class ReleaseError(Foreseen, ValueError):
    """A release that can't be built; the message says why and what to do."""


@dataclass(frozen=True)
class Inputs:
    """What a release is a function of. ``ledger`` are the chain's lines up to its head."""

    candidate: Path
    record: ReviewRecord
    ledger: bytes
    rosters: Sequence[Roster]
    before: Path | None = None


def build_release(inputs: Inputs, key: Ed25519PrivateKey, building: Path) -> str:
    """Build a release in the folder ``building`` and seal it; returns the manifest's SHA-256.

    ReleaseError when the review was of other figures, or real figures did not pass the audit.
    """
    check_review_fits(inputs.candidate, inputs.record)
    shutil.rmtree(building, ignore_errors=True)
    shutil.copytree(inputs.candidate, building)
    shutil.move(building / MANIFEST, building / CANDIDATE_MANIFEST)
    (building / SIGNATURE).unlink()
    candidate = pq.read_table(inputs.candidate / "indicators.parquet")
    table = with_verdicts(candidate, inputs.record)
    write_csv(table, building / "indicators.csv")
    write_parquet(table, building / "indicators.parquet")
    write_revisions(table, inputs.before, building / REVISIONS)
    write_council(inputs.record, building)
    write_facts(building, facts_of(inputs.record, sorted(set(table["indicator_id"].to_pylist()))))
    status = _status(building, inputs.record)
    (building / "status.json").write_bytes(json_bytes(status.model_dump(mode="json")))
    write_derived(building)
    contents: dict[str, Any] = {
        SIGNERS: [roster.model_dump(mode="json") for roster in inputs.rosters],
        RELEASE: {
            "country": inputs.record.country,
            "period": inputs.record.period,
            "version": inputs.record.version,
            "candidate": file_entry(inputs.candidate / MANIFEST)["sha256"],
            "ledger_head": _head(inputs.ledger),
            "before": file_entry(inputs.before / MANIFEST)["sha256"] if inputs.before else None,
            "publishes_on": inputs.record.dates["publishes_on"].isoformat(),
            "scripted_review": inputs.record.scripted,
            "synthetic": status.synthetic,
        },
    }
    for name, content in contents.items():
        (building / name).write_bytes(json_bytes(content))
    (building / LEDGER).write_bytes(inputs.ledger)
    return seal(building, key)


def write_derived(folder: Path) -> None:
    """Write every file of a release that says again what its tables and status say."""
    status = Status.model_validate_json((folder / "status.json").read_bytes())
    (folder / "datapackage.json").write_bytes(json_bytes(data_package(folder, status)))
    write_formats(folder)


def check_review_fits(candidate: Path, record: ReviewRecord) -> None:
    """ReleaseError when a review that was opened did not freeze this candidate's very rows.

    Where the council withheld something, the candidate must be the one that hides it.
    """
    if record.expired:
        return
    held = record.withheld()
    if json.loads((candidate / LOCK).read_bytes())["withheld"] != selections(held):
        raise ReleaseError(
            f"{candidate} does not withhold what the council withheld"
            f" ({', '.join(held) or 'nothing'}): prepare the release from its review"
        )
    if not held and record.manifest != file_entry(candidate / MANIFEST)["sha256"]:
        raise ReleaseError(
            f"{candidate} is not the candidate that was reviewed: its manifest is another one. "
            "Publish the reviewed candidate, or plan a review of this one."
        )
    now = rows_hashes(candidate / "indicators.csv")
    hidden = record.hidden() if held else []
    differ = sorted(
        name
        for name in record.indicators.keys() | now.keys()
        if name not in hidden and (name not in now or now[name] != _seen(record, name))
    )
    if differ:
        raise ReleaseError(f"{candidate}: the council saw other rows of {', '.join(differ)}")


def _seen(record: ReviewRecord, indicator_id: str) -> str | None:
    reviewed = record.indicators.get(indicator_id)
    return reviewed.rows_hash if reviewed else None


def _status(building: Path, record: ReviewRecord) -> Status:
    """The candidate's status, cleared where the audit passed and the review is closed."""
    status = Status.model_validate_json((building / "status.json").read_bytes())
    report = building / DISCLOSURE
    passed = report.is_file() and json.loads(report.read_bytes())["passed"]
    if passed and record.withheld():
        passed = not computable_counts(building, record.withheld(), status.threshold)
    if not passed and not status.synthetic:
        raise ReleaseError(
            f"{building.name}: the disclosure audit did not pass, so these figures can't be "
            f"published. Read {DISCLOSURE} of the candidate, or withhold what gives away what the "
            "council withheld."
        )
    reason = RELEASED if passed else RELEASED_EXPOSED
    return status.model_copy(update={"cleared_for_release": passed, "reason": reason})


def _head(lines: bytes) -> str:
    last = lines.splitlines()[-1:]
    return str(json.loads(last[0])["hash"]) if last else ledger.GENESIS
