"""The corrections register, held against what has landed: applied, or named as no longer needed.

Rule guarded: a delivery is never edited and no correction is coded into a model. One is applied
only where the source still holds the ``from`` value. Once it doesn't, the guard fails: the
correction has done its work and must be closed as ``fixed_at_source``, or ``withdrawn``. What a
vintage applies is a table beside it, one row a corrected value, that staging joins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection

from pipelines.deliveries.correction import Correction, CorrectionError, load_corrections
from pipelines.deliveries.findings import Finding
from pipelines.deliveries.register import Record, Register, kept_findings
from pipelines.deliveries.storage import landed_path
from pipelines.locking import writer_lock
from pipelines.paths import Home

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
