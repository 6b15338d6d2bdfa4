"""Building a candidate: the folder that the council will review and that pages are drawn from.

The rule: a candidate is a pure function of a vintage of deliveries, the code, the country's
settings, the register of testimony and the manifest hashes of earlier releases, all of them in its
lock. No clock, no path and no number of threads reaches its bytes; the signing key reaches the
signature and the blinding. The folder appears whole or not at all.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipelines.disclosure.earlier import Edition
from pipelines.disclosure.primary import Selection
from pipelines.disclosure.report import Finding, audit_folder
from pipelines.errors import Foreseen
from pipelines.periods import month_text
from pipelines.registry import Registry
from pipelines.release.datapackage import data_package
from pipelines.release.figures import Figures, publishable
from pipelines.release.formats import write_formats
from pipelines.release.freshness import freshness
from pipelines.release.lock import BLINDING, LOCK, blinding_of, lock_of
from pipelines.release.manifest import MANIFEST, SIGNATURE, json_bytes, seal
from pipelines.release.methodology import registry_snapshot
from pipelines.release.status import (
    CLEARED,
    EXPOSED,
    NOT_AUDITED,
    AuditSummary,
    Rounded,
    Status,
    StatusCountry,
    SuppressionCounts,
)
from pipelines.release.testimony_files import write_testimony
from pipelines.release.verify import verify
from pipelines.release.write_csv import write_csv
from pipelines.release.write_parquet import write_parquet
from pipelines.settings import Country
from pipelines.testimony.gather import NONE, Testimony

DISCLOSURE = "disclosure.json"
"""The report of the audit, where one has taken place."""


class CandidateError(Foreseen, ValueError):
    """A candidate that can't be built; the message says what is missing and what to do."""


@dataclass(frozen=True)
class Vintage:
    """A vintage as plain data: its hash and the rows of its vintage.parquet."""

    hash: str
    deliveries: pa.Table


def build_candidate(
    rows: pa.Table,
    *,
    vintage: Vintage,
    country: Country,
    period: str,
    registry: Registry,
    lineage: pa.Table,
    code_hash: str,
    earlier: Sequence[Edition],
    key: Ed25519PrivateKey,
    out: Path,
    reviews: Sequence[str] = (),
    withheld: Sequence[Selection] = (),
    challenged: Sequence[str] = (),
    testimony: Testimony = NONE,
    audit: bool = True,
) -> Path:
    """Build, sign and put in place ``out/<country>/<period>``; returns that folder.

    ``rows`` are the contracted rows of every indicator, ``lineage`` what they rest on
    (``pipelines.lineage``); ``earlier`` every earlier release of the country: nothing is printed
    whose difference from them would tell of a few people; ``out`` the home's ``candidates`` folder.
    Without ``audit`` its status says that none has taken place.

    ``testimony`` are the coded comments and the words that were released.

    ``reviews`` are manifest hashes of the releases whose reviews the rows count.

    ``withheld`` are the rows that the council withholds, each selection some columns of the key
    with their values ({"indicator_id": "remedy_paid"}). They get the mark h, their counts are
    protected like small ones, and suppression and audit run again; what was hidden without them
    stays hidden and no other row changes unless it would give one of them away.

    ``challenged`` are ids of deliveries that the council doubts: figures that rest on them say so.

    Building the same candidate again leaves the same bytes. CandidateError when
    the vintage or the rows hold nothing of the country.
    """
    deliveries = deliveries_of(vintage.deliveries, country.code)
    if deliveries.num_rows == 0:
        raise CandidateError(
            f"vintage {vintage.hash[:12]} has no delivery of {country.code}: ingest one first, or "
            "correct the country"
        )
    figures = publishable(
        rows,
        country=country.code,
        period=period,
        deliveries=deliveries,
        registry=registry,
        lineage=lineage,
        threshold=country.threshold,
        withheld=withheld,
        challenged=challenged,
        editions=earlier,
        base=country.rounding,
    )
    rounding = figures.rounding
    if figures.table.num_rows == 0:
        raise CandidateError(
            f"no indicator row of {country.code} ends by {period}: build the warehouse for vintage "
            f"{vintage.hash[:12]}, or ask for a later period"
        )
    folder = out / country.code / period
    building = folder.with_name(f".{period}.building")
    shutil.rmtree(building, ignore_errors=True)
    (building / "methodology").mkdir(parents=True)
    write_csv(figures.table, building / "indicators.csv")
    write_parquet(figures.table, building / "indicators.parquet")
    (building / "methodology" / "registry.json").write_bytes(
        json_bytes(registry_snapshot(registry, figures.caveats))
    )
    folders = [edition.folder for edition in earlier]
    said = {"base": rounding.base, "reach": rounding.reach} if rounding else None
    finding = (
        audit_folder(building, country.threshold, folders, counted=rows, rounding=said)
        if audit
        else None
    )
    write_testimony(testimony, country.code, country.threshold, folders, building)
    status = _status(vintage.hash, deliveries, country, period, figures, finding)
    lock = lock_of(
        vintage=vintage.hash,
        deliveries=deliveries["delivery_id"].to_pylist(),
        country=country,
        period=period,
        code=code_hash,
        earlier=[edition.manifest for edition in earlier],
        reviews=reviews,
        withheld=withheld,
        challenged=challenged,
        testimony=testimony.head,
    )
    contents = {
        "status.json": status.model_dump(mode="json"),
        LOCK: lock,
        "datapackage.json": data_package(building, status),
    }
    if finding:
        contents[DISCLOSURE] = finding.report(
            country.threshold,
            asdict(figures.suppression),
            rounding.summary() if rounding else None,
        )
    for name, content in contents.items():
        (building / name).write_bytes(json_bytes(content))
    (building / BLINDING).write_bytes(blinding_of(lock, key))
    write_formats(building)
    seal(building, key)
    _put_in_place(building, folder, key.public_key())
    return folder


