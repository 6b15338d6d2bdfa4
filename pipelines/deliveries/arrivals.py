"""Where deliveries lie before they are taken in: folders, zips, and folders of them.

Rule guarded: a path that holds no delivery is named, never passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.deliveries.manifest import MANIFEST
from pipelines.errors import Foreseen
from pipelines.paths import Home


class NoDelivery(Foreseen, ValueError):
    """A path that holds no delivery; the message says what was looked for."""


def find_deliveries(paths: Iterable[Path]) -> list[Path]:
    """The deliveries at ``paths``: a delivery folder, a zip, or a folder that holds some.

    A folder is searched two levels down for folders with ``delivery.json`` and for zips.
    NoDelivery names the path where there is none.
    """
    found: list[Path] = []
    for path in paths:
        here = _at(path) if path.exists() else []
        below = here or _within(path)
        if not below:
            raise NoDelivery(
                f"{path}: no delivery here. Give a folder with {MANIFEST}, a zip of one, or a "
                "folder that holds such folders."
            )
        found += [one.resolve() for one in below]
    return list(dict.fromkeys(found))


def _at(path: Path) -> list[Path]:
    is_zip = path.is_file() and path.suffix.lower() == ".zip"
    return [path] if is_zip or (path / MANIFEST).is_file() else []


def _children(path: Path) -> list[Path]:
    return sorted(path.iterdir()) if path.is_dir() else []


def _below(path: Path) -> list[Path]:
    return [delivery for child in _children(path) for delivery in _at(child)]


def in_inbox(home: Home) -> list[Path]:
    """The deliveries in a home's inbox; none when it is empty or not there."""
    return _within(home.inbox)


def _within(folder: Path) -> list[Path]:
    return [d for child in _children(folder) for d in (_at(child) or _below(child))]
