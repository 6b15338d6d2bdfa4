#!/usr/bin/env python3
"""Names stay with the provider: a person leaves as a keyed hash, dates as months, ages as bands.

This file runs alone at the provider and imports nothing but the standard library. It never prints
a value it read: messages name rows and columns. Only columns named on the command line are written,
so that a column nobody thought of can't leave.

**The key of a person** is HMAC-SHA-256 (RFC 2104, FIPS 180-4), cut to 128 bits and written as 32
hexadecimal digits, over: the parts of all names, normalised and sorted; month and year of birth
(the year alone where the day is 1 January, the usual placeholder, or no month is known); country
of birth. Sex is left out: it adds one bit, and a correction of it must not split a person in two.
Where name or year of birth is missing, the key is the provider's own, made from its case number:
two strangers must not become one person. Who refuses linkage gets a provider's own key likewise.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import hmac
import os
import secrets
import stat
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

VERSION = "observatory-person-v1"
KEY_HEX_DIGITS = 64
BANDS = ((8, "0-8"), (17, "9-17"), (24, "18-24"), (34, "25-34"), (49, "35-49"), (120, "50+"))
ROLES = ("given", "family", "born", "country", "case", "refused", "contact", "age")
_IDENTITY = frozenset({"given", "family", "born", "country", "case", "age"})
_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
# Letters that Unicode does not decompose; read as travel documents write them without their mark.
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
     "ŋ": "n", "ŧ": "t", "ə": "a", "'": "", "’": "", "ʼ": "", "ʻ": "", "`": "", "ـ": ""}
)  # fmt: skip


class PseudonymiseError(ValueError):
    """Nothing was written; the message says where and why, and never repeats a value."""


@dataclass(frozen=True)
class Birth:
    """Year of birth and, where it is really known, the month (1 to 12)."""

    year: int
    month: int | None = None


@dataclass(frozen=True)
class Plan:
    """What becomes of columns: ``roles`` role → column; ``months``, ``keep`` column → new name."""

    roles: dict[str, str]
    months: dict[str, str] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    date_format: str = "%Y-%m-%d"

    def __post_init__(self) -> None:
        """Refuse a plan that would let an identity column through, or can't name a person."""
        unknown = sorted(set(self.roles) - set(ROLES))
        if unknown:
            raise PseudonymiseError(f"--columns: no role {unknown}; roles are {', '.join(ROLES)}")
        if not {"family", "given"} & set(self.roles) and "case" not in self.roles:
            raise PseudonymiseError("--columns: give family and given names, or a case number")
        identity = {column for role, column in self.roles.items() if role in _IDENTITY}
        if leaking := sorted(identity & {*self.keep, *self.months}):
            raise PseudonymiseError(f"--keep/--months: {leaking} would identify a person")

    @property
    def columns(self) -> list[str]:
        """Every input column the plan needs."""
        return [*self.roles.values(), *self.months, *self.keep]

    def within(self, header: Sequence[str]) -> Plan:
        """The plan with only those months and kept columns that a file has."""
        months = {column: new for column, new in self.months.items() if column in header}
        keep = {column: new for column, new in self.keep.items() if column in header}
        return replace(self, months=months, keep=keep)


def read_key(path: Path) -> bytes:
    """The custodian's key from a file only its owner can read: 64 hexadecimal digits or more."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PseudonymiseError(
            f"{path}: can't read the key file ({type(error).__name__})"
        ) from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise PseudonymiseError(f"{path}: others can read the key; run: chmod 600 {path}")
    try:
        key = bytes.fromhex(text)
    except ValueError:
        raise PseudonymiseError(f"{path}: the key must be hexadecimal digits and no more") from None
    if len(text) < KEY_HEX_DIGITS:
        raise PseudonymiseError(f"{path}: the key is too short; {KEY_HEX_DIGITS} digits are needed")
    if len(set(key)) < 16:
        raise PseudonymiseError(f"{path}: the key is not random; ask the custodian for another")
    return key


def new_key(path: Path) -> None:
    """Write a fresh 256-bit key to a new file of mode 0600; for the custodian."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_HEX_DIGITS // 2) + "\n")


