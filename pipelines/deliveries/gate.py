"""The gate: manifest and bytes, identifiers, contract; in this order, nothing lost at any step.

Rule guarded: a delivery is accepted, with its bad rows set apart, or refused whole with the reason.
The gate reads one delivery and knows no other; what the register already holds is asked in
``register``. Step 4, expectations, comes after landing and can set a delivery aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.deliveries.checks import (
    Checked,
    check_keys,
    check_references,
    check_rows,
    check_widths,
)
from pipelines.deliveries.contract import Contract, contracts
from pipelines.deliveries.findings import Finding, Refused, refusal
from pipelines.deliveries.manifest import DeliveredFile, Manifest, Peeked, read_manifest
from pipelines.deliveries.readers import reader
from pipelines.deliveries.readers.base import Raw, Translation
from pipelines.deliveries.scan import Part, blank_comments, scan, shown_name
from pipelines.deliveries.tombstones import Tombstones, recognise
from pipelines.deliveries.unpacking import Limits, check_files, safe_path, unpack


@dataclass(frozen=True)
class Loaded:
    """One delivered file, loaded: ``delivered_<t>`` and ``text_<t>`` unless columns are missing."""

    contract: Contract
    file: DeliveredFile
    bytes: int
    raw: Raw
    translation: Translation


@dataclass(frozen=True)
class Judged:
    """A delivery that passed steps 1 and 2, with its rows checked.

    The rows are in the gate's connection: ``text_<t>``, ``typed_<t>`` and ``breach_<t>``.
    ``broken`` counts the rows of a table that fail, ``erased`` those left out because their person
    was erased, by ``erasures``. ``refused`` is whether more rows fail than the tolerance allows;
    then nothing of the delivery may land.
    """

    manifest: Manifest
    id: str
    loaded: list[Loaded]
    tables: dict[str, Checked]
    broken: dict[str, int]
    erased: dict[str, int]
    erasures: list[str]
    comments_dropped: int
    refused: bool
    findings: list[Finding]


@contextmanager
def gate_connection(work: Path) -> Iterator[DuckDBPyConnection]:
    """An in-memory DuckDB that spills into ``work``, which the caller removes with the content."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(work / "spill"),
        "preserve_insertion_order": True,  # row numbers are places in the file
        "autoinstall_known_extensions": False,
    }
    connection = duckdb.connect(config=settings)
    # progress is told by delivery, to whoever listens
    connection.execute("set enable_progress_bar = false")
    try:
        yield connection
    finally:
        connection.close()


def judge(
    connection: DuckDBPyConnection,
    peeked: Peeked,
    work: Path,
    tolerance: float,
    limits: Limits,
    tombstones: Tombstones,
) -> Judged:
    """Steps 1 to 3 for one delivery; Refused carries the step and every finding of it.

    ``tolerance`` is the share of the delivery's rows that may fail the contract. A zip is unpacked
    below ``work``.
    """
    recognise(connection, tombstones)
    manifest, loaded = _open(connection, peeked, work, limits, tombstones)
    # forms are checked before the scan, which looks only where a form does not hold
    tables = {
        one.contract.table: check_rows(
            connection, one.contract, manifest.months, manifest.provider_key
        )
        for one in loaded
        if not one.translation.missing
    }
    notes = _scan(connection, loaded, tables)
    notes += _boundary(connection, loaded)
    _check(connection, manifest, loaded, tables)
    broken = {table: _broken_rows(connection, table) for table in tables}
    breaches = [
        finding
        for one in loaded
        for finding in _breaches(connection, tables[one.contract.table], one.file.path)
    ]
    failing = sum(broken.values())
    rows = sum(checked.rows for checked in tables.values())
    refused = failing > tolerance * rows
    if refused:
        message = (
            f"{failing} of {rows} rows fail the contract, more than the tolerance of "
            f"{tolerance:.1%}; mend the rows that quarantine lists and send the delivery again"
        )
        breaches.insert(0, Finding(3, "over_tolerance", message, count=failing))
    dropped = sum(note.count for note in notes if note.rule == "comment_dropped")
    findings = [*breaches, *notes]
    erased, erasures = _erased(connection, list(tables))
    return Judged(
        manifest, peeked.id, loaded, tables, broken, erased, erasures, dropped, refused, findings
    )


