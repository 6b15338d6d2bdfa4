"""The releases that a candidate must not contradict in secret: all that the country published.

The rule: whatever was public once counts, superseded, withdrawn or taken down. A candidate that is
built again after its own release is held against what that release was, so it is still the same
candidate, whatever the council withheld of it. The lock names them by the hash of their manifests.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.disclosure.earlier import Edition, read_edition
from pipelines.disclosure.table import Reach
from pipelines.paths import Home
from pipelines.release.lock import LOCK
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.publishing import published_of, releases_by_manifest
from pipelines.release.status import Status

_EARLIER = "earlier_releases"
_DECIDED_LATER: dict[str, list[Any]] = {_EARLIER: [], "withheld": []}
"""What a release's lock may say otherwise than the lock of the candidate that it began as."""


def editions_before(home: Home, lock: dict[str, Any]) -> list[Edition]:
    """What a candidate with this lock is held against, by period and version.

    ``lock`` is what ``lock_of`` gives, whatever it says of earlier releases. ReleaseError when a
    release that a lock names is not in the home.
    """
    folders = published_of(home, lock["country"]["code"])
    for folder in folders:
        released = json.loads((folder / LOCK).read_bytes())
        if released | _DECIDED_LATER == lock | _DECIDED_LATER:
            return editions_of(home, released[_EARLIER])
    return [_edition(home, folder) for folder in folders]


def editions_of(home: Home, manifests: Sequence[str]) -> list[Edition]:
    """The releases with these manifest hashes; ReleaseError when one is not in the home."""
    return [_edition(home, folder) for folder in releases_by_manifest(home, manifests)]


def _edition(home: Home, folder: Path) -> Edition:
    """A release as it was published; the files from before a take-down lie apart."""
    manifest = file_entry(folder / MANIFEST)["sha256"]
    originals = home.taken_down / manifest
    status = Status.model_validate_json((folder / "status.json").read_bytes())
    rounding = Reach(**status.rounding.model_dump()) if status.rounding else None
    published = originals if originals.is_dir() else folder
    return read_edition(published, manifest, folder, rounding)
