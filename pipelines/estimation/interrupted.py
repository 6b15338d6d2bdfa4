"""Interrupted series: how far a series left its own earlier course when a rule changed.

The rule: level and slope before, a change of both at the change, and an error that allows for
neighbouring periods resembling each other (Bernal, Cummins and Gasparrini 2017; Newey and West
1987). Beside a comparator the difference of the two series is followed, so that what moved both is
not read as the change's doing. A series that cannot bear this is refused with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import statsmodels.api as sm

from pipelines.errors import Foreseen
from pipelines.estimation.policy_register import LEAST_PERIODS
from pipelines.periods import Period, month_number, month_text

_Floats = npt.NDArray[np.float64]


REFUSALS: Mapping[str, str] = {
    "few_periods": (
        "{before} periods before {month} and {after} from it on; {least} are needed on each side"
    ),
    "never_moves": "the series never moves: there is no error to set a change against",
    "no_figure": "the series has no figure for {period}",
    "gap": "the series does not go on from {period}: give every period of one kind, once",
    "comparator_no_figure": "the comparator has no figure for {period}",
    "comparator_gap": (
        "the comparator does not go on from {period}: give every period of one kind, once"
    ),
    "definition_changed": (
        "the definition changed in {period}, inside the series: a break is not an effect"
    ),
}
"""English texts by key; other languages give the same keys and placeholders."""


class RefusedSeries(Foreseen, ValueError):
    """The series cannot show a change; the message says why, as key and values for translation."""

    def __init__(self, key: str, **values: str | int) -> None:
        self.key, self.values = key, values
        super().__init__(REFUSALS[key].format(**values))


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
    spans, values = _ordered(series)
    _refuse_breaks(spans, breaks)
    if comparator is not None:
        values = values - _matched(spans, comparator)
    whole = np.array([span.first >= start or span.last < start for span in spans])
    after = np.array([span.first >= start for span in spans])
    counts = int((whole & ~after).sum()), int((whole & after).sum())
    if min(counts) < LEAST_PERIODS:
        before, later = counts
        raise RefusedSeries(
            "few_periods", before=before, after=later, month=month, least=LEAST_PERIODS
        )
    place = np.arange(len(spans), dtype=float)
    since = np.where(after, place - place[after][0], 0.0)
    design = np.column_stack([np.ones(len(spans)), place, after.astype(float), since])[whole]
    return _fit(design, values[whole], counts)


def _fit(design: _Floats, values: _Floats, counts: tuple[int, int]) -> Interruption:
    if np.ptp(values) == 0:
        raise RefusedSeries("never_moves")
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


def _ordered(series: pa.Table, whose: str = "") -> tuple[list[Period], _Floats]:
    ordered = series.sort_by("period")
    values = ordered["estimate"].to_numpy().astype(float)
    spans = [Period.parse(text) for text in ordered["period"].to_pylist()]
    if np.isnan(values).any():
        where = ordered["period"].to_pylist()[int(np.isnan(values).argmax())]
        raise RefusedSeries(f"{whose}no_figure", period=where)
    for earlier, later in pairwise(spans):
        if later.first != earlier.last + 1 or later.months != earlier.months:
            raise RefusedSeries(f"{whose}gap", period=month_text(earlier.last))
    return spans, values


def _matched(spans: list[Period], comparator: pa.Table) -> _Floats:
    others, values = _ordered(comparator, "comparator_")
    found = dict(zip(others, values, strict=True))
    absent = [span for span in spans if span not in found]
    if absent:
        raise RefusedSeries("comparator_no_figure", period=month_text(absent[0].first))
    return np.array([found[span] for span in spans])


def _refuse_breaks(spans: list[Period], breaks: Sequence[str]) -> None:
    for text in breaks:
        if spans and spans[0].first < month_number(text) <= spans[-1].last:
            raise RefusedSeries("definition_changed", period=text)
