"""Rebuild a release from its lock, in a folder of its own, and compare byte for byte.

The rule: whoever holds the deliveries, the code and the folder gets the folder again. The vintage,
the settings and the earlier releases come from the lock, the council's words from the record in the
release, and nothing from what the home has become since.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb

from pipelines.assets.warehouse import DBT
from pipelines.deliveries import start_from_nothing
from pipelines.errors import Foreseen
from pipelines.lineage import write_lineage
from pipelines.paths import DBT_PROJECT, Home
from pipelines.registry import load_registry
from pipelines.release.candidate import build_candidate
from pipelines.release.candidates import Warehouse, read_warehouse
from pipelines.release.council import read_record
from pipelines.release.editions import editions_of
from pipelines.release.lock import code_hash
from pipelines.release.manifest import MANIFEST
from pipelines.release.publishing import releases_by_manifest
from pipelines.release.release import Inputs, build_release
from pipelines.release.signers import SIGNERS, read_rosters
from pipelines.release.signing import signing_key
from pipelines.release.verify_release import CANDIDATE_MANIFEST, LEDGER, RELEASE
from pipelines.settings import Country


class RebuildError(Foreseen, RuntimeError):
    """A release that can't be rebuilt here; the message says what is missing."""


def rebuild_release(
    home: Home, release: Path, on_progress: Callable[[str], None] = lambda what: None
) -> list[str]:
    """Build a release of the home again; the paths of files that came out different, none if same.

    RebuildError when the checkout has other code than the lock names; ReleaseError when the release
    before is not in the home; VintageError when somebody was erased from the vintage since.
    """
    lock = json.loads((release / "release.lock.json").read_bytes())
    if lock["code"] != code_hash():
        raise RebuildError(
            f"{release}: it was built by code {lock['code'][:12]}; check out the version whose "
            "hash that is, and rebuild there"
        )
    with tempfile.TemporaryDirectory(dir=home.root) as folder:
        work = Path(folder)
        on_progress("build the warehouse of its vintage")
        warehouse = _warehouse(home, lock["vintage"], work)
        on_progress("build candidate and release")
        candidate = build_candidate(
            warehouse.rows,
            vintage=warehouse.vintage,
            country=Country.model_validate(lock["country"]),
            period=lock["period"],
            registry=load_registry(),
            lineage=warehouse.lineage,
            code_hash=lock["code"],
            earlier=editions_of(home, lock["earlier_releases"]),
            withheld=lock["withheld"],
            key=signing_key(home.keys),
            out=work / "candidates",
        )
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


def _warehouse(home: Home, vintage: str, work: Path) -> Warehouse:
    """The warehouse of a vintage, built in ``work`` beside the home's own."""
    place = Home(work)
    place.warehouse_building.parent.mkdir(parents=True)
    start_from_nothing(place.warehouse_building, home, vintage, code_hash())
    target = work / "target"
    places = ["--project-dir", DBT_PROJECT, "--profiles-dir", DBT_PROJECT, "--target-path", target]
    done = subprocess.run(  # noqa: S603 - our own project, our own dbt
        [DBT, "build", "--exclude-resource-type", "unit_test", "--quiet", *map(str, places)],
        env={**os.environ, "OBSERVATORY_WAREHOUSE": str(place.warehouse_building)},
        capture_output=True,
        text=True,
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
