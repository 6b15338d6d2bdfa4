"""A review store of its own for each test, on SQLite and, where there is a server, PostgreSQL."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from pipelines.participation.store import Store, open_store
from pipelines.paths import Home

ADDRESS = "OBSERVATORY_TEST_POSTGRES"
DATABASES = ("sqlite", "postgresql")


def _never_wait_for_the_disk(connection: sqlite3.Connection, record: object) -> None:
    """These stores are thrown away; that a commit survives a power cut is not tested on them."""
    connection.execute("pragma synchronous = off")


@contextmanager
def fresh_store(database: str, folder: Path) -> Iterator[Store]:
    """An empty store; PostgreSQL's has a database of its own, dropped afterwards."""
    if database == "sqlite":
        store = open_store(Home.find(folder))
        event.listen(store.engine, "connect", _never_wait_for_the_disk)
        store.engine.dispose()  # connections opened before do wait
        yield store
        store.engine.dispose()
        return
    with own_database() as url:
        store = open_store(Home.find(folder), url.render_as_string(hide_password=False))
        yield store
        store.engine.dispose()


@contextmanager
def own_database(template: str | None = None) -> Iterator[sa.URL]:
    """A database of its own on the PostgreSQL server, dropped afterwards; skips without a server.

    It is empty, or a copy of ``template``, to which nobody may be connected.
    """
    if ADDRESS not in os.environ:
        pytest.skip(f"no PostgreSQL server: set {ADDRESS} to the URL of one (.ci/run starts it)")
    url = sa.make_url(os.environ[ADDRESS])
    name = f"review_{secrets.token_hex(6)}"
    like = f" template {template} strategy file_copy" if template else ""
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql(f"create database {name}{like}")
    try:
        yield url.set(database=name)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"drop database {name} with (force)")
        server.dispose()
