"""A signing key is private from the first byte, made once, and found with its public half."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.release.signing import (
    PRIVATE_NAME,
    PUBLIC_NAME,
    SigningError,
    find_public_key,
    public_key,
    signing_key,
)


def test_the_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    first = signing_key(keys)
    assert (keys / PRIVATE_NAME).stat().st_mode & 0o777 == 0o600
    assert signing_key(keys).private_bytes_raw() == first.private_bytes_raw()
    assert public_key(keys / PUBLIC_NAME) == first.public_key()
    assert sorted(path.name for path in keys.iterdir()) == [PRIVATE_NAME, PUBLIC_NAME]


def test_a_public_key_lost_before_it_was_written_is_written_again(tmp_path: Path) -> None:
    first = signing_key(tmp_path)
    (tmp_path / PUBLIC_NAME).unlink()
    signing_key(tmp_path)
    assert public_key(tmp_path / PUBLIC_NAME) == first.public_key()


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    signing_key(tmp_path)
    (tmp_path / PRIVATE_NAME).chmod(0o644)
    with pytest.raises(SigningError, match="chmod 600"):
        signing_key(tmp_path)


def test_a_file_that_is_no_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / PUBLIC_NAME
    with pytest.raises(SigningError, match="is missing"):
        public_key(path)
    path.write_text("hello")
    with pytest.raises(SigningError, match="is not a PEM public key"):
        public_key(path)


def test_the_public_key_is_found_above_a_candidate(tmp_path: Path) -> None:
    signing_key(tmp_path / "keys")
    folder = tmp_path / "candidates" / "ZZ" / "2024Q4"
    folder.mkdir(parents=True)
    assert find_public_key(folder) == tmp_path / "keys" / PUBLIC_NAME
    (tmp_path / "keys" / PUBLIC_NAME).unlink()
    with pytest.raises(SigningError, match="name the publisher's public key"):
        find_public_key(folder)
