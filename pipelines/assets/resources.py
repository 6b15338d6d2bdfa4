"""What assets need to know from outside: the home they work on, and where progress goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg
from pydantic import PrivateAttr

from pipelines.paths import HOME_VARIABLE, Home

Progress = Callable[[str, str], None]


class Observatory(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home a run works on, and the threads it may use.

    ``stage`` times a stage's own work, so that what the orchestrator adds can be told apart.
    """

    root: str = dg.EnvVar(HOME_VARIABLE)
    threads: int = 2

    _seconds: dict[str, float] = PrivateAttr(default_factory=dict)
    _dbt_models: float = PrivateAttr(default=0.0)
    _listener: Progress | None = PrivateAttr(default=None)

    @property
    def home(self) -> Home:
        """The home's folders."""
        return Home.find(self.root)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds of own work a stage, in the order in which they ran."""
        return dict(self._seconds)

    @property
    def dbt_model_seconds(self) -> float:
        """Seconds that dbt's nodes took to execute, of those that its stage took in all."""
        return self._dbt_models

    def record_models(self, run_results: dict[str, Any]) -> None:
        """Keep from dbt's ``run_results.json`` what its models and tests took."""
        self._dbt_models += sum(node["execution_time"] for node in run_results["results"])

    def listen(self, listener: Progress) -> None:
        """Send progress to ``listener(stage, what)``, for a person who watches."""
        self._listener = listener

    def say(self, stage: str, what: str) -> None:
        """Report progress within a stage."""
        if self._listener:
            self._listener(stage, what)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a stage's own work; the body gets a function that reports progress."""
        self.say(name, "")
        started = time.perf_counter()
        try:
            yield lambda what: self.say(name, what)
        finally:
            spent = time.perf_counter() - started
            self._seconds[name] = self._seconds.get(name, 0.0) + spent
