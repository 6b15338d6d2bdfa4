"""Copies of deliveries in a home, inbox and refused ones: which of them mention an erased person.

Rule guarded: a delivered file is never edited, because its manifest would no longer fit; a copy
that mentions an erased person, or that can't be searched, goes whole. The provider has the
original, and what became of the delivery stays in the register.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines.deliveries.findings import Refused
from pipelines.deliveries.register import Record
from pipelines.deliveries.tombstones import Tombstones, recognise
from pipelines.deliveries.unpacking import Limits, check_archive
from pipelines.paths import Home

_CHUNK = 1 << 22
_OVERLAP = 128
_KEYS = re.compile(rb"[0-9a-f]{32}")


def remove_copy(
    home: Home, tombstones: Tombstones, path: Path, record: Record, *, seen: bool
) -> None:
    """Remove what the home keeps of one delivery as it came, if it mentions an erased person.

    ``path`` is where it came from: that copy goes only if it lies in the inbox. A delivery ``seen``
    before whose rows no erasure touched is not searched again.
    """
    if not tombstones:
        return
    for copy in (path, home.refused / record.delivery_id):
        ours = copy.exists() and copy.is_relative_to(home.root)
        if ours and (record.erasures or (not seen and mentioned(home, tombstones, copy))):
            remove(copy)


def remove(copy: Path) -> None:
    """Remove a delivery's folder or zip."""
    if copy.is_dir():
        shutil.rmtree(copy)
    else:
        copy.unlink(missing_ok=True)


def mentioned(home: Home, tombstones: Tombstones, copy: Path) -> bool:
    """Whether an erased person's key is anywhere in a file or folder, archives unpacked.

    A key counts as itself whatever its case, in any text encoding that keeps ASCII apart by NUL
    bytes at most. An archive that may not be unpacked counts as mentioning: nobody can say.
    """
    files = [path for path in copy.rglob("*") if path.is_file()] if copy.is_dir() else [copy]
    return any(_in_file(home, tombstones, file) for file in files)


def _in_file(home: Home, tombstones: Tombstones, file: Path) -> bool:
    if zipfile.is_zipfile(file):
        return _in_archive(home, tombstones, file)
    if file.suffix.lower() == ".parquet":
        try:
            return _in_parquet(tombstones, file)
        except duckdb.Error:
            pass  # not Parquet after all, or a damaged one: its bytes are searched
    return any(tombstones.among(set(_KEYS.findall(text))) for text in _texts(file))


def _texts(file: Path) -> Iterator[bytes]:
    """Overlapping pieces of a file, lower case, without NUL bytes."""
    rest = b""
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            piece = rest + chunk.replace(b"\0", b"").lower()
            yield piece
            rest = piece[-_OVERLAP:]


def _in_archive(home: Home, tombstones: Tombstones, file: Path) -> bool:
    with tempfile.TemporaryDirectory(prefix="work-", dir=home.root) as work:
        try:
            with zipfile.ZipFile(file) as archive:
                check_archive(archive, file.name, Limits())
                archive.extractall(work)
        except (Refused, zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
            return True
        return mentioned(home, tombstones, Path(work))


def _in_parquet(tombstones: Tombstones, file: Path) -> bool:
    with duckdb.connect() as connection:
        recognise(connection, tombstones)
        found = connection.execute(
            "select count(*) from (select concat_ws(' ', *columns(*)::varchar) as whole "
            "from read_parquet(?)) where len(erasures_in(whole)) > 0",
            [str(file)],
        ).fetchall()
    return bool(found[0][0])
