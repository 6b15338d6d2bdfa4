"""method_r against ``svyratio`` of R survey 4.1-1: ratio, linearised standard error, interval."""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
import pytest
from warehouse_kit import compile_macro

# i <- 1:60; x <- 100.25 + (37 * i * i) %% 101; y <- 0.5 + ((i %% 7) * ((37 * i * i) %% 101)) %% 90
# r <- svyratio(~y, ~x, svydesign(ids = ~1, weights = ~1, data = data.frame(x, y)))
# coef(r); SE(r); confint(r)
SIXTY = (0.249582172702, 0.024026564406, 0.202490971793, 0.296673373611)
DUE = "cast(100.25 + (37 * i * i) % 101 as decimal(18, 2))"
CAME = "cast(0.50 + ((i % 7) * ((37 * i * i) % 101)) % 90 as decimal(18, 2))"

# x <- c(500, 800, 1000); y <- c(500, 0, 250.5): the lower bound is cut at 0.
THREE = (0.326304347826, 0.230490018789, 0.0, 0.778056483448)


@cache
def method_r() -> str:
    """The macro's SQL, compiled once."""
    return compile_macro("{{ method_r_flow('members', {}, closed_after=12) }}")


def ratio(members: str) -> dict[str, Any]:
    """The macro's row for a select of base and part."""
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.dim_period as select 'ZZ' as country, '2023' as period, "
            "'year' as kind, 24276 as first_month, 24287 as last_month, "
            "1 as dimensions, 24299 as cutoff_month"
        )
        connection.execute(
            "create table members as select 'ZZ' as country, 24280 as flow_month, "
            f"'value' as measure, * from ({members})"
        )
        (row,) = connection.sql(method_r()).to_arrow_table().to_pylist()
    return row


def figures(row: dict[str, Any]) -> tuple[float, ...]:
    return tuple(row[name] for name in ("estimate", "std_error", "ci_low", "ci_high"))


def test_a_ratio_of_sums_and_its_interval_equal_those_of_r() -> None:
    row = ratio(f"select {DUE} as base, {CAME} as part from range(1, 61) as numbers (i)")
    assert figures(row) == pytest.approx(SIXTY, abs=1e-12)
    assert (float(row["numerator"]), float(row["denominator"])) == (2240, 8975)


def test_amounts_up_to_the_contracts_limit_lose_no_cent() -> None:
    scaled = f"select 4000000 * {DUE} as base, 4000000 * {CAME} as part"
    row = ratio(f"{scaled} from range(1, 61) as numbers (i)")
    assert figures(row) == pytest.approx(SIXTY, abs=1e-12)


def test_the_interval_is_cut_at_zero() -> None:
    row = ratio(
        "select cast(base as decimal(18, 2)) as base, cast(part as decimal(18, 2)) as part "
        "from (values (500, 500), (800, 0), (1000, 250.5)) as pairs (base, part)"
    )
    assert figures(row) == pytest.approx(THREE, abs=1e-12)


def test_one_member_has_a_ratio_but_no_interval() -> None:
    row = ratio("select cast(500 as decimal(18, 2)) as base, cast(125 as decimal(18, 2)) as part")
    assert figures(row) == (0.25, None, None, None)
    assert row["flag"] == ""
