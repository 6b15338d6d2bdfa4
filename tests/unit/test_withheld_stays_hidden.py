"""An attacker who knows all that is printed is run on what the council withheld."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.disclosure.withheld import computable_counts
from tests.unit.disclosure_rows import row, write_folder

THRESHOLD = 10
HIDDEN = {"mark": "h", "numerator": None, "denominator": None, "known_share": None}
FEMALE = {"breakdown": "sex", "category": "female"}
MALE = {"breakdown": "sex", "category": "male"}


def indicator(**changed: Any) -> list[dict[str, Any]]:
    """A total of two categories; the rows named by ``changed`` are withheld."""
    rows = {"total": row(90, 160), "female": row(60, 100, **FEMALE), "male": row(30, 60, **MALE)}
    return [{"mark": "", **one, **changed.get(name, {})} for name, one in rows.items()]


def test_a_whole_indicator_that_is_withheld_can_not_be_computed(tmp_path: Path) -> None:
    rows = indicator(total=HIDDEN, female=HIDDEN, male=HIDDEN)
    assert computable_counts(write_folder(rows, tmp_path), {"remedy_granted"}, THRESHOLD) == 0


@pytest.mark.parametrize("alone", ["total", "female", "male"])
def test_what_its_neighbours_give_away_is_found(alone: str, tmp_path: Path) -> None:
    rows = indicator(**{alone: HIDDEN})
    assert computable_counts(write_folder(rows, tmp_path), {"remedy_granted"}, THRESHOLD) == 2
