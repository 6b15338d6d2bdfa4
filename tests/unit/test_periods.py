"""Months and periods are read strictly and count exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.periods import (
    Period,
    PeriodError,
    month_number,
    month_text,
    quarter_of,
    quarters,
)


@given(st.integers(min_value=1000 * 12, max_value=9999 * 12 + 11))
def test_a_month_survives_its_spelling(number: int) -> None:
    assert month_number(month_text(number)) == number


@given(st.integers(min_value=1000 * 12, max_value=9999 * 12 + 11))
def test_a_month_lies_in_its_quarter(number: int) -> None:
    quarter = Period.parse(quarter_of(number))
    assert quarter.first <= number <= quarter.last
    assert quarter.months == 3


@pytest.mark.parametrize("text", ["2024-13", "2024-7", "2024-07-01", "", "24-07", "2024-00"])
def test_what_is_not_a_month_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(PeriodError, match="write YYYY-MM"):
        month_number(text)


@pytest.mark.parametrize("text", ["2024Q5", "2024Q0", "2024-2022", "Q1", "2024-07", ""])
def test_what_is_not_a_period_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(PeriodError, match="write a quarter"):
        Period.parse(text)


def test_a_year_holds_its_quarters_and_touches_no_other_year() -> None:
    year, pool = Period.parse("2024"), Period.parse("2022-2024")
    for quarter in quarters("2024Q1", 4):
        assert year.contains(Period.parse(quarter))
    assert pool.contains(year)
    assert pool.months == 36
    assert not year.overlaps(Period.parse("2025Q1"))
    assert quarters("2023Q4", 2) == ["2023Q4", "2024Q1"]
