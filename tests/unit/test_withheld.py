"""What the council withholds is protected like a small count, and nothing else changes for it."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.disclosure.protection import protect
from pipelines.disclosure.table import KEY, RowsError
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table

CHANNELS = {"civil": (30, 90), "criminal": (50, 100), "labour": (5, 80), "state_fund": (44, 120)}


def _rows() -> list[dict[str, Any]]:
    years = [str(year) for year in range(2021, 2025)]
    parts = [
        row(n + number, d, breakdown="channel", category=channel, period=year)
        for number, year in enumerate(years)
        for channel, (n, d) in CHANNELS.items()
    ]
    totals = [
        row(
            sum(n + number for n, _ in CHANNELS.values()),
            sum(d for _, d in CHANNELS.values()),
            period=year,
        )
        for number, year in enumerate(years)
    ]
    return parts + totals


def _marks(*withheld: dict[str, str | int]) -> dict[tuple[Any, ...], str]:
    protected = protect(table(*_rows()), candidate_kit.registry(), 10, withheld)
    return {(one["period"], one["category"]): one["mark"] for one in protected.rows.to_pylist()}


def test_withheld_rows_are_marked_h_and_can_not_be_computed_from_the_others() -> None:
    marks = _marks({"period": "2024", "category": "criminal"})
    assert marks["2024", "criminal"] == "h"
    alone = [cell for cell, mark in marks.items() if cell[0] == "2024" and mark]
    assert len(alone) >= 2, "else the total would tell it"


def test_other_rows_change_only_where_they_would_give_the_withheld_ones_away() -> None:
    before, after = _marks(), _marks({"period": "2024", "category": "criminal"})
    assert all(after[cell] for cell, mark in before.items() if mark), "what was hidden stays hidden"
    changed = {cell for cell in before if before[cell] != after[cell]}
    assert {period for period, _ in changed} == {"2024"}


def test_a_whole_indicator_can_be_withheld() -> None:
    assert set(_marks({"indicator_id": "remedy_granted"}).values()) == {"h"}


@pytest.mark.parametrize("selection", [{}, {"estimate": "0.5"}])
def test_rows_are_withheld_by_their_key_alone(selection: dict[str, str | int]) -> None:
    with pytest.raises(RowsError, match=", ".join(KEY)):
        _marks(selection)
