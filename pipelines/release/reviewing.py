"""The candidate under review: kept as it was when the review opened.

The rule: a review is of one candidate, byte for byte. Opening copies it to a folder named by its
manifest's hash, so that a candidate built later of more deliveries takes nothing away.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from pipelines.participation.models import Review
from pipelines.participation.reviews import Frozen
from pipelines.paths import Home
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.reading import read_candidate
from pipelines.release.rows_hash import rows_hashes

CHANGED = "its figures are new or have changed"


def freeze_candidate(
    home: Home,
    country: str,
    period: str,
    *,
    before: Path | None = None,
    chosen: Mapping[str, str] | None = None,
) -> Frozen:
    """Copy the candidate of a country and period, and say what the council is asked.

    Asked are the indicators whose rows differ from the release ``before``, and those ``chosen``,
    each with why. ReadingError when there is no such candidate.
    """
    folder = home.candidates / country / period
    status = read_candidate(folder).status
    manifest = file_entry(folder / MANIFEST)["sha256"]
    kept = home.reviewed / manifest
    if not kept.exists():
        building = kept.with_name(f".{manifest}.building")
        shutil.rmtree(building, ignore_errors=True)
        shutil.copytree(folder, building)
        building.rename(kept)
    rows = rows_hashes(kept / "indicators.csv")
    known = rows_hashes(before / "indicators.csv") if before else {}
    changed = {name: CHANGED for name, digest in rows.items() if known.get(name) != digest}
    return Frozen(
        manifest=manifest,
        vintage=status.vintage,
        rows=rows,
        asked={**changed, **{name: why for name, why in (chosen or {}).items() if name in rows}},
    )


def reviewed_candidate(home: Home, review: Review) -> Path:
    """The candidate that a review froze; for one that nobody opened, the current candidate."""
    if review.manifest:
        return home.reviewed / review.manifest
    return home.candidates / review.country / review.period
