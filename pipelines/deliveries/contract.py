"""The contract of the canonical tables, read from ``contracts/<table>.yml``.

Rule guarded: a table's columns, types, codes and cross-column rules are written once, in the
YAML; the gate, the landing area, the data dictionary and the generator all derive from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.errors import Foreseen

CONTRACTS = Path(__file__).parent / "contracts"
VERSION = "v1"
UNKNOWN = "unknown"
CODED = frozenset({"code", "tri", "multi"})

Source = Literal["service_provider", "labour_inspection", "survivor_survey"]
ColumnType = Literal[
    "key", "month", "wave", "code", "tri", "multi", "int", "amount", "currency", "text"
]


class ContractError(Foreseen, ValueError):
    """A contract file that can't be used; the message names the file and the field."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column: its type decides what conforms; ``required`` columns may not be empty."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    type: ColumnType
    description: str
    required: bool = False
    codes: tuple[str, ...] | Literal["variants"] | None = None
    pattern: str | None = None
    min: int | None = None
    max: int | None = None
    max_length: int | None = None
    period: Literal["within", "not_after"] = "not_after"
    item: bool = False

    @model_validator(mode="after")
    def _codes_or_pattern(self) -> Column:
        if self.type == "code" and (self.codes is None) == (self.pattern is None):
            raise ValueError(f"{self.name}: a code column has either codes or a pattern")
        return self

    @property
    def coded(self) -> bool:
        """Whether an empty value means ``unknown``."""
        return self.type in CODED

    @property
    def sql_type(self) -> str:
        """The DuckDB type in the landing area."""
        return {"int": "bigint", "amount": "decimal(18,2)"}.get(self.type, "varchar")


class Reference(_Strict):
    """``columns`` must be found, by the same names, among ``table``'s rows of the delivery."""

    columns: tuple[str, ...]
    table: str


class Rule(_Strict):
    """A row-wise SQL condition over typed columns; a null result passes."""

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    check: str
    message: str


class Variant(_Strict):
    """One value of the deciding column: which governed columns it uses, which it needs."""

    description: str
    uses: Mapping[str, tuple[str, ...] | Literal["any"]] = Field(default_factory=dict)
    needs: tuple[str, ...] = ()


class Variants(_Strict):
    """The columns whose meaning depends on another column (event_type)."""

    column: str
    governs: tuple[str, ...]
    types: Mapping[str, Variant]

    def using(self, column: str) -> list[str]:
        """The types that use a governed column, in the contract's order."""
        return [name for name, variant in self.types.items() if column in variant.uses]

    def codes(self, column: str) -> tuple[str, ...]:
        """Every code a governed column may take, whatever the type; in order of first mention."""
        lists = [variant.uses.get(column, ()) for variant in self.types.values()]
        return tuple(dict.fromkeys(c for codes in lists if codes != "any" for c in codes))


class Contract(_Strict):
    """One canonical table."""

    table: str
    version: Literal["v1"]
    sources: tuple[Source, ...]
    required_for: tuple[Source, ...]
    grain: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    references: tuple[Reference, ...] = ()
    rules: tuple[Rule, ...] = ()
    variants: Variants | None = None

    @model_validator(mode="after")
    def _names_exist(self) -> Contract:
        known = {column.name for column in self.columns}
        used = [*self.key, *(c for r in self.references for c in r.columns)]
        if self.variants:
            used += [self.variants.column, *self.variants.governs]
            used += [c for v in self.variants.types.values() for c in (*v.uses, *v.needs)]
        if missing := sorted(set(used) - known):
            raise ValueError(f"{self.table}: no such column: {', '.join(missing)}")
        return self

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        return next(c for c in self.columns if c.name == name)

    def codes(self, column: Column) -> tuple[str, ...] | None:
        """The codes a column may take, ``unknown`` included where allowed; None where free."""
        if column.type == "tri":
            return ("yes", "no", UNKNOWN)
        if column.codes is None:
            return None
        if column.codes != "variants":
            codes = column.codes
        elif self.variants and column.name == self.variants.column:
            codes = tuple(self.variants.types)
        else:
            codes = self.variants.codes(column.name) if self.variants else ()
        return codes if column.required else (*codes, UNKNOWN)

    def rule_sql(self, rule: Rule) -> str:
        """A rule's condition, ``any_item`` spelt out as "some survey item is answered"."""
        answered = [
            f"{c.name} <> '{UNKNOWN}'" if c.coded else f"{c.name} is not null"
            for c in self.columns
            if c.item
        ]
        return re.sub(r"\bany_item\b", f"({' or '.join(answered)})", rule.check)


def _read(path: Path) -> Contract:
    try:
        return Contract.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise ContractError(f"{path}: {error}") from error


@cache
def contracts() -> Mapping[str, Contract]:
    """Every canonical table by name, referenced tables before the tables that refer to them."""
    pending = {contract.table: contract for contract in map(_read, sorted(CONTRACTS.glob("*.yml")))}
    ordered: dict[str, Contract] = {}
    while pending:
        ready = [n for n, c in pending.items() if all(r.table in ordered for r in c.references)]
        if not ready:
            raise ContractError(f"{CONTRACTS}: references go round in a circle: {sorted(pending)}")
        ordered.update((name, pending.pop(name)) for name in ready)
    return ordered
