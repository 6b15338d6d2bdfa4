"""The data table beside each chart: the same figures, in words and digits.

Rule: whoever does not see the chart loses nothing. A hidden figure shows its mark in the place of
the estimate; a cell with nothing in it shows a dash.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from dashboards.site.locale import Locale
from dashboards.site.selection import Cell


@dataclass(frozen=True)
class Table:
    """Caption, column headers (the first heads the rows) and rows of cells."""

    caption: Markup
    headers: tuple[str, ...]
    rows: tuple[tuple[Markup | str, ...], ...]


def table_of(
    caption: Markup, first: str, labelled: Sequence[tuple[Markup | str, Cell]], locale: Locale
) -> Table:
    """One row a cell; columns that no row fills are left out."""
    cells = [cell for _, cell in labelled]
    columns = [column for column in _COLUMNS if any(column.value(cell, locale) for cell in cells)]
    empty = locale.text("table.empty")
    return Table(
        caption=caption,
        headers=(first, *(locale.plain(f"table.{column.key}") for column in columns)),
        rows=tuple(
            (label, *(column.value(cell, locale) or empty for column in columns))
            for label, cell in labelled
        ),
    )


@dataclass(frozen=True)
class _Column:
    key: str
    value: Callable[[Cell, Locale], Markup | str]


def _estimate(cell: Cell, locale: Locale) -> Markup | str:
    row = cell.row
    if row.mark:
        return locale.text("table.mark", mark=row.mark)
    return locale.amount(row.estimate, row.unit) if row.estimate is not None else ""


def _interval(cell: Cell, locale: Locale) -> Markup | str:
    row = cell.row
    if row.ci_low is None or row.ci_high is None:
        return ""
    low, high = locale.amount(row.ci_low, row.unit), locale.amount(row.ci_high, row.unit)
    return locale.text("table.interval_value", low=low, high=high)


def _known(cell: Cell, locale: Locale) -> str:
    share = cell.row.known_share
    return locale.amount(share, "share") if share is not None else ""


def _count(value: Decimal | None, locale: Locale) -> str:
    return locale.number(value) if value is not None else ""


def _range(cell: Cell, locale: Locale) -> Markup | str:
    """From the figure if every unknown were no to the one if every unknown were yes."""
    low, high = cell.low, cell.high
    if low is None or high is None or low.estimate is None or high.estimate is None:
        return ""
    return locale.text(
        "table.interval_value",
        low=locale.amount(low.estimate, low.unit),
        high=locale.amount(high.estimate, high.unit),
    )


_COLUMNS = (
    _Column("estimate", _estimate),
    _Column("interval", _interval),
    _Column("known", _known),
    _Column("range", _range),
    _Column("numerator", lambda cell, locale: _count(cell.row.numerator, locale)),
    _Column("denominator", lambda cell, locale: _count(cell.row.denominator, locale)),
)
