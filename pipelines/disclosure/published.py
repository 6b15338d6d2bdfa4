"""A candidate's files as an attacker reads them: what is printed, what it leaves to be computed.

The rule: this reading belongs to the audit. It takes nothing but the files of the folder, and
shares no code with what suppressed them; where the two readings differ, one of them is wrong and
the audit shows it.

A cell is a measure with its bounds. Of each an attacker wants the numbers n (with the outcome), d
(known), c = d − n, u (not known) and p = d + u; for incidence the lost (u) are part of d. What they
use: the sums of categories and of time, populations that agree wherever both are printed, events
between horizons, states that exclude each other, steps among steps, and what a printed share known,
rounded to two decimals, says of u. A ratio of sums prints two sums, n and d, and not the members
behind them; those of money are read apart, in hundredths (``amounts``). A row that only repeats an
earlier release prints nothing of this one. Where counts of people are rounded, a printed n, d or u
says no more than that the truth is near.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import ceil, floor
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb

from pipelines.disclosure.audit import Cell, Row
from pipelines.errors import Foreseen
from pipelines.periods import Period

AGREEMENTS = 6
"""At how many printed points two populations must agree before an attacker takes them for one."""

REPEATED = "held_until_revision"
"""The caveat of a row that stands as an earlier release printed it."""

KIND = """
    coalesce(nullif(regexp_extract(measure, '_?unknown_(low|high)$', 1), ''), 'value')
""".strip()
"""SQL: whether a row is the value of its cell, or its low or high bound."""

KEY_COLUMNS = """
    indicator_id,
    coalesce(nullif(regexp_replace(measure, '_?unknown_(low|high)$', ''), ''), 'value') as part,
    coalesce(horizon_months, 0) as horizon,
    country,
    cohort <> '' as followed,
    if(cohort <> '', cohort, period) as span,
    breakdown,
    category
""".strip()
"""SQL: what ``cell_key`` takes."""

_KEY = ("indicator_id", "part", "horizon", "country", "followed", "span", "breakdown", "category")
_LINES = f"""
select
    {KEY_COLUMNS},
    {KIND} as kind,
    * exclude (indicator_id, country, breakdown, category)
from csv
order by indicator_id, country, period, cohort, measure, horizon_months, breakdown, category
"""

ROUNDED = ("P", "S", "AJ", "R")
"""Methods whose counts are of people and rounded, where a country rounds."""

_HALF = 0.005  # of the last printed decimal
_Where = tuple[Any, ...]  # country, is a cohort, first and last month, breakdown, category
_What = tuple[str, str, int]  # indicator, part, horizon


class FormatsDiffer(Foreseen, ValueError):
    """Two files of the folder don't hold the same table."""


@dataclass
class Figures:
    """Numbers of one unit: what is printed, how it hangs together, whose intervals are asked."""

    printed: dict[Cell, float] = field(default_factory=dict)
    relations: dict[str, Row] = field(default_factory=dict)
    hidden: set[Cell] = field(default_factory=set)
    withheld: set[Cell] = field(default_factory=set)
    asked: dict[Cell, None] = field(default_factory=dict)


@dataclass
class Published(Figures):
    """The counts of a folder's files, and apart from them its ``amounts`` of money.

    ``rounded`` are the cells of which no count is told exactly.
    """

    rows: int = 0
    shown: int = 0
    ranges: dict[Cell, tuple[float, float]] = field(default_factory=dict)
    agreements: dict[str, Row] = field(default_factory=dict)
    telling_differences: int = 0
    rounded: set[Any] = field(default_factory=set)
    amounts: Figures = field(default_factory=Figures)