def fingerprint(key: bytes) -> str:
    """Eight digits by which custodian and provider see that they hold the same key."""
    return _mac(key, "fingerprint")[:8]


def normalise_name(text: str) -> str:
    """Name parts without case, marks and order: 'De la CRUZ, José' → 'cruz de jose la'.

    Letters of other scripts stay in their script (marks off): the standard library does not
    transliterate, so names should be entered as the travel document's Latin line writes them.
    """
    folded = text
    for _ in range(2):  # taking a sign apart can bring capitals to light (Unicode, chapter 3.13)
        folded = unicodedata.normalize("NFKD", folded.casefold())
    folded = folded.translate(_PLAIN_LETTERS)
    letters = (
        character if unicodedata.category(character)[0] in "LM" else " "
        for character in folded
        if not unicodedata.combining(character)
    )
    return " ".join(sorted("".join(letters).split()))


def parse_birth(text: str, date_format: str = "%Y-%m-%d") -> Birth | None:
    """A birth date, month or year; None when empty. 1 January counts as a year, see above."""
    text = text.strip()
    if not text:
        return None
    for pattern in (date_format, "%Y-%m", "%Y"):
        try:
            day = datetime.strptime(text, pattern)
        except ValueError:
            continue
        placeholder = pattern == "%Y" or ("%d" in pattern and (day.month, day.day) == (1, 1))
        return Birth(day.year, None if placeholder else day.month)
    raise ValueError(f"not a date as {date_format}, a month (YYYY-MM) or a year")


def parse_month(text: str, date_format: str = "%Y-%m-%d") -> str:
    """The ``YYYY-MM`` of a date or month; empty stays empty."""
    text = text.strip()
    for pattern in (date_format, "%Y-%m"):
        try:
            return datetime.strptime(text, pattern).strftime("%Y-%m")
        except ValueError:
            continue
    if text:
        raise ValueError(f"not a date as {date_format} or a month (YYYY-MM)")
    return ""


def age_band(years: int) -> str:
    """The contract's band of an age in completed years; ``unknown`` outside 0 to 120."""
    return next((band for last, band in BANDS if 0 <= years <= last), "unknown")


def band_at(birth: Birth | None, month: str) -> str:
    """The band at a month; ``unknown`` where a year of birth alone leaves two bands possible."""
    if birth is None or not month:
        return "unknown"
    years = int(month[:4]) - birth.year
    if birth.month is not None:
        return age_band(years - (int(month[5:]) < birth.month))
    younger, older = age_band(max(years - 1, 0)), age_band(years)
    return older if younger == older else "unknown"


def person_key(key: bytes, name: str, birth: Birth, country: str) -> str:
    """The 32 digits of one identity, the same at every provider that holds ``key``."""
    born = f"{birth.year:04d}" + (f"-{birth.month:02d}" if birth.month else "")
    return _mac(key, VERSION, normalise_name(name), born, country.strip().upper())[:32]


def provider_only_key(key: bytes, provider_key: str) -> bytes:
    """The subkey of one provider: keys made with it match no other provider's."""
    return bytes.fromhex(_mac(key, VERSION, "provider-only", provider_key))


def pseudonymise(
    rows: Iterable[dict[str, str]], plan: Plan, key: bytes, provider_key: str
) -> Iterator[dict[str, str]]:
    """One output row an input row; PseudonymiseError names the row and column that is wrong."""
    own = provider_only_key(key, provider_key)
    for number, row in enumerate(rows, start=1):
        yield _one(_Row(number, row, plan), key, own)


