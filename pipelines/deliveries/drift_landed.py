"""Drift of what has landed: each delivery against the same provider's last four like periods.

Rule guarded: a comparison says what it rests on, and is a function of that. ``verdicts.json`` names
the reference deliveries, what was erased from them and from the delivery, and the code; it is made
again when one of these changed, and not otherwise. Drift never refuses a delivery: it becomes a
caveat on what rests on it.

Coded columns and numbers are compared. A column whose meaning hangs on another (outcome on
event_type) is compared together with it, so that remedies refused and residence refused stay apart.
Periods above 50,000 rows are compared on a fixed sample of that size. Evidently is asked where a
column comes near its threshold (``ASK_FROM`` of it); a quiet column is told by the same statistic.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.deliveries import drift, drift_columns
from pipelines.deliveries.contract import Contract, contracts
from pipelines.deliveries.drift import (
    REFERENCE_PERIODS,
    ColumnDrift,
    DriftReport,
    compare,
    rules_from_types,
)
from pipelines.deliveries.register import Record, Register
from pipelines.deliveries.storage import landed_path, write_bytes, write_json
from pipelines.paths import Home
from pipelines.periods import Period

SAMPLE = 50_000
ASK_FROM = 0.9
_VERDICTS = "verdicts.json"
#: One row describes the provider, or a year or a stratum: nothing there is a distribution.
_NOT_COMPARED = frozenset({"providers", "workforce", "survey_frame"})


def compared_tables() -> list[str]:
    """The tables whose columns are compared, in name order."""
    return sorted(set(contracts()) - _NOT_COMPARED)


def earlier_periods(register: Register, record: Record) -> list[Record]:
    """The provider's last four current deliveries of the same source and length, oldest first."""
    if record.place is None:
        return []
    *same, period = record.place
    this = Period.parse(period)
    before = [
        (Period.parse(other.place[3]), other)
        for other in register.current()
        if other.place is not None and list(other.place[:3]) == same
    ]
    like = [(p, other) for p, other in before if p.last < this.first and p.months == this.months]
    return [other for _, other in sorted(like, key=lambda pair: pair[0])][-REFERENCE_PERIODS:]


class LandedFrames:
    """The compared columns of landed tables; the last few read stay in memory."""

    def __init__(self, home: Home) -> None:
        """Nothing is read yet."""
        self._home = home
        self._connection = duckdb.connect()
        self.of = lru_cache(maxsize=8 * REFERENCE_PERIODS)(self._read)

    def _read(self, table: str, delivery_id: str) -> pd.DataFrame | None:
        """At most ``SAMPLE`` rows, always the same ones; None where the table didn't come."""
        path = landed_path(self._home, table, delivery_id)
        return _frame(self._connection, contracts()[table], path) if path.exists() else None


def compare_delivery(
    home: Home, register: Register, delivery_id: str, frames: LandedFrames | None = None
) -> list[ColumnDrift]:
    """The verdicts on one delivery, from ``<home>/drift`` where its references are the same still.

    Otherwise they are worked out and kept, with Evidently's JSON beside them for each table in
    which it was asked. ``frames`` spares reading again what another comparison has read.
    """
    record = register.records[delivery_id]
    earlier = earlier_periods(register, record)
    references = [other.delivery_id for other in earlier]
    basis = {
        "references": references,
        "erasures": [one.erasures for one in (*earlier, record)],
        "code": _code(),
    }
    folder = home.drift / delivery_id
    kept = _kept(folder / _VERDICTS)
    if kept is not None and basis == {name: kept.get(name) for name in basis}:
        return [ColumnDrift(**verdict) for verdict in kept["columns"]]
    frames = frames or LandedFrames(home)
    verdicts: list[ColumnDrift] = []
    for table in [file.table for file in record.files if file.table not in _NOT_COMPARED]:
        report = compare_table(frames, record, references, table)
        if report.asked:
            write_bytes(folder / f"{table}.json", report.evidently_json.encode("utf-8"))
        verdicts += report.columns
    columns = [asdict(verdict) for verdict in verdicts]
    write_json(folder / _VERDICTS, {**basis, "columns": columns})
    return verdicts


def compare_table(
    frames: LandedFrames, record: Record, references: list[str], table: str
) -> DriftReport:
    """One table of a delivery against the reference deliveries that brought it."""
    contract = contracts()[table]
    current = frames.of(table, record.delivery_id)
    if current is None:
        raise FileNotFoundError(f"{table} of delivery {record.delivery_id} has not landed")
    before = [frame for one in references if (frame := frames.of(table, one)) is not None]
    types = {column.name: column.type for column in contract.columns}
    provider = (record.manifest or {})["provider_key"]
    return compare(
        provider, table, current, before, rules_from_types(types), _cluster(contract), ASK_FROM
    )


@cache
def _code() -> str:
    """A hash of what decides a verdict beside the rows: the modules of the comparison."""
    places = [drift.__file__, drift_columns.__file__, __file__]
    return hashlib.sha256(b"".join(Path(place).read_bytes() for place in places)).hexdigest()


def _kept(path: Path) -> dict[str, Any] | None:
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _frame(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path) -> pd.DataFrame:
    types = {column.name: column.type for column in contract.columns}
    columns = ", ".join(
        f"{_with_variant(contract, rule.column)} as {rule.column}"
        for rule in rules_from_types(types)
    )
    if cluster := _cluster(contract):
        columns += f", {cluster}"
    return connection.execute(
        f"select {columns} from read_parquet(?) "
        f"order by hash(row_number), row_number limit {SAMPLE}",
        [str(path)],
    ).df()


def _cluster(contract: Contract) -> str | None:
    """Whose rows belong together: a person's, or an employer's."""
    names = {column.name for column in contract.columns}
    return next((name for name in ("person_key", "employer_key") if name in names), None)


def _with_variant(contract: Contract, column: str) -> str:
    variants = contract.variants
    coded = contract.column(column).coded
    if variants is None or column not in variants.governs or not coded:
        return column
    return f"case when {column} is not null then {variants.column} || ' ' || {column} end"
