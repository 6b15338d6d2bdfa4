"""One portal for the tests that only look, and a fresh one for those that change something."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import portal_kit
from tests.portal_kit import World


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Path]:
    """A home in which a review is open, made once and only ever copied."""
    folder = tmp_path_factory.mktemp("portal")
    world = portal_kit.world(folder)
    world.portal.store.engine.dispose()
    return world, folder


def copy_of(made: tuple[World, Path], folder: Path) -> Iterator[World]:
    """A copy of that home with a clock and limits of its own."""
    first, original = made
    shutil.copytree(original, folder)
    copied = portal_kit.reopened(first, folder)
    yield copied
    copied.portal.store.engine.dispose()


@pytest.fixture
def world(made: tuple[World, Path], tmp_path: Path) -> Iterator[World]:
    """A portal for one test."""
    yield from copy_of(made, tmp_path / "home")


@pytest.fixture(scope="session")
def shared(made: tuple[World, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One portal for all tests that only look."""
    yield from copy_of(made, tmp_path_factory.mktemp("shared") / "home")
