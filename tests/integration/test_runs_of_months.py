"""Runs of months, read off bits, are what their definition says, over the turn of decades too."""

from __future__ import annotations

from itertools import groupby

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integration.warehouse_kit import compile_macro

GAP = 6
DECADE = 12 * 2020


@pytest.fixture(scope="module")
def sql() -> str:
    return compile_macro(f"{{{{ runs_of_months('seen', 'month', gap={GAP}) }}}}")


@given(
    st.dictionaries(
        st.integers(1, 3),
        st.lists(st.integers(DECADE - 150, DECADE + 150), min_size=1, max_size=25),
        min_size=1,
    )
)
def test_a_run_goes_on_while_the_next_month_is_within_the_gap(
    sql: str, months: dict[int, list[int]]
) -> None:
    seen = [(person, month) for person, all_months in months.items() for month in all_months]
    with duckdb.connect() as connection:
        connection.register(
            "seen",
            pa.table(
                {
                    "person_id": pa.array([person for person, _ in seen], pa.int64()),
                    "month": pa.array([month for _, month in seen], pa.int32()),
                }
            ),
        )
        found = connection.execute(f"select * from ({sql}) order by all").fetchall()
    runs = {person: _runs(all_months) for person, all_months in months.items()}
    assert [row[:3] for row in found] == sorted(
        (person, *run) for person, of_person in runs.items() for run in of_person
    )
    assert all(len(runs[person]) == 1 for person, _, _, is_only in found if is_only)


def _runs(months: list[int]) -> list[tuple[int, int]]:
    rising = sorted(set(months))
    breaks = [0, *(rising[i] - rising[i - 1] > GAP for i in range(1, len(rising)))]
    numbers = [sum(breaks[: i + 1]) for i in range(len(rising))]
    runs = [list(run) for _, run in groupby(zip(numbers, rising, strict=True), lambda x: x[0])]
    return [(run[0][1], run[-1][1]) for run in runs]
