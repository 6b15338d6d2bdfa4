"""What is kept of a delivery refused at the manifest step.

Rule guarded: it is kept as it came, so that nobody's work is lost, unless it is too large or not
plain files; then the record says where the original lies. A delivery refused for identifiers is
never kept, nor is an earlier copy of it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.deliveries.manifest import MANIFEST, MANIFEST_BYTES
from pipelines.deliveries.storage import PARTIAL, write_json
from pipelines.deliveries.unpacking import Limits
from pipelines.paths import Home


def keep(home: Home, path: Path, delivery_id: str, limits: Limits) -> None:
    """Copy a refused delivery to ``<home>/refused/<id>/``: plain files only, no link followed."""
    target = home.refused / delivery_id
    partial = target.with_name(target.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    whole = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if _plain(p, path)]
    small = sum(file.stat().st_size for file in whole) <= limits.kept_bytes
    manifest = path / MANIFEST
    if not small:
        readable = _plain(manifest, path) and manifest.stat().st_size <= MANIFEST_BYTES
        whole = [manifest] if readable else []
        write_json(partial / "original.json", {"too_large_to_copy": True, "original": str(path)})
    for file in whole:
        copy = partial / (file.relative_to(path) if path.is_dir() else file.name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)


def forget(home: Home, delivery_id: str) -> None:
    """Remove the copy that an earlier refusal of the same delivery left."""
    shutil.rmtree(home.refused / delivery_id, ignore_errors=True)


def _plain(file: Path, folder: Path) -> bool:
    places = [file, *(parent for parent in file.parents if parent.is_relative_to(folder))]
    return file.is_file() and not any(place.is_symlink() for place in places if place != folder)
