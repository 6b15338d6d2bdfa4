"""Bytes of a delivery: paths, archives and files that can hurt are refused before they are read.

Rule guarded: nothing is opened outside the delivery, nothing grows beyond the limits, and a text
file is UTF-8 with lines of bounded length. Every check works in bounded memory.
"""

from __future__ import annotations

import codecs
import hashlib
import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipelines.deliveries.findings import refusal
from pipelines.deliveries.manifest import ARCHIVE_ERRORS, MANIFEST, Manifest, manifest_member

_CHUNK = 1 << 18
_NAME_BYTES = 255
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes. ``ratio`` (unpacked / packed) is asked of members over ``ratio_from``."""

    file_bytes: int = 4 << 30
    total_bytes: int = 16 << 30
    members: int = 1000
    ratio: int = 150
    ratio_from: int = 1 << 20
    line_bytes: int = 1_000_000
    kept_bytes: int = 64 << 20


def safe_path(folder: Path, path: str) -> Path:
    """The file ``path`` inside ``folder``; Refused (step 1) where it leads out or is missing."""
    parts = PurePosixPath(path)
    if (
        parts.is_absolute()
        or PureWindowsPath(path).drive
        or ".." in parts.parts
        or "\\" in path
        or "\0" in path
    ):
        raise refusal(
            1,
            "path_traversal",
            "the path leads outside the delivery; name a file inside it",
            MANIFEST,
            field="files.path",
        )
    file = folder
    for part in parts.parts:
        file /= part
        if len(os.fsencode(part)) > _NAME_BYTES:
            raise refusal(1, "missing_file", "its name is longer than a file's name can be", path)
        if file.is_symlink():
            raise refusal(1, "symbolic_link", "a link is not a file; send the file itself", path)
    if not file.is_file():
        raise refusal(1, "missing_file", "the manifest names it, but the delivery lacks it", path)
    return file


def check_archive(archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
    """Refuse (step 1) an archive that would unpack outside itself or beyond the limits."""
    members = archive.infolist()
    if len(members) > limits.members or len({m.filename for m in members}) < len(members):
        raise refusal(
            1, "zip_bomb", f"it holds over {limits.members} members, or two of one name", name
        )
    total = 0
    for member in members:
        parts = PurePosixPath(member.filename)
        if parts.is_absolute() or ".." in parts.parts or "\\" in member.orig_filename:
            raise refusal(1, "path_traversal", "a member's path leads outside the archive", name)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise refusal(1, "symbolic_link", "a member is a link; pack the file itself", name)
        if member.flag_bits & 1:
            raise refusal(1, "encrypted", "a member is encrypted; pack it without a password", name)
        named = 0 < len(os.fsencode(member.filename)) <= _NAME_BYTES
        placed = 0 <= member.header_offset < archive.start_dir
        if not named or not placed or member.compress_type not in _METHODS:
            raise refusal(
                1,
                "unreadable_zip",
                "a member has no name, one too long, no place in the file or an odd packing",
                name,
            )
        total += member.file_size
        swollen = member.file_size > limits.ratio * max(member.compress_size, 1)
        if (member.file_size > limits.ratio_from and swollen) or total > limits.total_bytes:
            raise refusal(
                1,
                "zip_bomb",
                f"it unpacks to over {limits.ratio} times its size or over {limits.total_bytes} "
                "bytes; send the files as a folder",
                name,
            )


def unpack(path: Path, work: Path, limits: Limits) -> Path:
    """The folder that holds ``delivery.json``: ``path``, or a zip unpacked below ``work``."""
    if path.is_dir():
        return path
    try:
        with zipfile.ZipFile(path) as archive:
            check_archive(archive, path.name, limits)
            for member in archive.infolist():
                if not member.is_dir():
                    _extract(archive, member, work, path.name)
            return work / PurePosixPath(manifest_member(archive) or MANIFEST).parent
    except (FileExistsError, IsADirectoryError, NotADirectoryError, *ARCHIVE_ERRORS):
        raise refusal(1, "unreadable_zip", "not a readable zip; pack it again", path.name) from None


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, work: Path, name: str) -> None:
    target = work / member.filename
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with archive.open(member) as packed, target.open("wb") as file:
        while chunk := packed.read(_CHUNK):
            written += len(chunk)
            if written > member.file_size:  # the directory of the archive lied about the size
                raise refusal(1, "zip_bomb", "a member is larger than the archive says", name)
            file.write(chunk)


def check_file(file: Path, path: str, expected_sha256: str, limits: Limits) -> int:
    """Check size, text and hash of one delivered file in one pass; returns its size in bytes."""
    size = file.stat().st_size
    if size > limits.file_bytes:
        raise refusal(
            1, "size_limit", f"it has {size} bytes; the limit is {limits.file_bytes}", path
        )
    suffix = file.suffix.lower()
    if suffix == ".xlsx":
        _check_workbook(file, path, limits)
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        chunks = iter(lambda: stream.read(_CHUNK), b"")
        if suffix == ".csv":
            chunks = _checked_text(chunks, path, limits.line_bytes)
        for chunk in chunks:
            digest.update(chunk)
    if digest.hexdigest() != expected_sha256:
        raise refusal(
            1,
            "wrong_hash",
            "its SHA-256 is not the one in delivery.json: it was changed or damaged on the way; "
            "send the delivery again",
            path,
        )
    return size


def _check_workbook(file: Path, path: str, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            check_archive(archive, path, limits)
    except ARCHIVE_ERRORS:
        raise refusal(1, "unreadable_file", "it is not a readable XLSX workbook", path) from None


def _checked_text(chunks: Iterator[bytes], path: str, line_bytes: int) -> Iterator[bytes]:
    """Pass chunks on; Refused at the first that is not UTF-8 text with bounded lines.

    Chunks are shorter than a line may be, so only the piece of a line that a chunk continues and
    the one it leaves open have to be measured.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines = 1
    open_line = 0
    first = True
    for chunk in chunks:
        if first and chunk.startswith(_UTF16_MARKS):
            raise refusal(1, "encoding", "it is UTF-16; save it as UTF-8", path)
        first = False
        newline = chunk.find(b"\n")
        if open_line + (len(chunk) if newline < 0 else newline) > line_bytes:
            raise refusal(
                1,
                "long_line",
                f"line {lines} is over {line_bytes} bytes; no row can be that long",
                path,
            )
        if b"\0" in chunk:
            at = lines + chunk.count(b"\n", 0, chunk.find(b"\0"))
            raise refusal(1, "nul_bytes", f"NUL bytes on line {at}; export the file again", path)
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            at = lines + chunk.count(b"\n", 0, max(error.start, 0))
            raise refusal(
                1, "encoding", f"not UTF-8 near line {at}; save the file as UTF-8", path
            ) from None
        lines += chunk.count(b"\n")
        open_line = open_line + len(chunk) if newline < 0 else len(chunk) - chunk.rfind(b"\n") - 1
        yield chunk
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise refusal(1, "encoding", "not UTF-8 at its end; save it as UTF-8", path) from None


def check_files(folder: Path, manifest: Manifest, limits: Limits) -> dict[str, int]:
    """Check every file the manifest names; returns path → bytes."""
    files = {file.path: safe_path(folder, file.path) for file in manifest.files}
    sizes = {path: file.stat().st_size for path, file in files.items()}
    if sum(sizes.values()) > limits.total_bytes:
        raise refusal(1, "size_limit", f"the files have over {limits.total_bytes} bytes together")
    return {
        file.path: check_file(files[file.path], file.path, file.sha256, limits)
        for file in manifest.files
    }
