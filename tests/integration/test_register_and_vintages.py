"""What counts: one current delivery a place, corrections that say what they correct, vintages."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.deliveries import (
    NoDelivery,
    Register,
    RegisterError,
    VintageError,
    attach_landing,
    contracts,
    current_vintage,
    describe_deliveries,
    describe_quarantine,
    describe_vintages,
    ingest,
    load_vintage,
)
from pipelines.deliveries.contract import CODED
from pipelines.participation import ledger
from pipelines.paths import Home
from pipelines.periods import month_number
from tests.deliveries_kit import key, service_tables, take_in, write_delivery


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def inventory(home: Home) -> dict[str, bytes]:
    """Every file that says what a home holds."""
    folders = (home.register, home.landing, home.quarantine, home.refused, home.vintages)
    paths = [p for folder in folders for p in folder.rglob("*") if p.is_file()]
    return {str(p.relative_to(home.root)): p.read_bytes() for p in [*paths, home.ledger]}


def test_the_same_delivery_again_changes_nothing(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "d", service_tables(20))
    ingest(home, [tmp_path / "d"])
    before = inventory(home)
    (again,) = ingest(home, [tmp_path / "d"])
    assert again.repeated
    assert "already taken in as delivery 1" in again.message
    assert inventory(home) == before


def test_a_second_delivery_of_a_period_is_told_how_to_correct(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "d", service_tables(20))
    take_in(home, tmp_path / "d")
    write_delivery(tmp_path / "e", service_tables(21))
    record = take_in(home, tmp_path / "e")
    assert (record.status, record.step) == ("refused", 1)
    assert f'"supersedes": "{first}"' in record.findings[0].message


def test_a_correction_takes_the_place_of_what_it_corrects(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "b" / "later", service_tables(20))
    second = write_delivery(tmp_path / "b" / "earlier", service_tables(21), supersedes=first)
    outcomes = ingest(home, [tmp_path / "b"])
    assert [(o.record.delivery_id, o.record.status) for o in outcomes] == [
        (first, "accepted"),
        (second, "accepted"),
    ]
    assert [r.delivery_id for r in Register(home).current()] == [second]
    listed = describe_deliveries(home)
    assert [(row["number"], row["superseded_by"]) for row in listed] == [(1, second), (2, None)]
    assert f'"superseded_by": "{second}"' in (home.register / f"{first}.json").read_text()


def test_what_is_superseded_can_not_be_corrected_again(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "a", service_tables(20))
    second = write_delivery(tmp_path / "b", service_tables(21), supersedes=first)
    write_delivery(tmp_path / "c", service_tables(22), supersedes=first)
    for name in "ab":
        take_in(home, tmp_path / name)
    record = take_in(home, tmp_path / "c")
    assert record.findings[0].rule == "supersedes_other"
    assert f"supersede {second}" in record.findings[0].message


def test_a_refused_correction_leaves_what_was_there(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "a", service_tables(20))
    tables = service_tables(20)
    tables["persons"][0]["sex"] = "ana@example.org"
    write_delivery(tmp_path / "b", tables, supersedes=first)
    take_in(home, tmp_path / "a")
    assert take_in(home, tmp_path / "b").status == "refused"
    assert [r.delivery_id for r in Register(home).current()] == [first]


def test_a_kill_between_two_records_is_mended(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "a", service_tables(20))
    write_delivery(tmp_path / "b", service_tables(21), supersedes=first)
    take_in(home, tmp_path / "a")
    unmarked = (home.register / f"{first}.json").read_bytes()
    take_in(home, tmp_path / "b")
    whole = inventory(home)
    (home.register / f"{first}.json").write_bytes(unmarked)
    assert Register(home).records[first].superseded_by is not None
    take_in(home, tmp_path / "b")
    assert inventory(home) == whole


def test_deliveries_go_in_by_period_and_provider(home: Home, tmp_path: Path) -> None:
    for name, period in (("a", "2024Q4"), ("b", "2023Q1"), ("c", "2024Q1")):
        provider = {"kind": "ngo", "observed_from": "2020-01"}
        tables = {"providers": [provider], "persons": []}
        write_delivery(tmp_path / "in" / name / "x", tables, period=period, provider_key=key(name))
    outcomes = ingest(home, [tmp_path / "in"])
    assert [(o.record.manifest or {})["period"] for o in outcomes] == ["2023Q1", "2024Q1", "2024Q4"]


def test_a_folder_without_deliveries_is_named(home: Home, tmp_path: Path) -> None:
    with pytest.raises(NoDelivery, match=r"no delivery here.*delivery\.json"):
        ingest(home, [tmp_path])


def test_the_ledger_holds_one_entry_a_verdict(home: Home, tmp_path: Path) -> None:
    write_delivery(tmp_path / "a", service_tables(20))
    for _ in range(2):
        ingest(home, [tmp_path / "a"])
    (entry,) = ledger.entries(home.ledger)
    assert (entry.kind, entry.body["status"], entry.body["rows_landed"]) == (
        "delivery",
        "accepted",
        81,
    )


def test_a_vintage_is_its_deliveries_and_not_its_place(tmp_path: Path) -> None:
    vintages = []
    for place in ("one", "two"):
        home = Home(tmp_path / place)
        copies = tmp_path / f"in {place}"
        for name in ("a", "b"):
            write_delivery(copies / name, service_tables(10), provider_key=key(name))
        for folder in sorted(copies.iterdir(), reverse=place == "two"):
            take_in(home, folder)
        vintages.append(current_vintage(home))
    one, two = vintages
    assert one.hash == two.hash
    assert one.path.read_bytes() == two.path.read_bytes()
    assert one.deliveries == tuple(sorted(one.deliveries))


def test_a_vintage_changes_with_what_counts(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "a", service_tables(20))
    take_in(home, tmp_path / "a")
    before = current_vintage(home)
    assert current_vintage(home) == before
    register = Register(home)
    register.write(register.records[first].model_copy(update={"status": "aside", "step": 4}))
    aside = current_vintage(home)
    assert (before.number, aside.number) == (1, 2)
    assert aside.hash != before.hash
    assert load_vintage(home, before.hash) == before
    with duckdb.connect() as connection:
        attach_landing(connection, home, aside.hash)
        row = connection.execute(
            "select delivery_id, status, period_first_month, period_last_month, sent_month, "
            "cutoff_month, synthetic from landing.vintage"
        ).fetchall()
    last = month_number("2024-12")
    assert row == [(first, "aside", last - 2, last, last + 1, last, True)]
    assert [v["last_month"] for v in describe_vintages(home)] == ["2024-12", "2024-12"]


def test_only_the_vintage_is_seen_and_every_table_is_typed(home: Home, tmp_path: Path) -> None:
    first = write_delivery(tmp_path / "a", service_tables(20))
    second = write_delivery(tmp_path / "b", service_tables(30), supersedes=first)
    take_in(home, tmp_path / "a")
    take_in(home, tmp_path / "b")
    shutil.copytree(
        home.landing / "persons" / f"delivery={second}", home.landing / "persons" / "delivery=f00"
    )
    with duckdb.connect() as connection:
        attach_landing(connection, home, current_vintage(home).hash)
        seen = connection.execute(
            "select delivery_id, count(*), min(row_number), max(row_number) from landing.persons "
            "group by 1"
        ).fetchall()
        assert seen == [(second, 30, 1, 30)]
        for contract in contracts().values():
            described = connection.execute(f"describe landing.{contract.table}").fetchall()
            types = {name: kind.lower() for name, kind, *_ in described}
            wanted = {column.name: column.sql_type for column in contract.columns}
            assert types == {"delivery_id": "varchar", **wanted, "row_number": "bigint"}


def test_an_empty_code_lands_as_unknown_and_an_unused_one_as_nothing(
    home: Home, tmp_path: Path
) -> None:
    tables = service_tables(20)
    tables["case_events"][20]["channel"] = ""
    write_delivery(tmp_path / "a", tables)
    take_in(home, tmp_path / "a")
    with duckdb.connect() as connection:
        attach_landing(connection, home, current_vintage(home).hash)
        coded = [c.name for c in contracts()["persons"].columns if c.type in CODED]
        empty = " or ".join(f"{name} is null" for name in coded)
        assert connection.execute(
            f"select count(*) from landing.persons where {empty}"
        ).fetchall() == [(0,)]
        channels = connection.execute(
            "select event_type, channel, count(*) from landing.case_events "
            "group by all order by all"
        ).fetchall()
    assert channels == [
        ("first_contact", None, 20),
        ("remedy_claimed", "civil", 19),
        ("remedy_claimed", "unknown", 1),
    ]


def test_asking_for_what_is_not_there_says_so(home: Home, tmp_path: Path) -> None:
    with pytest.raises(VintageError, match="no vintage abc"):
        load_vintage(home, "abc")
    with pytest.raises(RegisterError, match="no delivery abc"):
        describe_quarantine(home, "abc")
