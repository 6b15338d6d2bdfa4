"""The linked table of a candidate's rows holds every relation an attacker could use, unlisted."""

from __future__ import annotations

from typing import Any

from pipelines.disclosure.linked_tables import Table, build_table, sum_relation
from pipelines.disclosure.model import build_model
from pipelines.disclosure.primary import suppress_primary
from pipelines.disclosure.solver import suppress_secondary
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table


def _model(*rows: dict[str, Any]) -> Table:
    return build_model(suppress_primary(table(*rows), 10), candidate_kit.registry(), 10, 5)


def _open(protected: Table) -> set[object]:
    return {
        cell for cell, hidden in zip(protected.ids, protected.hidden, strict=True) if not hidden
    }


def test_two_cells_of_one_row_are_hidden_together() -> None:
    values = {"total": 100, "a": 4, "b": 30, "c": 66, "b's twin": 500, "rest": 500, "all": 1000}
    relations = {
        "parts": sum_relation("total", ["a", "b", "c"]),
        "twins": sum_relation("all", ["b's twin", "rest"]),
    }
    groups = [["b", "b's twin"], ["c"], ["total"], ["all"], ["rest"]]
    made = build_table(values, relations, groups=groups).protect(["a"], width=5)
    kept = _open(suppress_secondary(made).table)
    assert kept == {"total", "b", "b's twin", "rest", "all"}, "b alone would have been cheaper"


def test_counts_of_small_cells_are_protected_and_their_rows_hidden_whole() -> None:
    made = _model(row(4, 100))
    assert _open(made) == {(1, "u")}, "nobody is unknown, and everybody knows it"
    assert [cell for cell, one in zip(made.ids, made.primary, strict=True) if one] == [(1, "n")]


def test_overlapping_pools_add_up_the_years_they_share() -> None:
    years = [row(40 + n, 200, period=str(2020 + n)) for n in range(4)]
    pools = [row(123, 600, period="2020-2022"), row(126, 600, period="2021-2023")]
    names = _model(*years, *pools).relations.names
    assert sum(name.startswith("spans") for name in names) == 2 * len("ncu")


def test_a_small_increment_between_horizons_is_protected() -> None:
    at = {"indicator_id": "retrafficking_service_recorded", "method": "AJ", "cohort": "2020"}
    made = _model(
        row(40, 200, horizon_months=12, period="2021", **at),
        row(43, 200, horizon_months=24, period="2022", **at),
    )
    protected = [cell for cell, one in zip(made.ids, made.primary, strict=True) if one]
    assert [cell[0] for cell in protected if isinstance(cell, tuple)] == ["increment"]


def test_a_population_shared_by_two_indicators_is_found_in_the_rows() -> None:
    sizes = {"2021": 80, "2022": 90, "2023": 110, "2024": 120}
    shared = [
        row(n, size, period=period, indicator_id=indicator)
        for period, size in sizes.items()
        for indicator, n in (("remedy_granted", 30), ("participation_response", 45))
    ]
    names = _model(*shared).relations.names
    assert sum(" is " in name for name in names) == len(sizes)


def test_the_rows_of_a_whole_candidate_add_up() -> None:
    marked = suppress_primary(candidate_kit.rows(), 10, money=candidate_kit.registry().money)
    made = build_model(marked, candidate_kit.registry(), 10, 5)
    assert len(made) > 10_000
    assert made.primary.any()
