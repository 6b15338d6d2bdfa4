"""``delivery.json``: what a delivery says of itself, checked before anything else is read.

Rule guarded: a delivery is known by the SHA-256 of its canonical manifest, and no path in it leads
outside the delivery.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipelines.deliveries.contract import VERSION, Source, contracts
from pipelines.deliveries.findings import Finding, Refused, refusal
from pipelines.deliveries.identifiers import rules_broken
from pipelines.deliveries.identifying_columns import one_word
from pipelines.deliveries.readers import reader
from pipelines.periods import Period, PeriodError, month_number

MANIFEST = "delivery.json"
MANIFEST_BYTES = 1_000_000
_PLAIN_PATH = re.compile(r"([a-z_]+/)*[a-z_]+\.[a-z]+")
_SUFFIX = re.compile(r"(?i)\.(csv|xlsx|parquet)$")
#: What reading a damaged or an odd archive can end in, beside the system's own errors.
ARCHIVE_ERRORS = (
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DeliveredFile(_Strict):
    """One file of a delivery: where it is, which canonical table it fills, its hash."""

    path: str = Field(min_length=1, max_length=255)
    table: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")

    @field_validator("path")
    @classmethod
    def _says_nobody(cls, path: str) -> str:
        # a file's name is kept in the record, whatever becomes of the file
        if not _PLAIN_PATH.fullmatch(path):
            names = _SUFFIX.sub("", path).split("/")
            if broken := rules_broken([path.lower(), *names]):
                raise ValueError(
                    f"the name looks like an identifier ({broken[0]}); name the file after its "
                    "table, for example persons.csv"
                )
        return path

    @field_validator("table")
    @classmethod
    def _known_table(cls, table: str) -> str:
        if table not in contracts():
            raise ValueError(f"not a table of contract {VERSION}: {', '.join(contracts())}")
        return table


class Manifest(_Strict):
    """The content of ``delivery.json``."""

    contract: str
    source: Source
    provider_key: str = Field(pattern="^[0-9a-f]{32}$")
    country: str = Field(pattern="^[A-Z]{2}$")
    period: str
    format: str
    synthetic: bool
    supersedes: str | None = Field(pattern="^[0-9a-f]{64}$")
    sent_month: str
    files: list[DeliveredFile] = Field(min_length=1, max_length=100)

    @field_validator("contract")
    @classmethod
    def _known_contract(cls, contract: str) -> str:
        if contract != VERSION:
            raise ValueError(
                f"contract version is not known here; this observatory reads {VERSION}"
            )
        return contract

    @field_validator("period")
    @classmethod
    def _period(cls, period: str) -> str:
        try:
            Period.parse(period)
        except PeriodError:
            raise ValueError(
                "write a quarter (2024Q4), a year (2024) or years (2022-2024)"
            ) from None
        return period

    @field_validator("sent_month")
    @classmethod
    def _month(cls, month: str) -> str:
        try:
            month_number(month)
        except PeriodError:
            raise ValueError("write a month as YYYY-MM") from None
        return month

    @property
    def months(self) -> Period:
        """The months of its period."""
        return Period.parse(self.period)


@dataclass(frozen=True)
class Peeked:
    """A delivery before the gate: its id, and its manifest where one could be read at all."""

    path: Path
    id: str
    content: dict[str, Any] | None


def canonical_json(content: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: the bytes that are hashed."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8"
    )


def delivery_id(content: Any) -> str:
    """SHA-256 (hex) of the canonical manifest."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def manifest_member(archive: zipfile.ZipFile) -> str | None:
    """The name of ``delivery.json`` in a zip: at its top or in its one folder."""
    names = [n for n in archive.namelist() if PurePosixPath(n).name == MANIFEST]
    shallow = [n for n in names if len(PurePosixPath(n).parts) <= 2]
    return min(shallow, key=lambda name: (len(PurePosixPath(name).parts), name), default=None)


def _manifest_bytes(path: Path) -> bytes | None:
    try:
        if path.is_dir():
            with (path / MANIFEST).open("rb") as file:
                return file.read(MANIFEST_BYTES + 1)
        with zipfile.ZipFile(path) as archive:
            if member := manifest_member(archive):
                with archive.open(member) as packed:
                    return packed.read(MANIFEST_BYTES + 1)
    except (OSError, *ARCHIVE_ERRORS):
        pass
    return None


def peek(path: Path) -> Peeked:
    """Read a delivery's manifest without judging it.

    Where it can't be parsed, the id is the SHA-256 of the manifest's bytes, or of the file's.
    """
    raw = _manifest_bytes(path)
    if raw is None:
        if path.is_dir():
            return Peeked(path, hashlib.sha256(path.name.encode()).hexdigest(), None)
        with path.open("rb") as file:
            return Peeked(path, hashlib.file_digest(file, "sha256").hexdigest(), None)
    try:
        content = json.loads(raw) if len(raw) <= MANIFEST_BYTES else None
        if isinstance(content, dict):
            return Peeked(path, delivery_id(content), content)
    except (ValueError, RecursionError):  # no JSON, or text that is no Unicode
        pass
    return Peeked(path, hashlib.sha256(raw).hexdigest(), None)


def read_manifest(content: dict[str, Any] | None) -> Manifest:
    """The typed manifest; Refused (step 1) names every field that is wrong."""
    if content is None:
        raise refusal(
            1,
            "manifest_unreadable",
            f"{MANIFEST} is missing, is not JSON or is over {MANIFEST_BYTES} bytes; put one at the "
            "top of the delivery, as docs describe",
            MANIFEST,
        )
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        # pydantic's message without its input value: a manifest may hold what must not be kept
        raise Refused(
            [
                Finding(1, "manifest_field", e["msg"], MANIFEST, field=_place(e["loc"]))
                for e in error.errors()
            ]
        ) from None
    reader(manifest.format)
    _check_tables(manifest)
    return manifest


def _place(location: tuple[int | str, ...]) -> str:
    """Where a field is; a name that could be a value itself is left out."""
    return ".".join(str(part) for part in location if isinstance(part, int) or one_word(part))


def _check_tables(manifest: Manifest) -> None:
    delivered = [file.table for file in manifest.files]
    for file in manifest.files:
        if delivered.count(file.table) > 1:
            raise refusal(
                1,
                "table_twice",
                f"table {file.table} comes in two files; send one file a table",
                MANIFEST,
                table=file.table,
            )
        if manifest.source not in contracts()[file.table].sources:
            raise refusal(
                1,
                "table_of_other_source",
                f"table {file.table} does not belong in a delivery of {manifest.source}",
                MANIFEST,
                table=file.table,
            )
    for contract in contracts().values():
        if manifest.source in contract.required_for and contract.table not in delivered:
            raise refusal(
                1,
                "missing_table",
                f"a delivery of {manifest.source} needs table {contract.table}; add its file "
                "(a header without rows will do)",
                MANIFEST,
                table=contract.table,
            )
