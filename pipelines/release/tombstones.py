"""Tombstones: what stays of an indicator that was taken down for harm after its release.

The rule: a release is never overwritten. A take-down replaces the files that held the indicator's
cells and leaves a signed tombstone that keeps each file's hash before and after; ``verify`` accepts
exactly what the tombstone says. The original files go to the home's ``taken-down`` folder, which
nobody publishes, and come back when the council does not confirm.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, ValidationError

from pipelines.release.manifest import MANIFEST, TOMBSTONE, file_entry, json_bytes


class Tombstone(BaseModel):
    """What was taken down, why, by whom (an office, never a person), and each file's entries.

    ``files`` maps a path to the manifest entries ``was`` and ``now`` (None: removed).
    ``lifted`` says that the files came back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    release: str
    indicator_id: str
    reason: str
    by: str
    day: str
    lifted: bool
    files: dict[str, dict[str, dict[str, Any] | None]]
    signature: str = ""

    def content(self) -> bytes:
        """The bytes that are signed."""
        return json_bytes(self.model_dump(mode="json", exclude={"signature"}))


def write_tombstone(tombstone: Tombstone, folder: Path, key: Ed25519PrivateKey) -> Path:
    """Sign a tombstone with the publisher's key and put it into the release's folder."""
    signature = base64.b64encode(key.sign(tombstone.content())).decode()
    signed = tombstone.model_copy(update={"signature": signature})
    path = folder / f"tombstone-{tombstone.number}.json"
    path.write_bytes(json_bytes(signed.model_dump(mode="json")))
    return path


def read_tombstones(folder: Path, key: Ed25519PublicKey) -> tuple[list[Tombstone], list[str]]:
    """The tombstones of a release that count, by number, and a sentence for each that does not."""
    release = file_entry(folder / MANIFEST)["sha256"]
    found, wrong = [], []
    paths = sorted(
        (path for path in folder.iterdir() if TOMBSTONE.fullmatch(path.name)),
        key=lambda path: int(path.stem.split("-")[1]),
    )
    for number, path in enumerate(paths, start=1):
        try:
            tombstone = Tombstone.model_validate_json(path.read_bytes())
            key.verify(base64.b64decode(tombstone.signature), tombstone.content())
        except (ValidationError, InvalidSignature, ValueError):
            wrong.append(f"{path.name} is not a tombstone that this key signed.")
            continue
        if tombstone.release != release or tombstone.number != number:
            wrong.append(f"{path.name} is of another release, or one before it was removed.")
            continue
        found.append(tombstone)
    return found, wrong


def entries_now(tombstones: list[Tombstone]) -> dict[str, dict[str, Any] | None]:
    """path → the manifest entry that the newest tombstone gives it (None: removed)."""
    return {path: of["now"] for tombstone in tombstones for path, of in tombstone.files.items()}