def deliveries_of(deliveries: pa.Table, country: str) -> pa.Table:
    """The rows of a vintage's deliveries that are of a country, by id."""
    with duckdb.connect() as connection:
        connection.register("deliveries", deliveries)
        return connection.sql(
            "select * from deliveries where country = ? order by delivery_id", params=[country]
        ).to_arrow_table()


def _status(
    vintage: str,
    deliveries: pa.Table,
    country: Country,
    period: str,
    figures: Figures,
    finding: Finding | None,
) -> Status:
    with duckdb.connect() as connection:
        connection.register("deliveries", deliveries)
        counts = connection.sql(
            """
            select source, count(*) from deliveries
            where status = 'accepted' group by source order by source
            """
        ).fetchall()
        synthetic, cutoff = connection.sql(
            "select bool_or(synthetic), max(cutoff_month) from deliveries"
        ).fetchall()[0]
    hidden, rounding = figures.suppression, figures.rounding
    return Status(
        cleared_for_release=finding is not None and finding.passed,
        reason=NOT_AUDITED if finding is None else CLEARED if finding.passed else EXPOSED,
        synthetic=synthetic,
        country=StatusCountry(code=country.code, names=country.names),
        period=period,
        publisher=country.publisher,
        contact=country.contact,
        vintage=vintage,
        cutoff=month_text(cutoff),
        deliveries=dict(counts),
        freshness=freshness(deliveries),
        threshold=country.threshold,
        suppression=SuppressionCounts(
            cells=hidden.cells,
            primary=hidden.primary,
            secondary=hidden.secondary,
            withheld=hidden.withheld,
        ),
        rounding=Rounded(base=rounding.base, reach=rounding.reach) if rounding else None,
        audit=AuditSummary(hidden_counts=finding.audited, exposed=finding.faults)
        if finding
        else None,
    )


def _put_in_place(building: Path, folder: Path, public_key: Ed25519PublicKey) -> None:
    """Rename the finished folder; one that is already there goes only for a different one."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        if verify(folder, public_key).ok and _sealed_alike(building, folder):
            shutil.rmtree(building)
            return
        folder.rename(old)
    building.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _sealed_alike(one: Path, other: Path) -> bool:
    return all(
        (one / name).read_bytes() == (other / name).read_bytes() for name in (MANIFEST, SIGNATURE)
    )
