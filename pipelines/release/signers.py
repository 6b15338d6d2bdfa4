"""Who signs a release: the rapporteur and the council's delegate, each with named alternates.

The rule: a release carries one signature of each office over its manifest. An alternate's counts
only when those before were silent for 5 days each, counted from the day the release was due. Keys
change by a new roster that one key of each office of the roster before signs (rotation), so that
nobody, the publisher included, can put a signer in alone. Signatures are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict

from pipelines.errors import Foreseen
from pipelines.release.manifest import MANIFEST, OFFICE_SIGNATURES, json_bytes
from pipelines.release.signing import public_key

SIGNERS = "signers.json"
SILENCE = dt.timedelta(days=5)
Office = Literal["rapporteur", "council"]
OFFICES: tuple[Office, Office] = ("rapporteur", "council")


class SignersError(Foreseen, ValueError):
    """A roster or signature that does not count; the message says which and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Signer(_Part):
    """A name that the office chose to show, and the public key (base64 of 32 bytes)."""

    name: str
    key: str


class Roster(_Part):
    """Who signs from a day on: each office's signer first, its alternates in their order.

    ``previous`` is the hash of the roster before (empty for the first), ``signatures`` map a key of
    that roster to its signature of this one's content.
    """

    number: int
    country: str
    holds_from: dt.date
    rapporteur: tuple[Signer, ...]
    council: tuple[Signer, ...]
    previous: str = ""
    signatures: dict[str, str] = {}

    def content(self) -> bytes:
        """The bytes that are signed and hashed: everything but the signatures."""
        return json_bytes(self.model_dump(mode="json", exclude={"signatures"}))

    def digest(self) -> str:
        """SHA-256 (hex) of the content."""
        return hashlib.sha256(self.content()).hexdigest()

    def of(self, office: str) -> tuple[Signer, ...]:
        """The signers of an office in their order."""
        return self.rapporteur if office == "rapporteur" else self.council


class ReleaseSignature(_Part):
    """One office's signature of a release, as in ``MANIFEST.<office>.sig``."""

    office: Office
    key: str
    signed_on: dt.date
    signature: str


def signature_file(office: Office) -> str:
    """The name of the file with an office's signature."""
    return OFFICE_SIGNATURES[OFFICES.index(office)]


def public_text(key: Ed25519PublicKey) -> str:
    """A public key as rosters hold it."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def read_signer(text: str) -> Signer:
    """A signer out of ``NAME=FILE``, the file a public key in PEM."""
    name, _, path = text.rpartition("=")
    return Signer(name=name, key=public_text(public_key(Path(path))))


def sign_roster(roster: Roster, keys: Sequence[Ed25519PrivateKey]) -> Roster:
    """The roster with the signatures of keys of the roster before."""
    made = {
        public_text(key.public_key()): base64.b64encode(key.sign(roster.content())).decode()
        for key in keys
    }
    return roster.model_copy(update={"signatures": {**roster.signatures, **made}})


def name_signers(
    path: Path,
    country: str,
    holds_from: dt.date,
    rapporteur: Sequence[Signer],
    council: Sequence[Signer],
    keys: Sequence[Ed25519PrivateKey],
) -> Roster:
    """Add a roster to a country's file; SignersError when those before did not both sign it."""
    rosters = read_rosters(path)
    roster = Roster(
        number=len(rosters) + 1,
        country=country,
        holds_from=holds_from,
        rapporteur=tuple(rapporteur),
        council=tuple(council),
        previous=rosters[-1].digest() if rosters else "",
    )
    if rosters:
        roster = sign_roster(roster, keys)
    rosters.append(roster)
    check_rosters(rosters, country)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}.half")
    half.write_bytes(json_bytes([one.model_dump(mode="json") for one in rosters]))
    half.replace(path)
    return roster


def check_rosters(rosters: Sequence[Roster], country: str) -> None:
    """SignersError names the first roster that does not follow from the one before."""
    if not rosters:
        raise SignersError(f"{SIGNERS}: no roster names the signers")
    for number, roster in enumerate(rosters, start=1):
        before = rosters[number - 2] if number > 1 else None
        if roster.number != number or roster.country != country:
            raise SignersError(f"{SIGNERS}: roster {number} was removed, moved or is of another")
        if roster.previous != (before.digest() if before else ""):
            raise SignersError(f"{SIGNERS}: roster {number} does not follow the one before")
        for office in OFFICES:
            if not roster.of(office):
                raise SignersError(f"{SIGNERS}: roster {number} has no signer for the {office}")
            if before and not any(_signed(roster, one.key) for one in before.of(office)):
                raise SignersError(
                    f"{SIGNERS}: roster {number} is not signed by the {office} of the one before"
                )


def sign_release(
    folder: Path, office: Office, key: Ed25519PrivateKey, day: dt.date
) -> ReleaseSignature:
    """Sign a built release as an office and put the signature into its folder."""
    manifest = hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    made = ReleaseSignature(
        office=office,
        key=public_text(key.public_key()),
        signed_on=day,
        signature=base64.b64encode(key.sign(_statement(manifest, office, day))).decode(),
    )
    path = folder / signature_file(office)
    path.write_bytes(json_bytes(made.model_dump(mode="json")))
    return made


def check_release_signature(
    signature: ReleaseSignature, manifest: str, roster: Roster, due: dt.date
) -> None:
    """SignersError when a signature is forged, of nobody on the roster, or an alternate's too soon.

    ``manifest`` is the SHA-256 of the release's manifest, ``due`` the day of release.
    """
    name = signature_file(signature.office)
    ranks = {one.key: rank for rank, one in enumerate(roster.of(signature.office))}
    if signature.key not in ranks:
        raise SignersError(f"{name}: its key is on no line of {SIGNERS} for this office")
    if not _fits(
        signature.key,
        signature.signature,
        _statement(manifest, signature.office, signature.signed_on),
    ):
        raise SignersError(f"{name}: the signature is not that key's signature of {MANIFEST}")
    allowed = due + SILENCE * ranks[signature.key]
    if signature.signed_on < allowed:
        raise SignersError(
            f"{name}: an alternate signed on {signature.signed_on}; until {allowed} it is the turn "
            "of those before"
        )


def read_rosters(path: Path) -> list[Roster]:
    """The rosters in a file; none when there is no file."""
    if not path.exists():
        return []
    return [Roster.model_validate(one) for one in json.loads(path.read_bytes())]


def roster_on(rosters: Sequence[Roster], day: dt.date) -> Roster:
    """The roster that holds on a day; SignersError when none does yet."""
    held = [roster for roster in rosters if roster.holds_from <= day]
    if not held:
        raise SignersError(f"{SIGNERS}: no roster holds on {day}: name the signers first")
    return held[-1]


def _statement(manifest: str, office: str, day: dt.date) -> bytes:
    return f"release {manifest}\n{office}\n{day.isoformat()}\n".encode()


def _signed(roster: Roster, key: str) -> bool:
    return key in roster.signatures and _fits(key, roster.signatures[key], roster.content())


def _fits(key: str, signature: str, content: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(
            base64.b64decode(signature), content
        )
    except (InvalidSignature, ValueError):
        return False
    return True
