"""The disclosure report of a candidate: what an attacker can compute from its files.

The rule: the report tells how well counts are hidden and nothing about any one of them: no interval
of a single number, no name of a cell. It holds no clock, so the same files give the same report.

A hidden number is *exposed* when its interval may hold a count below the threshold and is narrower
than the threshold, or when it is known to be 0 or all of a base under twice the threshold; it is
*known to be small* when the whole interval lies from 1 to the threshold minus 1. Numbers that are
certainly as large as the threshold need no interval. A *change* since an earlier release is
exposed when it is known to be of 1 to the threshold minus 1, or is narrowed to less than the
threshold and may be; a number that stands as it was printed has not changed. A cell that was hidden
and is shown now is exposed too: with it the earlier release could be solved. That few or none are
unknown is what a printed known share of 1.00 says of any shown row, so an unknown is exposed only
where it can't be 0. A hidden sum of money is exposed where it is known to within ``AMOUNT`` of
itself, a difference where it is shown beside a hidden group. Of rounded counts all are asked for,
printed or not: one that may be small is exposed where fewer values are left than the base.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.disclosure.audit import (
    Audit,
    Auditor,
    Cell,
    ContradictionError,
    Interval,
    Row,
)
from pipelines.disclosure.beliefs import numbers_of, of_many, right_beliefs
from pipelines.disclosure.published import Figures, Published, read_published
from pipelines.disclosure.published_before import (
    ONE,
    differences,
    near,
    others_now,
    read_before,
    shown_again,
    suspected,
    told,
)

FILES = ("indicators.csv", "indicators.parquet", "methodology/registry.json")
"""What is read back; no other file of a candidate holds a figure."""

AMOUNT = 0.1
"""The p of the p % rule: how well nobody may know a hidden amount."""


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
    earlier: int = 0
    exposed_changes: int = 0
    amounts_audited: int = 0
    exposed_amounts: int = 0

    @property
    def faults(self) -> int:
        """How many hidden numbers, changes, amounts and differences are exposed."""
        return (
            self.exposed
            + self.exposed_changes
            + self.exposed_amounts
            + self.published.telling_differences
        )

    @property
    def passed(self) -> bool:
        """Say whether nothing hidden is exposed."""
        return not self.faults

    def report(
        self,
        threshold: int,
        said: Mapping[str, object],
        rounding: Mapping[str, object] | None = None,
    ) -> dict[str, Any]:
        """The content of disclosure.json; ``said`` and ``rounding`` are what suppression and
        rounding say of their choices."""
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
            "rounding": dict(rounding) if rounding else None,
            "hidden_counts_audited": self.audited,
            "exposed": self.exposed,
            "known_to_be_small": self.known_to_be_small,
            "smallest_interval": self.smallest_interval,
            "shared_populations_used": self.shared_populations,
            "linear_programs": self.programs,
            "amounts_audited": self.amounts_audited,
            "exposed_amounts": self.exposed_amounts,
            "exposed_differences": self.published.telling_differences,
            "earlier_releases_audited": self.earlier,
            "exposed_changes": self.exposed_changes,
        }


def audit_folder(
    folder: Path,
    threshold: int,
    earlier: Sequence[Path] = (),
    counted: pa.Table | None = None,
    rounding: Mapping[str, int] | None = None,
) -> Finding:
    """Audit the files of a candidate folder against an attacker who has all ``earlier`` releases.

    ``counted`` are the rows as counted: whoever takes hidden numbers for unchanged is then granted
    the beliefs that are right, else none, and amounts with many behind them may be known well
    (``beliefs``), else none. ``rounding`` is what status.json says of how counts of people are
    rounded (base, reach), where they are.

    Populations that only seem to be one, since they agree wherever both are printed, are left out
    when they contradict the rest. ContradictionError when what is printed can't be true;
    FormatsDiffer when the two forms of the table are not one.
    """
    reach = rounding["reach"] if rounding else None
    published, before = read_published(folder, reach), read_before(earlier)
    then, believed = told(published, before), {}
    if before and counted is not None:
        believed = right_beliefs(suspected(published, before), published.relations, counted)
        published.ranges |= near(published, before, numbers_of(counted))
    published.printed[ONE] = 1.0
    required = dict.fromkeys(published.asked, float(threshold))
    if rounding:
        enough = float(rounding["base"] - 1)
        required |= {cell: enough for cell in required if _is_rounded(cell, published)}
    unknowns = {cell for cell in required if isinstance(cell, tuple) and cell[-1] == "u"}

    relations, shared = published.relations | believed, True

    def audited(relations: Mapping[str, Row]) -> tuple[Auditor, Audit]:
        auditor = Auditor(published.printed, relations, ranges=published.ranges)
        harmless = unknowns - then.keys()
        return auditor, auditor.intervals(required, exact=False, harmless_at_zero=harmless)

    try:
        auditor, audit = audited(relations | published.agreements)
    except ContradictionError:
        (auditor, audit), shared = audited(relations), False
    bases = {one.cell: one for one in audit.intervals}
    programs = audit.programs
    if doubtful := _doubtful_bases(audit, bases, threshold):
        again = auditor.intervals(dict.fromkeys(doubtful, 2.0 * threshold), exact=False)
        bases |= {one.cell: one for one in again.intervals}
        programs += again.programs
    exposed = [
        one
        for one in audit.narrow
        if _exposed(one, bases, threshold) and not _said_of_all(one, published)
    ]
    many = set() if counted is None else of_many(counted, threshold)
    amounts = _amounts(published.amounts, many)
    return Finding(
        published,
        shared,
        programs + amounts.programs,
        len(audit.intervals),
        len(exposed),
        sum(one.low >= 1 and one.high < threshold for one in exposed),
        int(min(one.width for one in exposed)) if exposed else None,
        len(before),
        len(_changes(audit, then, threshold))
        + len(differences(published, before, threshold))
        + len(shown_again(published, before))
        + (
            _moved(others_now(folder, reach), [release.others for release in before])
            if before
            else 0
        ),
        len(amounts.intervals),
        sum(one.high <= one.low * (1 + AMOUNT) for one in amounts.intervals),
    )


def _is_rounded(cell: Cell, published: Published) -> bool:
    """Say whether a number is, or is left by, counts that are rounded."""
    assert isinstance(cell, tuple)
    keys = [one[0] for one in cell[1:]] if isinstance(cell[0], str) else [cell[0]]
    return published.rounded.issuperset(keys)


def _amounts(published: Figures, many: Collection[Cell]) -> Audit:
    """The intervals of the hidden sums of money, but of those that a total of 0 tells and of those
    with ``many`` behind them, unless the council withholds them."""
    secret = {key for key in published.hidden if key in published.withheld or key not in many}
    hidden = {(key, name) for key in secret for name in "nd"}
    asked = [cell for cell in published.asked if cell in hidden]
    auditor = Auditor(published.printed, published.relations)
    audit = auditor.intervals(dict.fromkeys(asked, 0.0))
    intervals = (one for one in audit.intervals if not _said_of_all(one, published))
    return replace(audit, intervals=tuple(intervals))


def _changes(
    audit: Audit, then: Mapping[Cell, Collection[float]], threshold: int
) -> list[Interval]:
    """The numbers whose change since an earlier release is known to be small, or nearly so."""
    return [
        one
        for one in audit.narrow
        if (numbers := then.get(one.cell))
        and not (one.width == 0 and one.low in numbers)
        and any(
            one.low - number < threshold and one.high - number > -threshold for number in numbers
        )
    ]


def _moved(now: Mapping[Any, Any], before: Sequence[Mapping[Any, Any]]) -> int:
    """Rows that say something else than before: by how few, nobody can tell."""
    return sum(
        any(key in release for release in before)
        and all(release.get(key, figures) != figures for release in before)
        for key, figures in now.items()
    )


def _said_of_all(one: Interval, published: Figures) -> bool:
    """Say whether a number is known to be 0 because the total, shown, is 0 for everybody."""
    assert isinstance(one.cell, tuple)
    if one.high > 0 or one.cell[-1] not in ("n", "c"):
        return False
    (what, where), name = one.cell
    total = (what, (*where[:-2], "total", ""))
    return published.printed.get((total, name)) == 0


def _doubtful_bases(audit: Audit, bases: Mapping[Cell, Interval], threshold: int) -> list[Cell]:
    """The bases of numbers known to be 0 that may be larger than the search went.

    An interval that isn't exact is as wide as was asked for, no more: it doesn't tell that a base
    is under twice the threshold.
    """
    suspects = dict.fromkeys(
        _base(one) for one in audit.narrow if one.high < 1 and _tells_of_outcome(one)
    )
    return [
        cell
        for cell in suspects
        if (base := bases.get(cell)) and not base.exact and base.high < 2 * threshold
    ]


def _tells_of_outcome(one: Interval) -> bool:
    return isinstance(one.cell, tuple) and one.cell[-1] in ("n", "c")


def _base(one: Interval) -> Cell:
    assert isinstance(one.cell, tuple)
    return (*one.cell[:-1], "d")


def _exposed(one: Interval, bases: Mapping[Cell, Interval], threshold: int) -> bool:
    assert isinstance(one.cell, tuple)
    if one.cell[-1] == "u":
        return 1 <= one.low < threshold
    if one.high >= 1:
        return one.low < threshold
    if not _tells_of_outcome(one):
        return False
    base = bases.get(_base(one))  # nobody, or everybody, of a few
    return base is not None and base.high >= 1 and base.high < 2 * threshold
