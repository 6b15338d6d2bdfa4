"""Deliveries spoilt in every way we could think of: a sound one, then a few mutations of it.

A mutation is a function that spoils a ``Draft`` in memory; ``MUTATIONS`` lists them. Each takes its
own random numbers, so a delivery is known by its base, its mutations and their seeds.
"""

from __future__ import annotations

import datetime as dt
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from pipelines.deliveries import contracts
from pipelines.deliveries.readers import readers
from tests.delivery_drafts import Draft

#: Identifiers that no rule may let through, whatever stands around them.
IDENTIFIERS = (
    "ana.lopez@example.org",
    "+34 600 123 456",
    "(555) 123-4567",
    "GB82 WEST 1234 5698 7654 32",
    "DE89370400440532013000",
    "X1234567",
    "12345678Z",
    "123-45-6789",
    "2024-10-17",
    "17/10/2024",
    "3 May 2023",
    "40.4168, -3.7038",
    "https://example.org/ana",
)
#: As IDENTIFIERS, where a cell holds nothing else; in prose nobody could tell.
NAMES = (
    "Ana Example", "EXAMPLE, Ana", "María José Pérez", "Ana de la Cruz", "A. Example", "زيد المثال",
)  # fmt: skip

ODD_TEXTS = (
    "", " ", "0", "-0", "-1", "1e308", "NaN", "inf", "9" * 18, "9" * 400, "1.999", "0x1F", "１２",
    "yes ", "YES", "true", "NULL", "null", "None", "\\N", "unknown", "unknown;unknown", ";",
    "2024-13", "2024-00", "0000-01", "9999-12", "2024Q5", "2024-1", "=1+1", "=cmd|' /C calc'!A0",
    "@SUM(A1)", "+1", "-A1", '"', '""', "'", "a\nb", "a\r\nb", "\r", "a\tb", ",", "a,b", "\x01",
    "\x1b[31m", "\x7f", "\u202eabc", "\u200b", "\ufeff", "\ufffe", "e\u0301", "😀", "ﷺ", "İ", "ß",
    "\u2028", "a" * 3_000, "a" * 140_000, "é" * 1_001, "'; drop table persons; --", "{}", "[1]",
    "%s%n", "../../x", "\0",
)  # fmt: skip
ODD_VALUES = (
    *ODD_TEXTS[:40], None, True, 0, -1, 10**30, 2**63, 1.5, float("nan"), float("inf"), -0.0,
    1e-320, [], {}, ["2024Q4"], {"a": 1}, "\ud800", "x" * 300, "ZZ", "v1", "2024Q4", "2023",
    "2022-2024", "9999Q4", "f" * 64, "service_provider", "survivor_survey",
)  # fmt: skip
ODD_COLUMNS = (
    "PERSON_KEY", "person key", "", "0", "a" * 300, "naïve", 'a"b', "a'b", "a\nb", "row_number",
    "value", "select", "_", "c0", "fields", "rowid",
)  # fmt: skip
ODD_PATHS = (
    "../x.csv", "/etc/passwd", "a/b.csv", "persons.csv/..", ".", "..", "a\\b", "C:\\x", "\0",
    "é" * 200, "\ud800", "a\nb.csv", "persons.CSV", "delivery.json", "persons.csv/x", "~", "//x",
)  # fmt: skip
ODD_MEMBERS = (
    "../up.csv", "/abs.csv", "a\\b.csv", "persons.csv", "persons.csv/x", "d/", "d/delivery.json",
    "x" * 300, "é" * 200, "C:/x", "a\0b", "delivery.json/", "./x", "😀.csv", "", "a/../b", "con",
)  # fmt: skip


# ---- what stands in the tables ----


def odd_cell(spoilt: Draft, random: Random) -> None:
    _, rows, row, column = spoilt.any_cell(random)
    rows[row][column] = random.choice(ODD_TEXTS)
    spoilt.rows_known = False  # a row of nothing but a line break is none


def odd_column(spoilt: Draft, random: Random) -> None:
    """A whole column of another type: what data frames and spreadsheets make of it."""
    _, rows, _, column = spoilt.any_cell(random)
    one: Any = random.choice(
        (1, 1.0, 1.5, float("nan"), float("inf"), True, b"\xff\x00", dt.date(2024, 10, 1),
         dt.datetime(2024, 10, 1), dt.datetime(2024, 10, 1, 1, 2, 3, 4), dt.time(1, 2),
         dt.timedelta(days=1), [1, 2], {"a": 1}, None, 10**17, "=1+1")
    )  # fmt: skip
    if spoilt.suffix == "xlsx" and isinstance(one, bytes | list | dict):
        one = 2**62
    for row in rows[1:]:
        row[column : column + 1] = [one]


