"""Deliveries judged several at once still come in order, and leave no work folder behind."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import pytest

from pipelines.deliveries.manifest import Peeked
from pipelines.deliveries.staging import AT_ONCE, Staged, ahead

DELIVERIES = [cast(Peeked, number) for number in range(3 * AT_ONCE + 2)]


def _judge(one: Peeked, work: Path) -> Staged:
    (work / "content").write_text("rows")
    time.sleep(0.002 * (hash(one) % 3))  # those behind may be ready first
    return cast(Staged, one)


def test_each_comes_in_its_turn_with_its_own_judgement(tmp_path: Path) -> None:
    with ahead(_judge, DELIVERIES, lambda _: False, tmp_path) as judged:
        found = [(one, waiting and waiting.result()) for one, waiting in judged]
    assert found == [(cast(Any, one), one) for one in DELIVERIES]
    assert not list(tmp_path.iterdir())


def test_what_passes_by_is_not_judged(tmp_path: Path) -> None:
    with ahead(_judge, DELIVERIES, lambda one: one == 1, tmp_path) as judged:
        unjudged = [one for one, waiting in judged if waiting is None]
    assert unjudged == [1]


def test_only_a_few_are_judged_ahead(tmp_path: Path) -> None:
    begun: list[Peeked] = []

    def judge(one: Peeked, work: Path) -> Staged:
        begun.append(one)
        return _judge(one, work)

    with ahead(judge, DELIVERIES, lambda _: False, tmp_path) as judged:
        next(judged)
        assert len(begun) <= AT_ONCE + 1


def _fill_the_disk(root: Path) -> None:
    with ahead(_judge, DELIVERIES, lambda _: False, root) as judged:
        next(judged)
        raise RuntimeError("disk full")


def test_a_run_that_ends_early_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="disk"):
        _fill_the_disk(tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_error_of_the_judge_is_told_in_its_turn(tmp_path: Path) -> None:
    def judge(one: Peeked, work: Path) -> Staged:
        if one == 2:
            raise ValueError("not a delivery")
        return _judge(one, work)

    with ahead(judge, DELIVERIES, lambda _: False, tmp_path) as judged:
        for one, waiting in judged:
            assert waiting is not None
            if one == 2:
                with pytest.raises(ValueError, match="not a delivery"):
                    waiting.result()
            else:
                waiting.result()
    assert not list(tmp_path.iterdir())
