"""Between people and deliveries: compact rows on disk, found again by provider and quarter.

Chunks of people are written one after the other, each sorted by provider and quarter; a delivery
reads its slice of every chunk. Memory holds one chunk or one delivery, never the run.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import numpy as np


class Spool:
    """One table's rows. A cell is a provider's quarter, numbered provider · quarters + quarter."""

    def __init__(self, path: Path, dtype: np.dtype, providers: int, quarters: int) -> None:
        """Open ``path`` for writing, then reading."""
        self._file: BinaryIO = path.open("w+b")
        self._dtype = dtype
        self._quarters = quarters
        self._cells = providers * quarters
        self._edges: list[np.ndarray] = []
        self._written = 0

    def append(self, rows: np.ndarray) -> None:
        """Write a chunk's rows, which are sorted by provider, then quarter."""
        cell = rows["provider"].astype(np.int64) * self._quarters + rows["quarter"]
        edges = np.searchsorted(cell, np.arange(self._cells + 1)) + self._written
        self._edges.append(edges)
        self._file.seek(0, 2)
        self._file.write(rows.tobytes())
        self._written += len(rows)

    def read(self, provider: int, quarter: int) -> np.ndarray:
        """All rows of a provider's quarter, in the order of the chunks."""
        cell = provider * self._quarters + quarter
        parts = [self._slice(edges[cell], edges[cell + 1]) for edges in self._edges]
        return np.concatenate(parts) if parts else np.empty(0, dtype=self._dtype)

    def _slice(self, start: int, stop: int) -> np.ndarray:
        self._file.seek(int(start) * self._dtype.itemsize)
        data = self._file.read(int(stop - start) * self._dtype.itemsize)
        return np.frombuffer(data, dtype=self._dtype)

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
