"""The worked attack of docs/attacks.md: every number in it is computed here.

``python -m tests.worked_attack`` writes the page; a test holds that it is what is written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from math import isinf
from pathlib import Path
from typing import Any

from pipelines.disclosure.audit import Cell, audit_intervals
from pipelines.disclosure.earlier import read_edition
from pipelines.disclosure.protection import protect
from pipelines.disclosure.published import read_published
from pipelines.paths import CHECKOUT
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table, write_folder

PAGE = CHECKOUT / "docs" / "attacks.md"
THRESHOLD = 10
SMALL = {"civil": (5, 30), "criminal": (50, 100), "labour": (30, 70), "state_fund": (60, 120)}
BEFORE = {"civil": (50, 90), "criminal": (50, 100), "labour": (30, 70), "state_fund": (60, 120)}
AFTER = BEFORE | {"civil": (52, 93)}
Rows = list[dict[str, Any]]


def granted(parts: dict[str, tuple[int, int]]) -> Rows:
    """Decisions that grant a remedy: all, and by channel."""
    whole = row(sum(n for n, _ in parts.values()), sum(d for _, d in parts.values()))
    return [whole, *(row(n, d, breakdown="channel", category=name)
                     for name, (n, d) in parts.items())]  # fmt: skip


def naive(rows: Rows) -> Rows:
    """Hide a row whose own count is under the threshold, and nothing else."""
    return [one | ({"mark": "c", "numerator": None, "denominator": None}
                   if 0 < one["numerator"] < THRESHOLD else {"mark": ""})
            for one in rows]  # fmt: skip


def ours(rows: Rows, earlier: Sequence[Path] = ()) -> Rows:
    """What a candidate would print."""
    editions = [read_edition(folder, "") for folder in earlier]
    return protect(table(*rows), candidate_kit.registry(), THRESHOLD, (), editions).rows.to_pylist()


def printed(rows: Rows) -> str:
    """The rows as a Markdown table."""
    rows = sorted(rows, key=lambda one: (one["category"] == "", one["category"]))
    lines = ["| channel | granted | of |", "|---|---|---|"]
    for one in rows:
        name = one["category"] or "all"
        if one["mark"]:
            lines.append(f"| {name} | {one['mark']} | {one['mark']} |")
        else:
            held = " (repeated)" if one.get("held") else ""
            lines.append(f"| {name} | {one['numerator']:.0f}{held} | {one['denominator']:.0f} |")
    return "\n".join(lines)


def known(folder: Path) -> str:
    """What the audit's attacker knows of the civil decisions that granted: low to high."""
    found = read_published(folder)
    cell: Cell = next(
        (key, "n") for key in {one[0] for one in found.asked if isinstance(one, tuple)}
        if isinstance(key, tuple) and key[-1][-1] == "civil"
    )  # fmt: skip
    interval = audit_intervals(found.printed, found.relations, {cell: THRESHOLD}).intervals[0]
    if interval.low == interval.high:
        return f"exactly {interval.low:.0f}"
    if isinf(interval.high):
        return f"{interval.low:.0f} or any number above it"
    return f"{interval.low:.0f} to {interval.high:.0f}"


def page() -> str:
    """The text of docs/attacks.md."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        bare = write_folder(naive(granted(SMALL)), root / "bare")
        safe = write_folder(ours(granted(SMALL)), root / "safe")
        first = write_folder(ours(granted(BEFORE)), root / "first")
        second = write_folder(ours(granted(AFTER), [first]), root / "second")
        n, others = SMALL["civil"][0], [SMALL[one][0] for one in SMALL if one != "civil"]
        total = n + sum(others)
        return _TEXT.format(
            t=THRESHOLD,
            naive=printed(naive(granted(SMALL))),
            sum=f"{total} − {' − '.join(map(str, others))} = {n}",
            naive_known=known(bare),
            ours=printed(ours(granted(SMALL))),
            ours_known=known(safe),
            before=printed(ours(granted(BEFORE))),
            after=printed(naive(granted(AFTER))),
            moved=f"{AFTER['civil'][0]} − {BEFORE['civil'][0]} = "
                  f"{AFTER['civil'][0] - BEFORE['civil'][0]}",
            held=printed(ours(granted(AFTER), [first])),
            held_known=known(second),
        )  # fmt: skip


_TEXT = """# Two attacks

Decisions that grant a remedy, by channel, are made up here; what is computed from them is not: this
page is written by `python -m tests.worked_attack`, and a test holds that it says what the code
finds. The threshold is {t}.

## Subtraction within a release

A rule that hides what is under the threshold, and nothing else, prints

{naive}

Whoever can subtract has the hidden count: {sum}. The audit's attacker, two
programs over all that is printed, finds **{naive_known}** and blocks the candidate.
A candidate of ours prints

{ours}

and the same attacker, with the same programs, finds **{ours_known}**.

## Subtraction between releases

No count of the first release is small:

{before}

Nor is one of the second, after two more civil decisions that granted and one that did not became
known, where each release is looked at alone:

{after}

Together they tell that {moved} people were granted a remedy in between. Our second
release knows the first, so it prints

{held}

What is repeated tells nothing new. Of the civil decisions that granted by then the attacker finds
**{held_known}**, and so as little of the change since the first release
([decision 20](decisions/0020-what-waits-is-repeated.md)).

`make attack` runs seven hundred sets of linked tables, in one to four releases each, against an
attacker written apart.
"""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
