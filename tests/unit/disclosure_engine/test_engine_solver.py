from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pytest
from attack import cheapest_by_enumeration, interval

from pipelines.disclosure import attacker, repair, solver
from pipelines.disclosure.attacker import Work, subproblem
from pipelines.disclosure.linked_tables import (
    InfeasibleProtectionError,
    Status,
    Table,
    build_table,
    sum_relation,
    table_from_array,
)
from pipelines.disclosure.safety import Safety
from pipelines.disclosure.solver import suppress_secondary

WIDTH = 6


def plain_rows(table: Table) -> dict[str, dict[Hashable, int]]:
    relations = table.relations
    return {
        str(r): {
            table.ids[relations.cells[e]]: int(relations.coefficients[e])
            for e in range(relations.starts[r], relations.starts[r + 1])
        }
        for r in range(len(relations))
    }


def printed(table: Table) -> dict[Hashable, int]:
    return {table.ids[i]: int(table.values[i]) for i in np.flatnonzero(~table.hidden)}


def small_table(shape: tuple[int, ...], primaries: int, seed: int) -> Table:
    rng = np.random.default_rng(seed)
    counts = 5 + rng.poisson(rng.gamma(0.8, 25, size=shape))
    where = rng.choice(counts.size, primaries, replace=False)
    counts.flat[where] = rng.integers(1, 5, size=primaries)
    table = table_from_array(counts)
    return table.protect([table.ids[i] for i in np.flatnonzero(table.values < 5)], width=WIDTH)


@pytest.mark.parametrize(
    ("shape", "primaries", "seed"),
    [((r, c), 1 + seed % 3, seed) for seed, (r, c) in enumerate([(3, 3), (4, 4), (5, 5), (6, 6)])]
    + [((4, 3), 3, 5), ((6, 4), 2, 6), ((2, 2, 2), 1, 7), ((3, 2, 2), 2, 8)],
)
def test_the_cost_equals_brute_force(shape: tuple[int, ...], primaries: int, seed: int) -> None:
    table = small_table(shape, primaries, seed)
    result = suppress_secondary(table, work=1e6)
    weights = dict(zip(table.ids, table.weights, strict=True))
    protected = {table.ids[i]: float(WIDTH) for i in np.flatnonzero(table.primary)}
    counts = dict(zip(table.ids, table.values.tolist(), strict=True))
    assert result.proved
    assert result.cost == pytest.approx(
        cheapest_by_enumeration(counts, plain_rows(table), protected, weights)
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 160))
def test_the_cost_equals_brute_force_on_many_tables(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(3, 7, size=2).tolist())
    test_the_cost_equals_brute_force(shape, int(rng.integers(1, 4)), seed)


def test_lower_and_upper_levels_are_kept_each() -> None:
    table = table_from_array([[20, 30, 40], [25, 35, 45], [30, 30, 30]])
    table = table.protect([("0", "0")], lower=5, upper=8)
    solved = suppress_secondary(table).table
    low, high = interval(printed(solved), plain_rows(table), {("0", "0"): 1})
    assert low <= 15
    assert high >= 28


def test_whoever_knows_their_own_cell_learns_nothing_of_another() -> None:
    table = table_from_array([[3, 40, 50], [3, 45, 55], [60, 65, 70]])
    table = table.protect([("0", "0"), ("1", "0")], width=WIDTH)
    alone = suppress_secondary(table, insiders=[[("0", "0")], [("1", "0")]])
    assert alone.proved
    for insider, other in ((("0", "0"), ("1", "0")), (("1", "0"), ("0", "0"))):
        known = printed(alone.table) | {insider: 3}
        low, high = interval(known, plain_rows(table), {other: 1})
        assert high - low >= WIDTH
    assert alone.cost > suppress_secondary(table).cost


def test_components_are_solved_apart_and_untouched_ones_keep_everything() -> None:
    values: dict[Hashable, int] = {}
    rows = {}
    for block in range(3):
        parts = [(block, i) for i in range(3)]
        values |= dict(zip(parts, (2, 9, 30), strict=True)) | {(block, "sum"): 41}
        rows[f"block {block}"] = sum_relation((block, "sum"), parts)
    table = build_table(values, rows).protect([(0, 0), (1, 0)], width=WIDTH)
    result = suppress_secondary(table)
    assert result.components == 2
    assert [cell for cell in printed(result.table) if cell[0] == 2] == [  # type: ignore[index]
        (2, 0),
        (2, 1),
        (2, 2),
        (2, "sum"),
    ]
    assert result.table.status[table.index[0, 1]] == Status.SECONDARY


def test_protection_that_no_choice_gives_names_the_cell_and_its_interval() -> None:
    table = table_from_array([3, 9]).mark([("total",), ("1",)], Status.PUBLISHED)
    with pytest.raises(InfeasibleProtectionError, match=r"\('0',\) can't be .* in \[3, 3\]"):
        suppress_secondary(table.protect([("0",)], width=WIDTH))


def test_too_little_too_wide_is_infeasible_in_a_larger_table() -> None:
    margins = [("total", "0"), ("total", "1"), ("0", "total"), ("1", "total"), ("total", "total")]
    table = table_from_array([[1, 2], [2, 3]]).mark(margins, Status.PUBLISHED)
    with pytest.raises(InfeasibleProtectionError, match=r"in \[0, 3\].*width 6"):
        suppress_secondary(table.protect([("0", "0")], width=WIDTH))