@dataclass(frozen=True)
class _Row:
    number: int
    values: dict[str, str]
    plan: Plan

    def get(self, role: str) -> str:
        return (self.values.get(self.plan.roles.get(role, "")) or "").strip()

    def wrong(self, role: str, why: str) -> PseudonymiseError:
        column = self.plan.roles.get(role, role)
        return PseudonymiseError(f"row {self.number}, column {column!r}: {why}")

    def month(self, column: str) -> str:
        try:
            return parse_month(self.values.get(column) or "", self.plan.date_format)
        except ValueError as error:
            raise self.wrong(column, str(error)) from None

    def copied(self) -> dict[str, str]:
        months = {new: self.month(column) for column, new in self.plan.months.items()}
        kept = {
            new: (self.values.get(column) or "").strip() for column, new in self.plan.keep.items()
        }
        return months | kept

    def birth(self) -> Birth | None:
        try:
            return parse_birth(self.get("born"), self.plan.date_format)
        except ValueError as error:
            raise self.wrong("born", str(error)) from None

    def refused(self) -> str:
        answer = self.get("refused").casefold()
        if answer and answer not in _YES | _NO:
            raise self.wrong("refused", "write yes or no; a refusal must not be guessed")
        return "yes" if answer in _YES else "no" if answer else "unknown"


def _one(row: _Row, key: bytes, own: bytes) -> dict[str, str]:
    plan, birth, refused = row.plan, row.birth(), row.refused()
    out = {"person_key": _key_of(row, birth, own if refused == "yes" else key, own)}
    contact = row.month(plan.roles["contact"]) if "contact" in plan.roles else ""
    if "contact" in plan.roles:
        out["first_contact_month"] = contact
    if "age" in plan.roles:
        years = row.get("age")
        if years and not years.isdecimal():
            raise row.wrong("age", "not a whole number of years")
        out["age_band"] = age_band(int(years)) if years else "unknown"
    elif {"born", "contact"} <= set(plan.roles):
        out["age_band"] = band_at(birth, contact)
    if "refused" in plan.roles:
        out["linkage_refused"] = refused
    return out | row.copied()


def _key_of(row: _Row, birth: Birth | None, key: bytes, own: bytes) -> str:
    name = f"{row.get('given')} {row.get('family')}"
    country = row.get("country")
    if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise row.wrong("country", "not an ISO 3166 alpha-2 code; leave it empty when unknown")
    if birth and normalise_name(name):
        return person_key(key, name, birth, country)
    if not row.get("case"):
        raise row.wrong("case", "name or year of birth is missing, so a case number is needed")
    return _mac(own, VERSION, "case", row.get("case"))[:32]


def _mac(key: bytes, *parts: str) -> str:
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()


def convert(
    source: Path,
    target: Path,
    plan: Plan,
    key: bytes,
    provider_key: str,
    also: Mapping[Path, Path] | None = None,
) -> list[str]:
    """Write every target, or none; returns notes for the user: counts and columns.

    ``also`` maps files that name people by case number (events, episodes) to what they become: the
    same rows with ``person_key`` in its place.
    """
    tables = {path: _read(path) for path in [source, *(also or {})]}
    header, people = tables.pop(source)
    known = {*header, *(column for columns, _ in tables.values() for column in columns)}
    if missing := sorted({*plan.roles.values()} - set(header) | {*plan.columns} - known):
        raise PseudonymiseError(f"{source}: no column {missing}; it has {header}")
    persons = list(pseudonymise(people, plan.within(header), key, provider_key))
    results = {target: persons}
    dropped = {*header} - {*plan.keep, *plan.months}
    keys = _keys_by_case(people, persons, plan) if tables else {}
    for path, (columns, rows) in tables.items():
        results[(also or {})[path]] = _linked(path, rows, plan.within(columns), keys)
        dropped |= {*columns} - {*plan.keep, *plan.months}
    _write(results)
    repeats = len(persons) - len({row["person_key"] for row in persons})
    return [
        *(f"{len(rows)} rows written to {path}" for path, rows in results.items()),
        f"{repeats} people share a key with an earlier row",
        f"not written as they were: {', '.join(sorted(dropped))}",
        f"key fingerprint {fingerprint(key)}: compare it with the custodian's",
    ]


