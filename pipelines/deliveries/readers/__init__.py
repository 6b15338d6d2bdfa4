"""Readers, one module a format: adding a format is adding a module with a ``READER``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from pipelines.deliveries.findings import refusal
from pipelines.deliveries.readers.base import Reader

__all__ = ["Reader", "reader", "readers"]


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader in this package, by format name."""
    modules = (
        importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)
    )
    found = [module.READER for module in modules if hasattr(module, "READER")]
    return {one.name: one for one in found}


def reader(format_name: str) -> Reader:
    """The reader of a format; Refused (step 1) lists the formats there are."""
    if format_name not in readers():
        raise refusal(
            1,
            "format",
            f"no reader for this format; write one of {', '.join(sorted(readers()))}",
            "delivery.json",
            field="format",
        )
    return readers()[format_name]