def _open(
    connection: DuckDBPyConnection,
    peeked: Peeked,
    work: Path,
    limits: Limits,
    tombstones: Tombstones,
) -> tuple[Manifest, list[Loaded]]:
    """Step 1; the files in an order in which referenced tables come first."""
    manifest = read_manifest(peeked.content)
    source = reader(manifest.format)
    folder = unpack(peeked.path, work, limits)
    before = _times(folder, manifest)
    sizes = check_files(folder, manifest, limits)
    by_table = {file.table: file for file in manifest.files}
    loaded = []
    for contract in contracts().values():
        file = by_table.get(contract.table)
        if file is None:
            continue
        path = safe_path(folder, file.path)
        raw = source.load(connection, path, file.path, f"raw_{contract.table}")
        translation = source.translate(raw, contract, manifest.provider_key)
        if not translation.missing:
            name = f"delivered_{contract.table}"
            connection.execute(f"create or replace view {name} as {translation.sql}")
            blank_comments(connection, contract, tombstones)
        loaded.append(Loaded(contract, file, sizes[file.path], raw, translation))
    if _times(folder, manifest) != before:
        raise refusal(1, "changed", "a file changed while it was read; send the delivery again")
    return manifest, loaded


def _times(folder: Path, manifest: Manifest) -> list[tuple[int, int]]:
    stats = [safe_path(folder, file.path).stat() for file in manifest.files]
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]


def _scan(
    connection: DuckDBPyConnection, loaded: list[Loaded], tables: dict[str, Checked]
) -> list[Finding]:
    """Step 2: Refused with every identifier found, or the notes on dropped comments."""
    parts = [
        Part(
            one.contract,
            one.file.path,
            one.raw,
            one.translation.unknown,
            checked=one.contract.table in tables,
        )
        for one in loaded
    ]
    found = scan(connection, parts)
    if identifying := [finding for finding in found if finding.rule != "comment_dropped"]:
        raise Refused(identifying)
    return found


def _boundary(connection: DuckDBPyConnection, loaded: list[Loaded]) -> list[Finding]:
    """What the reader left out, told in the record: nothing ends unsaid."""
    notes = []
    for one in loaded:
        unread = dict.fromkeys(one.translation.unknown, "the reader does not know it")
        file, table = one.file.path, one.contract.table
        for rule, columns in (
            ("dropped_at_boundary", one.translation.dropped),
            ("column_not_read", unread),
        ):
            notes += [
                Finding(2, rule, why, file, table, field=shown_name(one.raw, name))
                for name, why in columns.items()
            ]
        if one.raw.uneven:
            count, first = connection.execute(
                f"select count(*), min(rowid) + 1 from {one.raw.relation} "
                f"where fields between {one.translation.width} and {len(one.raw.columns) - 1}"
            ).fetchall()[0]
            message = "the row ends early, after the last column that is read"
            if count:
                notes.append(
                    Finding(2, "row_cut_off", message, file, table, row=first, count=count)
                )
    return notes


def _check(
    connection: DuckDBPyConnection,
    manifest: Manifest,
    loaded: list[Loaded],
    tables: dict[str, Checked],
) -> None:
    """Step 3 beyond the single row: columns (Refused), cut rows, keys, references."""
    wrong = [finding for one in loaded for finding in _wrong_columns(one, manifest)]
    if wrong:
        raise Refused(wrong)
    for one in loaded:
        checked = tables[one.contract.table]
        if one.raw.uneven:
            check_widths(connection, checked, one.raw.relation, one.translation.width)
        check_keys(connection, checked)
        check_references(connection, checked)


def _wrong_columns(one: Loaded, manifest: Manifest) -> list[Finding]:
    file, table = one.file.path, one.contract.table
    missing = "the column is missing; every required column must be there"
    unknown = "the contract has no such column; leave it out"
    surplus = one.translation.unknown if manifest.format == "canonical" else ()
    return [
        Finding(3, "missing_column", missing, file, table, field=name)
        for name in one.translation.missing
    ] + [
        Finding(3, "unknown_column", unknown, file, table, field=shown_name(one.raw, name))
        for name in surplus
    ]


def _broken_rows(connection: DuckDBPyConnection, table: str) -> int:
    counted = connection.execute(
        f"select count(distinct row_number) from breach_{table}"
    ).fetchall()
    return int(counted[0][0])


def _erased(connection: DuckDBPyConnection, tables: list[str]) -> tuple[dict[str, int], list[str]]:
    """Rows left out by table, and the names of the erasures that asked for it."""
    rows, erasures = {}, set()
    for table in tables:
        count, names = connection.execute(
            f"select count(distinct row_number), list(distinct erasure) from erased_{table}"
        ).fetchall()[0]
        rows[table] = count
        erasures |= set(names or ())
    return rows, sorted(erasures)


def _breaches(connection: DuckDBPyConnection, checked: Checked, file: str) -> list[Finding]:
    table = checked.contract.table
    rows = connection.execute(
        f"select check_number, min(row_number), count(*) from breach_{table} group by 1 order by 1"
    ).fetchall()
    broken = [(checked.checks[number], first, count) for number, first, count in rows]
    return [
        Finding(3, check.rule, check.message, file, table, check.field, first, count)
        for check, first, count in broken
    ]