def _keys_by_case(
    people: list[dict[str, str]], persons: list[dict[str, str]], plan: Plan
) -> dict[str, str]:
    column = plan.roles.get("case")
    if column is None:
        raise PseudonymiseError("--also: give the role case; it is how other files name a person")
    keys: dict[str, str] = {}
    for number, (row, person) in enumerate(zip(people, persons, strict=True), start=1):
        case = (row.get(column) or "").strip()
        if case and keys.setdefault(case, person["person_key"]) != person["person_key"]:
            raise PseudonymiseError(f"row {number}, column {column!r}: two people have this case")
    return keys


def _linked(
    path: Path, rows: list[dict[str, str]], plan: Plan, keys: Mapping[str, str]
) -> list[dict[str, str]]:
    column = plan.roles["case"]
    linked = []
    for number, values in enumerate(rows, start=1):
        row = _Row(number, values, plan)
        if row.get("case") not in keys:
            raise PseudonymiseError(f"{path}: row {number}, column {column!r}: no such case")
        linked.append({"person_key": keys[row.get("case")], **row.copied()})
    return linked


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if not rows:
        raise PseudonymiseError(f"{path}: no rows")
    return list(reader.fieldnames or []), rows


def _write(results: Mapping[Path, list[dict[str, str]]]) -> None:
    """All files beside their places first, renamed when every one is whole."""
    building = {path: path.with_name(path.name + ".part") for path in results}
    for path, rows in results.items():
        with building[path].open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    for path, partial in building.items():
        partial.replace(path)


def _pairs(values: Sequence[str], option: str) -> dict[str, str]:
    """``name=value`` arguments; a bare name stands for itself."""
    pairs = {left: right or left for left, _, right in (value.partition("=") for value in values)}
    if len(pairs) < len(values):
        raise PseudonymiseError(f"{option}: a name is given twice")
    return pairs


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 0 when the file was written, 2 with a message when not."""
    parser = argparse.ArgumentParser(
        description="Turn a provider's list of people into pseudonyms."
    )
    parser.add_argument(
        "--new-key", type=Path, metavar="FILE", help="custodian: make a key and stop"
    )
    parser.add_argument("--key-file", type=Path, help="the custodian's key, readable by you alone")
    parser.add_argument("--provider-key", help="your provider_key, 32 hexadecimal digits")
    parser.add_argument("--in", dest="source", type=Path, help="CSV, UTF-8, with a header")
    parser.add_argument("--out", dest="target", type=Path, help="CSV to write")
    parser.add_argument(
        "--also",
        nargs="+",
        default=[],
        metavar="CSV=NEW",
        help="files that name people by case number, which becomes person_key",
    )
    parser.add_argument("--columns", nargs="+", default=[], metavar="ROLE=COLUMN",
                        help=f"where to find: {', '.join(ROLES)}")  # fmt: skip
    parser.add_argument(
        "--months", nargs="+", default=[], metavar="COLUMN=NEW", help="dates to cut"
    )
    parser.add_argument(
        "--keep", nargs="+", default=[], metavar="COLUMN=NEW", help="copied as it is"
    )
    parser.add_argument(
        "--date-format", default="%Y-%m-%d", help="how dates are written, e.g. %%d/%%m/%%Y"
    )
    given = parser.parse_args(arguments)
    try:
        if given.new_key:
            new_key(given.new_key)
            return 0
        for option in ("key_file", "provider_key", "source", "target"):
            if getattr(given, option) is None:
                parser.error("--key-file, --provider-key, --in and --out are all needed")
        plan = Plan(_pairs(given.columns, "--columns"), _pairs(given.months, "--months"),
                    _pairs(given.keep, "--keep"), given.date_format)  # fmt: skip
        also = {Path(old): Path(new) for old, new in _pairs(given.also, "--also").items()}
        key = read_key(given.key_file)
        notes = convert(given.source, given.target, plan, key, given.provider_key, also)
    except (PseudonymiseError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stderr.write("\n".join(notes) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
