"""Signing keys: Ed25519, made on demand, never outside the home's ``keys`` folder.

The rule: the private key is readable by its owner alone and is never copied, printed or written
anywhere else; what others need is the public key beside it (RFC 8032; PEM as in RFC 8410).
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.errors import Foreseen

PRIVATE_NAME = "observatory.key"
PUBLIC_NAME = "observatory.pub"


class SigningError(Foreseen, ValueError):
    """A key that can't be used; the message names the file and the remedy."""


def signing_key(keys: Path, *, create: bool = True) -> Ed25519PrivateKey:
    """The private key of the ``keys`` folder, created with its public key when there is none.

    SigningError when others can read the key, it is not an Ed25519 key, or there is none and none
    may be created.
    """
    private = keys / PRIVATE_NAME
    if not private.exists():
        if not create:
            raise SigningError(f"{private} is missing: name the folder of the signer's key")
        _create(private)
    if private.stat().st_mode & 0o077:
        raise SigningError(f"{private} can be read by others: run chmod 600 {private}")
    try:
        key = serialization.load_pem_private_key(private.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise SigningError(f"{private} is not an unencrypted PEM private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError(f"{private} is not an Ed25519 key")
    public = keys / PUBLIC_NAME
    if not public.exists():
        _write_whole(public, _public_pem(key.public_key()), 0o644)
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key (PEM); SigningError names the file when it is none."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except FileNotFoundError:
        raise SigningError(
            f"{path} is missing: ask the publisher for the public key {PUBLIC_NAME}"
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise SigningError(f"{path} is not a PEM public key") from None
    if not isinstance(key, Ed25519PublicKey):
        raise SigningError(f"{path} is not an Ed25519 public key")
    return key


def find_public_key(folder: Path) -> Path:
    """Where the public key of a folder in a home's ``candidates`` or ``releases`` lies.

    SigningError when no folder above ``folder`` has ``keys/observatory.pub``.
    """
    for above in folder.resolve().parents:
        path = above / "keys" / PUBLIC_NAME
        if path.is_file():
            return path
    raise SigningError(
        f"no keys/{PUBLIC_NAME} above {folder}: name the publisher's public key yourself"
    )


def _create(private: Path) -> None:
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    content = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_whole(private, content, 0o600)


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _write_whole(path: Path, content: bytes, mode: int) -> None:
    """Write under another name with its final mode, then rename: never a half-written key."""
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.rename(path)
