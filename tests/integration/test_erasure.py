"""Erasing a person: gone from every file, kept out afterwards, whole after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import duckdb
import pytest

from pipelines.deliveries import (
    ErasureError,
    Register,
    VintageError,
    attach_landing,
    current_vintage,
    describe_deliveries,
    describe_vintages,
    erase,
    find_person,
    ingest,
)
from pipelines.participation import ledger
from pipelines.paths import Home
from tests.deliveries_kit import everything_kept, key, service_tables, take_in, write_delivery

PERSON = key("person 7")
OBSERVATORY = Path(sys.executable).with_name("observatory")


def fill(folder: Path, people: int = 60) -> None:
    """Two providers who know the person, a correction, a zip, bad rows of theirs, a refusal."""
    for name in ("a", "b"):
        tables = service_tables(people)
        tables["case_events"][7]["event_type"] = "met"  # an event of the person: to quarantine
        first = write_delivery(folder / name, tables, provider_key=key(name))
    write_delivery(folder / "c", service_tables(people), provider_key=key("b"), supersedes=first)
    write_delivery(folder / "of others", service_tables(5), provider_key=key("of others"))
    broken = folder / "broken"
    write_delivery(broken, service_tables(10), provider_key=key("broken"))
    with (broken / "persons.csv").open("a") as file:
        file.write("changed on the way\n")
    with zipfile.ZipFile(folder / "broken.zip", "w") as archive:
        for file in broken.iterdir():
            archive.write(file, f"again/{file.name}")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    fill(home.inbox)
    ingest(home, [home.inbox])
    return home


def held(home: Home) -> bool:
    """Whether the person's key is in any byte of the home, archives unpacked."""
    archives = [zipfile.ZipFile(path) for path in home.root.rglob("*.zip")]
    packed = b"".join(one.read(name) for one in archives for name in one.namelist())
    return PERSON.encode() in everything_kept(home) + packed


def content(home: Home) -> dict[str, bytes]:
    files = [p for p in home.root.rglob("*") if p.is_file() and p.parent != home.lock.parent]
    return {str(p.relative_to(home.root)): p.read_bytes() for p in files}


def test_no_byte_of_the_home_holds_the_person_and_the_counts_are_recorded(home: Home) -> None:
    home.warehouse.parent.mkdir(exist_ok=True)
    home.warehouse.write_text(PERSON)
    assert held(home)
    found = find_person(home, PERSON)
    assert (found.deliveries, found.erased_before) == (3, False)
    tombstone = erase(home, PERSON)
    assert not held(home)
    # by table: one person row and episode in each of three deliveries, two events in each
    assert tombstone.rows == {"case_events": 6, "persons": 3, "support_episodes": 3}
    assert tombstone.rows == found.rows
    for row in describe_deliveries(home):
        assert row["rows_read"] == row["rows_landed"] + row["rows_quarantined"] + row["rows_erased"]
    assert sum(row["rows_erased"] for row in describe_deliveries(home)) == 12
    (entry,) = [e for e in ledger.entries(home.ledger) if e.kind == "erasure"]
    assert entry.body == {"erasure": tombstone.erasure, "deliveries": 3, "rows": 12}
    ledger.verify_chain(home.ledger)
    assert [p.name for p in home.inbox.iterdir()] == ["of others"], "its copies stay"


def test_the_others_rows_stay_as_they_were_and_in_their_order(home: Home) -> None:
    def rows() -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            return connection.execute(
                "select filename, * from "
                "read_parquet(?, filename = true, hive_partitioning = false)",
                [[str(p) for p in sorted(home.landing.glob("case_events/*/part.parquet"))]],
            ).fetchall()

    before = [row for row in rows() if PERSON not in row]
    erase(home, PERSON)
    assert rows() == before


def test_a_tombstone_without_the_homes_salt_tells_nobody_who_it_was(home: Home) -> None:
    other = Home(home.root.with_name("other"))
    fill(other.inbox)
    ingest(other, [other.inbox])
    names = {erase(one, PERSON).erasure for one in (home, other)}
    assert len(names) == 2, "the same person has another name in another home"
    salt = home.keys / "erasure.salt"
    assert salt.stat().st_mode & 0o077 == 0
    salt.unlink()
    write_delivery(home.root / "more", service_tables(3), provider_key=key("more"))
    with pytest.raises(ErasureError, match=r"erasure\.salt is missing.*nothing is taken in"):
        ingest(home, [home.root / "more"])


def test_doing_it_again_changes_nothing(home: Home) -> None:
    erase(home, PERSON)
    before = content(home)
    assert erase(home, PERSON).rows["persons"] == 3
    ingest(home, [home.inbox])
    assert content(home) == before
    assert find_person(home, PERSON).erased_before


