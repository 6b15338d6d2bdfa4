"""Which counts of themes may be printed, and which quotations beside them.

The rules, with t the country's threshold:

- A year with fewer than t coded comments hides its numbers. A count of 1 to t - 1 is hidden, and so
  is one whose rest (comments coded without the theme) is 1 to t - 1. Zero is printed.
- Of a year never one theme alone is hidden: the smallest of the others is hidden with it. A comment
  may bear several themes or none, so no sum over printed counts must lead to a hidden one, but most
  bear one, and whoever guesses so would come near.
- Whoever holds an earlier release can subtract. A row whose count, rest or total differs from what
  any of them printed by 1 to t - 1 is repeated as it was last printed (``HELD``). A row that stood
  hidden stays hidden until its count and its rest are 2t - 1 or more, whatever it was before.
- The total is the year's, so it is compared with what any row of the year printed, whatever its
  theme: else one theme held at an old total would stand beside another with one a little larger.
- Words are quoted only beside a printed count that is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from pipelines.disclosure.earlier import HELD
from pipelines.testimony.gather import Quotation


@dataclass(frozen=True)
class Row:
    """One year and theme: comments coded with it, comments coded in all; None where hidden."""

    period: str
    theme: str
    comments: int | None
    coded: int | None
    caveats: str = ""

    @property
    def mark(self) -> str:
        """``c`` where a number is hidden."""
        return "c" if self.comments is None else ""


def publish(counts: pa.Table, threshold: int, earlier: Iterable[Sequence[Row]] = ()) -> list[Row]:
    """The rows to print of ``gather.COUNTS``; ``earlier`` are those of past releases, in order."""
    past: dict[tuple[str, str], list[Row]] = {}
    totals: dict[str, set[int | None]] = {}
    for rows in earlier:
        for row in rows:
            past.setdefault((row.period, row.theme), []).append(row)
            totals.setdefault(row.period, set()).add(row.coded)
    rows = [
        _row(
            one,
            threshold,
            past.get((one["period"], one["theme"]), []),
            totals.get(one["period"], set()),
        )
        for one in counts.to_pylist()
    ]
    beside = {_beside(of_year) for of_year in _by_period(rows)}
    return [replace(row, comments=None, caveats="") if row in beside else row for row in rows]


def quotable(quotations: Iterable[Quotation], rows: Iterable[Row]) -> list[Quotation]:
    """The quotations that stand beside a printed count that is not zero, by year, theme and id."""
    printed = {(row.period, row.theme) for row in rows if row.comments}
    allowed = [one for one in quotations if (one.period, one.theme) in printed]
    return sorted(allowed, key=lambda one: (one.period, one.theme, one.id))


def _by_period(rows: Iterable[Row]) -> Iterable[list[Row]]:
    periods: dict[str, list[Row]] = {}
    for row in rows:
        periods.setdefault(row.period, []).append(row)
    return periods.values()


def _beside(year: list[Row]) -> Row | None:
    """Which shown row is hidden since another would be the only hidden one; a zero goes last."""
    shown = [row for row in year if row.comments is not None]
    if len(year) - len(shown) != 1:
        return None
    return min(
        shown,
        key=lambda row: (row.caveats == HELD, row.comments == 0, row.comments, row.theme),
        default=None,
    )


def _row(one: dict[str, object], threshold: int, past: list[Row], totals: set[int | None]) -> Row:
    period, theme = str(one["period"]), str(one["theme"])
    comments, coded = int(str(one["comments"])), int(str(one["coded"]))
    fresh = Row(period, theme, comments, coded)
    was_few = None in totals
    total = coded if coded >= (2 * threshold - 1 if was_few else threshold) else None
    hidden = Row(period, theme, None, total)
    small = any(_few(coded, before, threshold) for before in totals) or any(
        _few(comments, before.comments, threshold)
        or _few(coded - comments, _rest(before), threshold)
        for before in past
    )
    if small and not past:
        return Row(period, theme, None, None)
    if small:
        last = past[-1]
        return Row(period, theme, last.comments, last.coded, HELD)
    if total is None or any(0 < part < threshold for part in (comments, coded - comments)):
        return hidden
    was_hidden = any(before.comments is None for before in past)
    if was_hidden and min(comments, coded - comments) < 2 * threshold - 1:
        return hidden
    return fresh


def _rest(row: Row) -> int | None:
    return None if row.comments is None or row.coded is None else row.coded - row.comments


def _few(now: int, before: int | None, threshold: int) -> bool:
    return before is not None and 0 < abs(now - before) < threshold
