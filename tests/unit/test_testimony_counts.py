"""Counts of themes: what may be printed, alone and beside what was printed before."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.earlier import HELD
from pipelines.testimony.codebook import load_codebook
from pipelines.testimony.counts import Row, publish, quotable
from pipelines.testimony.gather import COUNTS, Quotation

T = 10


def one(comments: int, coded: int, *earlier: Row) -> Row:
    row = {"period": "2024", "theme": "waiting", "comments": comments, "coded": coded}
    table = pa.Table.from_pylist([row], COUNTS)
    return publish(table, T, [[before] for before in earlier])[0]


@pytest.mark.parametrize(
    ("comments", "coded", "shown", "total"),
    [
        (0, 9, None, None),  # fewer than ten were coded: the year says nothing
        (9, 9, None, None),
        (0, 10, 0, 10),
        (10, 10, 10, 10),
        (9, 30, None, 30),
        (10, 30, 10, 30),
        (20, 30, 20, 30),
        (21, 30, None, 30),  # nine without the theme
        (29, 30, None, 30),
        (30, 30, 30, 30),
    ],
)
def test_edges_of_the_threshold(
    comments: int, coded: int, shown: int | None, total: int | None
) -> None:
    row = one(comments, coded)
    assert (row.comments, row.coded) == (shown, total)
    assert row.mark == ("" if shown is not None else "c")


@pytest.mark.parametrize(
    ("now", "before", "held"),
    [
        ((25, 60), (20, 50), True),  # five more with the theme, five without
        ((30, 60), (20, 50), False),  # ten more with it, none without
        ((32, 62), (20, 50), False),
        ((31, 65), (20, 50), True),  # eleven with, but four without
        ((20, 55), (20, 50), True),
        ((10, 40), (20, 50), False),  # ten were taken back
        ((20, 50), (20, 50), False),
    ],
)
def test_a_small_change_since_the_last_release_is_not_printed(
    now: tuple[int, int], before: tuple[int, int], held: bool
) -> None:
    row = one(*now, Row("2024", "waiting", *before))
    assert (row.comments, row.coded) == (before if held else now)
    assert row.caveats == (HELD if held else "")


def test_what_stood_hidden_stays_hidden_until_the_change_is_large_whatever_it_was() -> None:
    before = Row("2024", "waiting", None, 30)
    assert one(18, 60, before).comments is None, "it may have been nine: nine more"
    assert one(19, 60, before).comments == 19, "ten more at least"


def test_a_year_of_few_comments_comes_to_light_only_with_many_more() -> None:
    before = Row("2024", "waiting", None, None)
    assert one(0, 18, before).coded is None
    assert one(19, 19 + 19, before) == Row("2024", "waiting", 19, 38)


@given(
    st.lists(
        st.integers(0, 80).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
        min_size=1,
        max_size=6,
    )
)
def test_no_release_and_no_two_releases_print_a_small_count(true: list[tuple[int, int]]) -> None:
    printed: list[Row] = []
    for comments, coded in true:
        printed.append(one(comments, coded, *printed))
    for at, row in enumerate(printed):
        assert row.coded is None or not 0 < row.coded < T
        if row.comments is None or row.coded is None:
            continue
        assert not 0 < row.comments < T
        assert not 0 < row.coded - row.comments < T
        for other in printed[:at]:
            if other.comments is not None and other.coded is not None:
                rests = row.coded - row.comments, other.coded - other.comments
                assert not 0 < abs(row.comments - other.comments) < T
                assert not 0 < abs(rests[0] - rests[1]) < T
                assert not 0 < abs(row.coded - other.coded) < T


def _year(**comments: int) -> dict[str, int | None]:
    rows = [
        {"period": "2024", "theme": theme, "comments": number, "coded": 57}
        for theme, number in comments.items()
    ]
    table = pa.Table.from_pylist(rows, COUNTS)
    return {row.theme: row.comments for row in publish(table, T)}


def test_no_theme_of_a_year_is_hidden_alone() -> None:
    assert _year(a=5, b=22, c=15, d=0) == {"a": None, "b": 22, "c": None, "d": 0}
    assert _year(a=5, b=7, c=15) == {"a": None, "b": None, "c": 15}
    assert _year(a=12, b=22, c=15) == {"a": 12, "b": 22, "c": 15}
    assert _year(a=5, b=0) == {"a": None, "b": None}


def year(rows: list[tuple[str, int, int]], *earlier: list[Row]) -> list[Row]:
    names = ("period", "theme", "comments", "coded")
    table = pa.Table.from_pylist(
        [dict(zip(names, ("2024", *row), strict=True)) for row in rows], COUNTS
    )
    return publish(table, T, earlier)


def test_a_theme_held_at_an_old_total_does_not_stand_beside_one_a_little_larger() -> None:
    first = year([("a", 20, 30), ("b", 20, 30)])
    second = year([("a", 25, 45), ("b", 35, 45)], first)
    third = year([("a", 30, 50), ("b", 38, 50)], first, second)
    assert [row.coded for row in second] == [30, 45]
    assert [row.coded for row in third] == [30, 45], "50 would tell of five comments"


def test_a_theme_that_is_new_does_not_tell_the_total_that_others_hold() -> None:
    first = year([("a", 20, 30)])
    old, new = year([("a", 20, 33), ("n", 0, 33)], first)
    assert (old.coded, new.comments, new.coded) == (30, None, None)


@given(
    st.lists(
        st.integers(0, 80).flatmap(
            lambda n: st.tuples(st.just(n), *[st.none() | st.integers(0, n)] * 3)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_no_two_totals_of_a_year_are_a_little_apart(true: list[tuple[int | None, ...]]) -> None:
    printed: list[list[Row]] = []
    for coded, *counts in true:
        rows = [
            (theme, n, coded or 0) for theme, n in zip("abc", counts, strict=True) if n is not None
        ]
        printed.append(year(rows, *printed))
    totals = {row.coded for rows in printed for row in rows if row.coded is not None}
    assert not any(0 < abs(one - other) < T for one in totals for other in totals)


def test_words_stand_only_beside_a_printed_count_that_is_not_zero() -> None:
    words = [Quotation(f"ZZ-{n}", "2024", theme, "en", "So.") for n, theme in enumerate("abc")]
    rows = [Row("2024", "a", 10, 30), Row("2024", "b", None, 30), Row("2024", "c", 0, 30)]
    assert [one.theme for one in quotable(words, rows)] == ["a"]


def test_every_theme_names_indicators_that_exist() -> None:
    from pipelines.registry import load_registry

    known = load_registry().indicators
    for theme in load_codebook().values():
        assert set(theme.indicators) <= set(known)
