"""The candidates of one quarter, one a country, from the warehouse of one vintage.

The rule: everything a candidate needs is read here and handed to ``build_candidate``, which knows
no home. The ledger gains one entry a candidate, and none when the same one is built again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa

from pipelines.deliveries.vintages import vintage_hash
from pipelines.disclosure.primary import Selection
from pipelines.errors import Foreseen
from pipelines.participation import agenda, ledger
from pipelines.participation.facts import releases_seen
from pipelines.paths import Home
from pipelines.periods import Period
from pipelines.registry import Registry, load_registry
from pipelines.release.candidate import Vintage, build_candidate, deliveries_of
from pipelines.release.editions import editions_before
from pipelines.release.lock import code_hash, lock_of
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.signing import PUBLIC_NAME, public_key, signing_key
from pipelines.release.verify import verify
from pipelines.settings import load_country
from pipelines.testimony.gather import gather


class WarehouseMissing(Foreseen, FileNotFoundError):
    """There is no warehouse to build a candidate from; the message says how to get one."""


@dataclass(frozen=True)
class Built:
    """One candidate: where it is, of which vintage, with how many rows and exposed counts.

    ``synthetic`` says that any delivery behind it was made up.
    """

    folder: Path
    vintage: str
    rows: int
    exposed: int
    synthetic: bool


@dataclass(frozen=True)
class Warehouse:
    """The contracted rows of every indicator, the vintage they rest on, and where they come from.

    ``lineage`` is the table landing.lineage (``pipelines.lineage``); ``releases`` are the manifest
    hashes of the releases that its participation indicators were computed from, by country.
    """

    rows: pa.Table
    vintage: Vintage
    lineage: pa.Table
    releases: Mapping[str, Sequence[str]]


def build_candidates(
    home: Home,
    period: str,
    on_progress: Callable[[str], None] = lambda what: None,
    withheld: Mapping[str, Sequence[Selection]] = MappingProxyType({}),
) -> list[Built]:
    """Build, sign and enter in the ledger the candidate of every country in the warehouse.

    ``withheld`` are the rows that each country's council withholds (see ``build_candidate``).
    Countries come in the order of their codes. WarehouseMissing when nothing has been built yet.
    """
    if not home.warehouse.is_file():
        raise WarehouseMissing(
            f"{home.warehouse} is missing: run `observatory build {period}`, which builds it first"
        )
    registry = load_registry()
    read = read_warehouse(home.warehouse, registry)
    countries = sorted(set(read.vintage.deliveries["country"].to_pylist()))
    key = signing_key(home.keys)
    code = code_hash()
    built = []
    for code_of_country in countries:
        on_progress(f"{code_of_country} {period}")
        country = load_country(code_of_country, home)
        testimony = gather(home, read.vintage.hash, code_of_country)
        held_back = withheld.get(code_of_country, ())
        lock = lock_of(
            vintage=read.vintage.hash,
            deliveries=deliveries_of(read.vintage.deliveries, code_of_country)[
                "delivery_id"
            ].to_pylist(),
            country=country,
            period=period,
            code=code,
            earlier=[],
            reviews=read.releases.get(code_of_country, ()),
            withheld=held_back,
            challenged=_challenged(home, code_of_country, read.vintage),
            testimony=testimony.head,
        )
        folder = build_candidate(
            read.rows,
            vintage=read.vintage,
            country=country,
            period=period,
            registry=registry,
            lineage=read.lineage,
            code_hash=code,
            earlier=editions_before(home, lock),
            key=key,
            out=home.candidates,
            reviews=lock["reviews_counted"],
            withheld=held_back,
            challenged=lock["challenged"],
            testimony=testimony,
        )
        ledger.append(
            home.ledger,
            "candidate_built",
            {
                "country": code_of_country,
                "period": period,
                "vintage": read.vintage.hash,
                "manifest": file_entry(folder / MANIFEST)["sha256"],
            },
        )
        status = json.loads((folder / "status.json").read_text(encoding="utf-8"))
        built.append(
            Built(
                folder,
                read.vintage.hash,
                read.rows.num_rows,
                status["audit"]["exposed"],
                status["synthetic"],
            )
        )
    return built


def _challenged(home: Home, country: str, vintage: Vintage) -> list[str]:
    """The deliveries of a vintage that the country's council doubts, as the ledger has it."""
    doubted = tuple(agenda.standing_challenges(ledger.entries(home.ledger), country))
    return [one for one in vintage.deliveries["delivery_id"].to_pylist() if one.startswith(doubted)]


def read_warehouse(path: Path, registry: Registry) -> Warehouse:
    """What a candidate needs of a finished warehouse file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return Warehouse(
            _indicator_rows(connection, registry),
            _vintage(connection),
            connection.sql("select * from landing.lineage order by all").to_arrow_table(),
            releases_seen(connection),
        )


def verify_candidates(home: Home, folders: list[Path]) -> list[str]:
    """What is wrong with some of the home's signed folders, one sentence each."""
    key = public_key(home.keys / PUBLIC_NAME)
    return [problem for folder in folders for problem in verify(folder, key).problems()]


def newest_candidates(home: Home) -> list[Path]:
    """The folder of the last period of each country, in the order of the countries' codes."""
    countries = sorted(path for path in home.candidates.glob("[A-Z][A-Z]") if path.is_dir())
    return [
        max(folder.glob("[0-9]*"), key=lambda path: Period.parse(path.name).last)
        for folder in countries
    ]


def _indicator_rows(connection: duckdb.DuckDBPyConnection, registry: Registry) -> pa.Table:
    """The contracted rows of every indicator, in the order of their key."""
    union = " union all by name ".join(
        f"select * from indicators.ind_{indicator}" for indicator in sorted(registry.indicators)
    )
    return connection.sql(f"select * from ({union}) order by all").to_arrow_table()


def _vintage(connection: duckdb.DuckDBPyConnection) -> Vintage:
    """The vintage that the warehouse was built from: it may be older than the newest."""
    deliveries = connection.sql(
        "select * from landing.vintage order by delivery_id"
    ).to_arrow_table()
    return Vintage(vintage_hash(deliveries.to_pylist()), deliveries)
