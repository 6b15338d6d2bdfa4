"""Whoever kept the releases before this one learns no more about a few people than before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipelines.disclosure.earlier import HELD, Edition, read_edition
from pipelines.disclosure.report import Finding, audit_folder
from pipelines.release.candidate import DISCLOSURE
from pipelines.release.lock import LOCK
from pipelines.release.manifest import MANIFEST, file_entry
from pipelines.release.reading import Figure, read_candidate
from tests import candidate_kit

THRESHOLD = candidate_kit.COUNTRY.threshold


def _counted(late: int) -> pa.Table:
    """One indicator by two of its breakdowns, in which some counts move far."""
    rows = candidate_kit.rows(late=late, only=["remedy_granted"])
    return rows.filter(pc.is_in(rows["breakdown"], pa.array(["total", "sex", "form"])))


def _build(out: Path, late: int, period: str, earlier: Sequence[Edition]) -> Path:
    return candidate_kit.candidate(
        out, period, table=_counted(late), audit=True, earlier=earlier, aside=False
    )


def _edition(folder: Path) -> Edition:
    return read_edition(folder, file_entry(folder / MANIFEST)["sha256"])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the third quarter."""
    return _build(tmp_path_factory.mktemp("first"), 0, "2024Q3", [])


@pytest.fixture(scope="module", params=["2024Q3", "2024Q4"])
def second(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same quarter again, or the next, after a few people more became known."""
    first = request.getfixturevalue("first")
    return _build(tmp_path_factory.mktemp("second"), 1, request.param, [_edition(first)])


def _audit(folder: Path, first: Path) -> Finding:
    return audit_folder(folder, THRESHOLD, [first], counted=_counted(1))


def test_differences_tell_of_a_few_where_each_release_is_protected_by_itself(
    first: Path, tmp_path: Path
) -> None:
    naive = _build(tmp_path, 1, "2024Q4", [])
    assert audit_folder(naive, THRESHOLD).passed
    assert _audit(naive, first).exposed_changes > 20


def test_none_does_where_a_release_knows_the_one_before(first: Path, second: Path) -> None:
    found = _audit(second, first)
    assert (found.exposed, found.exposed_changes, found.earlier) == (0, 0, 1)
    report = json.loads((second / DISCLOSURE).read_bytes())
    assert report["passed"]
    assert report["earlier_releases_audited"] == 1


def _by_key(folder: Path) -> dict[tuple[object, ...], Figure]:
    return {
        (one.indicator_id, one.period, one.measure, one.breakdown, one.category): one
        for one in read_candidate(folder).figures
    }


def test_what_waits_is_repeated_and_says_so_what_moved_far_is_new(
    first: Path, second: Path
) -> None:
    before, now = _by_key(first), _by_key(second)
    held = {key for key, one in now.items() if HELD in one.caveats}
    assert held
    for key in held:
        then = before[key]
        assert (now[key].numerator, now[key].denominator, now[key].estimate, now[key].mark) == (
            then.numerator, then.denominator, then.estimate, "",
        )  # fmt: skip
    new = [key for key in before.keys() & now.keys() - held
           if now[key].numerator != before[key].numerator and not now[key].mark]  # fmt: skip
    assert new
    assert HELD in read_candidate(second).caveats
    assert not [key for key in before.keys() & now.keys()
                if before[key].mark == "c" and not now[key].mark]  # fmt: skip


def test_the_lock_names_the_release_and_the_same_inputs_give_the_same_bytes(
    first: Path, second: Path, tmp_path: Path
) -> None:
    edition = _edition(first)
    assert json.loads((second / LOCK).read_bytes())["earlier_releases"] == [edition.manifest]
    again = _build(tmp_path, 1, second.name, [edition])
    assert (again / MANIFEST).read_bytes() == (second / MANIFEST).read_bytes()
