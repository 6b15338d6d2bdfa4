"""The made-up candidate, built once for all tests that only read it.

The rule: what is kept was built by the code as it is. The folder's name is a hash of every file the
candidate can depend on; another hash takes its place. A test of the building itself builds.
"""

from __future__ import annotations

import hashlib
import shutil
from functools import cache
from pathlib import Path

import pyarrow as pa
from filelock import FileLock

from pipelines.paths import CHECKOUT
from pipelines.release.lock import code_hash
from tests import candidate_kit

KEPT = CHECKOUT / "var" / "kept"


def kept_candidate(out: Path, table: pa.Table | None = None) -> Path:
    """A copy of ``candidate_kit.candidate(out, table=table)``, below ``out`` as that would be."""
    name = "whole" if table is None else _of_table(table)
    made = KEPT / _code() / name
    KEPT.mkdir(parents=True, exist_ok=True)
    with FileLock(KEPT / "lock"):
        for old in KEPT.iterdir():
            if old.is_dir() and old != made.parent:
                shutil.rmtree(old)
        if not made.is_dir():
            building = KEPT / "building"
            candidate_kit.candidate(building, table=table)
            made.parent.mkdir(exist_ok=True)
            building.rename(made)
        shutil.copytree(made, out, dirs_exist_ok=True)
    return out / candidate_kit.COUNTRY.code / candidate_kit.PERIOD


def _of_table(table: pa.Table) -> str:
    """SHA-256 (hex) of a table's schema and rows."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()


@cache
def _code() -> str:
    """SHA-256 (hex) of what a result can depend on, and of the kit."""
    kit = Path(candidate_kit.__file__).read_bytes()
    return hashlib.sha256(code_hash().encode() + kit).hexdigest()
