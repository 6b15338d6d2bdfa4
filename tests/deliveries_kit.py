"""Small deliveries for tests: any table as CSV with a right manifest; then spoil what you like."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.deliveries import Record, contracts, ingest
from pipelines.deliveries.manifest import delivery_id
from pipelines.deliveries.quarantine import quarantine_path
from pipelines.deliveries.storage import landed_path
from pipelines.paths import Home

PROVIDER = "0" * 31 + "1"
Rows = list[dict[str, Any]]


def key(text: str) -> str:
    """A pseudonym of 32 hexadecimal digits for a readable name."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def sha256(path: Path) -> str:
    """The hash a manifest needs."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(folder: Path, files: dict[str, str], **fields: Any) -> str:
    """Write ``delivery.json`` for files (path → table) already there; returns the delivery id."""
    manifest = {
        "contract": "v1",
        "source": "service_provider",
        "provider_key": PROVIDER,
        "country": "ZZ",
        "period": "2024Q4",
        "format": "canonical",
        "synthetic": True,
        "supersedes": None,
        "sent_month": "2025-01",
        "files": [
            {"path": path, "table": table, "sha256": sha256(folder / path)}
            for path, table in files.items()
        ],
        **fields,
    }
    (folder / "delivery.json").write_text(json.dumps(manifest), encoding="utf-8")
    return delivery_id(manifest)


def write_delivery(folder: Path, tables: dict[str, Rows], **fields: Any) -> str:
    """Write a delivery of ``tables``; ``fields`` override the manifest's. Returns its id.

    A table's columns are those of its rows, or the contract's where it has no rows; every row gets
    the manifest's provider_key unless it has one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    provider = fields.get("provider_key", PROVIDER)
    for table, rows in tables.items():
        names = [c.name for c in contracts()[table].columns]
        given = [name for row in rows for name in row] or names
        columns = dict.fromkeys(["provider_key", *given])
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows({"provider_key": provider, **row} for row in rows)
    return write_manifest(folder, {f"{table}.csv": table for table in tables}, **fields)


def service_tables(people: int = 100) -> dict[str, Rows]:
    """A sound service provider's quarter 2024Q4: people, one episode and two events each."""
    persons = [
        {
            "person_key": key(f"person {i}"),
            "first_contact_month": "2024-10",
            "sex": ("female", "male", "")[i % 3],
            "age_band": "25-34",
            "exploitation_form": ("labour", "labour;sexual", "")[i % 3],
        }
        for i in range(people)
    ]
    episodes = [
        {
            "episode_key": key(f"episode {i}"),
            "person_key": key(f"person {i}"),
            "region": "north",
            "start_month": "2024-10",
            "end_month": "2024-12" if i % 2 else "",
            "conditional_on_cooperation": "no",
            "exit_reason": "completed" if i % 2 else "",
            "services": "shelter;legal",
        }
        for i in range(people)
    ]
    governed = ("claim_key", "channel", "outcome", "subject", "ground", "amount", "currency")
    blank = dict.fromkeys(governed, "")
    events = [
        {
            "event_key": key(f"event {i}"),
            "person_key": key(f"person {i}"),
            "event_month": "2024-10",
            "recorded_month": "2024-11",
            "event_type": "first_contact",
            **blank,
        }
        for i in range(people)
    ] + [
        {
            "event_key": key(f"claim {i}"),
            "person_key": key(f"person {i}"),
            "event_month": "2024-11",
            "recorded_month": "2024-12",
            "event_type": "remedy_claimed",
            **blank,
            "claim_key": key(f"claim {i}"),
            "channel": "civil",
            "amount": "1500.50",
            "currency": "EUR",
        }
        for i in range(people)
    ]
    return {
        "providers": [{"kind": "ngo", "region": "north", "observed_from": "2020-01"}],
        "persons": persons,
        "support_episodes": episodes,
        "case_events": events,
    }