def test_the_person_is_dropped_and_counted_when_a_delivery_comes_again(
    home: Home, tmp_path: Path
) -> None:
    fill(tmp_path / "sent again")
    tombstone = erase(home, PERSON)
    before = content(home)
    ingest(home, [tmp_path / "sent again"])
    assert content(home) == before, "deliveries taken in before change nothing"
    tables = service_tables(70)
    tables["persons"][7]["person_key"] = f" {PERSON.upper()}"  # and in disguise
    tables["persons"].append({**tables["persons"][8], "person_key": "", "sex": PERSON})
    for rows in (tables["case_events"], tables["support_episodes"]):
        rows[:] = [row for row in rows if row["person_key"] != PERSON or rows[0] is not row]
    write_delivery(home.inbox / "d", tables, provider_key=key("d"))
    record = take_in(home, home.inbox / "d")
    assert record.status == "accepted"
    assert record.erasures == [tombstone.erasure]
    assert {f.table: f.rows_erased for f in record.files} == {
        "providers": 0, "persons": 2, "support_episodes": 1, "case_events": 2,
    }  # fmt: skip
    assert not held(home), "the copy in the inbox is gone, too"
    assert PERSON.upper().encode() not in everything_kept(home)


def test_the_same_deliveries_after_an_erasure_land_the_same_bytes(
    home: Home, tmp_path: Path
) -> None:
    erase(home, PERSON)
    again = Home(tmp_path / "again")
    again.keys.mkdir(parents=True)
    (again.keys / "erasure.salt").write_bytes((home.keys / "erasure.salt").read_bytes())
    erase(again, PERSON)
    fill(tmp_path / "in")
    ingest(again, [tmp_path / "in"])
    landed = {n: b for n, b in content(home).items() if n.startswith(("landing", "quarantine"))}
    assert landed == {
        n: b for n, b in content(again).items() if n.startswith(("landing", "quarantine"))
    }
    assert current_vintage(again).hash == current_vintage(home).hash


def test_a_touched_vintage_says_that_it_can_not_be_rebuilt(home: Home) -> None:
    before = current_vintage(home)
    tombstone = erase(home, PERSON)
    after = current_vintage(home)
    assert after.hash != before.hash
    assert tombstone.erasure in after.erasures
    assert [row["can_be_rebuilt"] for row in describe_vintages(home)] == [
        "no, a person was erased",
        "yes",
    ]
    with duckdb.connect() as connection:
        with pytest.raises(VintageError, match="can't be built again: a person in it was erased"):
            attach_landing(connection, home, before.hash)
        attach_landing(connection, home, after.hash)
    erase(home, key("a stranger"))
    assert current_vintage(home).hash == after.hash, "who was never here changes no vintage"


def test_a_delivery_that_was_not_taken_in_comes_first(home: Home) -> None:
    write_delivery(home.inbox / "late", service_tables(9), provider_key=key("late"))
    with pytest.raises(ErasureError, match=r"1 deliveries that were not taken in \(late"):
        erase(home, PERSON)
    assert not home.erasures.exists()


def test_what_is_no_key_is_not_repeated(home: Home) -> None:
    with pytest.raises(ErasureError) as error:
        find_person(home, "Ana Example")
    assert "Ana" not in str(error.value)


RUN = """
import sys
from pathlib import Path
from pipelines.deliveries import erase
from pipelines.paths import Home
print("begun", flush=True)
erase(Home(Path(sys.argv[1])), sys.argv[2])
"""


def test_killed_anywhere_and_finished_by_the_next_ingest(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    fill(home.inbox, 2000)
    ingest(home, [home.inbox])
    erase(home, key("nobody"))
    states = set()
    begun = time.monotonic()
    find_person(home, PERSON)
    pause = (time.monotonic() - begun) * 0.8
    for attempt in range(40):
        command = [sys.executable, "-c", RUN, str(home.root), PERSON]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(pause * (1 + attempt / 4))
            os.kill(process.pid, signal.SIGKILL)
        states = {json.loads(p.read_bytes())["state"] for p in home.erasures.glob("*.json")}
        if "begun" in states or len(list(home.erasures.glob("*.json"))) == 2:
            break
    assert "begun" in states, "no kill fell between the tombstone and the end"
    with pytest.raises(VintageError, match="an erasure was cut short"):
        current_vintage(home)
    ingest(home, [home.inbox])
    assert not held(home)
    assert sum(row["rows_erased"] for row in describe_deliveries(home)) == 12
    assert {json.loads(p.read_bytes())["state"] for p in home.erasures.glob("*.json")} == {"done"}
    ledger.verify_chain(home.ledger)
    assert len(Register(home).current()) == 3


def test_the_command_asks_first_and_never_says_the_key(home: Home) -> None:
    def run(*arguments: str, said: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [OBSERVATORY, "erase", *arguments, "--home", str(home.root)],
            input=said,
            capture_output=True,
            text=True,
        )

    refused = run(PERSON, said="n\n")
    assert refused.returncode == 1
    assert held(home)
    assert "6 in case_events, 3 in persons" in refused.stdout.replace("\n", " ")
    done = run(PERSON, "--yes", said="")
    assert done.returncode == 0
    assert not held(home)
    for one in (refused, done):
        assert PERSON not in one.stdout + one.stderr
