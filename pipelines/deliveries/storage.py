"""Files that are either whole or not there.

Rule guarded: whatever a home holds was renamed into place; a killed process leaves at most a
``*.partial`` file, which the next run removes.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from pipelines.paths import Home

PARTIAL = ".partial"


def landed_path(home: Home, table: str, delivery_id: str) -> Path:
    """Where a delivery's rows of a table lie."""
    return home.landing / table / f"delivery={delivery_id}" / "part.parquet"


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole: flushed to disk beside its place, then renamed.

    ``mode`` is what the file may be at most; the process's mask can take more away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def write_json(path: Path, content: Any) -> None:
    """Write sorted, indented JSON whole."""
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False)
    write_bytes(path, text.encode("utf-8") + b"\n")


def write_parquet(connection: DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a query that has a total ``order by`` as one Parquet file with fixed settings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + PARTIAL)
    target = str(partial).replace("'", "''")
    connection.execute(
        f"copy ({query}) to '{target}' (format parquet, compression zstd, row_group_size 122880)"
    )
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    partial.replace(path)


def remove_debris(root: Path, folders: list[Path]) -> None:
    """Remove what a killed process left: partial files in ``folders``, work folders in ``root``."""
    for folder in folders:
        for partial in folder.rglob(f"*{PARTIAL}"):
            if partial.is_file():
                partial.unlink()
            else:
                shutil.rmtree(partial)
    for work in root.glob("work-*"):
        shutil.rmtree(work)
