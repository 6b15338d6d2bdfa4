"""One declared correction: whose value is changed from what to what, why, by whom, since when.

Rule guarded: a correction is one file, ``<home>/corrections/NAME.yml``, in the home and not in the
checkout, for it may name a row by its key. It may change what a row says, never whose row it is,
and what it writes has the form that the contract asks for.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Literal

import duckdb
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pipelines.deliveries.contract import Column, Contract, contracts
from pipelines.deliveries.forms import conforms
from pipelines.deliveries.register import Record
from pipelines.errors import Foreseen
from pipelines.paths import Home
from pipelines.periods import Period


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