def read_published(folder: Path, reach: int | None = None) -> Published:
    """Read indicators.csv, indicators.parquet and the registry's snapshot of a candidate folder.

    ``reach`` is how far rounded counts are from the truth at most, where they are. FormatsDiffer
    when the two tables are not the same.
    """
    found = Published()
    snapshot = snapshot_of(folder)
    money = of_money(snapshot)
    cells: dict[tuple[_What, _Where], dict[str, dict[str, Any]]] = defaultdict(dict)
    sums: dict[tuple[_What, _Where], dict[str, dict[str, Any]]] = defaultdict(dict)
    table = _lines(folder)
    found.telling_differences = _telling_differences(table)
    for line in table:
        found.rows += 1
        found.shown += not line["mark"]
        if line["method"] != "D":
            amount = line["method"] == "R" and line["indicator_id"] in money
            key = cell_key(*(line[name] for name in _KEY))
            (sums if amount else cells)[key][line["kind"]] = line
    for key, lines in cells.items():
        _print(found, key, lines)
    for key, lines in sums.items():
        _print_sums(found.amounts, key, lines, in_one=100)
    compared = {entry["id"] for entry in snapshot["indicators"] if "D" in entry["method"]}
    _sums(found, [key for key in cells if key[0][0] not in compared or key[0][1] == "value"])
    _sums(found.amounts, list(sums))
    methods = {key: next(iter(lines.values()))["method"] for key, lines in cells.items()}
    _agreements(found, cells)
    _horizons(found, methods)
    competing = {entry["id"]: tuple(entry["competing"]) for entry in snapshot["indicators"]}
    _states(found, methods, competing)
    _steps(found, cells)
    if reach is not None:
        _blur(found, cells, reach)
    return found


def snapshot_of(folder: Path) -> dict[str, Any]:
    """The registry as a folder has it."""
    path = folder / "methodology" / "registry.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def of_money(snapshot: Mapping[str, Any]) -> set[str]:
    """The indicators whose sums are of money."""
    return {entry["id"] for entry in snapshot["indicators"] if entry.get("contributor")}


def _lines(folder: Path) -> list[dict[str, Any]]:
    with duckdb.connect() as connection:
        open_table(connection, folder)
        lines = connection.sql(_LINES).to_arrow_table()
        return list(lines.to_pylist())


@cache
def _months(span: str) -> tuple[int, int]:
    period = Period.parse(span)
    return period.first, period.last


def cell_key(
    indicator: str,
    part: str,
    horizon: int,
    country: str,
    followed: bool,
    span: str,
    breakdown: str,
    category: str,
) -> tuple[_What, _Where]:
    """How the audit knows a cell, from the columns ``KEY_COLUMNS`` of its rows."""
    where = (country, followed, *_months(span), breakdown, category)
    return (indicator, part, horizon), where