def survey_tables(people: int = 100) -> dict[str, Rows]:
    """A sound survey wave that closed in 2024Q4."""
    return {
        "survey_frame": [
            {
                "wave": "2024Q4", "stratum": "north", "margin": "total", "category": "all",
                "eligible": people * 2, "invited": people,
            }
        ],
        "survey_responses": [
            {
                "response_key": key(f"response {i}"), "wave": "2024Q4", "stratum": "north",
                "disposition": "complete", "housing_secure": i % 5 + 1, "rights_informed": "yes",
                "comment": "The house is quiet.",
            }
            for i in range(people)
        ],
    }  # fmt: skip


def case_sheet(folder: Path, sheet: Path, **fields: Any) -> Path:
    """A delivery of one HTCDS sheet, which fills three tables, and the provider's own row."""
    write_delivery(folder, {"providers": service_tables(0)["providers"]}, **fields)
    shutil.copy(sheet, folder / sheet.name)
    write_manifest(folder, {"providers.csv": "providers"}, format="htcds", **fields)
    manifest = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    manifest["files"] += [
        {"path": sheet.name, "table": table, "sha256": sha256(folder / sheet.name)}
        for table in ("persons", "support_episodes", "case_events")
    ]
    (folder / "delivery.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def survey_export(folder: Path, export: Path, **fields: Any) -> Path:
    """A delivery of a KoboToolbox or ODK export beside a canonical frame of two strata."""
    (frame,) = survey_tables(0)["survey_frame"]
    strata = [
        {**frame, "stratum": name, "eligible": 9, "invited": 5} for name in ("north", "south")
    ]
    write_delivery(folder, {"survey_frame": strata}, **fields)
    shutil.copy(export, folder / export.name)
    files = {export.name: "survey_responses", "survey_frame.csv": "survey_frame"}
    write_manifest(folder, files, format="kobo", source="survivor_survey", **fields)
    return folder


def take_in(home: Home, *paths: Path, **more: Any) -> Record:
    """Ingest and return the record of the last delivery, having checked that nothing was lost."""
    record = ingest(home, list(paths), **more)[-1].record
    assert_whole(home, record)
    return record


def assert_whole(home: Home, record: Record) -> None:
    """Every row read is landed or in quarantine, and in files that say so; nothing is half done."""
    for file in record.files:
        assert file.rows_read == file.rows_landed + file.rows_quarantined + file.rows_erased
        landed = landed_path(home, file.table, record.delivery_id)
        assert landed.exists() == record.counts
        if record.counts:
            assert pq.read_metadata(landed).num_rows == file.rows_landed
        apart = quarantine_path(home, file.table, record.delivery_id)
        assert apart.exists() == (file.rows_quarantined > 0 or not record.counts)
        if apart.exists():
            assert pq.read_metadata(apart).num_rows == file.rows_quarantined
    if not record.files:
        assert not list(home.landing.glob(f"*/delivery={record.delivery_id}"))
        assert not list(home.quarantine.glob(f"*/delivery={record.delivery_id}"))
    assert not [p for p in home.root.rglob("*") if p.name.endswith(".partial")]
    assert not list(home.root.glob("work-*"))


def rules(record: Record) -> set[tuple[int, str]]:
    """The (step, rule) pairs that a record holds."""
    return {(finding.step, finding.rule) for finding in record.findings}


def everything_kept(home: Home, but: Path | None = None) -> bytes:
    """All bytes that a home holds, Parquet as text: for asking whether a value is among them.

    A folder may be left out: what was refused at step 1 is kept as it came.
    """
    parts = []
    for path in sorted(p for p in home.root.rglob("*") if p.is_file()):
        if but and path.is_relative_to(but):
            continue
        if path.suffix == ".parquet":
            parts.append(str(pq.ParquetFile(path).read().to_pylist()).encode())
        else:
            parts.append(path.read_bytes())
    return b"\n".join(parts)
