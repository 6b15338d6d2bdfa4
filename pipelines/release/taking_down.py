"""Taking an indicator of a release down for harm, and putting it back when nobody confirms.

The rule: what the store says stands is what the folder shows; running it again changes nothing.
The original files are kept in the home, unpublished, before anything is replaced, and a tombstone
is written last: a run that was killed is done again.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa

from pipelines.participation.models import Review, TakeDown
from pipelines.participation.store import Store
from pipelines.paths import Home
from pipelines.release.manifest import MANIFEST, file_entry, files_of
from pipelines.release.publishing import release_folder
from pipelines.release.release import write_derived
from pipelines.release.revisions import REVISIONS
from pipelines.release.signing import PUBLIC_NAME, public_key, signing_key
from pipelines.release.tombstones import Tombstone, read_tombstones, write_tombstone
from pipelines.release.verdicts import withhold
from pipelines.release.write_csv import write_csv
from pipelines.release.write_parquet import write_parquet

STANDS = ("down", "confirmed")


def apply_take_downs(home: Home, store: Store) -> list[Path]:
    """Bring every release in line with the take-downs of the store; the folders that changed."""
    return [
        folder
        for folder, standing, shown in _differences(home, store)
        if _apply(home, folder, standing, shown)
    ]


def pending_take_downs(home: Home, store: Store) -> list[Path]:
    """The releases that ``apply_take_downs`` would change."""
    return [folder for folder, *_ in _differences(home, store)]


Standing = Mapping[str, TakeDown]


def _differences(home: Home, store: Store) -> list[tuple[Path, Standing, list[Tombstone]]]:
    """Releases whose newest tombstones say something else than the store."""
    with store.read() as session:
        rows = session.execute(
            sa.select(Review, TakeDown)
            .join(TakeDown, TakeDown.review_id == Review.id)
            .where(Review.release.is_not(None), TakeDown.state != "asked")
            .order_by(Review.country, Review.period, Review.version, TakeDown.asked_on)
        ).all()
    standing: dict[Path, dict[str, TakeDown]] = {}
    for review, down in rows:
        of_release = standing.setdefault(release_folder(home, review), {})
        if down.state in STANDS:
            of_release[down.indicator_id] = down
    found: list[tuple[Path, Standing, list[Tombstone]]] = []
    key = public_key(home.keys / PUBLIC_NAME)
    for folder, wanted in standing.items():
        tombstones, _ = read_tombstones(folder, key)
        if set(_down_now(tombstones)) != set(wanted):
            found.append((folder, wanted, tombstones))
    return found


def _down_now(tombstones: list[Tombstone]) -> dict[str, Tombstone]:
    newest = {one.indicator_id: one for one in tombstones}
    return {name: one for name, one in newest.items() if not one.lifted}


def _apply(home: Home, folder: Path, standing: Standing, tombstones: list[Tombstone]) -> bool:
    manifest = file_entry(folder / MANIFEST)["sha256"]
    originals = home.taken_down / manifest
    if not originals.exists():
        _copy_whole(folder, originals)
    building = originals.with_name(f".{manifest}.building")
    shutil.rmtree(building, ignore_errors=True)
    shutil.copytree(originals, building)
    if standing:
        _blank(building, set(standing))
    was = {path.relative_to(folder).as_posix(): file_entry(path) for path in files_of(folder)}
    now = {path.relative_to(building).as_posix(): file_entry(path) for path in files_of(building)}
    changed: dict[str, dict[str, dict[str, Any] | None]] = {
        name: {"was": was.get(name), "now": now.get(name)}
        for name in sorted(was | now)
        if was.get(name) != now.get(name)
    }
    for name in changed:
        _replace(building / name, folder / name)
    down = _down_now(tombstones)
    key = signing_key(home.keys)
    for name in sorted(set(standing) ^ set(down)):
        said = standing.get(name)
        tombstones.append(
            Tombstone(
                number=len(tombstones) + 1,
                release=manifest,
                indicator_id=name,
                reason=said.reason if said else down[name].reason,
                by=said.by if said else "the council did not confirm",
                day=str(said.asked_on if said else down[name].day),
                lifted=said is None,
                files=changed,
            )
        )
        write_tombstone(tombstones[-1], folder, key)
    shutil.rmtree(building)
    return True


def _blank(folder: Path, indicators: set[str]) -> None:
    """Withhold indicators in every file of a release that holds figures."""
    table = withhold(pq.read_table(folder / "indicators.parquet"), indicators)
    write_csv(table, folder / "indicators.csv")
    write_parquet(table, folder / "indicators.parquet")
    revisions = folder / REVISIONS
    with revisions.open(encoding="utf-8", newline="") as file:
        kept = [line for line in csv.reader(file) if line[0] not in indicators]
    with revisions.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(kept)
    write_derived(folder)


def _copy_whole(folder: Path, to: Path) -> None:
    building = to.with_name(f".{to.name}.copying")
    shutil.rmtree(building, ignore_errors=True)
    shutil.copytree(folder, building)
    building.rename(to)


def _replace(new: Path, old: Path) -> None:
    """Put a file in another's place, or remove it where there is no new one."""
    if not new.exists():
        old.unlink()
        return
    half = old.with_name(f".{old.name}.half")
    shutil.copyfile(new, half)
    half.replace(old)
