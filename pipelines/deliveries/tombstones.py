"""Tombstones: who asked to be erased, so that a person who comes again is known by nobody but us.

Rule guarded: a tombstone holds no key. It is named by SHA-256 over a random salt of this home and
the person's key, both of fixed length. Whoever sees tombstones, vintages or ledger without the salt
(``keys/erasure.salt``, its owner's alone) can't test whether a key they know is among them, nor
compare homes. Whoever has the salt and a list of keys can: the gate must be able to as well.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from duckdb import DuckDBPyConnection
from pydantic import BaseModel, ConfigDict

from pipelines.deliveries.contract import Contract
from pipelines.deliveries.storage import write_bytes, write_json
from pipelines.errors import Foreseen
from pipelines.paths import Home

PERSON = "person_key"
_KEY = re.compile("[0-9a-f]{32}")
_SALT = "erasure.salt"


class ErasureError(Foreseen, ValueError):
    """An erasure that can't be done; the message never holds the key."""


class Tombstone(BaseModel):
    """One erasure. ``rows`` counts by table what was removed from landing and quarantine.

    ``begun`` is written before anything is removed: until it says ``done`` there may be more.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    erasure: str
    state: Literal["begun", "done"]
    deliveries: list[str]
    rows: dict[str, int]


@dataclass(frozen=True)
class Tombstones:
    """The salt and the names of erasures: what is needed to recognise an erased person."""

    salt: str
    names: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.names)

    def among(self, keys: Iterable[bytes]) -> bool:
        """Whether one of some keys (32 lower-case hexadecimal digits) is an erased person's."""
        return any(_name(self.salt, key.decode()) in self.names for key in keys)


def load_tombstones(home: Home) -> Tombstones:
    """Every erasure of a home; ErasureError when there are some and the salt is gone."""
    names = tuple(sorted(path.stem for path in home.erasures.glob("*.json")))
    salt = home.keys / _SALT
    if names and not salt.exists():
        raise ErasureError(
            f"{salt} is missing: without it the people of {len(names)} erasures can't be "
            "recognised. Restore it from the backup of the keys; nothing is taken in until then."
        )
    return Tombstones(salt.read_text(encoding="ascii") if salt.exists() else "", names)


def erasure_name(home: Home, person_key: str) -> str:
    """The name of a person's erasure; the home's salt is made on first use."""
    if not _KEY.fullmatch(person_key):
        raise ErasureError("this is not a person's key: 32 lower-case hexadecimal digits")
    salt = home.keys / _SALT
    if not load_tombstones(home).salt:
        home.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_bytes(salt, secrets.token_hex(32).encode(), mode=0o600)
    return _name(salt.read_text(encoding="ascii"), person_key)


def _name(salt: str, person_key: str) -> str:
    return hashlib.sha256((salt + person_key).encode()).hexdigest()


def read_tombstone(home: Home, name: str) -> Tombstone | None:
    """The tombstone of that name, where there is one."""
    path = home.erasures / f"{name}.json"
    return Tombstone.model_validate_json(path.read_bytes()) if path.exists() else None


def write_tombstone(home: Home, tombstone: Tombstone) -> None:
    """Write or replace a tombstone, whole."""
    path = home.erasures / f"{tombstone.erasure}.json"
    write_json(path, tombstone.model_dump(mode="json"))


def all_tombstones(home: Home) -> list[Tombstone]:
    """Every tombstone of a home, by name."""
    paths = sorted(home.erasures.glob("*.json"))
    return [Tombstone.model_validate_json(path.read_bytes()) for path in paths]


def unfinished(home: Home) -> list[Tombstone]:
    """Erasures that were begun and cut short, by name."""
    return [one for one in all_tombstones(home) if one.state == "begun"]


def recognise(connection: DuckDBPyConnection, tombstones: Tombstones) -> None:
    """Give a connection ``erasures_in(text)``: the erasures whose person some text mentions.

    The salt is a variable of the connection, so that no query text holds it.
    """
    connection.execute("set variable erasure_salt = $salt", {"salt": tombstones.salt})
    connection.execute("set variable erasure_names = $names", {"names": list(tombstones.names)})
    connection.execute(
        """
        create or replace temp macro erasures_in(whole) as list_intersect(
            list_transform(
                regexp_extract_all(lower(whole), '[0-9a-f]{32}'),
                lambda key: sha256(getvariable('erasure_salt') || key)
            ),
            getvariable('erasure_names')
        )
        """
    )


def erased_rows(contract: Contract, relation: str) -> str:
    """SQL of (row_number, erasure) for the rows of a relation that speak of an erased person.

    Distinct keys are hashed, not rows. A row whose person_key has not the form of a key may be
    shifted or cut: all of it is searched. The connection must know ``erasures_in``.
    """
    names = [column.name for column in contract.columns]
    if PERSON not in names:
        return "select null::bigint as row_number, null::varchar as erasure where false"
    whole = f"concat_ws(' ', {', '.join(names)})"
    return f"""
        with people as (
            select {PERSON}, unnest(erasures_in({PERSON})) as erasure
            from (select distinct {PERSON} from {relation})
        )
        select row_number, erasure from {relation} inner join people using ({PERSON})
        union
        select row_number, unnest(erasures_in({whole})) as erasure
        from {relation}
        where not coalesce(regexp_full_match({PERSON}, '[0-9a-f]{{32}}'), false)
    """
