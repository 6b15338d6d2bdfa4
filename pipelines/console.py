"""What a person at a terminal sees: stages with their progress, tables, and errors that help.

Progress goes to standard error, results to standard output, so that results can be piped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class StageLog:
    """Prints each stage as it begins and, on a terminal, what it is busy with.

    ``heard(stage, what)`` is the listener that long work reports to.
    """

    def __init__(self) -> None:
        """Nothing has begun."""
        self._stage = ""
        self._started = time.perf_counter()
        self._status = err.status("")

    def heard(self, stage: str, what: str) -> None:
        """A stage begins (a new name) or is busy with something."""
        if stage != self._stage:
            self._finish()
            self._stage, self._started = stage, time.perf_counter()
            if not err.is_terminal:
                err.print(f"{stage} …")
        if err.is_terminal:
            self._status.update(f"{stage} … {what}")

    def _finish(self) -> None:
        if self._stage:
            spent = time.perf_counter() - self._started
            err.print(f"[green]done[/green] {self._stage} ({spent:.1f} s)")

    @contextmanager
    def running(self) -> Iterator[StageLog]:
        """Show the stages until the body ends."""
        if err.is_terminal:
            self._status.start()
        try:
            yield self
            self._finish()
        finally:
            self._status.stop()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows under their headings; numbers to the right."""
    table = Table(box=None, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    out.print(table)
