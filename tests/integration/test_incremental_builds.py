"""A build that starts from the last one has the rows of a build from nothing, in every table."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
import yaml
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from pipelines.deliveries import Record, Register, current_vintage, erase, ingest, start_building
from pipelines.paths import Home
from pipelines.synthetic import Scenario, synthesize
from tests.integration.warehouse_kit import run_dbt

PERSON_ROWS = ("models/staging", "models/core")
QUARTERS = 6
STEPS = st.lists(
    st.sampled_from(["deliver", "deliver", "deliver", "set aside", "correct", "erase"]),
    min_size=2,
    max_size=4,
)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Eleven providers' deliveries with corrections, defects, and people whom several know."""
    folder = tmp_path_factory.mktemp("synthetic")
    synthesize(folder, 240, QUARTERS, 7, scenario=Scenario(earlier_people=True))
    return sorted((folder / "deliveries").iterdir())


@pytest.fixture(scope="module")
def work() -> Iterator[Path]:
    """One folder for dbt, which parses once in it."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(seed=st.integers(0, 10_000), steps=STEPS)
def test_whatever_happened_since_the_last_build(
    deliveries: list[Path], work: Path, seed: int, steps: list[str]
) -> None:
    compare_histories(deliveries, work, seed, steps, PERSON_ROWS)


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), steps=STEPS)
def test_whatever_happened_in_many_histories_and_every_indicator(
    deliveries: list[Path], work: Path, seed: int, steps: list[str]
) -> None:
    compare_histories(deliveries, work, seed, steps, ("models",))


def compare_histories(
    deliveries: list[Path], work: Path, seed: int, steps: list[str], select: tuple[str, ...]
) -> None:
    """Build after each step on what is there; then the same home from nothing, and compare."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        waiting = chance.sample(deliveries, len(deliveries))
        begun = waiting[len(steps) :]
        # what is delivered late lies at random in time; the last month is there from the start
        ingest(home, begun)
        build(home, work, select)
        for step in steps:
            happen(home, step, waiting, chance)
            event(build(home, work, select).split(":")[0])
        again = Path(folder) / "again.duckdb"
        home.warehouse.replace(again)
        assert build(home, work, select) == "from nothing: there is no last one"
        assert differences(again, home.warehouse) == {}


def happen(home: Home, step: str, waiting: list[Path], chance: random.Random) -> None:
    register = Register(home)
    accepted = [record for record in register.current() if record.status == "accepted"]
    one = chance.choice(accepted)
    if step == "deliver":
        ingest(home, [waiting.pop(0)])
    elif step == "set aside":
        register.write(one.model_copy(update={"status": "aside", "step": 4}))
    elif step == "correct":
        declare(home, one)
    else:
        erase(home, chance.choice(keys_of(home)))


def declare(home: Home, corrected: Record) -> None:
    home.corrections.mkdir(exist_ok=True)
    said = corrected.manifest or {}
    declared = {
        "provider_key": said["provider_key"],
        "period": said["period"],
        "table": "persons",
        "field": "sex",
        "from": "female",
        "to": "other",
        "reason": "The form offered two answers only.",
        "date": "2024-02-01",
        "who": "data engineering",
        "status": "open",
    }
    (home.corrections / "sex.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")


def keys_of(home: Home) -> list[str]:
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct person_key from read_parquet(?) order by 1",
            [str(home.landing / "persons" / "*" / "part.parquet")],
        ).fetchall()
    return [name for (name,) in rows]


def build(home: Home, work: Path, select: tuple[str, ...]) -> str:
    begun = start_building(home, current_vintage(home).hash, "the same code")
    run_dbt(work, home.warehouse_building, 2, "run", select=" ".join(select))
    shutil.move(home.warehouse_building, home.warehouse)
    return begun.words


def differences(one: Path, other: Path) -> dict[str, tuple[int, int]]:
    """Tables whose rows differ: how many rows each file has that the other lacks."""
    with closing(duckdb.connect()) as connection:
        for name, file in (("one", one), ("other", other)):
            connection.execute(f"attach '{file}' as {name} (read_only)")
        tables = connection.execute(
            "select distinct schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('staging', 'core', 'indicators') "
            "and table_name <> 'stg_touched_persons' order by 1"
        ).fetchall()
        assert len(tables) > 15
        counts = {
            table: connection.execute(
                f"select (select count(*) from (from one.{table} except all from other.{table})), "
                f"(select count(*) from (from other.{table} except all from one.{table}))"
            ).fetchall()[0]
            for (table,) in tables
        }
    return {table: count for table, count in counts.items() if any(count)}
