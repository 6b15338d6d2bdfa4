"""Deliveries judged ahead of their turn, several at once, in folders that nobody reads.

Rule guarded: judging a delivery needs nothing of another, so it may be done early; what is done in
order, one by one, is to enter it. Until then its rows lie in a work folder, not in the home.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines.deliveries import quarantine
from pipelines.deliveries.gate import Judged, gate_connection, judge
from pipelines.deliveries.landing import land
from pipelines.deliveries.manifest import Peeked, read_manifest
from pipelines.deliveries.tombstones import Tombstones
from pipelines.deliveries.unpacking import Limits
from pipelines.paths import Home
from pipelines.settings import load_country

AT_ONCE = os.cpu_count() or 1
"""Deliveries judged at the same time: DuckDB works outside Python's lock, so threads do."""


@dataclass(frozen=True)
class Staged:
    """A delivery that the gate judged, with its files as below a home in ``folder``."""

    folder: Path
    judged: Judged

    def moved_into(self, home: Home) -> Judged:
        """Rename its files to their places, all on one disk; those of no accepted rows too."""
        for file in sorted(self.folder.rglob("*.parquet")):
            place = home.root / file.relative_to(self.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
        return self.judged


@dataclass(frozen=True)
class Gate:
    """What every delivery of a run is judged by."""

    home: Home
    limits: Limits
    tombstones: Tombstones

    def judge(self, peeked: Peeked, work: Path) -> Staged:
        """Judge one delivery below ``work``; Refused where nothing of it may be kept."""
        manifest = read_manifest(peeked.content)
        tolerance = load_country(manifest.country, self.home).quarantine_tolerance
        staged = Home(work / "staged")
        with gate_connection(work) as connection:
            judged = judge(connection, peeked, work, tolerance, self.limits, self.tombstones)
            for table, checked in judged.tables.items():
                if judged.refused or judged.broken[table]:
                    quarantine.set_apart(
                        connection, staged, checked, judged.id, whole=judged.refused
                    )
                if not judged.refused:
                    land(connection, staged, table, judged.id)
        return Staged(staged.root, judged)


@contextmanager
def ahead(
    judge: Callable[[Peeked, Path], Staged],
    deliveries: Iterable[Peeked],
    passes_by: Callable[[Peeked], bool],
    root: Path,
) -> Iterator[Iterator[tuple[Peeked, Future[Staged] | None]]]:
    """Each delivery in order with its judgement to come; None where it ``passes_by`` unjudged.

    ``AT_ONCE`` are judged at a time, and as many more may wait for their turn. Each work folder,
    below ``root``, is gone once the next delivery is asked for, however the run ends.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waiting: deque[tuple[Peeked, Future[Staged] | None, Path | None]] = deque()

        def begin(one: Peeked) -> None:
            if passes_by(one):
                waiting.append((one, None, None))
                return
            work = Path(tempfile.mkdtemp(prefix="work-", dir=root))
            waiting.append((one, pool.submit(judge, one, work), work))

        def in_turn() -> Iterator[tuple[Peeked, Future[Staged] | None]]:
            for one in deliveries:
                begin(one)
                if len(waiting) > AT_ONCE:
                    yield from first()
            while waiting:
                yield from first()

        def first() -> Iterator[tuple[Peeked, Future[Staged] | None]]:
            one, judged, work = waiting[0]
            yield one, judged
            waiting.popleft()
            _remove(judged, work)

        try:
            yield in_turn()
        finally:
            pool.shutdown(cancel_futures=True)
            for _, judged, work in waiting:
                _remove(judged, work)


def _remove(judged: Future[Staged] | None, work: Path | None) -> None:
    if judged is not None and work is not None:
        judged.cancelled() or judged.exception()  # not before it ended
        shutil.rmtree(work)
