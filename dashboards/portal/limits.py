"""How often somebody may try: counted in memory, by a clock that is given.

The rule: attempts are counted for a key within a window that moves with the clock; nothing of them
is written down, and who is refused learns after how long to come back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from threading import Lock

_MOST_KEYS = 10_000


@dataclass
class Limit:
    """At most ``most`` attempts a key within ``window``."""

    most: int
    window: dt.timedelta
    _tried: dict[str, deque[dt.datetime]] = field(default_factory=lambda: defaultdict(deque))
    _lock: Lock = field(default_factory=Lock)

    def wait(self, now: dt.datetime, *parts: str) -> int:
        """Count an attempt; seconds to wait when it is one too many (and not counted), else 0."""
        key = _key(parts)
        with self._lock:
            if len(self._tried) > _MOST_KEYS:
                self._forget(now)
            tried = self._tried[key]
            while tried and now - tried[0] >= self.window:
                tried.popleft()
            if len(tried) >= self.most:
                return max(1, round((tried[0] + self.window - now).total_seconds()))
            tried.append(now)
            return 0

    def forgive(self, *parts: str) -> None:
        """Take back the attempt counted last: it was a right one."""
        with self._lock:
            if tried := self._tried.get(_key(parts)):
                tried.pop()

    def _forget(self, now: dt.datetime) -> None:
        old = [
            key for key, tried in self._tried.items() if not tried or now - tried[-1] >= self.window
        ]
        for key in old:
            del self._tried[key]


def _key(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass
class Limits:
    """The portal's limits. An address that many share (a proxy, a shelter) has the wider one."""

    name: Limit = field(default_factory=lambda: Limit(5, dt.timedelta(minutes=15)))
    address: Limit = field(default_factory=lambda: Limit(60, dt.timedelta(minutes=15)))
    invitation: Limit = field(default_factory=lambda: Limit(10, dt.timedelta(minutes=15)))
