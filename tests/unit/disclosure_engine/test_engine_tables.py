from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.linked_tables import (
    InfeasibleProtectionError,
    Status,
    TableError,
    build_table,
    components,
    sum_relation,
    table_from_array,
)


def test_an_array_becomes_a_table_with_all_its_margins() -> None:
    table = table_from_array([[1, 2], [3, 4], [5, 6]])
    values = dict(zip(table.ids, table.values, strict=True))
    assert values["total", "total"] == 21
    assert values["1", "total"] == 7
    assert values["total", "1"] == 12
    assert len(table) == 4 * 3
    assert len(table.relations) == 3 + 4  # row sums (with the sum of sums), column sums


def test_a_hierarchy_adds_its_levels_and_no_relation_by_hand() -> None:
    table = table_from_array(
        [1, 2, 4, 8],
        labels=[["a", "b", "c", "d"]],
        hierarchies=[{"a": "north", "b": "north", "c": "south", "d": "south"}],
    )
    values = dict(zip([cell[0] for cell in table.ids], table.values, strict=True))
    assert (values["north"], values["south"], values["total"]) == (3, 12, 15)
    assert len(table.relations) == 3


def test_margins_that_do_not_add_up_name_the_relation_and_the_difference() -> None:
    with pytest.raises(TableError, match=r"relation 'women and men' is off by 1 .*\+1·8 'all'"):
        build_table(
            {"all": 8, "women": 4, "men": 3},
            {"women and men": sum_relation("all", ["women", "men"])},
        )


@pytest.mark.parametrize(
    ("count", "message"),
    [(-1, "cell 'a' is -1, negative"), (1.5, "a count is a whole number"), (float("nan"), "nan")],
)
def test_a_count_that_is_none_is_refused_by_name(count: float, message: str) -> None:
    with pytest.raises(TableError, match=message):
        build_table({"a": count}, {})  # type: ignore[dict-item]  # wrong on purpose


def test_a_relation_over_an_unknown_cell_is_refused() -> None:
    with pytest.raises(TableError, match="relation 'sum' names cell 'b', which has no value"):
        build_table({"a": 1}, {"sum": sum_relation("a", ["b"])})


def test_a_hierarchy_that_runs_in_a_circle_is_refused() -> None:
    with pytest.raises(TableError, match=r"circle|no place"):
        table_from_array([1, 2], [["a", "b"]], [{"a": "x", "x": "y", "y": "x"}])


def test_protection_of_what_everybody_knows_is_infeasible() -> None:
    table = table_from_array([0, 7]).mark([("0",)], Status.STRUCTURAL_ZERO)
    with pytest.raises(InfeasibleProtectionError, match=r"\('0',\).*STRUCTURAL_ZERO"):
        table.protect([("0",)], width=6)
    with pytest.raises(TableError, match="is 7, not a structural zero"):
        table.mark([("1",)], Status.STRUCTURAL_ZERO)
    with pytest.raises(TableError, match="one is > 0"):
        table.protect([("1",)])


def test_published_cells_separate_components() -> None:
    table = build_table(
        {"all": 30, "north": 10, "south": 20, "a": 4, "b": 6, "c": 9, "d": 11},
        {
            "regions": sum_relation("all", ["north", "south"]),
            "north": sum_relation("north", ["a", "b"]),
            "south": sum_relation("south", ["c", "d"]),
        },
    ).mark(["all", "north", "south"], Status.PUBLISHED)
    found = components(table, ~table.known)
    assert [[table.ids[i] for i in part] for part in found] == [["a", "b"], ["c", "d"]]
    assert len(components(table, np.ones(len(table), dtype=np.bool_))) == 1


@given(
    st.lists(
        st.dictionaries(st.integers(0, 7), st.integers(-2, 2).filter(bool), min_size=1, max_size=4),
        min_size=1,
        max_size=12,
    )
)
def test_independent_relations_say_all_that_the_others_do(rows: list[dict[int, int]]) -> None:
    relations = build_table(
        dict.fromkeys(range(8), 0), {str(number): row for number, row in enumerate(rows)}
    ).relations
    dense = np.array([[row.get(cell, 0) for cell in range(8)] for row in rows])
    kept = relations.independent
    assert len(kept) == np.linalg.matrix_rank(dense) == np.linalg.matrix_rank(dense[kept])
    only = relations.only(kept)
    assert only.names == tuple(str(number) for number in kept)
    values = np.arange(8) ** 2
    assert (only.residuals(values) == relations.residuals(values)[kept]).all()


def test_margins_of_a_cube_follow_from_each_other() -> None:
    relations = table_from_array(np.ones((3, 4, 5), dtype=int)).relations
    # every margin is a sum of the cells within: as many relations as there are margins, no more
    assert len(relations) > len(relations.independent) == 4 * 5 * 6 - 3 * 4 * 5
