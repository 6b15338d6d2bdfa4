"""One portal for the tests that only look, and a fresh one for those that change something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import portal_kit
from tests.portal_kit import World


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Path]]:
    """A home in which a review is open, made once."""
    folder = tmp_path_factory.mktemp("portal")
    world = portal_kit.world(folder)
    yield world, folder
    world.portal.store.engine.dispose()


@pytest.fixture
def world(made: tuple[World, Path], tmp_path: Path) -> Iterator[World]:
    """A copy of that home with a clock and limits of its own."""
    first, folder = made
    first.portal.store.engine.dispose()
    shutil.copytree(folder, tmp_path / "home")
    copied = portal_kit.reopened(first, tmp_path / "home")
    yield copied
    copied.portal.store.engine.dispose()


@pytest.fixture
def shared(made: tuple[World, Path]) -> World:
    """The first portal, for tests that leave nothing which another would see."""
    return made[0]
