"""Rebuild a candidate or a release from its lock, in a folder of its own.

The rule: whoever holds the deliveries, the code and the folder gets the folder again, byte for
byte. The vintage, the settings and the earlier releases come from the lock, the council's words
from the record in the release, and nothing from what the home has become since.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipelines.dbt_command import run_dbt
from pipelines.deliveries import start_from_nothing
from pipelines.disclosure.primary import Selection
from pipelines.errors import Foreseen
from pipelines.lineage import write_lineage
from pipelines.participation.facts import releases_seen
from pipelines.paths import Home
from pipelines.registry import load_registry
from pipelines.release.candidate import build_candidate
from pipelines.release.candidates import Warehouse, read_warehouse
from pipelines.release.council import read_record
from pipelines.release.editions import editions_of
from pipelines.release.lock import LOCK, code_hash
from pipelines.release.manifest import MANIFEST
from pipelines.release.publishing import releases_by_manifest
from pipelines.release.release import Inputs, build_release
from pipelines.release.signers import SIGNERS, read_rosters
from pipelines.release.signing import signing_key
from pipelines.release.verify_release import CANDIDATE_MANIFEST, LEDGER, RELEASE
from pipelines.release.withholding import Again
from pipelines.settings import Country
from pipelines.testimony.gather import gather


class RebuildError(Foreseen, RuntimeError):
    """A release that can't be rebuilt here; the message says what is missing."""


def rebuild_release(
    home: Home, release: Path, on_progress: Callable[[str], None] = lambda what: None
) -> list[str]:
    """Build a release of the home again; the paths of files that came out different, none if same.

    RebuildError when the checkout has other code than the lock names; ReleaseError when a release
    that it builds on is not in the home; VintageError when somebody was erased from the vintage
    since; TestimonyError when words that it quotes were withdrawn.
    """
    lock = json.loads((release / LOCK).read_bytes())
    if lock["code"] != code_hash():
        raise RebuildError(
            f"{release}: it was built by code {lock['code'][:12]}; check out the version whose "
            "hash that is, and rebuild there"
        )
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        work = Path(folder)
        on_progress("build the warehouse of its vintage")
        warehouse = _warehouse(home, lock, work)
        on_progress("build candidate and release")
        candidate = _candidate(home, lock, warehouse, lock["withheld"], work / "candidates")
        different = _differing(candidate / MANIFEST, release / CANDIDATE_MANIFEST)
        if different:
            return [f"candidate: {name}" for name in different]
        inputs = Inputs(
            candidate=candidate,
            record=read_record(release),
            ledger=(release / LEDGER).read_bytes(),
            rosters=read_rosters(release / SIGNERS),
            before=_before(home, release),
        )
        build_release(inputs, signing_key(home.keys), work / "release")
        return _differing(work / "release" / MANIFEST, release / MANIFEST)


def again_in(home: Home) -> Again:
    """How to build a candidate of the home again with rows withheld (see ``release.withholding``).

    From the home's warehouse where that is the candidate's own, else from one built for it.
    RebuildError and VintageError as for ``rebuild_release``; the code is the checkout's.
    """
    return partial(_again, home)


def _again(home: Home, reviewed: Path, withheld: Sequence[Selection], out: Path) -> Path:
    lock = json.loads((reviewed / LOCK).read_bytes())
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        warehouse = _standing(home, lock) or _warehouse(home, lock, Path(folder))
        return _candidate(home, {**lock, "code": code_hash()}, warehouse, withheld, out)


def _candidate(
    home: Home, lock: dict[str, Any], warehouse: Warehouse, withheld: Sequence[Selection], out: Path
) -> Path:
    return build_candidate(
        warehouse.rows,
        vintage=warehouse.vintage,
        country=Country.model_validate(lock["country"]),
        period=lock["period"],
        registry=load_registry(),
        lineage=warehouse.lineage,
        code_hash=lock["code"],
        earlier=editions_of(home, lock["earlier_releases"]),
        reviews=lock["reviews_counted"],
        withheld=withheld,
        challenged=lock["challenged"],
        testimony=gather(home, lock["vintage"], lock["country"]["code"], lock.get("testimony", "")),
        key=signing_key(home.keys),
        out=out,
    )


def _standing(home: Home, lock: dict[str, Any]) -> Warehouse | None:
    """The home's warehouse, where a lock's candidate can be built of it by the present code."""
    if not home.warehouse.is_file():
        return None
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        built_by = connection.execute("select code from landing.build").fetchall()
        seen = releases_seen(connection).get(lock["country"]["code"], [])
    if built_by != [(code_hash(),)] or seen != lock["reviews_counted"]:
        return None
    found = read_warehouse(home.warehouse, load_registry())
    return found if found.vintage.hash == lock["vintage"] else None


def _warehouse(home: Home, lock: dict[str, Any], work: Path) -> Warehouse:
    """The warehouse of a lock's vintage and earlier releases, built in ``work``."""
    vintage = lock["vintage"]
    place = Home(work)
    place.warehouse_building.parent.mkdir(parents=True)
    releases = releases_by_manifest(home, lock["reviews_counted"])
    start_from_nothing(place.warehouse_building, home, vintage, code_hash(), releases)
    target = work / "target"
    done = run_dbt(
        "build",
        "--exclude-resource-type",
        "unit_test",
        warehouse=place.warehouse_building,
        target=target,
        check=False,
    )
    if done.returncode:
        raise RebuildError(f"dbt could not build vintage {vintage[:12]}:\n{done.stdout}")
    with duckdb.connect(str(place.warehouse_building)) as connection:
        write_lineage(connection, json.loads((target / "manifest.json").read_bytes()))
    return read_warehouse(place.warehouse_building, load_registry())


def _before(home: Home, release: Path) -> Path | None:
    """The release that this one's revisions compare with, found by its manifest's hash."""
    wanted = json.loads((release / RELEASE).read_bytes())["before"]
    return releases_by_manifest(home, [wanted])[0] if wanted else None


def _differing(one: Path, other: Path) -> list[str]:
    """Paths that two manifests do not list alike."""
    mine, theirs = (json.loads(path.read_bytes()) for path in (one, other))
    return sorted(name for name in mine | theirs if mine.get(name) != theirs.get(name))
