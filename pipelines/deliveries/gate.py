"""The gate: manifest and bytes, identifiers, contract; in this order, nothing lost at any step.

Rule guarded: a delivery is accepted, with its bad rows set apart, or refused whole with the reason.
The gate reads one delivery and knows no other; what the register already holds is asked in
``register``. Step 4, expectations, comes after landing and can set a delivery aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.deliveries.checks import Checked, check_keys, check_references, check_rows
from pipelines.deliveries.contract import contracts
from pipelines.deliveries.findings import Finding, Refused
from pipelines.deliveries.manifest import DeliveredFile, Manifest, Peeked, read_manifest
from pipelines.deliveries.readers import reader
from pipelines.deliveries.readers.base import Raw, Translation
from pipelines.deliveries.scan import blank_comments, scan_table, shown_name
from pipelines.deliveries.unpacking import Limits, check_files, safe_path, unpack


@dataclass
class Judged:
    """A delivery that passed steps 1 and 2, with its rows checked.

    The rows are in the gate's connection: ``text_<t>``, ``typed_<t>``, ``breach_<t>``. ``refused`` is
    whether more rows failed than the tolerance allows; then nothing of it may land.
    """

    manifest: Manifest
    id: str
    sizes: dict[str, int]
    tables: dict[str, Checked]
    broken: dict[str, int]
    comments_dropped: int
    refused: bool
    findings: list[Finding] = field(default_factory=list)


@contextmanager
def gate_connection(work: Path) -> Iterator[DuckDBPyConnection]:
    """An in-memory DuckDB that spills into ``work``, which the caller removes with the content."""
    connection = duckdb.connect(config={"temp_directory": str(work / "spill")})
    try:
        connection.execute("set preserve_insertion_order = true")
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()


def judge(
    connection: DuckDBPyConnection,
    peeked: Peeked,
    work: Path,
    tolerance: float,
    limits: Limits | None = None,
) -> Judged:
    """Steps 1 to 3 for one delivery; Refused carries the step and every finding of it.

    ``tolerance`` is the share of the delivery's rows that may fail the contract.
    """
    limits = limits or Limits()
    manifest = read_manifest(peeked.content)
    folder = unpack(peeked.path, work, limits)
    before = _times(folder, manifest)
    sizes = check_files(folder, manifest, limits)
    read = {
        file.table: _load(connection, file, safe_path(folder, file.path), manifest)
        for file in manifest.files
    }
    if _times(folder, manifest) != before:
        raise Refused([Finding(1, "changed", "", "", "", None, 1, "a file changed while it was read")])
    files = {file.table: file.path for file in manifest.files}
    order = [contract for contract in contracts().values() if contract.table in files]
    tables = {
        contract.table: check_rows(connection, contract, manifest.months, manifest.provider_key)
        for contract in order
        if not read[contract.table][1].missing
    }
    found, dropped = _identifiers(connection, read, files, set(tables))
    notes = [f for f in found if f.rule == "comment_dropped"]
    if len(notes) < len(found):
        raise Refused([f for f in found if f.rule != "comment_dropped"])
    _refuse_columns(read, files, manifest)
    for checked in tables.values():
        check_keys(connection, checked)
        check_references(connection, checked)
    broken = {table: _broken_rows(connection, table) for table in tables}
    rows = sum(checked.rows for checked in tables.values())
    refused = sum(broken.values()) > tolerance * rows
    findings = [*notes, *_boundary(read, files)]
    for table, checked in tables.items():
        findings += _breaches(connection, checked, files[table])
    if refused:
        findings.insert(
            0,
            Finding(
                3, "over_tolerance", "", "", "", None, sum(broken.values()),
                f"{sum(broken.values())} of {rows} rows fail the contract, more than the tolerance of "
                f"{tolerance:.1%}; mend the rows below and send the delivery again",
            ),
        )  # fmt: skip
    return Judged(manifest, peeked.id, sizes, tables, broken, dropped, refused, findings)


def _times(folder: Path, manifest: Manifest) -> list[tuple[int, int]]:
    stats = [safe_path(folder, file.path).stat() for file in manifest.files]
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]


def _load(
    connection: DuckDBPyConnection, file: DeliveredFile, path: Path, manifest: Manifest
) -> tuple[Raw, Translation]:
    source = reader(manifest.format)
    contract = contracts()[file.table]
    raw = source.load(connection, path, file.path, f"raw_{file.table}")
    translation = source.translate(raw, contract, manifest.provider_key)
    if not translation.missing:
        connection.execute(f"create or replace view delivered_{file.table} as {translation.sql}")
        blank_comments(connection, contract)
    return raw, translation


def _identifiers(
    connection: DuckDBPyConnection,
    read: dict[str, tuple[Raw, Translation]],
    files: dict[str, str],
    checked: set[str],
) -> tuple[list[Finding], int]:
    findings: list[Finding] = []
    comments = 0
    for table, (raw, translation) in read.items():
        contract = contracts()[table]
        found = scan_table(
            connection, contract, raw, translation.unknown, files[table], table in checked
        )
        comments += sum(f.count for f in found if f.rule == "comment_dropped")
        findings += found
    return findings, comments


def _refuse_columns(
    read: dict[str, tuple[Raw, Translation]], files: dict[str, str], manifest: Manifest
) -> None:
    findings = []
    for table, (raw, translation) in read.items():
        findings += [
            Finding(3, "missing_column", files[table], table, name, None, 1, "the column is missing")
            for name in translation.missing
        ]
        if manifest.format == "canonical":
            findings += [
                Finding(
                    3, "unknown_column", files[table], table, shown_name(raw, name), None, 1,
                    "the contract has no such column; leave it out",
                )
                for name in translation.unknown
            ]  # fmt: skip
    if findings:
        raise Refused(findings)


def _boundary(
    read: dict[str, tuple[Raw, Translation]], files: dict[str, str]
) -> list[Finding]:
    """What the reader left out, told in the record: nothing ends unsaid."""
    return [
        Finding(2, rule, files[table], table, shown_name(raw, name), None, 1, why)
        for table, (raw, translation) in read.items()
        for rule, columns in (
            ("dropped_at_boundary", translation.dropped),
            ("column_not_read", dict.fromkeys(translation.unknown, "the reader does not know it")),
        )
        for name, why in columns.items()
    ]


def _broken_rows(connection: DuckDBPyConnection, table: str) -> int:
    counted = connection.execute(f"select count(distinct row_number) from breach_{table}").fetchall()
    return int(counted[0][0])


def _breaches(connection: DuckDBPyConnection, checked: Checked, file: str) -> list[Finding]:
    table = checked.contract.table
    rows = connection.execute(
        f"select check_number, min(row_number), count(*) from breach_{table} group by 1 order by 1"
    ).fetchall()
    return [
        Finding(3, checked.checks[n].rule, file, table, checked.checks[n].field, first, count,
                checked.checks[n].message)
        for n, first, count in rows
    ]  # fmt: skip

