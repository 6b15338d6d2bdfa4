"""What a new release owes to earlier ones, on tables of a few rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.disclosure.earlier import HELD, Edition, remember
from pipelines.disclosure.primary import Selection, suppress_primary
from pipelines.disclosure.protection import Protected, protect
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table

THRESHOLD = 10
Rows = list[dict[str, Any]]


def family(**parts: tuple[int, int]) -> Rows:
    """A total and its channels, each (numerator, denominator)."""
    whole = row(sum(n for n, _ in parts.values()), sum(d for _, d in parts.values()))
    return [
        whole,
        *(row(n, d, breakdown="channel", category=name) for name, (n, d) in parts.items()),
    ]


OLD = family(civil=(50, 90), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))


def edition(protected: Protected, taken_down: frozenset[str] = frozenset()) -> Edition:
    with duckdb.connect() as connection:
        connection.register("rows", protected.rows)
        rows = connection.sql(f"select *, if(held, '{HELD}', '') as caveats from rows")
        return Edition("a" * 64, Path(), rows.to_arrow_table(), taken_down)


def release(rows: Rows, *before: Edition, withheld: tuple[Selection, ...] = ()) -> Protected:
    return protect(table(*rows), candidate_kit.registry(), THRESHOLD, withheld, before)


def shown(protected: Protected) -> dict[str, tuple[Any, ...]]:
    """Category → numerator, denominator, mark, held."""
    return {
        one["category"] or "total": (
            *(None if one[name] is None else int(one[name]) for name in FIGURES),
            one["mark"],
            one["held"],
        )
        for one in protected.rows.to_pylist()
    }


FIGURES = ("numerator", "denominator")


def test_a_small_change_waits_and_so_does_the_total_that_would_tell_it() -> None:
    new = family(civil=(52, 93), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    found = shown(release(new, edition(release(OLD))))
    assert found["civil"] == (50, 90, "", True)
    assert found["total"] == (190, 380, "", True)
    assert found["labour"] == (30, 70, "", False)


def test_a_change_that_moves_only_those_without_the_outcome_by_few_waits_too() -> None:
    new = family(civil=(70, 113), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    found = shown(release(new, edition(release(OLD))))  # +20 with, +3 without
    assert found["civil"] == (50, 90, "", True)


def test_large_changes_are_published() -> None:
    new = family(civil=(70, 130), criminal=(50, 100), labour=(30, 70), state_fund=(80, 160))
    found = shown(release(new, edition(release(OLD))))
    assert found["civil"] == (70, 130, "", False)
    assert found["total"] == (230, 460, "", False)


def test_one_large_change_hidden_in_a_total_that_moved_little_is_held_with_it() -> None:
    new = family(civil=(70, 130), criminal=(32, 64), labour=(30, 70), state_fund=(60, 120))
    found = shown(release(new, edition(release(OLD))))  # total: +2 with, +2 without
    assert found["total"] == (190, 380, "", True)
    assert (found["civil"][3], found["criminal"][3]) != (False, False)


def test_what_waits_moves_on_once_it_differs_by_enough_from_all_that_was_printed() -> None:
    first = edition(release(OLD))
    little = family(civil=(52, 93), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    second = edition(release(little, first))
    much = family(civil=(62, 112), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    found = shown(release(much, first, second))
    assert found["civil"] == (62, 112, "", False)
    assert found["total"] == (202, 402, "", False)


def test_what_was_hidden_stays_hidden_however_it_has_grown() -> None:
    small = family(civil=(4, 30), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    first = release(small)
    hidden = {name for name, (*_, mark, _) in shown(first).items() if mark == "c"}
    assert "civil" in hidden
    grown = family(civil=(44, 90), criminal=(90, 180), labour=(70, 150), state_fund=(99, 199))
    found = shown(release(grown, edition(first)))
    assert {name for name, (*_, mark, _) in found.items() if mark == "c"} == hidden


def test_what_stands_as_printed_covers_for_nobody() -> None:
    # "civil" falls under the threshold; its cover must be a row that is not known already
    new = family(civil=(4, 90), criminal=(75, 130), labour=(30, 70), state_fund=(80, 150))
    marked = suppress_primary(table(*new), THRESHOLD)
    memory = remember(marked, [edition(release(OLD))], THRESHOLD)
    categories = dict(zip(marked["cell_id"].to_pylist(), marked["category"].to_pylist(),
                          strict=True))  # fmt: skip
    assert {categories[cell] for cell in memory.known} == {"labour"}
    found = shown(release(new, edition(release(OLD))))
    assert found["labour"] == (30, 70, "", False)
    assert found["civil"] == (50, 90, "", True)
    assert found["criminal"][3] or found["state_fund"][3] or found["total"][3]


def test_what_the_council_withholds_or_took_down_is_not_repeated() -> None:
    new = family(civil=(52, 93), criminal=(50, 100), labour=(30, 70), state_fund=(60, 120))
    first = release(OLD)
    withheld = release(new, edition(first), withheld=({"category": "civil"},))
    assert shown(withheld)["civil"] == (None, None, "h", False)
    down = release(new, edition(first, frozenset({"remedy_granted"})))
    assert shown(down)["civil"] == (None, None, "c", False)


@pytest.mark.parametrize("paid", [1000, 1001])
def test_money_that_changed_waits_whatever_the_change(paid: int) -> None:
    def money(amount: int) -> Rows:
        return [row(amount, 5000, units=40, unknown=0, indicator_id="remedy_paid", method="R")]

    found = shown(release(money(paid), edition(release(money(1000)))))
    assert found["total"] == (1000, 5000, "", paid != 1000)


def test_without_earlier_releases_nothing_is_remembered() -> None:
    marked: pa.Table = suppress_primary(table(*OLD), THRESHOLD)
    assert remember(marked, [], THRESHOLD).bound == frozenset()
