"""methodology/registry.json: what each indicator of the candidate counts, as it was when built.

The rule: pages print definitions and caveats from this snapshot, never from the checkout, so an old
candidate keeps its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.registry import Registry


def registry_snapshot(registry: Registry, gained: Mapping[str, str]) -> dict[str, Any]:
    """Every indicator of the registry in order of id, also those that have no figure yet, and the
    texts of their caveats together with those ``gained`` in the build."""
    used = {caveat for entry in registry.indicators.values() for caveat in entry.caveats}
    texts = {caveat: text for caveat, text in registry.caveats.items() if caveat in used}
    return {
        "indicators": [
            entry.model_dump(mode="json") for _, entry in sorted(registry.indicators.items())
        ],
        "caveats": {**texts, **gained},
    }
