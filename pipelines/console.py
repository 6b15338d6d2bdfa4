"""What a person at a terminal sees: stages with their progress, tables, and errors that help.

Progress goes to standard error, results to standard output, so that results can be piped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
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


def print_rows(rows: Sequence[Mapping[str, object]]) -> None:
    """Rows under their headings, numbers to the right; keys are cut to twelve digits on a terminal.

    Piped, the same rows are tab-separated and whole, for another program.
    """
    if not rows:
        err.print("nothing yet")
        return
    if not out.is_terminal:
        print(*rows[0], sep="\t")
        for row in rows:
            print(*("" if value is None else value for value in row.values()), sep="\t")
        return
    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        numeric = all(isinstance(row[name], int | float | None) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*(_short(value) for value in row.values()))
    out.print(table)


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text[:12] if len(text) in (32, 64) and text.isalnum() else text
