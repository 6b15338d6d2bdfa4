"""The corrections register: what we change in delivered values by hand, declared and never coded.

Rule guarded: a delivery is never edited. A correction is one file, ``<home>/corrections/NAME.yml``
(in the home, not in the checkout: it may name a row by its key), that says whose value is changed
from what to what, why, by whom and since when. It is applied only where the source still holds the
``from`` value. Once it doesn't, the guard fails: the correction has done its work and must be
closed as ``fixed_at_source``, or ``withdrawn``. What a vintage applies is a table beside it, one
row a corrected value, that staging joins.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import yaml
from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.deliveries.contract import Column, Contract, contracts
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.forms import conforms
from pipelines.deliveries.register import Record, Register, kept_findings
from pipelines.deliveries.storage import landed_path
from pipelines.errors import Foreseen
from pipelines.locking import writer_lock
from pipelines.paths import Home
from pipelines.periods import Period

STEP = 5
"""Of a finding: after the gate's four steps."""

Guard = Literal["applies", "closed", "fixed_at_source", "no_row", "no_delivery"]
_ADVICE = {
    "fixed_at_source": "the source no longer holds the value that the correction changes; close it "
    "with status: fixed_at_source",
    "no_row": "the delivery has no such row; mend the key in row, or close it as withdrawn",
    "no_delivery": "no current delivery of that provider and period has the table; mend "
    "provider_key, period or delivery, or close it as withdrawn",
}


class CorrectionError(Foreseen, ValueError):
    """A correction that can't be used; the message names the file and the field, and no key."""


