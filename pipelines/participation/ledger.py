"""The ledger: what was received, built, reviewed and published, in order and for good.

The rule: an entry, once written, is never changed, moved or removed. Each entry carries the hash
of the one before it, so whoever knows the newest hash (every release prints it) can tell whether
any earlier entry was altered.

The file holds one canonical JSON object a line: ``seq`` (from 1), ``kind``, ``body``, ``previous``
(the hash before; 64 zeros for the first) and ``hash``, the SHA-256 of the other four. An entry
counts once its line break is on disk; what a killed process left after the last line break was
never acknowledged, so readers skip it and the next ``append`` cuts it off.

Appending is idempotent, so that a stage can run again after a kill: a ``kind`` and ``body`` that
the ledger already holds adds nothing and returns the first entry's hash. Things that may happen
twice must differ in their body, by a number or a date. The ledger reads no clock. Processes that
append at once wait for each other, by a lock that dies with its process.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from pipelines.errors import Foreseen

GENESIS = "0" * 64
"""The ``previous`` of the first entry."""


class LedgerError(Foreseen, ValueError):
    """The chain is broken; the message names the file and the entry."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    seq: int
    kind: str
    body: Mapping[str, Any]
    previous: str
    hash: str


def append(path: Path, kind: str, body: Mapping[str, Any]) -> str:
    """Add an entry and return its hash; a (kind, body) already present returns the hash it has.

    The entry is on disk when this returns. ``body`` is anything JSON can hold, without NaN.
    LedgerError when the chain so far is broken: nothing is ever added behind a broken entry.
    """
    return append_all(path, kind, [body])[0]


def append_all(path: Path, kind: str, bodies: Iterable[Mapping[str, Any]]) -> list[str]:
    """``append`` each of several bodies, in order, reading the chain once; returns the hashes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(".lock")):
        earlier = _checked(path)
        there = {_canonical({"kind": one.kind, "body": one.body}): one.hash for one in earlier}
        seq, previous = len(earlier), earlier[-1].hash if earlier else GENESIS
        hashes = []
        for body in bodies:
            wanted = _canonical({"kind": kind, "body": body})
            if wanted not in there:
                seq += 1
                content = {"seq": seq, "kind": kind, "body": body, "previous": previous}
                previous = there[wanted] = _hash(content)
                _write_line(path, _canonical({**content, "hash": previous}))
            hashes.append(there[wanted])
        return hashes


def entries(path: Path) -> list[Entry]:
    """The entries in order, read but not verified; none when the file does not exist yet.

    LedgerError when a whole line is not an entry.
    """
    return [_parse(path, number, line) for number, line in enumerate(_lines(path), start=1)]


def verify_chain(path: Path) -> str:
    """Check every entry against its hash and the one before; return the newest hash (the head).

    LedgerError names the first entry that is wrong. Entries cut off the end can only be noticed by
    comparing the head with one that was published.
    """
    checked = _checked(path)
    return checked[-1].hash if checked else GENESIS


def _checked(path: Path) -> list[Entry]:
    previous = GENESIS
    found = entries(path)
    for number, entry in enumerate(found, start=1):
        content = {
            "seq": entry.seq,
            "kind": entry.kind,
            "body": entry.body,
            "previous": entry.previous,
        }
        if entry.seq != number:
            raise LedgerError(
                f"{path}, entry {number}: it is numbered {entry.seq}; an entry was removed, added "
                "or moved. Compare with a copy of the ledger."
            )
        if entry.previous != previous:
            raise LedgerError(
                f"{path}, entry {number}: it does not follow entry {number - 1}; one of the two "
                "was replaced. Compare with a copy of the ledger."
            )
        if entry.hash != _hash(content):
            raise LedgerError(
                f"{path}, entry {number} ({entry.kind}): its content was changed after it was "
                "written. Compare with a copy of the ledger."
            )
        previous = entry.hash
    return found


def _lines(path: Path) -> list[bytes]:
    whole = path.read_bytes() if path.exists() else b""
    return whole[: whole.rfind(b"\n") + 1].splitlines()


def _parse(path: Path, number: int, line: bytes) -> Entry:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        raise LedgerError(
            f"{path}, entry {number}: the line is not a ledger entry. Compare with a copy of the "
            "ledger."
        ) from None


def _write_line(path: Path, line: bytes) -> None:
    with path.open("r+b" if path.exists() else "w+b") as file:
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)
        file.seek(0, os.SEEK_END)
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(_canonical(content)).hexdigest()


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()