def plant(spoilt: Draft, random: Random) -> None:
    """An identifier in a cell, alone or among words."""
    _, rows, row, column = spoilt.any_cell(random)
    value = random.choice(IDENTIFIERS)
    rows[row][column] = random.choice(("{}", " {} ", "see {}", "{};", "({})")).format(value)
    spoilt.planted.append(value)


def plant_name(spoilt: Draft, random: Random) -> None:
    table, rows, row, column = spoilt.any_cell(random)
    known = {c.name for c in contracts()[table].columns if c.type == "text"}
    if rows[0][column] not in known:
        value = random.choice(NAMES)
        rows[row][column] = random.choice(("{}", " {} ", "{},", "{} 34")).format(value)
        spoilt.planted.append(value)


def plant_column(spoilt: Draft, random: Random) -> None:
    """A column of identifiers that the contract does not know."""
    _, rows = spoilt.any_table(random)
    value = random.choice((*IDENTIFIERS, *NAMES))
    for row in rows:
        row.append(value)
    rows[0][-1] = random.choice(("first_name", "E-Mail", "note", "x", "Remarks (other)", value))
    spoilt.planted.append(value)


def plant_header(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    value = random.choice(IDENTIFIERS)
    rows[0][random.randrange(len(rows[0]))] = value
    spoilt.planted.append(value)


def no_header(spoilt: Draft, random: Random) -> None:
    _, rows, row, column = spoilt.any_cell(random)
    value = random.choice((*IDENTIFIERS, *NAMES))
    rows[1], rows[row] = rows[row], rows[1]
    rows[1][column] = value
    spoilt.planted.append(value)
    del rows[0]


def column_gone(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    place = random.randrange(len(rows[0]))
    for row in rows:
        del row[place : place + 1]


def column_renamed(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    rows[0][random.randrange(len(rows[0]))] = random.choice(ODD_COLUMNS)


def column_twice(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    place = random.randrange(len(rows[0]))
    for row in rows:
        row.extend(row[place : place + 1] or [""])


def columns_in_another_order(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    order = random.sample(range(len(rows[0])), len(rows[0]))
    rows[:] = [[row[i] if i < len(row) else "" for i in order] for row in rows]


def rows_again(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    again = random.choices(rows, k=random.randint(1, 4))
    rows.extend(list(row) for row in again)


def row_cut(spoilt: Draft, random: Random) -> None:
    _, rows, row, column = spoilt.any_cell(random)
    del rows[row][column:]
    spoilt.rows_known = False


def row_longer(spoilt: Draft, random: Random) -> None:
    _, rows, row, _ = spoilt.any_cell(random)
    rows[row].extend(["", random.choice(("", "x", "600 123 456"))])


def no_rows(spoilt: Draft, random: Random) -> None:
    _, rows = spoilt.any_table(random)
    del rows[1:]


def tables_swapped(spoilt: Draft, random: Random) -> None:
    one, other = random.choice(list(spoilt.tables)), random.choice(list(spoilt.tables))
    spoilt.tables[one], spoilt.tables[other] = spoilt.tables[other], spoilt.tables[one]


# ---- what the manifest says ----


def manifest_field(spoilt: Draft, random: Random) -> None:
    name = random.choice((*spoilt.manifest, "files", "surname"))
    spoilt.manifest[name] = random.choice(ODD_VALUES)


def manifest_field_gone(spoilt: Draft, random: Random) -> None:
    spoilt.manifest.pop(random.choice(list(spoilt.manifest)), None)


def plant_in_manifest(spoilt: Draft, random: Random) -> None:
    value = random.choice((*IDENTIFIERS, *NAMES))
    place = random.choice((*spoilt.manifest, "path", "table", "new"))
    if place == "new":
        spoilt.manifest[value] = value
    elif place in ("path", "table"):
        file = {"path": "persons.csv", "table": "persons", "sha256": "0" * 64, place: value}
        spoilt.manifest["files"] = [file]
    else:
        spoilt.manifest[place] = value
    spoilt.planted.append(value)


def other_period(spoilt: Draft, random: Random) -> None:
    spoilt.manifest["period"] = random.choice(("2024Q3", "2025Q1", "2024", "2022-2024", "1900Q1"))


def other_format(spoilt: Draft, random: Random) -> None:
    """The files of one format, told to be another's."""
    spoilt.manifest["format"] = random.choice(sorted(readers()))
    spoilt.rows_known = False


def odd_path(spoilt: Draft, random: Random) -> None:
    path = random.choice(ODD_PATHS)
    table = random.choice(list(spoilt.tables) or ["persons"])
    spoilt.manifest["files"] = [{"path": path, "table": table, "sha256": "0" * 64}]


# ---- bytes ----


def _bytes_change(random: Random) -> Callable[[bytes], bytes]:
    kind, place, other = random.randrange(5), random.random(), random.randbytes(3)

    def change(content: bytes) -> bytes:
        at = int(place * len(content))
        if kind == 0:
            return content[:at]
        if kind == 1:
            return content[:at] + other + content[at:]
        if kind == 2:
            return content[:at] + content[at + 7 :]
        if kind == 3:
            return content[:at] + content[at:][:50] * 3 + content[at + 50 :]
        return content[:at] + bytes([other[0]]) + content[at + 1 :]

    return change


def bytes_before_the_hash(spoilt: Draft, random: Random) -> None:
    spoilt.before.append(_bytes_change(random))
    spoilt.rows_known = False


def bytes_after_the_hash(spoilt: Draft, random: Random) -> None:
    spoilt.after.append(_bytes_change(random))


def bytes_of_the_manifest(spoilt: Draft, random: Random) -> None:
    spoilt.manifest_bytes.append(_bytes_change(random))


def other_encoding(spoilt: Draft, random: Random) -> None:
    spoilt.encoding = random.choice(("latin-1", "utf-16", "utf-8-sig", "cp1252", "utf-32", "ascii"))


def other_newline(spoilt: Draft, random: Random) -> None:
    spoilt.newline = random.choice(("\r\n", "\r", "\n\n", "\n\r\n"))
    spoilt.rows_known = False


def other_suffix(spoilt: Draft, random: Random) -> None:
    """A file that is not what its name says."""
    content = random.choice(
        (b"", b"PK\x03\x04", b"PAR1", b"PAR1\0\0\0\0PAR1", b"\xef\xbb\xbf", b"a")
    )
    spoilt.suffix = random.choice(("csv", "parquet", "xlsx", "txt"))
    spoilt.before.append(lambda _: content)
    spoilt.rows_known = False


# ---- what lies around ----


def odd_folder(spoilt: Draft, random: Random) -> None:
    kind, name = random.randrange(4), f"{len(spoilt.in_folder)}, private.csv"

    def add(folder: Path) -> None:
        if kind == 0:
            (folder / name).symlink_to("/etc/hostname")
        elif kind == 1:
            (folder / name).write_text("not listed", encoding="utf-8")
        elif kind == 2:
            (folder / name).symlink_to(folder / "nowhere")
        else:
            (folder / name / "deeper").mkdir(parents=True)

    spoilt.in_folder.append(add)


def packed(spoilt: Draft, random: Random) -> None:
    spoilt.zipped = True


def odd_member(spoilt: Draft, random: Random) -> None:
    """A zip with a member that should not be there."""
    spoilt.zipped = True
    name = random.choice(ODD_MEMBERS)
    mode = random.choice((stat.S_IFREG, stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO)) | 0o644
    content = random.choice((b"", b"x", b"0" * 2_000_000))

    def put(archive: zipfile.ZipFile) -> None:
        member = zipfile.ZipInfo(name or "x")
        member.filename = name
        member.external_attr = mode << 16
        member.compress_type = random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
        archive.writestr(member, content)

    spoilt.in_zip.append(put)


_ALL: tuple[Callable[[Draft, Random], None], ...] = (
    odd_cell, odd_column, plant, plant_name, plant_column, plant_header, no_header, column_gone,
    column_renamed, column_twice, columns_in_another_order, rows_again, row_cut, row_longer,
    no_rows, tables_swapped, manifest_field, manifest_field_gone, plant_in_manifest, other_period,
    other_format, odd_path, bytes_before_the_hash, bytes_after_the_hash, bytes_of_the_manifest,
    other_encoding, other_newline, other_suffix, odd_folder, packed, odd_member,
)  # fmt: skip
MUTATIONS = {mutation.__name__: mutation for mutation in _ALL}
