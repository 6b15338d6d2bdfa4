"""MANIFEST.json: the SHA-256 and size of every file of a folder, and its signature beside it.

The rule: whatever is in a signed folder is in the manifest; only the manifest, its signatures and
the tombstones of later take-downs are not. The same files give the same manifest bytes, whoever
signs.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

MANIFEST = "MANIFEST.json"
SIGNATURE = "MANIFEST.sig"
OFFICE_SIGNATURES = ("MANIFEST.rapporteur.sig", "MANIFEST.council.sig")
"""The two signers' of a release; a candidate has none."""
TOMBSTONE = re.compile(r"tombstone-[0-9]+\.json")
"""One a take-down, written into a release after it was sealed."""


def json_bytes(content: Any) -> bytes:
    """The one spelling of JSON in a candidate: two spaces, UTF-8, a line break at the end.

    Keys keep their order, which is part of the content (the steps of a funnel): whoever makes the
    content gives it one that is the same every time.
    """
    text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode()


def files_of(folder: Path) -> Iterator[Path]:
    """Every file and link below ``folder`` that a manifest lists, sorted."""
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        unlisted = name in (MANIFEST, SIGNATURE, *OFFICE_SIGNATURES) or TOMBSTONE.fullmatch(name)
        if not unlisted and (path.is_symlink() or not path.is_dir()):
            yield path


def file_entry(path: Path) -> dict[str, Any]:
    """A file's SHA-256 (hex) and size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def manifest_of(folder: Path) -> bytes:
    """The bytes of MANIFEST.json for the files now in ``folder``."""
    return json_bytes(
        {path.relative_to(folder).as_posix(): file_entry(path) for path in files_of(folder)}
    )


def signature_bytes(signature: bytes) -> bytes:
    """The content of MANIFEST.sig: base64 (RFC 4648) and a line break."""
    return base64.b64encode(signature) + b"\n"


def seal(folder: Path, key: Ed25519PrivateKey) -> str:
    """Write MANIFEST.json and MANIFEST.sig (base64) last; returns the manifest's SHA-256."""
    manifest = manifest_of(folder)
    (folder / MANIFEST).write_bytes(manifest)
    (folder / SIGNATURE).write_bytes(signature_bytes(key.sign(manifest)))
    return hashlib.sha256(manifest).hexdigest()
