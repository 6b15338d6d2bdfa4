"""What a full copy of database, ledger, logs and times says about who voted what: nothing.

The attacker copies everything while a review is still being voted on, which is the worst moment,
knows every member, and watched in which order they came. A matcher pairs members and ballots by any
order that the copy holds. Each of its pairs is right with chance 1/7, whatever the order.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from pipelines.participation import ballots, electorate, reviews, tokens
from pipelines.participation.events import deliver_events
from pipelines.participation.store import Store, exposures, settle
from tests.integration.review_stores import DATABASES, fresh_store
from tests.review_kit import (
    COUNTRY,
    INDICATORS,
    OPENING,
    SECRETARY,
    advance,
    frozen,
    opened,
    rows_hash,
    seat_council,
    vote,
)

SEATS, REVIEWS = 7, 100
INDICATOR = INDICATORS[0]
# A random pairing of 7 gets 1 right on average with variance 1: 100 of them stay below this but
# once in 30,000 runs.
MOST = REVIEWS + 4 * 10

Order = dict[str, list[str]]
"""What lies in an order: ballot keys, by the name of the place where the attacker found it."""


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request.param, tmp_path) as found:
        yield found


def orders_in_copy(store: Store, review_id: str) -> Order:
    """Every order in which a copy of the database holds the ballots of a review."""
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "postgresql":
            rows = connection.exec_driver_sql(
                "select id, ctid, cast(cast(xmin as text) as bigint) from ballots "
                f"where review_id = '{review_id}' and indicator_id = '{INDICATOR}'"
            ).all()
            return {
                "as it lies": [row[0] for row in rows],
                "by transaction": [row[0] for row in sorted(rows, key=lambda row: row[2])],
            }
        rows = connection.exec_driver_sql(
            f"select id from ballots where review_id = '{review_id}' "
            f"and indicator_id = '{INDICATOR}'"
        ).all()
    file = Path(str(store.engine.url.database))
    keys = [row[0] for row in rows]
    found = {"as it lies": keys}
    for name in (file, file.with_name(f"{file.name}-wal")):
        content = name.read_bytes() if name.exists() else b""
        places = {key: content.find(key.encode()) for key in keys}
        found[f"by place in {name.name}"] = sorted(keys, key=lambda key: places[key])
    return found


def hits(order: list[str], arrived: list[int], key_of: dict[int, str]) -> int:
    """Right pairs of a matcher that gives the n-th ballot to the n-th who came."""
    return sum(key_of[seat] == key for seat, key in zip(arrived, order, strict=True))


def test_a_matcher_pairs_no_better_than_chance(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    random = Random(7)
    right: Counter[str] = Counter()
    with store.write() as session:
        council = seat_council(session, SEATS)
    for number in range(REVIEWS):
        with store.write() as session:
            review = reviews.plan_review(
                session, COUNTRY, f"{1925 + number}Q1", reviews.Dates.from_opening(OPENING)
            )
            session.flush()
            council.slips = list(
                reviews.open_review(session, SECRETARY, review.id, frozen(), OPENING)
            )
        arrived = random.sample(range(SEATS), SEATS)
        for seat in arrived:
            vote(store, council, review.id, seat, random.choice(["endorse", "object", "abstain"]))
        key_of = {
            seat: tokens.ballot_key(council.slips[seat], review.id, INDICATOR, "indicator")
            for seat in range(SEATS)
        }
        for place, order in orders_in_copy(store, review.id).items():
            right[f"arrival, {place}"] += hits(order, arrived, key_of)
            right[f"arrival backwards, {place}"] += hits(order[::-1], arrived, key_of)
        with store.read() as session:
            seats = [one.id for one in electorate.seated(session, COUNTRY, OPENING)]
        listed = [[one.id for one in council.members].index(seat) for seat in seats]
        right["list of members, by key"] += hits(sorted(key_of.values()), listed, key_of)
    deliver_events(store, tmp_path / "chain.jsonl")
    written = (tmp_path / "chain.jsonl").read_text() + caplog.text
    assert max(right.values()) < MOST, right
    for secret in (*council.slips, *key_of.values(), *(tokens.digest(s) for s in council.slips)):
        assert secret not in written


def test_the_same_matcher_pairs_everything_in_a_careless_store() -> None:
    """The control: rows that lie as they came."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create table ballots (id integer primary key, key text)")
    arrived = Random(7).sample(range(SEATS), SEATS)
    key_of = {seat: tokens.new_token() for seat in range(SEATS)}
    for seat in arrived:
        connection.execute("insert into ballots (key) values (?)", [key_of[seat]])
    order = [row[0] for row in connection.execute("select key from ballots")]
    assert hits(order, arrived, key_of) == SEATS


def test_after_closing_nothing_of_a_ballot_is_left_in_the_files(
    store: Store, tmp_path: Path
) -> None:
    council, review_id = opened(store)
    secret = "a sentence that only one person would write"
    vote(store, council, review_id, 0, "object", reason=secret)
    key = tokens.ballot_key(council.slips[0], review_id, INDICATOR, "indicator")
    advance(store, review_id, reviews.Dates.from_opening(OPENING).schedules_on)
    settle(store)
    with store.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        dump = repr([connection.exec_driver_sql(f"select * from {one}").all() for one in tables])
    assert secret not in dump
    assert key not in dump
    if store.engine.dialect.name == "sqlite":
        for path in (tmp_path / "reviews").glob("review.db*"):
            assert secret.encode() not in path.read_bytes()
            assert key.encode() not in path.read_bytes()


def test_tables_with_ballots_hold_neither_members_nor_times(store: Store) -> None:
    inspector = sa.inspect(store.engine)
    for table in ("ballots", "tokens", "take_down_voices"):
        columns = inspector.get_columns(table)
        assert not [
            one["name"] for one in columns if re.search("member|date|time|_on", one["name"])
        ]
        assert {str(one["type"]) for one in columns} <= {
            "VARCHAR", "VARCHAR(32)", "VARCHAR(64)", "TEXT", "BOOLEAN",
        }  # fmt: skip


def test_a_ballot_needs_no_account_that_is_stored(store: Store) -> None:
    """Another member's actor with the same slip replaces the ballot: only the token counts."""
    council, review_id = opened(store)
    vote(store, council, review_id, 0, "endorse")
    with store.write() as session:
        ballots.cast_ballot(
            session, council.actors[1], review_id, council.slips[0],
            ballots.Vote(INDICATOR, rows_hash(INDICATOR), "abstain"),
        )  # fmt: skip
    with store.read() as session:
        kept = ballots.own_ballot(session, review_id, council.slips[0], INDICATOR)
    assert kept is not None
    assert kept.choice == "abstain"


def test_a_server_that_keeps_times_of_ballots_is_named(store: Store) -> None:
    found = exposures(store)
    if store.engine.dialect.name == "sqlite":
        assert found == []
        return
    assert any(line.startswith("wal_level = replica: set it to minimal") for line in found)
    assert not any(line.startswith("archive_mode") for line in found), "off unless it was set"


def test_no_column_anywhere_has_a_time_finer_than_a_day(store: Store) -> None:
    """Not only where ballots lie: a time elsewhere could be compared with somebody's visit."""
    inspector = sa.inspect(store.engine)
    kinds = {
        f"{table}.{column['name']}": str(column["type"]).split("(")[0]
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }
    assert not {name for name, kind in kinds.items() if kind in ("TIMESTAMP", "DATETIME", "TIME")}
