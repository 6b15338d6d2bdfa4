"""``make coverage-report``: do the intervals hold the truth as often as they say?

Rule guarded: a seed's figures depend on the seed and on the code that computes them; they are kept
by batch below var/coverage, so a run that was cut short, or asked for more seeds, goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.console import err
from pipelines.coverage import batch
from pipelines.coverage.report import document, markdown
from pipelines.coverage.world import run
from pipelines.paths import CHECKOUT, DBT_PROJECT
from pipelines.synthetic.at_once import Run

SEEDS = 2_000
BATCH = 100
LOSING = 10
"""One seed in so many is also lived through under informative loss."""
_SUFFIXES = {".py", ".sql", ".yml"}
_SOURCES = (
    DBT_PROJECT / "macros",
    DBT_PROJECT / "models",
    CHECKOUT / "pipelines" / "estimation",
    CHECKOUT / "pipelines" / "synthetic",
    CHECKOUT / "pipelines" / "coverage" / "batch.py",
    CHECKOUT / "pipelines" / "coverage" / "world.py",
)


def figures(seeds: int, size: int, work: Path) -> tuple[pa.Table, int]:
    """The figures of seeds 1 to ``seeds`` in batches of ``size``, and how many were made now."""
    kept = work / f"{_code()[:16]}-{size}"
    kept.mkdir(parents=True, exist_ok=True)
    tables, made = [], 0
    for first in range(1, seeds + 1, size):
        path = kept / f"{first:05d}-{min(first + size - 1, seeds):05d}.parquet"
        if not path.exists():
            began = time.perf_counter()
            _make(range(first, min(first + size, seeds + 1)), path, work / "building")
            made += 1
            err.print(f"seeds {path.stem}: {time.perf_counter() - began:.0f} s")
        tables.append(pq.read_table(path))
    return pa.concat_tables(tables), made


def _make(seeds: Sequence[int], path: Path, building: Path) -> None:
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    runs: list[Run] = [run(seed) for seed in seeds]
    runs += [run(seed, informative=True) for seed in seeds if seed % LOSING == 0]
    found = batch.figures_of(runs, building)
    unfinished = path.with_suffix(".unfinished")
    pq.write_table(found, unfinished, compression="zstd")
    unfinished.replace(path)
    shutil.rmtree(building)


def _code() -> str:
    """SHA-256 of everything a figure depends on but its seed."""
    digest = hashlib.sha256()
    paths = [
        path
        for source in _SOURCES
        for path in ([source] if source.is_file() else source.rglob("*"))
        if path.suffix in _SUFFIXES
    ]
    for path in sorted(paths):
        digest.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def main() -> int:
    """Make what is missing, write the JSON, print the table; 1 where a figure falls short."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--batch", type=int, default=BATCH, help="seeds a warehouse")
    parser.add_argument("--work", type=Path, default=CHECKOUT / "var" / "coverage")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "var" / "coverage.json")
    asked = parser.parse_args()
    found, _ = figures(asked.seeds, asked.batch, asked.work)
    report = document(found, asked.seeds)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(markdown(report))
    err.print(f"written to {asked.out}")
    return 1 if report["falls_short"] else 0


if __name__ == "__main__":
    sys.exit(main())
