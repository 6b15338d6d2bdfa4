"""Drift of what has landed: each delivery against the same provider's last four like periods.

Rule guarded: a comparison says what it rests on, and is a function of that. ``verdicts.json`` names
the reference deliveries, what was erased from them and from the delivery, and the code; it is made
again when one of these changed, and not otherwise. Drift never refuses a delivery: it becomes a
caveat on what rests on it.

Rows that come again while they change (a person, an episode, an inspection) are compared in the
period that makes them new, so that a change is not watered down by what was known before. Coded
columns and numbers are compared. A column whose meaning hangs on another (outcome on
event_type) is compared together with it, so that remedies refused and residence refused stay apart.
Periods above 50,000 rows are compared on a fixed sample of that size. Evidently is asked where a
column comes near its threshold (``ASK_FROM`` of it); a quiet column is told by the same statistic.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass
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
from pipelines.deliveries.drift_columns import ColumnRule
from pipelines.deliveries.register import Record, Register
from pipelines.deliveries.storage import landed_path, write_bytes, write_json
from pipelines.paths import Home
from pipelines.periods import Period, month_text

SAMPLE = 50_000
ASK_FROM = 0.9
_VERDICTS = "verdicts.json"
New = tuple[str, str, str]  # the month's column, and the first and last month that are new
Columns = tuple[str, ...]
#: Rows that come again while they change are compared once, in the period that makes them new.
_NEW_IN = {
    "persons": "first_contact_month",
    "support_episodes": "start_month",
    "support_episodes.exit_reason": "end_month",
    "inspections": "month",
}
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


@dataclass(frozen=True)
class Side:
    """What is compared as one: deliveries of one period, of a provider or of several."""

    records: tuple[Record, ...]

    @property
    def period(self) -> str:
        """The period, as its deliveries write it."""
        return str((self.records[0].manifest or {})["period"])

    @property
    def months(self) -> tuple[str, str]:
        """First and last month of the period, as YYYY-MM."""
        period = Period.parse(self.period)
        return month_text(period.first), month_text(period.last)


class LandedFrames:
    """The compared columns of landed tables; the last few read stay in memory."""

    def __init__(self, home: Home) -> None:
        """Nothing is read yet."""
        self._home = home
        self._connection = duckdb.connect()
        self.of = lru_cache(maxsize=16 * REFERENCE_PERIODS)(self._read)

    def _read(self, table: str, side: tuple[str, ...], new: New, columns: Columns) -> pd.DataFrame:
        """At most ``SAMPLE`` rows of the deliveries in ``side``, always the same ones."""
        paths = [landed_path(self._home, table, one) for one in side]
        there = [str(path) for path in paths if path.exists()]
        if not there:
            return pd.DataFrame()
        contract = contracts()[table]
        cluster = _cluster(contract)
        selected = [f"{_with_variant(contract, column)} as {column}" for column in columns]
        month, first, last = new
        between = f"where {month} between '{first}' and '{last}'" if month else ""
        return self._connection.execute(
            f"select {', '.join([*selected, *([cluster] if cluster else [])])} "
            "from read_parquet(?, hive_partitioning = true, hive_types = {'delivery': varchar}) "
            f"{between} "
            f"order by hash(row_number, delivery), row_number, delivery limit {SAMPLE}",
            [there],
        ).df()


def compare_delivery(
    home: Home, register: Register, delivery_id: str, frames: LandedFrames | None = None
) -> list[ColumnDrift]:
    """The verdicts on one delivery against the same provider's last four like periods.

    See ``compare_sides``; the folder is ``<home>/drift/<delivery id>``.
    """
    record = register.records[delivery_id]
    earlier = [Side((other,)) for other in earlier_periods(register, record)]
    provider = (record.manifest or {})["provider_key"]
    return compare_sides(
        home.drift / delivery_id, provider, Side((record,)), earlier, frames or LandedFrames(home)
    )


def compare_sides(
    folder: Path, provider: str, current: Side, references: list[Side], frames: LandedFrames
) -> list[ColumnDrift]:
    """Verdicts from ``folder`` where they rest on the same still; else worked out and kept there.

    Beside them lies Evidently's JSON for each part of a table in which it was asked, and its page
    where a column drifted. ``frames`` spares reading again what another comparison has read.
    """
    everything = [record for side in (*references, current) for record in side.records]
    basis = {
        "references": [record.delivery_id for side in references for record in side.records],
        "judged": [record.delivery_id for record in current.records],
        "erasures": [record.erasures for record in everything],
        "code": _code(),
    }
    kept = _kept(folder / _VERDICTS)
    if kept is not None and basis == {name: kept.get(name) for name in basis}:
        return [ColumnDrift(**verdict) for verdict in kept["columns"]]
    shutil.rmtree(folder, ignore_errors=True)
    verdicts: list[ColumnDrift] = []
    brought = {file.table for record in current.records for file in record.files}
    for table in sorted(brought - _NOT_COMPARED):
        for month, rules in _parts(contracts()[table]).items():
            report = _compare_part(frames, provider, table, month, rules, current, references)
            name = f"{table}.{month}" if month else table
            if report.asked:
                write_bytes(folder / f"{name}.json", report.evidently_json.encode("utf-8"))
            if report.drifted:
                write_bytes(folder / f"{name}.html", report.html().encode("utf-8"))
            verdicts += report.columns
    write_json(folder / _VERDICTS, {**basis, "columns": [asdict(one) for one in verdicts]})
    return verdicts


def _compare_part(
    frames: LandedFrames,
    provider: str,
    table: str,
    month: str,
    rules: list[ColumnRule],
    current: Side,
    references: list[Side],
) -> DriftReport:
    columns = tuple(rule.column for rule in rules)
    read = [
        frames.of(table, tuple(r.delivery_id for r in side.records), (month, *side.months), columns)
        for side in (current, *references)
    ]
    before = [frame for frame in read[1:] if len(frame.columns)]
    return compare(provider, table, read[0], before, rules, _cluster(contracts()[table]), ASK_FROM)


def _parts(contract: Contract) -> dict[str, list[ColumnRule]]:
    """The compared columns by the month that makes a row new to them; '' where every row is."""
    types = {column.name: column.type for column in contract.columns}
    parts: dict[str, list[ColumnRule]] = {}
    for rule in rules_from_types(types):
        month = _NEW_IN.get(f"{contract.table}.{rule.column}", _NEW_IN.get(contract.table, ""))
        parts.setdefault(month, []).append(rule)
    return parts


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
