"""Verifying a signed folder with nothing but the folder and the publisher's public key.

The rule: a folder verifies when the signature fits the manifest and the manifest fits the files,
with none missing, added or changed but by a signed tombstone, and, in a release, when signers,
ledger, review and version agree. Each thing wrong is named. Files are looked up in the folder,
never by following a manifest's path, so a forged manifest can't make the check read elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.errors import Foreseen
from pipelines.release.manifest import (
    MANIFEST,
    OFFICE_SIGNATURES,
    SIGNATURE,
    file_entry,
    files_of,
    signature_bytes,
)
from pipelines.release.tombstones import entries_now, read_tombstones
from pipelines.release.verify_release import RELEASE, release_problems


class NoFolder(Foreseen, NotADirectoryError):
    """There is no folder to verify; the message names it."""


@dataclass(frozen=True)
class Verification:
    """What a check found; paths are relative to the folder, sorted.

    ``others`` are sentences about what a release says of itself (``verify_release``).
    """

    signature_fits: bool
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the folder is exactly what was signed."""
        return self.signature_fits and not (
            self.missing or self.added or self.changed or self.others
        )

    def problems(self) -> list[str]:
        """One sentence for each thing wrong; none when all is well."""
        wrong = [f"{path} is missing." for path in self.missing]
        wrong += [f"{path} was added after signing." for path in self.added]
        wrong += [f"{path} was changed after signing." for path in self.changed]
        if not self.signature_fits and not {MANIFEST, SIGNATURE} & set(self.missing):
            wrong.append(
                f"{SIGNATURE} is not this key's signature of {MANIFEST}: one of them was changed, "
                "or another key signed."
            )
        return wrong + list(self.others)


def verify(folder: Path, public_key: Ed25519PublicKey) -> Verification:
    """Check a folder against its manifest and the manifest against its signature.

    Never raises for what it finds in the folder; NoFolder when there is none.
    """
    if not folder.is_dir():
        raise NoFolder(f"{folder} is not a folder: give the candidate or release folder")
    absent = tuple(name for name in (MANIFEST, SIGNATURE) if not (folder / name).is_file())
    if MANIFEST in absent:
        return Verification(signature_fits=False, missing=absent)
    manifest = (folder / MANIFEST).read_bytes()
    fits = not absent and _fits(public_key, (folder / SIGNATURE).read_bytes(), manifest)
    listed = _listed(manifest)
    if listed is None:
        return Verification(signature_fits=False, missing=absent, changed=(MANIFEST,))
    present = {path.relative_to(folder).as_posix(): path for path in files_of(folder)}
    tombstones, others = read_tombstones(folder, public_key)
    for path, entry in entries_now(tombstones).items():
        listed.pop(path, None)
        if entry is not None:
            listed[path] = entry
    missing = absent + tuple(sorted(listed.keys() - present.keys()))
    changed = tuple(
        name
        for name in sorted(listed.keys() & present.keys())
        if present[name].is_symlink() or file_entry(present[name]) != listed[name]
    )
    if RELEASE not in listed:
        others += [f"{name} was added." for name in OFFICE_SIGNATURES if (folder / name).exists()]
    elif not missing and not changed:
        others += release_problems(folder, {one.indicator_id for one in tombstones})
    return Verification(
        signature_fits=fits,
        missing=missing,
        added=tuple(sorted(present.keys() - listed.keys())),
        changed=changed,
        others=tuple(others),
    )


def _fits(public_key: Ed25519PublicKey, signature: bytes, manifest: bytes) -> bool:
    try:
        raw = base64.b64decode(signature, validate=False)
        public_key.verify(raw, manifest)
    except (InvalidSignature, binascii.Error):
        return False
    return signature == signature_bytes(raw)  # base64 has other spellings of the same bytes


def _listed(manifest: bytes) -> dict[str, object] | None:
    try:
        content = json.loads(manifest)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
