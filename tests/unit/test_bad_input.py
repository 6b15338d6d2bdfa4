"""What can't be protected is not released: an error that names the cell, and no candidate."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.disclosure import attacker
from pipelines.disclosure.attacker import SolverLimitError
from pipelines.disclosure.linked_tables import InfeasibleProtectionError, TableError, build_table
from pipelines.disclosure.protection import protect
from pipelines.disclosure.solver import suppress_secondary
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table


def _protect(*rows: dict[str, Any]) -> None:
    protect(table(*rows), candidate_kit.registry(), 10)


@pytest.mark.parametrize(
    "wrong",
    [
        row(-3, 40, period="2023"),
        row(Decimal("3.5"), 40, period="2023"),
        row(50, 40, period="2023"),
        row(20, 40, period="2023", unknown=-1),
        row(20, 40, period="2023", units=-40),
    ],
)
def test_numbers_that_are_no_counts_are_named_by_their_key(wrong: dict[str, Any]) -> None:
    with pytest.raises(TableError, match=r"remedy_granted ZZ 2023 value total: .*whole numbers"):
        _protect(row(30, 60, period="2022"), wrong)


def test_categories_that_exceed_their_total_are_named() -> None:
    parts = [row(30, 60, breakdown="sex", category=sex) for sex in ("female", "male")]
    with pytest.raises(
        TableError, match=r"remedy_granted value ZZ 2024-10 to 2024-12 total.*60 with"
    ):
        _protect(row(40, 120), *parts)


def test_a_relation_that_does_not_add_up_is_named() -> None:
    with pytest.raises(TableError, match="'margin'"):
        build_table({"a": 5, "b": 6, "all": 12}, {"margin": {"all": 1, "a": -1, "b": -1}})


def test_a_cell_that_nothing_protects_is_named() -> None:
    made = build_table({"a": 5, "same": 5}, {"equal": {"a": 1, "same": -1}})
    lonely = build_table({"a": 0, "b": 0, "all": 0}, {"margin": {"all": 1, "a": -1, "b": -1}},
                         ceilings={"a": 0, "b": 0})  # fmt: skip
    assert suppress_secondary(made.protect(["a"], width=5)).table.hidden.all()
    with pytest.raises(InfeasibleProtectionError, match="cell 'a' can't be protected"):
        suppress_secondary(lonely.protect(["a"], width=5))


def test_a_program_that_runs_wild_leaves_no_candidate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attacker, "LONGEST", 0.0)
    with pytest.raises(SolverLimitError, match=r"around remedy_granted .* stays blocked"):
        candidate_kit.candidate(
            tmp_path, table=candidate_kit.rows(only=["remedy_granted"]), audit=True, aside=False
        )
    assert not (tmp_path / "ZZ" / candidate_kit.PERIOD).exists()