def open_table(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make the view ``csv`` over a folder's table; FormatsDiffer when its two forms differ."""
    connection.read_parquet(str(folder / "indicators.parquet")).create_view("parquet", replace=True)
    types = {name: kind for name, kind, *_ in connection.sql("describe parquet").fetchall()}
    text = connection.read_csv(
        str(folder / "indicators.csv"),
        header=True,
        all_varchar=True,
        quotechar='"',
        na_values="",
    )
    columns = ", ".join(
        f"cast(coalesce({name}, '') as varchar) as {name}"
        if kind == "VARCHAR"
        else f"cast({name} as {kind}) as {name}"
        for name, kind in types.items()
    )
    text.create_view("lines", replace=True)
    connection.execute(f"create or replace view csv as select {columns} from lines")
    only = connection.sql(
        "select count(*) from ((select * from csv except all select * from parquet) "
        "union all (select * from parquet except all select * from csv))"
    ).fetchall()[0][0]
    if only:
        raise FormatsDiffer(
            f"{folder}: {only} rows are not alike in indicators.csv and indicators.parquet; "
            "build the candidate again"
        )


def _telling_differences(table: list[dict[str, Any]]) -> int:
    """How many differences are shown beside a hidden group of theirs, which they tell of."""
    place = itemgetter(
        "indicator_id", "country", "period", "cohort", "horizon_months", "breakdown", "category"
    )
    hidden = {place(line) for line in table if line["method"] != "D" and line["mark"] in ("c", "h")}
    return sum(
        place(line) in hidden for line in table if line["method"] == "D" and not line["mark"]
    )


def _print(found: Published, key: Any, lines: dict[str, dict[str, Any]]) -> None:
    """What the rows of one cell print, and how its numbers hang together."""
    method = next(iter(lines.values()))["method"]
    if method == "R":
        _print_sums(found, key, lines)
        return
    n, d, c, u, p = ((key, name) for name in "ndcup")
    name = repr(key)
    found.relations[f"known of {name}"] = {d: 1, n: -1, c: -1}
    if method == "AJ":
        found.relations[f"lost of {name}"] = {c: 1, u: -1, (key, "r"): -1}
        found.relations[f"all of {name}"] = {p: 1, d: -1}
    else:
        found.relations[f"all of {name}"] = {p: 1, d: -1, u: -1}
    say = found.printed
    if any(is_repeated(line["caveats"]) for line in lines.values()):
        found.hidden.add(key)
        found.asked |= dict.fromkeys((n, d, c, u, p))
        return
    for kind, line in lines.items():
        if line["mark"] == "x" and _nobody(method, lines):
            say[n] = say[d] = say[c] = 0.0
        if line["mark"] or line["numerator"] is None or line["denominator"] is None:
            continue
        high, low = float(line["numerator"]), float(line["denominator"])
        if kind == "value":
            say[n], say[d], say[c] = high, low, low - high
            if method == "AJ":
                say[p] = low
            if line["known_share"] is not None:
                found.ranges[u] = _unknown(method, low, float(line["known_share"]))
        else:
            say[p] = low
            if method == "AJ":
                say[d] = low
            if kind == "low":
                say[n] = high
    if n in say and d in say:
        say[c] = say[d] - say[n]
    if d in say and p in say and method != "AJ":
        say[u] = say[p] - say[d]
    if n not in say or lines.get("value", {"mark": ""})["mark"] not in ("", "x"):
        found.hidden.add(key)
        found.asked |= dict.fromkeys((n, d, c, u))


def _print_sums(
    found: Figures, key: Any, lines: dict[str, dict[str, Any]], in_one: int = 1
) -> None:
    """The two sums of a ratio, in as many parts of one as make them whole."""
    line, (n, d) = lines.get("value"), ((key, name) for name in "nd")
    repeated = any(is_repeated(one["caveats"]) for one in lines.values())
    if line and not repeated and not line["mark"]:
        found.printed[n] = float(round(in_one * line["numerator"]))
        found.printed[d] = float(round(in_one * line["denominator"]))
    elif line and not repeated and line["mark"] == "x" and _nobody("R", lines):
        found.printed[d] = 0.0
    else:
        found.hidden.add(key)
        found.asked |= dict.fromkeys((n, d))
    if any(one["mark"] == "h" for one in lines.values()):
        found.withheld.add(key)


def _nobody(method: str, lines: dict[str, dict[str, Any]]) -> bool:
    """Say whether a cell with an x tells that nobody is known.

    It doesn't where a delivery was set aside, nor of a survey, whose answers may not fit its frame,
    nor for incidence, which is not available either where nobody was followed so long: unless all
    of several rows say so.
    """
    if any("provider_set_aside" in line["caveats"] for line in lines.values()):
        return False
    if method == "W":
        return False
    return method != "AJ" or (len(lines) > 1 and {one["mark"] for one in lines.values()} == {"x"})


def is_repeated(caveats: str) -> bool:
    """Say whether a row with these caveats repeats an earlier release."""
    return REPEATED in caveats.split(";")


def _unknown(method: str, known: float, share: float) -> tuple[float, float]:
    """Whole numbers of unknown that a printed share known allows."""
    least, most = max(share - _HALF, 0.0), min(share + _HALF, 1.0)
    if method == "AJ":
        return float(ceil(known * (1 - most) - 1e-9)), float(floor(known * (1 - least) + 1e-9))
    if least == 0.0:
        return 0.0, float("inf")
    return float(ceil(known / most - known - 1e-9)), float(floor(known / least - known + 1e-9))


def _sums(found: Figures, cells: Iterable[tuple[_What, _Where]]) -> None:
    """Categories add up to the total, the next shorter spans that tile a span add up to it.

    Groups that are compared (D) are not among them: they are standardised within their own span,
    and whoever has no counterpart there counts as unknown.
    """
    broken: dict[Any, list[Any]] = defaultdict(list)
    spans: dict[Any, set[tuple[int, int]]] = defaultdict(set)
    divided: set[Any] = set()
    for what, where in cells:
        country, cohort, first, last, breakdown, category = where
        spans[what, country, cohort].add((first, last))
        divided.add((what, country, cohort, first, last, breakdown))
        for margin in _margins(breakdown, category):
            whole = (country, cohort, first, last, *margin)
            broken[(what, whole), breakdown].append((what, where))
    present = set(cells)
    sums: dict[tuple[str, str, _What], list[tuple[Any, list[Any]]]] = defaultdict(list)
    for (whole, breakdown), parts in broken.items():
        if whole in present:
            _note_sum(sums, breakdown, whole, parts)
    for what, where in sorted(present, key=repr):
        country, cohort, first, last, *category = where
        inside = [
            span
            for span in spans[what, country, cohort]
            if first <= span[0] and span[1] <= last and span != (first, last)
        ]
        length = max((end - begin for begin, end in inside), default=0)
        tiles = sorted(span for span in inside if span[1] - span[0] == length)
        if tiles and sum(end - begin + 1 for begin, end in tiles) == last - first + 1:
            parts = [(what, (country, cohort, *tile, *category)) for tile in tiles]
            printed = [part for part in parts if part in present]
            if all((what, country, cohort, *tile, category[0]) in divided for tile in tiles):
                _note_sum(sums, "time", (what, where), printed)
                continue
            # A year too small to be broken down is not a year of nobody.
            for name in "ndu" if printed else "":
                rest: dict[Cell, int] = {((what, where), name): 1}
                _left_over(found, "time", rest | {(part, name): -1 for part in printed})

    for (kind, name, _), found_sums in sums.items():
        if any(_contradicted(found, name, whole, parts) for whole, parts in found_sums):
            continue  # a measure that is standardised, or counts each in several categories
        for whole, parts in found_sums:
            found.relations[f"{kind} {name} {whole!r}"] = {(whole, name): 1} | {
                (part, name): -1 for part in parts
            }


def _margins(breakdown: str, category: str) -> list[tuple[str, str]]:
    """What a group is part of: everybody, or, by two dimensions at once, a group of each.

    A group by age band is part of one by child and adult too: bands that end under 18 are children.
    """
    if breakdown == "total":
        return []
    groups = list(zip(breakdown.split("*"), category.split("*"), strict=True))
    found = groups if len(groups) > 1 else [("total", "")]
    if "age_band" not in breakdown.split("*"):
        return found
    names, labels = [], []
    for name, label in groups:
        if name == "age_band":
            ends = re.fullmatch(r"\d+-(\d+)", label)
            name, label = "age_group", "child" if ends and int(ends[1]) < 18 else "adult_or_unknown"
        names.append(name)
        labels.append(label)
    return [*found, ("*".join(names), "*".join(labels))]


def _note_sum(sums: Any, kind: str, whole: Any, parts: list[Any]) -> None:
    for name in "ndu":
        sums[kind, name, whole[0]].append((whole, parts))


def _contradicted(found: Figures, name: str, whole: Any, parts: list[Any]) -> bool:
    """Say whether the numbers that are printed rule out that the parts add up to the whole."""
    total = found.printed.get((whole, name))
    if total is None:
        return False
    known = [found.printed.get((part, name)) for part in parts]
    shown = sum(number for number in known if number is not None)
    return shown > total or (None not in known and shown != total)


def _agreements(found: Published, cells: Iterable[tuple[_What, _Where]]) -> None:
    """Numbers of two measures that are equal wherever both are printed."""
    at: dict[tuple[_What, str], dict[_Where, float]] = defaultdict(dict)
    stands: dict[_What, set[_Where]] = defaultdict(set)
    for what, where in cells:
        stands[what].add(where)
        for name in "ndp":
            number = found.printed.get(((what, where), name))
            if number is not None:
                at[what, name][where] = number
    names = sorted(at)
    pairs = [
        (one, other)
        for place, one in enumerate(names)
        for other in names[place + 1 :]
        if one[0] != other[0] and _agree(at[one], at[other])
    ]
    beside: dict[_Where, list[_What]] = defaultdict(list)
    for what, stood in stands.items():
        for where in sorted(stood):
            beside[where].append(what)
    alike: dict[frozenset[_What], list[_Where]] = defaultdict(list)
    for where, present in beside.items():
        alike[frozenset(present)].append(where)
    for standing, places in alike.items():
        for one, other in _spanning(pairs, standing):
            name = f"{one} as {other} at "
            for where in places:
                found.agreements[f"{name}{where}"] = {
                    ((one[0], where), one[1]): 1,
                    ((other[0], where), other[1]): -1,
                }


def _agree(here: dict[_Where, float], there: dict[_Where, float]) -> bool:
    both = here.keys() & there.keys()
    return (
        len(both) >= AGREEMENTS
        and all(here[where] == there[where] for where in both)
        and len({here[where] for where in both}) >= AGREEMENTS
    )


_Number = tuple[_What, str]


def _spanning(
    pairs: Iterable[tuple[_Number, _Number]], present: Collection[_What]
) -> list[tuple[_Number, _Number]]:
    """Those pairs of numbers of ``present`` measures from which the others follow."""
    heads: dict[_Number, _Number] = {}

    def head(one: _Number) -> _Number:
        while (other := heads.get(one, one)) != one:
            one = other
        return one

    kept = []
    for one, other in pairs:
        if one[0] in present and other[0] in present and head(one) != head(other):
            heads[head(other)] = head(one)
            kept.append((one, other))
    return kept


def _horizons(found: Published, methods: dict[tuple[_What, _Where], str]) -> None:
    """Events of a cohort between two horizons: no row prints them, everybody can subtract."""
    followed: dict[Any, list[Any]] = defaultdict(list)
    for (what, where), method in methods.items():
        if method == "AJ":
            followed[what[:2], where].append((what, where))
    for cells in followed.values():
        cells.sort(key=lambda cell: cell[0][2])
        for place, later in enumerate(cells):
            for earlier in cells[:place]:
                _left_over(found, "between", {(later, "n"): 1, (earlier, "n"): -1})


def _states(
    found: Published,
    methods: dict[tuple[_What, _Where], str],
    competing: dict[str, tuple[str, ...]],
) -> None:
    """States at a horizon, and exits named for competing events, fill their base in part."""
    together: dict[Any, list[Any]] = defaultdict(list)
    for (what, where), method in methods.items():
        indicator, part, horizon = what
        exclusive = any(part.split("_", 1)[-1] == event for event in competing[indicator])
        if method == "S" or (method == "AJ" and exclusive):
            together[indicator, horizon, method, where].append((what, where))
    for cells in together.values():
        if len(cells) > 1:
            base: dict[Cell, int] = {(cells[0], "d"): 1}
            _left_over(found, "none of", base | {(cell, "n"): -1 for cell in cells})
            for cell in cells[1:]:
                found.relations[f"base {cell!r}"] = {(cells[0], "d"): 1, (cell, "d"): -1}


def _steps(found: Published, cells: Iterable[tuple[_What, _Where]]) -> None:
    """``x_of_y`` counts, among those of y, those of x."""
    present = set(cells)
    for what, where in sorted(present, key=repr):
        step, _, before = what[1].partition("_of_")
        whole, among = ((((what[0], part, what[2]), where)) for part in (step, before))
        if before and whole in present and among in present:
            found.relations[f"step {what!r} {where!r}"] = {
                ((what, where), "p"): 1,
                (among, "n"): -1,
            }
            _left_over(found, "not among", {(whole, "n"): 1, ((what, where), "n"): -1})


def _blur(found: Published, cells: Mapping[Any, Mapping[str, Any]], reach: int) -> None:
    """Take printed counts for what they are where they are rounded: somewhere near the truth.

    Those of a cell that says that nobody is known (x) stand. A share known tells of the rounded u.
    """
    for key, lines in cells.items():
        if next(iter(lines.values()))["method"] in ROUNDED:
            found.rounded.add(key)
            nobody = any(line["mark"] == "x" for line in lines.values())
            for name in "ndcup":
                low, high = found.ranges.pop((key, name), (0.0, float("inf")))
                number = None if nobody else found.printed.pop((key, name), None)
                if number is not None and name in "ndu":
                    low = high = number
                if high < float("inf") and not nobody:
                    found.ranges[key, name] = max(0.0, low - reach), high + reach
                if name != "p" and (key, name) not in found.printed:
                    found.asked[key, name] = None


def _left_over(found: Figures, kind: str, row: dict[Cell, int]) -> None:
    """A number that no row prints: what is left of the others."""
    rest = (kind, *row)
    found.relations[repr(rest)] = row | {rest: -1}
    found.asked[rest] = None
