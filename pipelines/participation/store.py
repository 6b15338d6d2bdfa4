"""The review store: SQLite in the home by default, PostgreSQL by URL; the same rules on both.

The rule: a change is one transaction, and changes to one review come one after another. What is
deleted is overwritten, so that a copy of the file holds no ballot that was replaced.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.orm import Session

from pipelines.paths import Home

DATABASE_VARIABLE = "OBSERVATORY_REVIEW_DATABASE"
MIGRATIONS = Path(__file__).parent / "migrations"
BOX_CHANGED = "box changed"
"""Key of ``session.info`` by which a transaction says that it changed the ballot box."""
_BOX = ("ballots", "tokens", "envelopes", "paper_entries", "take_down_voices")


@dataclass(frozen=True)
class Store:
    """An opened store. ``write`` and ``read`` give sessions; a write commits when its body ends."""

    engine: sa.Engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may change things; an error in the body leaves no trace."""
        engine = self.engine.execution_options(observatory_writes=True)
        with Session(engine, expire_on_commit=False) as session:
            with session.begin():
                yield session
            if BOX_CHANGED in session.info:
                _forget_order(self.engine)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only looks; never waits for a writer."""
        with Session(self.engine) as session:
            yield session


def open_store(home: Home, url: str | None = None) -> Store:
    """The store of a home, brought to the newest migration.

    ``url`` is an SQLAlchemy URL (``postgresql+psycopg://…``), else that of the environment
    (``$OBSERVATORY_REVIEW_DATABASE``); without either, a file in the home.
    """
    url = url or os.environ.get(DATABASE_VARIABLE)
    if url is None:
        home.reviews.parent.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{home.reviews}"
    engine = sa.create_engine(url, hide_parameters=True)  # no ballot in an error message
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    store = Store(engine)
    migrate(engine)
    return store


def migrate(engine: sa.Engine, migrations: Path = MIGRATIONS) -> None:
    """Bring tables to the newest of a folder's migrations; nothing happens when they are there.

    Processes that open a store at once wait for each other.
    """
    config = Config()
    config.set_main_option("script_location", str(migrations))
    with engine.execution_options(observatory_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(_waiting_for("migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def serialise(session: Session, what: str) -> None:
    """Let no two writes that number or count the same thing run at once.

    SQLite has one writer anyhow; PostgreSQL waits here until the other transaction has ended.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_waiting_for(what))


def _waiting_for(what: str) -> sa.Select[Any]:
    return sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(what)))


def settle(store: Store) -> None:
    """Leave nothing of replaced rows in the database's files: after a voting phase has ended.

    PostgreSQL keeps old versions of rows, and the order of writing, until a table is rewritten.
    """
    if store.engine.dialect.name == "sqlite":
        _outside_transactions(store.engine, "vacuum", "pragma wal_checkpoint(truncate)")
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in _BOX:
            connection.exec_driver_sql(f"cluster {table} using {table}_pkey")


def exposures(store: Store) -> list[str]:
    """What the database server is set to keep of the order and time of ballots, one line a setting.

    Empty on SQLite, whose log is emptied after each ballot. See docs/decisions/0013.
    """
    if store.engine.dialect.name == "sqlite":
        return []
    names = sa.text("select name, setting from pg_settings where name in :names").bindparams(
        sa.bindparam("names", sorted(_SILENT), expanding=True)
    )
    with store.engine.connect() as connection:
        found: dict[str, str] = {row.name: row.setting for row in connection.execute(names)}
    return [
        f"{name} = {found[name]}: set it to {wanted}, since {why}"
        for name, (wanted, why) in _SILENT.items()
        if name in found and found[name] != wanted
    ]


_SILENT = {
    "archive_mode": ("off", "an archive of the log tells when each ballot was cast"),
    "wal_level": ("minimal", "a replica or base backup holds the log with its times"),
    "wal_recycle": (
        "off",
        "a segment of the log that waits to be used again still has its content",
    ),
    "track_commit_timestamp": ("off", "it keeps the time of each ballot"),
    "log_statement": ("none", "the server's log would hold ballots with their times"),
    "log_min_duration_statement": ("-1", "the server's log would hold slow ballots"),
}


def _forget_order(engine: sa.Engine) -> None:
    """Empty SQLite's write-ahead log, which holds each change in the order in which it came."""
    if engine.dialect.name == "sqlite":
        _outside_transactions(engine, "pragma wal_checkpoint(truncate)")


def _outside_transactions(engine: sa.Engine, *statements: str) -> None:
    connection = engine.raw_connection()
    for statement in statements:
        connection.cursor().execute(statement).fetchall()
    connection.close()


def _on_connect(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions begin in _on_begin, not in the driver
    for pragma in (
        "foreign_keys = on",
        "journal_mode = wal",
        "synchronous = full",
        "secure_delete = on",
        "busy_timeout = 30000",
    ):
        connection.execute(f"pragma {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    """A write takes SQLite's lock at once: two that read first and write later would deadlock."""
    writes = connection.get_execution_options().get("observatory_writes")
    connection.exec_driver_sql("begin immediate" if writes else "begin")