def test_without_time_the_choice_is_safe_and_its_gap_is_stated() -> None:
    table = small_table((8, 6, 5), 9, 1)
    result = suppress_secondary(table, work=0)
    assert result.method == "heuristic"
    assert 0 < result.gap < 1
    assert result.bound < result.cost
    for i in np.flatnonzero(table.primary):
        low, high = interval(printed(result.table), plain_rows(table), {table.ids[i]: 1})
        assert high - low >= WIDTH


def test_the_same_table_gives_the_same_choice() -> None:
    table = small_table((10, 10), 5, 3)
    one, two = suppress_secondary(table), suppress_secondary(table)
    assert (one.table.status == two.table.status).all()


def side_by_side(*tables: Table) -> Table:
    """One table of tables that share no cell."""
    together = build_table(
        {(place, i): int(v) for place, one in enumerate(tables) for i, v in enumerate(one.values)},
        {
            f"{place} {r}": {
                (place, int(i)): int(c)
                for i, c in zip(
                    one.relations.cells[one.relations.rows == r],
                    one.relations.coefficients[one.relations.rows == r],
                    strict=True,
                )
            }
            for place, one in enumerate(tables)
            for r in range(len(one.relations))
        },
    )
    primaries = [
        (place, int(i)) for place, one in enumerate(tables) for i in np.flatnonzero(one.primary)
    ]
    return together.protect(primaries, width=WIDTH)


@pytest.mark.parametrize("work", [40.0, 20_000.0])
def test_the_choice_does_not_depend_on_what_runs_beside_it(
    monkeypatch: pytest.MonkeyPatch, work: float
) -> None:
    table = side_by_side(*(small_table((7, 7 + seed), 6, seed) for seed in range(4)))
    monkeypatch.setattr(solver, "LARGE", 1)
    monkeypatch.setattr(solver, "WORTH_A_PROCESS", 0)
    found = []
    for workers in (1, 2):
        monkeypatch.setattr("os.cpu_count", lambda count=workers: count)
        found.append(suppress_secondary(table, work=work, within_reach=True))
    assert found[0].components == 4
    assert {(one.cost, one.bound, one.rounds, one.cuts) for one in found} == {
        (found[0].cost, found[0].bound, found[0].rounds, found[0].cuts)
    }
    assert all((one.table.status == found[0].table.status).all() for one in found)


def test_what_protection_costs_beyond_its_budget_hides_a_component_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = side_by_side(*(small_table((7, 7 + seed), 6, seed) for seed in range(4)))
    whole = []
    for large in (1, 10_000):
        monkeypatch.setattr(solver, "LARGE", large)
        hidden = suppress_secondary(table, work=60, within_reach=True).table.hidden
        place = np.array([cell[0] for cell in table.ids])  # type: ignore[index]
        whole.append([bool(hidden[place == one].all()) for one in range(4)])
    assert whole[0] == whole[1]
    assert set(whole[0]) == {False, True}


def test_a_component_with_many_targets_and_little_to_print_is_hidden_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = small_table((7, 7), 6, 1)
    assert not suppress_secondary(table, within_reach=True).table.hidden.all()
    monkeypatch.setattr(solver, "CROWDED", 1)
    assert not suppress_secondary(table, within_reach=True).table.hidden.all(), "few targets"
    monkeypatch.setattr(solver, "LARGE", 1)
    found = suppress_secondary(table, within_reach=True)
    assert found.table.hidden.all()
    assert not found.proved
    assert 0 < found.gap < 1


def test_nothing_to_protect_suppresses_nothing() -> None:
    result = suppress_secondary(table_from_array([[9, 8], [7, 6]]))
    assert (result.cost, result.proved, result.components) == (0.0, True, 0)


def test_the_clock_measures_one_program_and_not_all_runs_of_it_together() -> None:
    program = attacker.new_highs()
    attacker.run(program)
    spent = program.getRunTime()
    attacker.run(program)
    assert program.getOptionValue("time_limit")[1] == spent + attacker.LONGEST


@pytest.mark.parametrize("seed", range(6))
def test_targets_that_are_protected_together_are_as_safe_as_one_by_one(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(repair, "MANY", 0)
    monkeypatch.setattr(repair, "PURCHASE", 1e9)
    table = small_table((6, 7), 6, seed)
    result = suppress_secondary(table, work=2000, within_reach=True)
    assert not result.out_of_reach
    for cell in np.flatnonzero(table.primary):
        low, high = interval(printed(result.table), plain_rows(table), {table.ids[cell]: 1})
        assert high - low >= WIDTH


def test_a_span_that_is_reached_only_in_parts_on_both_sides_hides_no_more_than_it_needs() -> None:
    # 20 rises by 6 at most, as its partner falls to 0, and falls by 5, as its difference does.
    values: dict[Hashable, int] = {"target": 20, "partner": 6, "sum": 26, "less": 5, "rest": 15}
    bystanders: dict[Hashable, int] = {f"bystander {i}": 30 + i for i in range(40)}
    values |= bystanders | {"all": 6 + sum(bystanders.values())}
    relations: dict[str, dict[Hashable, int]] = {
        "sum": {"target": 1, "partner": 1, "sum": -1},
        "difference": {"target": 1, "less": -1, "rest": -1},
        "all": {"all": -1, "partner": 1, **dict.fromkeys(bystanders, 1)},
    }
    table = build_table(values, relations).mark(["sum", "rest", "all"], Status.PUBLISHED)
    table = table.protect(["target"], width=10)
    problem = subproblem(table, np.flatnonzero(~table.known))
    chosen = repair.repair(
        problem, problem.fixed, Safety(problem, within_reach=True), Work(0), buying=Work(1e6)
    )
    hidden = {table.ids[i] for i in problem.cells[chosen]}
    assert {"target", "partner", "less"} <= hidden
    assert len(hidden - {"target", "partner", "less"}) == 1
