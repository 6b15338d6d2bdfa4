"""What a release must say of itself beyond its bytes: signers, ledger, review, version.

The rule: needs nothing but the folder and the publisher's key, and names the file or entry that is
wrong. It catches what someone with a key to sign could still try: an entry cut out of the ledger,
one version put in another's place, a review used twice.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
from pydantic import ValidationError

from pipelines.participation import ledger
from pipelines.participation.record import ReviewRecord
from pipelines.release.columns import CLEAR_COLUMNS
from pipelines.release.council import REVIEW, read_record
from pipelines.release.lock import LOCK
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.rows_hash import rows_hashes
from pipelines.release.signers import (
    OFFICES,
    SIGNERS,
    ReleaseSignature,
    SignersError,
    check_release_signature,
    check_rosters,
    read_rosters,
    roster_on,
    signature_file,
)
from pipelines.release.withholding import WITHHELD, selections, withheld_entry

RELEASE = "release.json"
LEDGER = "ledger.jsonl"
CANDIDATE_MANIFEST = "candidate.MANIFEST.json"


def release_problems(folder: Path, taken_down: set[str]) -> list[str]:
    """A sentence for each thing wrong; ``taken_down`` are indicators that a tombstone covers.

    The files are those that the manifest lists; what is in them is not trusted.
    """
    try:
        return _problems(folder, taken_down)
    except (ValueError, KeyError, TypeError, OSError, duckdb.Error):
        return [f"{RELEASE}, {REVIEW} or indicators.csv can't be read as a release's."]


def _problems(folder: Path, taken_down: set[str]) -> list[str]:
    about = json.loads((folder / RELEASE).read_bytes())
    record = read_record(folder)
    checks: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: _place(folder, about),
        lambda: _signatures(folder, about),
        lambda: _review(folder, about, record, taken_down),
        lambda: _withheld(folder, record, taken_down),
        lambda: _ledger(folder, about, record),
    )
    return [problem for check in checks for problem in check()]


def _place(folder: Path, about: dict[str, Any]) -> Iterator[str]:
    """A folder called v2 holds version 2, below the folders of its period and country."""
    place = folder.resolve()
    if re.fullmatch("v[0-9]+", place.name):
        named = (place.parent.parent.name, place.parent.name, place.name)
        said = (about["country"], about["period"], f"v{about['version']}")
        if named != said:
            yield (
                f"{RELEASE}: {'/'.join(named)} holds {'/'.join(said)}; versions were swapped or "
                "the folder was renamed."
            )
    earlier = place.parent / f"v{about['version'] - 1}" / MANIFEST
    if earlier.is_file() and about["before"] not in (None, file_entry(earlier)["sha256"]):
        yield f"{RELEASE}: v{about['version'] - 1} beside it is not the release it was built on."


def _signatures(folder: Path, about: dict[str, Any]) -> Iterator[str]:
    manifest = file_entry(folder / MANIFEST)["sha256"]
    due = dt.date.fromisoformat(about["publishes_on"])
    try:
        rosters = read_rosters(folder / SIGNERS)
        check_rosters(rosters, about["country"])
        roster = roster_on(rosters, due)
    except (SignersError, ValueError) as error:
        yield f"{error}."
        return
    for office in OFFICES:
        path = folder / signature_file(office)
        try:
            signature = ReleaseSignature.model_validate_json(path.read_bytes())
            if signature.office != office:
                raise SignersError(f"{path.name}: it is the {signature.office}'s")
            check_release_signature(signature, manifest, roster, due)
        except FileNotFoundError:
            yield f"{path.name} is missing: the {office} has not signed."
        except ValidationError:
            yield f"{path.name} is not a signature."
        except SignersError as error:
            yield f"{error}."


def _review(
    folder: Path, about: dict[str, Any], record: ReviewRecord, taken_down: set[str]
) -> Iterator[str]:
    """The review is of this version and these rows, and the table says its verdicts."""
    if (record.country, record.period, record.version) != (
        about["country"],
        about["period"],
        about["version"],
    ):
        yield (
            f"{REVIEW} is the review of {record.country} {record.period} version "
            f"{record.version}: a review can't be used for another release."
        )
    candidate = file_entry(folder / CANDIDATE_MANIFEST)["sha256"]
    reviewed = (None, candidate)
    if about["candidate"] != candidate or not (record.withheld() or record.manifest in reviewed):
        yield f"{REVIEW} is a review of other figures than {CANDIDATE_MANIFEST} lists."
    table = folder / "indicators.csv"
    if not record.expired:
        hashes = rows_hashes(table)
        hidden = record.hidden() if record.withheld() else []
        for name in sorted(record.indicators.keys() | hashes.keys()):
            seen = record.indicators.get(name)
            if name in taken_down or name in hidden:
                continue
            if seen is None or hashes.get(name) != seen.rows_hash:
                yield f"indicators.csv: the rows of {name} are not those that the council saw."
    with table.open(encoding="utf-8", newline="") as file:
        said = {(row["indicator_id"], row["council_verdict"]) for row in csv.DictReader(file)}
    for name, verdict in sorted(said):
        if name not in taken_down and verdict != record.verdict(name):
            yield f"indicators.csv: the verdict on {name} is not the one in {REVIEW}."


def _withheld(folder: Path, record: ReviewRecord, taken_down: set[str]) -> Iterator[str]:
    """The mark h is on every row that the council withheld, on no other, and without a number."""
    held = record.withheld()
    lock = json.loads((folder / LOCK).read_bytes())
    if lock["withheld"] != selections(held):
        yield f"{LOCK}: it protects other rows than those that the council withheld in {REVIEW}."
    wrong = set()
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            name = row["indicator_id"]
            said = (row["mark"] == "h", any(row[column] for column in CLEAR_COLUMNS))
            if name not in taken_down and (said[0] != (name in held) or said == (True, True)):
                wrong.add(name)
    for name in sorted(wrong):
        yield f"indicators.csv: the mark h on {name} is not what the council decided in {REVIEW}."


def _ledger(folder: Path, about: dict[str, Any], record: ReviewRecord) -> Iterator[str]:
    path = folder / LEDGER
    try:
        head = ledger.verify_chain(path)
        entries = ledger.entries(path)
    except ledger.LedgerError as error:
        yield f"{error}"
        return
    if head != about["ledger_head"]:
        yield f"{LEDGER}: entries were cut off its end; its head is not the one in {RELEASE}."
    of_review = {"country": record.country, "period": record.period, "version": record.version}

    def has(kind: str, **body: Any) -> bool:
        wanted = body.items()
        return any(entry.kind == kind and wanted <= _hashable(entry.body) for entry in entries)

    if has("release_published", **of_review):
        yield f"{LEDGER}: this review was published already: it was used a second time."
    if not has("candidate_built", manifest=about["candidate"]):
        yield f"{LEDGER}: it has no entry of the candidate in {CANDIDATE_MANIFEST}."
    if record.expired:
        return
    decided = [
        entry.body["verdicts"]
        for entry in entries
        if entry.kind == "review_decided"
        and of_review.items() <= _hashable(entry.body)
        and entry.body["manifest"] == record.manifest
    ]
    asked = {name: one.verdict for name, one in record.indicators.items() if one.asked}
    if decided != [asked]:
        yield f"{LEDGER}: its entry review_decided does not say what {REVIEW} says."
    if record.withheld():
        wanted = withheld_entry(record, about["candidate"])
        if not any(entry.kind == WITHHELD and entry.body == wanted for entry in entries):
            yield (
                f"{LEDGER}: it has no entry {WITHHELD} that leads from the reviewed candidate to "
                f"{CANDIDATE_MANIFEST} by what {REVIEW} withholds."
            )


def _hashable(body: Any) -> Any:
    return {name: value for name, value in body.items() if isinstance(value, str | int)}.items()
