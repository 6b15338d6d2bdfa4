"""Interrupted series against R: lm with sandwich's Newey–West error.

d <- data.frame(y, t = 0:29, D = as.numeric(0:29 >= 14), S = pmax(0, 0:29 - 14))
m <- lm(y ~ t + D + S, d)
V <- NeweyWest(m, lag = 3, prewhite = FALSE, adjust = TRUE)   # sandwich 3.0-2
coeftest(m, vcov = V); coefci(m, vcov = V); waldtest(m, y ~ t, vcov = V)
"""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipelines.estimation.interrupted import interrupt
from pipelines.periods import quarters

# fmt: off
SERIES = [
    0.3120, 0.3313, 0.3002, 0.2826, 0.3151, 0.3334, 0.3176, 0.3276, 0.3565, 0.3410,
    0.3098, 0.3303, 0.3657, 0.3576, 0.4086, 0.4373, 0.4445, 0.4143, 0.4189, 0.4643,
    0.4765, 0.4588, 0.4731, 0.4954, 0.4757, 0.4626, 0.5024, 0.5339, 0.5168, 0.5114,
]
COMPARATOR = [
    0.2500, 0.2675, 0.2637, 0.2487, 0.2487, 0.2682, 0.2830, 0.2758, 0.2616, 0.2656,
    0.2863, 0.2978, 0.2876, 0.2751, 0.2829, 0.3041, 0.3119, 0.2994, 0.2892, 0.3007,
    0.3214, 0.3254, 0.3112, 0.3040, 0.3188, 0.3383, 0.3383, 0.3233, 0.3196, 0.3370,
]
# fmt: on


def table(values: list[float]) -> pa.Table:
    return pa.table({"period": quarters("2015Q1", len(values)), "estimate": values})


def test_level_slope_and_error_equal_r() -> None:
    found = interrupt(table(SERIES), "2018-07")
    assert (found.before, found.after, found.lags) == (14, 16, 3)
    level, slope = found.level, found.slope
    assert level.estimate == pytest.approx(0.0613755413703943, rel=1e-9)
    assert level.std_error == pytest.approx(0.0075762579222254, rel=1e-9)
    assert level.ci_low == pytest.approx(0.04580232017650881, rel=1e-9)
    assert level.ci_high == pytest.approx(0.07694876256427984, rel=1e-9)
    assert slope.estimate == pytest.approx(0.0034305413703943, rel=1e-9)
    assert slope.std_error == pytest.approx(0.0010572404773310, rel=1e-9)
    assert found.probability == pytest.approx(7.61209683102412e-08, rel=1e-7)


def test_a_comparator_is_taken_off_first() -> None:
    # The same R commands with y - comparator.
    found = interrupt(table(SERIES), "2018-07", table(COMPARATOR))
    assert found.level.estimate == pytest.approx(0.0570952488687783, rel=1e-9)
    assert found.level.std_error == pytest.approx(0.008771360522284822, rel=1e-9)
    assert found.slope.ci_low == pytest.approx(0.000738105391476026, rel=1e-8)
    assert found.slope.ci_high == pytest.approx(0.00582810663179481, rel=1e-8)
    assert found.probability == pytest.approx(2.15296758423657e-06, rel=1e-7)
