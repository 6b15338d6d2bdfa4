"""A council from nothing: seats, invitations and a review, without a line of Python."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from typer.testing import CliRunner

from dashboards.portal import accounts, founding
from dashboards.portal.tables import PortalBase, migrate_tables
from pipelines.cli import app
from pipelines.participation import electorate, ledger
from pipelines.participation.people import Refused, Role
from pipelines.participation.reviews import list_reviews
from pipelines.participation.seats import Member
from pipelines.paths import Home
from tests import candidate_kit
from tests.portal_kit import PASSPHRASE, World, form_key

TERM = (dt.date(2025, 1, 1), dt.date(2027, 12, 31))


@pytest.fixture
def bare(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A portal in whose country nobody sits yet; commands find it as people's would."""
    url = world.portal.store.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("OBSERVATORY_REVIEW_DATABASE", url)
    with world.portal.store.write() as session:
        for table in ("portal_accounts", "envelopes", "tokens", "members"):
            session.execute(sa.text(f"delete from {table}"))
    return world


def test_migrations_make_the_tables_that_the_portal_uses(world: World) -> None:
    own = set(PortalBase.metadata.tables)
    migrate_tables(world.portal.store.engine)
    with world.portal.store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in own}
        )
        assert compare_metadata(context, PortalBase.metadata) == []


def test_tables_that_were_there_before_migrations_are_kept(world: World) -> None:
    engine = world.portal.store.engine
    with engine.execution_options(observatory_writes=True).begin() as connection:
        connection.exec_driver_sql("drop table portal_version")
    migrate_tables(engine)
    world.signed_in("heron")


def test_everybody_comes_in_by_what_was_printed(bare: World) -> None:
    invited = founding.found(bare.portal.home, "ZZ", 3, *TERM, "es")
    assert [one.role for one in invited] == [Role.COUNCIL_MEMBER] * 3 + list(founding.OFFICERS)
    for number, one in enumerate(invited):
        client = bare.client()
        answer = client.post(
            "/invitation",
            data={
                "form_key": form_key(client.get("/invitation")),
                "code": one.code,
                "handle": f"word {number}",
                "passphrase": PASSPHRASE,
                "again": PASSPHRASE,
            },
        )
        assert answer.status_code == 303, answer.text
    with bare.portal.store.read() as session:
        seats = electorate.seats_of(session, "ZZ")
        assert [seat.office for seat in seats] == [1, 2, 0]
        assert {seat.language for seat in seats} == {"es"}
        assert accounts.with_account(session, "ZZ") >= {seat.id for seat in seats}
    (entry,) = [
        one for one in ledger.entries(bare.portal.home.ledger) if one.kind == "council_founded"
    ]
    assert entry.body["seats"] == 3
    assert not {one.code for one in invited} & set(bare.portal.home.ledger.read_text().split('"'))


def test_a_council_that_is_there_is_not_founded_again(world: World) -> None:
    url = world.portal.store.engine.url.render_as_string(hide_password=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATORY_REVIEW_DATABASE", url)
        with pytest.raises(Refused, match="has a council"):
            founding.found(world.portal.home, "ZZ", 7, *TERM, "en")
    with world.portal.store.read() as session:
        assert len(session.scalars(sa.select(Member)).all()) == 7


def test_the_commands_say_what_they_did_and_what_it_waits_for(bare: World) -> None:
    home = bare.portal.home
    run = CliRunner()
    tomorrow = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).date()
    founded = run.invoke(
        app,
        [
            "council",
            "found",
            "ZZ",
            "--from",
            "2025-01-01",
            "--to",
            "2027-12-31",
            "--home",
            str(home.root),
        ],
    )
    assert founded.exit_code == 0, founded.output
    assert founded.output.count("council_secretary") == 2
    with bare.portal.store.write() as session:
        for review in list_reviews(session, "ZZ"):
            review.state = "withdrawn"
    planned = run.invoke(
        app,
        [
            "council",
            "plan",
            "ZZ",
            candidate_kit.PERIOD,
            "--opens",
            str(tomorrow),
            "--home",
            str(home.root),
        ],
    )
    assert planned.exit_code == 0, planned.output
    assert f"{candidate_kit.PERIOD} version 2" in planned.output
    again = run.invoke(
        app, ["council", "plan", "ZZ", candidate_kit.PERIOD, "--home", str(home.root)]
    )
    assert isinstance(again.exception, Refused)
    shown = run.invoke(app, ["council", "show", "ZZ", "--home", str(home.root)])
    assert "delegate" in shown.output
    assert "council secretary" in shown.output


def test_a_review_is_not_planned_without_a_candidate(world: World) -> None:
    with pytest.raises(Refused, match="build the candidate first"):
        founding.plan(Home.find(world.portal.home.root), "ZZ", "2031Q1")
