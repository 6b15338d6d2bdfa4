"""Months and periods: one spelling each, checked once.

A month is written ``YYYY-MM`` and counted as the integer ``12 * year + month - 1``, so that
the distance between two months is a subtraction. A period is a quarter (``2024Q4``), a year
(``2024``) or pooled years (``2022-2024``). Nothing here reads a clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.errors import Foreseen

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")
_YEARS = re.compile(r"([0-9]{4})(?:-([0-9]{4}))?")


class PeriodError(Foreseen, ValueError):
    """A month or a period that is not spelt as the contract says."""


def month_number(text: str) -> int:
    """The integer of a ``YYYY-MM`` month; PeriodError when it is not one."""
    match = _MONTH.fullmatch(text)
    if not match:
        raise PeriodError(f"{text!r} is not a month: write YYYY-MM, for example 2024-07")
    return int(match[1]) * 12 + int(match[2]) - 1


def month_text(number: int) -> str:
    """The ``YYYY-MM`` spelling of a month's integer."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


@dataclass(frozen=True, order=True)
class Period:
    """A closed range of months, ``first`` to ``last`` (month integers, both included)."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2024Q4``, ``2024`` or ``2022-2024``; PeriodError says what is wrong."""
        if match := _QUARTER.fullmatch(text):
            first = int(match[1]) * 12 + (int(match[2]) - 1) * 3
            return cls(first, first + 2)
        if match := _YEARS.fullmatch(text):
            start, end = int(match[1]), int(match[2] or match[1])
            if end >= start:
                return cls(start * 12, end * 12 + 11)
        raise PeriodError(
            f"{text!r} is not a period: write a quarter (2024Q4), a year (2024) or "
            "years (2022-2024)"
        )

    @property
    def months(self) -> int:
        """How many months it spans."""
        return self.last - self.first + 1

    def contains(self, other: Period) -> bool:
        """Whether every month of ``other`` lies in this period."""
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: Period) -> bool:
        """Whether the two share a month."""
        return self.first <= other.last and other.first <= self.last


def quarter_of(month: int) -> str:
    """The quarter that holds a month, in its text form."""
    return f"{month // 12:04d}Q{month % 12 // 3 + 1}"


def quarters(first: str, count: int) -> list[str]:
    """``count`` consecutive quarters from ``first``, in their text form."""
    start = Period.parse(first).first
    return [quarter_of(month) for month in range(start, start + 3 * count, 3)]
