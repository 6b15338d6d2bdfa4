"""release.lock.json: everything a candidate is a function of.

The rule: vintage, code, country settings and the manifests of earlier releases decide a candidate,
byte for byte; nothing else may. The code's hash covers the files a result can depend on and is the
same wherever the checkout lies. Country files are left out of it: the lock holds the settings
themselves. A blinding lies beside it, so that the hash of a manifest, which the ledger prints, is
no means to try out what the figures were before the council withheld some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipelines.disclosure.primary import Selection
from pipelines.paths import CHECKOUT, COUNTRIES
from pipelines.release.manifest import json_bytes
from pipelines.settings import Country

LOCK = "release.lock.json"
BLINDING = "blinding.txt"
SOURCES = ("pipelines", "dbt_project", "expectations", "uv.lock")
_MADE_BY_TOOLS = {"__pycache__", "target", "logs", "dbt_packages"}
_SUFFIXES = {".py", ".j2", ".sql", ".yml", ".yaml", ".csv", ".json", ".lock", ".toml"}


def code_hash(checkout: Path = CHECKOUT) -> str:
    """SHA-256 (hex) over the sorted relative paths and contents of the sources."""
    digest = hashlib.sha256()
    for path in sorted(_sources(checkout), key=lambda path: path.relative_to(checkout).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(checkout).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def lock_of(
    *,
    vintage: str,
    deliveries: Sequence[str],
    country: Country,
    period: str,
    code: str,
    earlier: Sequence[str],
    reviews: Sequence[str] = (),
    withheld: Sequence[Selection] = (),
    challenged: Sequence[str] = (),
    testimony: str = "",
) -> dict[str, Any]:
    """The content of release.lock.json.

    ``earlier`` are manifest hashes of the releases that it is held against, ``reviews`` of those
    whose reviews its participation indicators count, ``withheld`` what the council withholds,
    ``challenged`` the deliveries that it doubts, ``testimony`` the hash of the last entry that was
    read of the country's register of testimony, empty where there is none.
    """
    return {
        "vintage": vintage,
        "deliveries": sorted(deliveries),
        "code": code,
        "country": country.model_dump(mode="json"),
        "period": period,
        "earlier_releases": list(earlier),
        "reviews_counted": list(reviews),
        "withheld": [dict(selection) for selection in withheld],
        "challenged": sorted(challenged),
        "testimony": testimony,
    }


def blinding_of(lock: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The content of blinding.txt: 32 bytes (hex) that only the signing key can make of a lock.

    HKDF (RFC 5869) of the key; the lock's SHA-256 is the info.
    """
    info = b"candidate" + hashlib.sha256(json_bytes(lock)).digest()
    drawn = HKDF(SHA256(), length=32, salt=None, info=info).derive(key.private_bytes_raw())
    return drawn.hex().encode() + b"\n"


def _sources(checkout: Path) -> Iterator[Path]:
    countries = checkout / COUNTRIES.relative_to(CHECKOUT)
    for name in SOURCES:
        top = checkout / name
        for path in [top] if top.is_file() else top.rglob("*"):
            inside = path.relative_to(checkout)
            if (
                path.is_file()
                and path.suffix in _SUFFIXES
                and not _MADE_BY_TOOLS & set(inside.parts)
                and not any(part.startswith(".") for part in inside.parts)
                and not path.is_relative_to(countries)
            ):
                yield path
