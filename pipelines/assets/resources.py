"""What assets need to know from outside: the home they work on, and where progress goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib import metadata
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource
from packaging.version import Version

from pipelines.paths import HOME_VARIABLE, Home

Progress = Callable[[str, str], None]


class Observatory(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The home a run works on, and the threads it may use."""

    root: str = dg.EnvVar(HOME_VARIABLE)
    threads: int = 2

    @property
    def home(self) -> Home:
        """The home's folders."""
        return Home.find(self.root)


class Dbt(DbtCliResource):
    """dbt's command line, of the version in the lock.

    The library would ask ``dbt --version``, which asks a package registry for newer ones: another
    host, before every run.
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))


class Stages:
    """Times each stage's own work, so that what the orchestrator adds can be told apart.

    ``seconds`` maps a stage to its own work, in the order in which they ran;
    ``dbt_model_seconds`` is what dbt's nodes took of theirs. ``listener(stage, what)`` hears of
    progress.
    """

    def __init__(self, listener: Progress = lambda stage, what: None) -> None:
        """Nothing has run."""
        self.seconds: dict[str, float] = {}
        self.dbt_model_seconds = 0.0
        self.say = listener

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time one stage; the body gets a function that reports what it is busy with."""
        self.say(name, "")
        started = time.perf_counter()
        try:
            yield lambda what: self.say(name, what)
        finally:
            spent = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    def record_models(self, run_results: dict[str, Any]) -> None:
        """Keep from dbt's ``run_results.json`` what its models and tests took."""
        self.dbt_model_seconds += sum(node["execution_time"] for node in run_results["results"])
