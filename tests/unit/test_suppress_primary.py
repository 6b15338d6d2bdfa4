"""A cell is hidden exactly when one of its own counts would point at a few people."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines.disclosure.primary import suppress_primary
from pipelines.disclosure.table import RowsError
from tests.unit.disclosure_rows import row, table


@pytest.mark.parametrize(
    ("case", "hidden"),
    [
        (row(10, 100), False),
        (row(9, 100), True),
        (row(90, 100), False),
        (row(91, 100), True),
        (row(40, 100, unknown=9), True),
        (row(40, 100, unknown=10), False),
        (row(0, 9), True),
        (row(0, 19), True),
        (row(0, 20), False),
        (row(19, 19), True),
        (row(20, 20), False),
        (row(0, 0, unknown=5000), False),
        (row(9, 400, method="R", units=50), True),
        (row(10, 400, method="R", units=9), True),
        (row(40, 9, method="R", units=50), True),
        (row(31, 40, method="R", units=50), True),
        (row(0, 19, method="R", units=50), True),
        (row(25, 20, method="R", units=50), False),
        (row(10, 400, method="R", units=50, unknown=9), True),
        (row(None, None, units=None), False),
        (row(20, 100, units=None, unknown=None), False),
        (row(4, 8, units=None), True),
        (row(20, 100, method="AJ", at_risk=9, horizon_months=12, cohort="2021"), True),
        (row(20, 100, method="AJ", at_risk=0, horizon_months=12, cohort="2021"), False),
    ],
)
def test_small_counts_are_primary(case: dict[str, Any], hidden: bool) -> None:
    assert suppress_primary(table(case), 10)["primary"].to_pylist() == [hidden]


@pytest.mark.parametrize(
    ("case", "hidden"),
    [
        (row(Decimal("3.25"), Decimal("900.5"), method="R", units=9), True),
        (row(Decimal("3.25"), Decimal("900.5"), method="R", units=10), False),
        (row(0, Decimal("900.5"), method="R", units=19), True),
        (row(Decimal("40000"), Decimal("90000"), method="R", units=60, flag="c"), True),
    ],
)
def test_money_is_judged_by_those_behind_it(case: dict[str, Any], hidden: bool) -> None:
    marked = suppress_primary(table(case), 10, money={case["indicator_id"]})
    assert marked["primary"].to_pylist() == [hidden]
    assert marked["flag"].to_pylist() == [""], "what the flag said is in primary"


@pytest.mark.parametrize(
    ("events", "hidden"),
    [
        ([20, 30, 40], [False, False, False]),
        ([20, 29, 40], [False, True, False]),
        ([20, 20, 20], [False, False, False]),
        ([20, 23, 23], [False, True, True]),
    ],
)
def test_few_events_between_horizons_hide_the_later(events: list[int], hidden: list[bool]) -> None:
    rows = [
        row(n, 200, method="AJ", at_risk=50, cohort="2020", horizon_months=h, period=str(2020 + h))
        for n, h in zip(events, (12, 24, 36), strict=True)
    ]
    assert suppress_primary(table(*rows), 10)["primary"].to_pylist() == hidden


def test_bounds_that_rest_on_a_few_more_claims_than_the_value_are_hidden_with_it() -> None:
    rows = [
        row(300, 900, method="R", units=50, unknown=26),
        row(300, 990, method="R", units=56, unknown=20, measure="unknown_low"),
    ]
    assert suppress_primary(table(*rows), 10)["primary"].to_pylist() == [True, True]


def test_bounds_that_hold_a_few_more_people_than_the_value_are_hidden_with_it() -> None:
    rows = [
        row(30, 90, method="R", units=50, unknown=26),
        row(30, 95, method="R", units=76, unknown=0, measure="unknown_low"),
    ]
    assert suppress_primary(table(*rows), 10)["primary"].to_pylist() == [True, True]


def test_columns_that_are_missing_are_named() -> None:
    with pytest.raises(RowsError, match="lack units"):
        suppress_primary(table(row(20, 100)).drop_columns(["units"]), 10)


def test_two_rows_of_one_key_are_refused() -> None:
    with pytest.raises(RowsError, match="same key"):
        suppress_primary(table(row(20, 100), row(30, 100)), 10)
