"""One portal for the tests that only look, and a fresh one for those that change something.

What votes and what signs in is tested on both databases, where there is a PostgreSQL server: each
test's database is then a copy of one that was made once, as its home is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import portal_kit
from tests.integration.review_stores import DATABASES, own_database
from tests.portal_kit import World

ON_BOTH = {"test_ballot_forms", "test_door", "test_everyone_has_a_say", "test_founding"}


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


@pytest.fixture(scope="session")
def made_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[World, Path, sa.URL]]:
    """The same with its store on PostgreSQL."""
    folder = tmp_path_factory.mktemp("portal_postgresql")
    with own_database() as url:
        world = portal_kit.world(folder, url=url.render_as_string(hide_password=False))
        world.portal.store.engine.dispose()
        yield world, folder, url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both databases for the modules that change the store most."""
    if "world" in metafunc.fixturenames:
        both = metafunc.module.__name__.rpartition(".")[2] in ON_BOTH
        metafunc.parametrize("world", DATABASES if both else DATABASES[:1], indirect=True)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A portal for one test."""
    if request.param == "sqlite":
        yield from copy_of(request.getfixturevalue("made"), tmp_path / "home")
        return
    first, original, template = request.getfixturevalue("made_on_postgresql")
    shutil.copytree(original, tmp_path / "home")
    with own_database(template.database) as url:
        copied = portal_kit.reopened(
            first, tmp_path / "home", url.render_as_string(hide_password=False)
        )
        yield copied
        copied.portal.store.engine.dispose()


@pytest.fixture(scope="session")
def shared(made: tuple[World, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One portal for all tests that only look."""
    yield from copy_of(made, tmp_path_factory.mktemp("shared") / "home")
