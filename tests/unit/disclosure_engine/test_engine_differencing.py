from __future__ import annotations

import pytest

from pipelines.disclosure.differencing import CHANGE, link_releases
from pipelines.disclosure.linked_tables import (
    InfeasibleProtectionError,
    Status,
    Table,
    TableError,
    table_from_array,
)
from pipelines.disclosure.solver import suppress_secondary

OLD = table_from_array([[20, 30], [40, 50]])
NEW = table_from_array([[23, 30], [40, 60]])


def test_a_small_change_of_a_printed_number_holds_the_new_one() -> None:
    linked = link_releases([("q1", OLD), ("q2", NEW)], threshold=10, width=6)
    changed = linked.index[CHANGE, "q1", "q2", ("0", "0")]
    assert linked.status[changed] == Status.PRIMARY
    solved = suppress_secondary(linked).table
    hidden = {cell for cell, gone in zip(solved.ids, solved.hidden, strict=True) if gone}
    assert ("q2", ("0", "0")) in hidden
    assert all(cell[0] != "q1" for cell in hidden)  # type: ignore[index]


def test_a_large_change_or_none_is_no_protected_cell() -> None:
    linked = link_releases([("q1", OLD), ("q2", OLD)], threshold=10, width=6)
    assert not linked.primary.any()
    assert suppress_secondary(linked).cost == 0


def test_what_an_earlier_release_withheld_stays_protected() -> None:
    def withheld(table: Table) -> Table:
        return table.protect([("0", "0")], width=6)

    old = suppress_secondary(withheld(table_from_array([[3, 30], [40, 50]]))).table
    new = withheld(table_from_array([[3, 30], [40, 50]]))
    linked = link_releases([("q1", old), ("q2", new)], threshold=5, width=6, largest_change=0)
    solved = suppress_secondary(linked).table
    for cell in old.ids:
        assert solved.hidden[solved.index["q1", cell]] == solved.hidden[solved.index["q2", cell]]


def test_what_was_printed_and_can_not_have_moved_can_not_be_taken_back() -> None:
    new = OLD.protect([("0", "0")], width=6)
    with pytest.raises(InfeasibleProtectionError, match=r"'q2', \('0', '0'\)"):
        suppress_secondary(
            link_releases([("q1", OLD), ("q2", new)], threshold=5, width=6, largest_change=0)
        )


def test_releases_of_one_name_are_refused() -> None:
    with pytest.raises(TableError, match="different names"):
        link_releases([("q1", OLD), ("q1", NEW)], threshold=10, width=6)
