"""Whether what the council withheld can be computed from what is still printed.

The rule: the audit's attacker, who knows every printed number and how they hang together, is run on
the files of the release itself, after the mark h is in them. How they hang together the attacker
may know from other files: those that the council saw, or an earlier release.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pipelines.disclosure.audit import Cell, ContradictionError, audit_intervals
from pipelines.disclosure.published import read_published

_COUNTS = ("n", "c")
"""Of a cell: who did, and who did not. Its base may be another indicator's, and printed there."""


def computable_counts(
    folder: Path, indicators: Collection[str], threshold: int, *, linked_as_in: Path | None = None
) -> int:
    """Counts of withheld indicators that the attacker narrows to less than the threshold.

    ``linked_as_in`` is a folder of the same rows of which more is printed: what agrees there,
    agrees here. A count that is small, and no better known than its base says, is not one of them.
    """
    published = read_published(folder)
    agreements = published.agreements
    if linked_as_in:
        agreements = agreements | read_published(linked_as_in).agreements
    asked: dict[Cell, float] = {
        cell: float(threshold)
        for cell in published.asked
        if _indicator(cell) in indicators and isinstance(cell, tuple) and cell[-1] in _COUNTS
    }
    try:
        audit = audit_intervals(
            published.printed,
            published.relations | agreements,
            asked,
            ranges=published.ranges,
            exact=False,
        )
    except ContradictionError:
        audit = audit_intervals(
            published.printed, published.relations, asked, ranges=published.ranges, exact=False
        )
    return sum(
        one.width < threshold and (one.high >= threshold or (one.width == 0 and one.high > 0))
        for one in audit.intervals
    )


def _indicator(cell: Cell) -> object:
    """Of a cell ((what, where), name): the indicator that ``what`` begins with."""
    return cell[0][0][0] if isinstance(cell, tuple) and isinstance(cell[0], tuple) else None
