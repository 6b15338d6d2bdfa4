"""One-time tokens: how a member votes without the store knowing who does.

The rule: a token is drawn at random for each seat when a review opens, all in one batch. The store
keeps its hash among the others, in the order of the hashes, and the token itself only in an
envelope that the member's passphrase opens (HPKE, RFC 9180, base mode: X25519, HKDF-SHA256,
ChaCha20-Poly1305; the private key under Argon2id, RFC 9106). Nothing is stored when a token is
collected or used, so there is no time to compare.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from pipelines.participation.people import Refused

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_SALT = 16
_NONCE = 12
_SPELLING = re.compile("[A-Z2-7]{26}")


class TokenError(Refused, ValueError):
    """A token, passphrase or envelope that does not fit; the message repeats none of them."""


def new_token() -> str:
    """128 random bits as 26 letters and digits (base32, RFC 4648) in groups that paper can bear."""
    text = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    return "-".join(text[start : start + 5] for start in range(0, len(text), 5))


def normalised(token: str) -> bytes:
    """A token as it was typed, without signs and case; TokenError when it can't be one."""
    text = re.sub(r"[\s-]", "", token).upper().replace("0", "O").replace("1", "I")
    if not _SPELLING.fullmatch(text):
        raise TokenError("the token is not 26 letters and digits: copy it from the slip again")
    return text.encode()


def digest(token: str) -> str:
    """What the store keeps of a token: SHA-256 (hex)."""
    return hashlib.sha256(normalised(token)).hexdigest()


def ballot_key(token: str, *parts: str) -> str:
    """The key of what a token does once: HMAC-SHA256 (hex) under the token of what it is.

    Two ballots of one token have keys that nobody can pair without the token.
    """
    return hmac.digest(normalised(token), "\0".join(parts).encode(), "sha256").hex()


def new_member_keys(passphrase: str) -> tuple[bytes, bytes]:
    """A member's public key, and the private key locked with the passphrase."""
    key = X25519PrivateKey.generate()
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    locked = ChaCha20Poly1305(_stretched(passphrase, salt)).encrypt(
        nonce, key.private_bytes_raw(), None
    )
    return key.public_key().public_bytes_raw(), salt + nonce + locked


def seal_token(token: str, public_key: bytes, review_id: str) -> bytes:
    """The envelope of a token for the holder of a public key, bound to one review."""
    return _SUITE.encrypt(
        token.encode(), X25519PublicKey.from_public_bytes(public_key), review_id.encode()
    )


def open_envelope(sealed: bytes, locked_key: bytes, passphrase: str, review_id: str) -> str:
    """The token in an envelope; TokenError when the passphrase or the review is another one."""
    return open_with_key(sealed, unlock_key(locked_key, passphrase), review_id)


def unlock_key(locked_key: bytes, passphrase: str) -> bytes:
    """A member's private key (32 bytes); TokenError when the passphrase is another one."""
    salt, nonce, locked = (
        locked_key[:_SALT],
        locked_key[_SALT : _SALT + _NONCE],
        locked_key[_SALT + _NONCE :],
    )
    try:
        return ChaCha20Poly1305(_stretched(passphrase, salt)).decrypt(nonce, locked, None)
    except InvalidTag:
        raise TokenError("the passphrase does not open this member's envelope") from None


def open_with_key(sealed: bytes, private_key: bytes, review_id: str) -> str:
    """The token in an envelope, by an unlocked key; TokenError when it is for another one."""
    key = X25519PrivateKey.from_private_bytes(private_key)
    try:
        return bytes(_SUITE.decrypt(sealed, key, review_id.encode())).decode()
    except InvalidTag:
        raise TokenError("this key does not open the envelope of this review") from None


def _stretched(passphrase: str, salt: bytes) -> bytes:
    """Argon2id with the second recommended set of RFC 9106, section 4 (64 MiB, three passes)."""
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=3,
        memory_cost=65536,
        parallelism=4,
        hash_len=32,
        type=Type.ID,
    )
