"""What a council withholds for harm: the reviewed candidate again, with those rows protected.

The rule: withholding only hides. The candidate is built once more with the withheld rows as
protected cells, so that nothing printed gives them away; every other row says what the council saw,
or nothing. No ballot is reset by it. What was printed of the withheld rows before, their hashes,
is not published either: who knows all but a few counts of a table finds them by trying.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.disclosure.primary import Selection
from pipelines.disclosure.table import KEY
from pipelines.disclosure.withheld import computable_counts
from pipelines.errors import Foreseen
from pipelines.participation import ledger
from pipelines.participation.record import ReviewRecord
from pipelines.paths import Home
from pipelines.release.columns import CLEAR_COLUMNS, COLUMNS
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.status import Status

WITHHELD = "candidate_withheld"
"""Kind of the ledger's entry; ``changed`` are the indicators of which more is hidden."""
_HIDING = ("h", "c")
_COVERED = ("mark", "obs_status", "conf_status", *CLEAR_COLUMNS)

Again = Callable[[Path, Sequence[Selection], Path], Path]
"""Build a candidate's folder again with rows withheld, in an empty folder; returns the result."""


class WithholdingError(Foreseen, ValueError):
    """A candidate that came out otherwise than hidden; the message names the indicators."""


def selections(indicators: Collection[str]) -> list[Selection]:
    """The rows of whole indicators, as ``build_candidate`` and the lock have them."""
    return [{"indicator_id": name} for name in sorted(indicators)]


def withhold_from(
    home: Home, reviewed: Path, record: ReviewRecord, again: Again
) -> tuple[Path, ReviewRecord]:
    """The candidate that hides what the council withheld, and the record without those hashes.

    The ledger gains the new candidate and what it is made of. WithholdingError when any row came
    out with something else than less, or what is withheld can be computed from the others.
    """
    names = record.withheld()
    seen = file_entry(reviewed / MANIFEST)["sha256"]
    work = home.reviewed / f".{seen}.withholding"
    shutil.rmtree(work, ignore_errors=True)
    built = again(reviewed, selections(names), work)
    changed = sorted({*names, *hidden_since(reviewed, built)})
    status = Status.model_validate_json((built / "status.json").read_bytes())
    if computed := computable_counts(built, names, status.threshold, linked_as_in=reviewed):
        raise WithholdingError(
            f"{computed} counts of {', '.join(names)} can be computed from what would still be "
            "printed. Ask those who look after disclosure control; until it hides them, the "
            "council and the rapporteur can move the day of release"
        )
    manifest = file_entry(built / MANIFEST)["sha256"]
    folder = home.reviewed / manifest
    if not folder.exists():
        built.rename(folder)
    shutil.rmtree(work, ignore_errors=True)
    of_review = {"country": record.country, "period": record.period}
    ledger.append(
        home.ledger,
        "candidate_built",
        {**of_review, "vintage": record.vintage, "manifest": manifest},
    )
    ledger.append(home.ledger, WITHHELD, withheld_entry(without_hashes(record, changed), manifest))
    return folder, without_hashes(record, changed)


def withheld_entry(record: ReviewRecord, manifest: str) -> dict[str, Any]:
    """What the ledger says of the candidate ``manifest`` that hides what a review withheld."""
    return {
        "country": record.country,
        "period": record.period,
        "version": record.version,
        "reviewed": record.manifest,
        "manifest": manifest,
        "withheld": record.withheld(),
        "changed": record.hidden(),
    }


def without_hashes(record: ReviewRecord, indicators: Collection[str]) -> ReviewRecord:
    """The record without the hash of the rows of some indicators."""
    return record.model_copy(
        update={
            "indicators": {
                name: one.model_copy(update={"rows_hash": ""}) if name in indicators else one
                for name, one in record.indicators.items()
            }
        }
    )


def hidden_since(reviewed: Path, built: Path) -> list[str]:
    """The indicators of which ``built`` shows less than ``reviewed``, in the order of their ids.

    WithholdingError names those of which it shows anything else.
    """
    same_key = " and ".join(f"saw.{name} is not distinct from now.{name}" for name in KEY)
    kept = " and ".join(
        f"saw.{column.name} is not distinct from now.{column.name}"
        for column in COLUMNS
        if column.name not in _COVERED
    )
    same = " and ".join(f"saw.{name} is not distinct from now.{name}" for name in _COVERED)
    blank = " and ".join(f"now.{name} is null" for name in CLEAR_COLUMNS)
    with duckdb.connect() as connection:
        for name, folder in (("saw", reviewed), ("now", built)):
            connection.read_parquet(str(folder / "indicators.parquet")).create_view(name)
        found = connection.execute(
            f"""
            select
                coalesce(saw.indicator_id, now.indicator_id) as indicator_id,
                bool_and(coalesce(
                    saw.indicator_id is not null and now.indicator_id is not null and {kept}
                    and (({same}) or (list_contains($hiding, now.mark) and {blank})),
                    false
                )) as only_hides
            from saw full join now on {same_key}
            where not coalesce({kept} and {same}, false)
            group by all
            order by all
            """,
            {"hiding": list(_HIDING)},
        ).fetchall()
    otherwise = [name for name, only_hides in found if not only_hides]
    if otherwise:
        raise WithholdingError(
            f"the rows of {', '.join(otherwise)} came out otherwise than the council saw them: "
            "check out the version of the code that built the reviewed candidate (its "
            "release.lock.json names its hash), and prepare the release there"
        )
    return [name for name, _ in found]
