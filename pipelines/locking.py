"""One writer at a time, by an operating-system lock that dies with its process.

A queue slot can outlive a killed process; this lock can't. The file beside it names the holder,
so that whoever waits knows whom to ask.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from pipelines.errors import Foreseen
from pipelines.paths import Home


class Busy(Foreseen, RuntimeError):
    """Another process is writing; the message names it."""


@contextmanager
def writer_lock(home: Home, purpose: str, wait_seconds: float = 10.0) -> Iterator[None]:
    """Hold the home's writer lock while the body runs; Busy names the holder after the wait."""
    home.lock.parent.mkdir(parents=True, exist_ok=True)
    holder = home.lock.with_suffix(".holder")
    lock = FileLock(home.lock, timeout=wait_seconds)
    try:
        lock.acquire()
    except Timeout:
        who = holder.read_text(encoding="utf-8") if holder.exists() else "an unnamed process"
        raise Busy(
            f"{home.root} is being written by {who}. Wait for it to end, or stop that process; "
            "the lock frees itself when the process ends."
        ) from None
    try:
        holder.write_text(f"process {os.getpid()} ({purpose})", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
