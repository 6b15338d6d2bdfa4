"""The disclosure report of a candidate: what an attacker can compute from its files.

The rule: the report tells how well counts are hidden and nothing about any one of them: no interval
of a single number, no name of a cell. It holds no clock, so the same files give the same report.

A hidden number is *exposed* when its interval may hold a count below the threshold and is narrower
than the threshold, or when it is known to be 0 or all of a base under twice the threshold; it is
*known to be small* when the whole interval lies from 1 to the threshold minus 1. Numbers that are
certainly as large as the threshold need no interval. That few or none are unknown is what a printed
known share of 1.00 says of any shown row, so an unknown is exposed only where it can't be 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.disclosure.audit import Audit, Cell, ContradictionError, Interval, audit_intervals
from pipelines.disclosure.published import Published, read_published

FILES = ("indicators.csv", "indicators.parquet", "methodology/registry.json")
"""What is read back; no other file of a candidate holds a figure."""


@dataclass(frozen=True)
class Finding:
    """What the audit of one folder found, in numbers of hidden counts."""

    published: Published
    shared_populations: bool
    programs: int
    audited: int
    exposed: int
    known_to_be_small: int
    smallest_interval: int | None

    @property
    def passed(self) -> bool:
        """Say whether nothing hidden is exposed."""
        return not self.exposed

    def report(self, threshold: int, said: Mapping[str, object]) -> dict[str, Any]:
        """The content of disclosure.json; ``said`` is what the suppressor says of its choice."""
        rows = self.published.rows
        return {
            "passed": self.passed,
            "files": list(FILES),
            "threshold": threshold,
            "required_interval": threshold,
            "rows": rows,
            "rows_shown": self.published.shown,
            "information_kept": round(self.published.shown / rows, 4) if rows else None,
            "suppression": dict(said),
            "hidden_counts_audited": self.audited,
            "exposed": self.exposed,
            "known_to_be_small": self.known_to_be_small,
            "smallest_interval": self.smallest_interval,
            "shared_populations_used": self.shared_populations,
            "linear_programs": self.programs,
            "rows_of_money_not_audited": self.published.money,
            "earlier_releases_audited": 0,
        }


def audit_folder(folder: Path, threshold: int) -> Finding:
    """Audit the files of a candidate folder against an attacker who has nothing else.

    Populations that only seem to be one, since they agree wherever both are printed, are left out
    when they contradict the rest. ContradictionError when what is printed can't be true;
    FormatsDiffer when the two forms of the table are not one.
    """
    published = read_published(folder)
    required = dict.fromkeys(published.asked, float(threshold))
    unknowns = {cell for cell in required if isinstance(cell, tuple) and cell[-1] == "u"}

    def run(relations: Mapping[str, Mapping[Cell, int]]) -> Audit:
        return audit_intervals(
            published.printed,
            relations,
            required,
            ranges=published.ranges,
            exact=False,
            harmless_at_zero=unknowns,
        )

    try:
        audit, shared = run(published.relations | published.agreements), True
    except ContradictionError:
        audit, shared = run(published.relations), False
    bases = {one.cell: one for one in audit.intervals}
    exposed = [
        one
        for one in audit.narrow
        if _exposed(one, bases, threshold) and not _said_of_all(one, published)
    ]
    return Finding(
        published,
        shared,
        audit.programs,
        len(audit.intervals),
        len(exposed),
        sum(one.low >= 1 and one.high < threshold for one in exposed),
        int(min(one.width for one in exposed)) if exposed else None,
    )


def _said_of_all(one: Interval, published: Published) -> bool:
    """Say whether a number is known to be 0 because the total, shown, is 0 for everybody."""
    assert isinstance(one.cell, tuple)
    if one.high > 0 or one.cell[-1] not in ("n", "c"):
        return False
    (what, where), name = one.cell
    total = (what, (*where[:-2], "total", ""))
    return published.printed.get((total, name)) == 0


def _exposed(one: Interval, bases: Mapping[Cell, Interval], threshold: int) -> bool:
    assert isinstance(one.cell, tuple)
    if one.cell[-1] == "u":
        return 1 <= one.low < threshold
    if one.high >= 1:
        return one.low < threshold
    if one.cell[-1] not in ("n", "c"):
        return False
    base = bases.get((*one.cell[:-1], "d"))  # nobody, or everybody, of a few
    return base is not None and base.high >= 1 and base.high < 2 * threshold
