"""method_p against the Wilson intervals of Newcombe (1998) and of R 4.2 ``prop.test``."""

from __future__ import annotations

import duckdb
import pytest
from warehouse_kit import compile_macro

# Newcombe, Statistics in Medicine 17:857-872 (1998), table I, method 3: four decimals.
NEWCOMBE = {
    (81, 263): (0.2553, 0.3662),
    (15, 148): (0.0624, 0.1605),
    (0, 20): (0.0000, 0.1611),
    (1, 29): (0.0061, 0.1718),
}

# prop.test(k, n, correct = FALSE)$conf.int
PROP_TEST = {
    (0, 12): (0.0, 0.242494006655),
    (3, 17): (0.0619112663762, 0.410294585688),
    (10, 10): (0.722467200137, 1.0),
    (81, 263): (0.255288519878, 0.366209576983),
    (15, 148): (0.0623863995307, 0.160487241723),
    (1, 29): (0.00611321429276, 0.171755218793),
}


@pytest.fixture(scope="module")
def intervals() -> dict[tuple[int, int], tuple[float, float]]:
    """(yes, known) → interval, each pair a country of its own; unknown answers beside them."""
    pairs = sorted({*NEWCOMBE, *PROP_TEST})
    with duckdb.connect() as connection:
        connection.execute("create schema core")
        connection.execute("create table pairs (country varchar, yes integer, known integer)")
        connection.executemany(
            "insert into pairs values (?, ?, ?)", [(f"{k} of {n}", k, n) for k, n in pairs]
        )
        connection.execute(
            "create table core.dim_period as select country, '2024' as period, 'year' as kind, "
            "24288 as first_month, 24299 as last_month, 1 as dimensions, "
            "24299 as cutoff_month from pairs"
        )
        connection.execute(
            "create table members as select country, 24290 as flow_month, 'value' as measure, "
            "case when number > known then 'unknown' when number <= yes then 'yes' else 'no' end "
            "as answer from (select *, unnest(range(1, known + 4)) as number from pairs)"
        )
        rows = connection.sql(compile_macro("{{ method_p('members', {}) }}")).to_arrow_table()
    return {
        (int(r["numerator"]), int(r["denominator"])): (r["ci_low"], r["ci_high"])
        for r in rows.to_pylist()
    }


@pytest.mark.parametrize(("counts", "published"), NEWCOMBE.items())
def test_wilson_intervals_equal_the_published_ones(
    intervals: dict, counts: tuple[int, int], published: tuple[float, float]
) -> None:
    assert tuple(round(bound, 4) for bound in intervals[counts]) == published


@pytest.mark.parametrize(("counts", "by_r"), PROP_TEST.items())
def test_wilson_intervals_equal_those_of_r(
    intervals: dict, counts: tuple[int, int], by_r: tuple[float, float]
) -> None:
    assert intervals[counts] == pytest.approx(by_r, abs=1e-12)
