"""Interrupted series: how far a series left its own earlier course when a rule changed.

The rule: level and slope before, a change of both at the change, and an error that allows for
neighbouring periods resembling each other (Bernal, Cummins and Gasparrini 2017; Newey and West
1987). Beside a comparator the difference of the two series is followed, so that what moved both is
not read as the change's doing. A series that cannot bear this is refused with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import statsmodels.api as sm

from pipelines.errors import Foreseen
from pipelines.periods import Period, month_number, month_text

LEAST_PERIODS = 12
"""Periods needed on each side of the change."""
_Floats = npt.NDArray[np.float64]


class RefusedSeries(Foreseen, ValueError):
    """The series cannot show a change; the message says why."""


@dataclass(frozen=True)
class Change:
    """A coefficient with its robust 95 % interval (t distribution)."""

    estimate: float
    std_error: float
    ci_low: float
    ci_high: float


@dataclass(frozen=True)
class Interruption:
    """``level``: jump at the change, in the series' unit; ``slope``: change of its rise a period.

    ``probability``: of both being zero (Wald F). ``lags``: of the Newey–West error.
    """

    level: Change
    slope: Change
    probability: float
    before: int
    after: int
    lags: int


def interrupt(
    series: pa.Table,
    month: str,
    comparator: pa.Table | None = None,
    breaks: Sequence[str] = (),
) -> Interruption:
    """Fit ``series`` (columns ``period``, ``estimate``; one kind of period) around ``month``.

    ``month`` is the first in which the new rule held; a period that it cuts in two is left out.
    ``breaks`` are months from which the series, or its comparator, was defined otherwise. Raises
    RefusedSeries under twelve periods a side, for gaps, for breaks inside, for a constant series.
    """
    start = month_number(month)
    spans, values = _ordered(series, "the series")
    _refuse_breaks(spans, breaks)
    if comparator is not None:
        values = values - _matched(spans, comparator)
    whole = np.array([span.first >= start or span.last < start for span in spans])
    after = np.array([span.first >= start for span in spans])
    counts = int((whole & ~after).sum()), int((whole & after).sum())
    if min(counts) < LEAST_PERIODS:
        raise RefusedSeries(
            f"{counts[0]} periods before {month} and {counts[1]} from it on; "
            f"{LEAST_PERIODS} are needed on each side"
        )
    place = np.arange(len(spans), dtype=float)
    since = np.where(after, place - place[after][0], 0.0)
    design = np.column_stack([np.ones(len(spans)), place, after.astype(float), since])[whole]
    return _fit(design, values[whole], counts)


def _fit(design: _Floats, values: _Floats, counts: tuple[int, int]) -> Interruption:
    if np.ptp(values) == 0:
        raise RefusedSeries("the series never moves: there is no error to set a change against")
    # The rule of thumb of Newey and West (1994) for the Bartlett kernel.
    lags = int(4 * (len(values) / 100) ** (2 / 9))
    fit = sm.OLS(values, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    bounds = fit.conf_int()
    level, slope = (
        Change(*map(float, (fit.params[at], fit.bse[at], *bounds[at]))) for at in (2, 3)
    )
    joint = fit.f_test(np.eye(4)[2:])
    return Interruption(level, slope, float(joint.pvalue), *counts, lags)


def _ordered(series: pa.Table, name: str) -> tuple[list[Period], _Floats]:
    ordered = series.sort_by("period")
    values = ordered["estimate"].to_numpy().astype(float)
    spans = [Period.parse(text) for text in ordered["period"].to_pylist()]
    if np.isnan(values).any():
        where = ordered["period"].to_pylist()[int(np.isnan(values).argmax())]
        raise RefusedSeries(f"{name} has no figure for {where}")
    for earlier, later in pairwise(spans):
        if later.first != earlier.last + 1 or later.months != earlier.months:
            raise RefusedSeries(
                f"{name} does not go on from {month_text(earlier.last)} with a period of "
                f"{earlier.months} months: give every period of one kind, once"
            )
    return spans, values


def _matched(spans: list[Period], comparator: pa.Table) -> _Floats:
    others, values = _ordered(comparator, "the comparator")
    found = dict(zip(others, values, strict=True))
    absent = [span for span in spans if span not in found]
    if absent:
        raise RefusedSeries(
            f"the comparator has no figure for the period from {month_text(absent[0].first)}"
        )
    return np.array([found[span] for span in spans])


def _refuse_breaks(spans: list[Period], breaks: Sequence[str]) -> None:
    for text in breaks:
        if spans and spans[0].first < month_number(text) <= spans[-1].last:
            raise RefusedSeries(
                f"the definition changed in {text}, inside the series: a break is not an effect"
            )
