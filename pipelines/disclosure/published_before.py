"""What an attacker who kept every earlier release can put beside a candidate.

The rule: this reading is the audit's own and takes nothing but files. Three things are looked for.
A number printed now and then differs by a count, exactly known (``differences``). A number that is
hidden now, or that no row prints, was told then, so its interval is one of its change too
(``told``). And whoever takes for unchanged what both releases hide has the sums of the earlier
release as well (``suspected``), as long as they fit. Of rounded counts nothing is exactly known;
whoever takes one for unchanged has it near all that was printed of it (``near``).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.disclosure.audit import Cell, Row
from pipelines.disclosure.published import (
    KEY_COLUMNS,
    KIND,
    ROUNDED,
    Published,
    cell_key,
    is_repeated,
    of_money,
    open_table,
    snapshot_of,
)

ONE = ("one",)
"""A cell that is 1: the factor of what sums hold besides unknown numbers."""

COUNTED = ("P", "S", "AJ")
"""Methods whose counts may move by a large number; every other figure may not move at all."""

_Numbers = dict[str, float]


@dataclass
class Before:
    """One earlier release: the numbers of the cells that it printed, and the cells that it hid.

    ``others`` holds what it printed of cells of other methods, ``rounded`` the counts that it
    printed within ``reach`` of the truth.
    """

    printed: dict[Any, _Numbers] = field(default_factory=dict)
    hidden: set[Any] = field(default_factory=set)
    others: dict[Any, tuple[Any, ...]] = field(default_factory=dict)
    rounded: dict[Any, _Numbers] = field(default_factory=dict)
    reach: int | None = None


def read_before(folders: Sequence[Path]) -> list[Before]:
    """Read the tables of releases; FormatsDiffer when the two forms of one differ."""
    return [_read(folder, _reach(folder)) for folder in folders]


def _reach(folder: Path) -> int | None:
    """How far from the truth a release says that its counts are at most; None where it says not."""
    status = folder / "status.json"
    said = json.loads(status.read_bytes()).get("rounding") if status.exists() else None
    return int(said["reach"]) if said else None


def _read(folder: Path, reach: int | None) -> Before:
    found, repeated = Before(reach=reach), set()
    money = of_money(snapshot_of(folder))
    with duckdb.connect() as connection:
        open_table(connection, folder)
        lines = connection.sql(_LINES).fetchall()
    for *place, kind, method, n, d, figures, mark, caveats in lines:
        key = cell_key(*place)
        if mark == "c" and method != "D":
            found.hidden.add(key)
        is_rounded = reach is not None and method in ROUNDED and key[0][0] not in money
        if method not in COUNTED and not is_rounded:
            if not mark and method != "D" and not is_repeated(caveats):
                found.others[(*key, kind)] = figures
            continue
        if is_repeated(caveats):
            repeated.add(key)
        if mark or n is None or d is None:
            continue
        say = (found.rounded if is_rounded else found.printed).setdefault(key, {})
        if kind == "value":
            say |= {"n": float(n), "d": float(d), "c": float(d - n)}
        if kind == "low" and method != "AJ":
            say["p"] = float(d)
    for say in [*found.printed.values(), *found.rounded.values()]:
        if "p" in say and "d" in say:
            say["u"] = say["p"] - say["d"]
    for key in repeated:
        found.printed.pop(key, None)
        found.rounded.pop(key, None)
        found.hidden.add(key)
    return found


def others_now(folder: Path, reach: int | None = None) -> dict[Any, tuple[Any, ...]]:
    """What a candidate prints of cells whose figures may not move."""
    return _read(folder, reach).others


def near(
    now: Published, before: Sequence[Before], counts: Mapping[Any, Mapping[str, float]]
) -> dict[Cell, tuple[float, float]]:
    """Where rounded counts lie if they are taken for unchanged, as far as that can be right.

    Whoever takes a count for unchanged that has moved too far is wrong: ``counts`` tell. Else
    each release's multiple says where the count lies, and all of them together.
    """
    found: dict[Cell, tuple[float, float]] = {}
    for release in before:
        for key, say in release.rounded.items():
            true = counts.get(key, {})
            for name in "ndu":
                number, cell = say.get(name), (key, name)
                if number is None or release.reach is None or name not in true:
                    continue
                if abs(number - true[name]) <= release.reach:
                    low, high = found.get(cell) or now.ranges.get(cell) or (0.0, float("inf"))
                    reach = release.reach
                    found[cell] = max(low, number - reach), min(high, number + reach)
    return found


def differences(now: Published, before: Sequence[Before], threshold: int) -> set[Any]:
    """Cells whose printed numbers differ by 1 to ``threshold`` − 1 from what a release printed.

    What stands just as some release printed it tells nothing new.
    """
    found, standing = set(), set()
    for release in before:
        for key, then in release.printed.items():
            shown = {name: now.printed.get((key, name)) for name in then}
            if key in now.hidden or shown.get("n") is None:
                continue
            moves = [one - then[name] for name, one in shown.items() if one is not None]
            if not any(moves):
                standing.add(key)
            elif any(0 < abs(move) < threshold for move in moves):
                found.add(key)
    return found - standing


def shown_again(now: Published, before: Sequence[Before]) -> set[Any]:
    """Cells that are printed now, and that an earlier release hid and none printed."""
    once = {key for release in before for key in release.printed}
    once |= {other[:2] for release in before for other in release.others}
    printed = now.printed.keys() | now.amounts.printed.keys()
    return {
        key
        for release in before
        for key in release.hidden
        if key not in once and key not in now.hidden and (key, "n") in printed
    }


def told(now: Published, before: Sequence[Before]) -> dict[Cell, set[float]]:
    """Of the numbers that the audit asks for: what earlier releases said they were."""
    found: dict[Cell, set[float]] = defaultdict(set)
    rests = [(cell, now.relations[repr(cell)]) for cell in now.asked if repr(cell) in now.relations]
    for release in before:
        for cell in now.asked:
            assert isinstance(cell, tuple)
            number = release.printed.get(cell[0], {}).get(cell[-1]) if len(cell) == 2 else None
            if number is not None:
                found[cell].add(number)
        for rest, row in rests:
            said = _said({cell: factor for cell, factor in row.items() if cell != rest}, release)
            if said is not None and not said[1]:
                found[rest].add(said[0])
    return dict(found)


def suspected(now: Published, before: Sequence[Before]) -> dict[str, Row]:
    """Sums of numbers hidden then and now, as each release told them.

    Only sums with a row that was printed then and is hidden now say more than the candidate's own.
    """
    found: dict[tuple[tuple[Cell, float], ...], Row] = {}
    rests = _rests(now)
    for release in before:
        gone = {key for key in now.hidden if key in release.printed}
        for row in _touching(now.relations, gone):
            said = _said(row, release)
            if said is None or not said[1] or not said[1].keys() - rests:
                continue
            number, left = said
            if all(_kept_hidden(cell, now, release) for cell in left):
                content = dict(left) | ({ONE: int(number)} if number else {})
                found[tuple(sorted(content.items(), key=repr))] = content
    return {f"as before {place}": row for place, row in enumerate(found.values())}


def _rests(now: Published) -> set[Cell]:
    return {cell for cell in now.asked if repr(cell) in now.relations}


def _touching(relations: Mapping[str, Row], keys: set[Any]) -> Iterator[Row]:
    for row in relations.values():
        if any(isinstance(cell, tuple) and cell[0] in keys for cell in row):
            yield row


def _kept_hidden(cell: Cell, now: Published, release: Before) -> bool:
    assert isinstance(cell, tuple)
    rest = isinstance(cell[0], str)
    return rest or (cell[0] in now.hidden and cell[0] in release.hidden)


def _said(row: Row, release: Before) -> tuple[float, dict[Cell, int]] | None:
    """What a release's numbers add up to in a sum, and the rest of it that it hid.

    None where the sum was another one, or holds a number that is neither printed nor hidden.
    """
    number = 0.0
    left: dict[Cell, int] = {}
    for cell, factor in row.items():
        assert isinstance(cell, tuple)
        key, name = cell[0], cell[-1]
        if isinstance(key, str) or key in release.hidden:
            left[cell] = factor
            continue
        one = release.printed.get(key, {}).get(name)
        if one is None:
            return None
        number += factor * one
    return number, left


_LINES = f"""
select
    {KEY_COLUMNS},
    {KIND} as kind,
    method,
    numerator,
    denominator,
    (numerator, denominator, estimate, ci_low, ci_high) as figures,
    mark,
    caveats
from csv
"""