class Correction(BaseModel):
    """One declared correction. Values are text as landed; the empty text is no value.

    ``row`` gives the table's key without provider_key; without it every row of the delivery that
    holds ``from`` is changed. ``delivery`` is an id; ``period`` follows the provider's period
    through later corrections of the delivery. One of the two.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    provider_key: str = Field(pattern="^[0-9a-f]{32}$")
    delivery: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    period: str | None = None
    table: str
    row: dict[str, str] = Field(default_factory=dict)
    field: str
    value_from: str = Field(alias="from")
    value_to: str = Field(alias="to")
    reason: str = Field(min_length=10)
    date: dt.date
    who: str = Field(min_length=1)
    status: Literal["open", "fixed_at_source", "withdrawn"]

    @field_validator("period")
    @classmethod
    def _period(cls, period: str | None) -> str | None:
        if period is not None:
            Period.parse(period)
        return period

    @field_validator("table")
    @classmethod
    def _known_table(cls, table: str) -> str:
        if table not in contracts():
            raise ValueError(f"not a table of the contract: {', '.join(contracts())}")
        return table

    @model_validator(mode="after")
    def _fits_the_contract(self) -> Correction:
        if (self.delivery is None) == (self.period is None):
            raise ValueError("give either delivery or period")
        key = set(self.contract.key) - {"provider_key"}
        if self.row and set(self.row) != key:
            raise ValueError(f"row: give {', '.join(sorted(key))}, or leave row out for all rows")
        open_columns = [
            column.name
            for column in self.contract.columns
            if column.type not in ("key", "text") and column.name not in self.contract.key
        ]
        if self.field not in open_columns:
            raise ValueError(
                f"field: a correction can change {', '.join(open_columns)}; never a key, which "
                "says whose row it is"
            )
        if self.value_from == self.value_to:
            raise ValueError("to: it is the same as from")
        for name, value in (("from", self.value_from), ("to", self.value_to)):
            _check_value(self.contract, self.column, name, value)
        return self

    @property
    def contract(self) -> Contract:
        """The contract of its table."""
        return contracts()[self.table]

    @property
    def column(self) -> Column:
        """The column that it changes."""
        return self.contract.column(self.field)

    def concerns(self, record: Record) -> bool:
        """Whether a delivery is the one it speaks of."""
        said = record.manifest or {}
        return (
            said["provider_key"] == self.provider_key
            and self.period in (None, said["period"])
            and self.delivery in (None, record.delivery_id)
            and any(file.table == self.table for file in record.files)
        )


def _check_value(contract: Contract, column: Column, name: str, value: str) -> None:
    if not value:
        if column.required or column.coded:
            rest = "write unknown" if column.coded and not column.required else "it is required"
            raise ValueError(f"{name}: {column.name} can't be empty; {rest}")
        return
    query = f"select {conforms(contract, column)} from (select $value as raw_{column.name})"
    with duckdb.connect() as connection:
        fits = connection.execute(query, {"value": value}).fetchall()[0][0]
    if not fits:
        raise ValueError(f"{name}: not a value that {contract.table}.{column.name} may have")


@dataclass(frozen=True)
class Declared:
    """A correction, the name of its file and what its guard says of it now.

    ``rows`` counts the values it changes; ``delivery_id`` is the delivery it was looked for in.
    """

    name: str
    correction: Correction
    guard: Guard
    rows: int = 0
    delivery_id: str | None = None

    @property
    def fails(self) -> bool:
        """Whether somebody has to look at it."""
        return self.guard in _ADVICE

    @property
    def message(self) -> str:
        """What its guard has to say; empty where all is well."""
        return f"correction {self.name}: {_ADVICE[self.guard]}" if self.fails else ""

    @property
    def finding(self) -> Finding:
        """The form in which the register keeps a failing guard."""
        table, field = self.correction.table, self.correction.field
        return Finding(STEP, self.guard, self.message, table=table, field=field)


@dataclass(frozen=True)
class Applied:
    """All declared corrections, and one row for each value that the open ones change.

    ``values``: correction, delivery_id, table_name, row_number, field, from_value, to_value; in the
    order of table, delivery, row and field.
    """

    declared: list[Declared]
    values: pa.Table

    def digests(self) -> Mapping[str, str]:
        """Of each delivery that is corrected, SHA-256 (hex) over its corrected values."""
        with duckdb.connect() as connection:
            connection.register("corrected", self.values)
            rows = connection.execute(
                """
                select
                    delivery_id,
                    sha256(string_agg(
                        concat_ws('|', table_name, row_number, field, coalesce(to_value, '')),
                        chr(10) order by table_name, row_number, field
                    ))
                from corrected group by delivery_id order by delivery_id
                """
            ).fetchall()
        return dict(rows)


def load_corrections(home: Home) -> dict[str, Correction]:
    """Every declared correction by name; CorrectionError names the file and field that is wrong."""
    return {path.stem: _read(path) for path in sorted(home.corrections.glob("*.yml"))}


def _read(path: Path) -> Correction:
    try:
        # every scalar is text, as in a delivered file: no, 2024-12 and 1500.50 stay what they are
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
        return Correction.model_validate(content)
    except yaml.YAMLError:
        raise CorrectionError(f"{path}: not readable as YAML") from None
    except ValidationError as error:
        said = "; ".join(
            ": ".join([*map(str, e["loc"]), e["msg"].removeprefix("Value error, ")])
            for e in error.errors()
        )  # without the input value: it may be a key
        raise CorrectionError(f"{path}: {said}") from None


def apply_corrections(home: Home, current: Iterable[Record]) -> Applied:
    """Hold every declared correction against the current deliveries.

    CorrectionError where two change the same value.
    """
    records = list(current)
    with duckdb.connect() as connection:
        connection.execute(
            "create table corrected (correction varchar, delivery_id varchar, table_name varchar, "
            "row_number bigint, field varchar, from_value varchar, to_value varchar)"
        )
        declared = [
            _hold(connection, home, records, name, correction)
            for name, correction in load_corrections(home).items()
        ]
        twice = connection.execute(
            "select min(correction), max(correction), any_value(table_name), field from corrected "
            "group by delivery_id, table_name, row_number, field having count(*) > 1 order by all"
        ).fetchall()
        if twice:
            first, second, table, field = twice[0]
            raise CorrectionError(
                f"{home.corrections / first}.yml and {second}.yml both change {table}.{field} of "
                "one row; close one of them"
            )
        values = connection.sql(
            "select * from corrected order by table_name, delivery_id, row_number, field"
        ).to_arrow_table()
    return Applied(declared, values)


def _hold(
    connection: DuckDBPyConnection,
    home: Home,
    records: list[Record],
    name: str,
    correction: Correction,
) -> Declared:
    if correction.status != "open":
        return Declared(name, correction, "closed")
    record = next((one for one in records if correction.concerns(one)), None)
    if record is None:
        return Declared(name, correction, "no_delivery")
    field = correction.field
    where = " and ".join(f"cast({key} as varchar) = ${key}" for key in correction.row) or "true"
    holds = f"{field} is not distinct from cast(nullif($value, '') as {correction.column.sql_type})"
    rows = (
        f"select row_number, {holds} as holds "
        f"from read_parquet($path, hive_partitioning = false) where {where}"
    )
    path = landed_path(home, correction.table, record.delivery_id)
    given = {"path": str(path), "value": correction.value_from, **correction.row}
    found, changed = connection.execute(
        f"select count(*), count(*) filter (holds) from ({rows})", given
    ).fetchall()[0]
    if not changed:
        gone: Guard = "fixed_at_source" if found else "no_row"
        return Declared(name, correction, gone, delivery_id=record.delivery_id)
    connection.execute(
        "insert into corrected select $name, $delivery, $table_name, row_number, $field, "
        f"nullif($value, ''), nullif($new, '') from ({rows}) where holds",
        {
            **given,
            "name": name,
            "delivery": record.delivery_id,
            "table_name": correction.table,
            "field": field,
            "new": correction.value_to,
        },
    )
    return Declared(name, correction, "applies", changed, record.delivery_id)


def check_corrections(home: Home) -> list[Declared]:
    """Run every guard and keep in the register what those that fail have to say.

    A failure is a finding of the delivery that the correction was looked for in, where there is
    one. Busy when another process writes.
    """
    with writer_lock(home, "check corrections"):
        register = Register(home)
        declared = apply_corrections(home, register.current()).declared
        for record in list(register.records.values()):
            failing = [
                Finding(
                    STEP, one.guard, one.message, "", one.correction.table, one.correction.field
                )
                for one in declared
                if one.fails and one.delivery_id == record.delivery_id
            ]
            others = [finding for finding in record.findings if finding.step != STEP]
            checked = record.model_copy(update={"findings": [*others, *kept_findings(failing)]})
            if checked != record:
                register.write(checked)
    return declared
