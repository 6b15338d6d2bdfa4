"""A country that rounds: its candidate, the one after, and what is told to who keeps both."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dashboards.site.builder import build_site
from pipelines.disclosure.earlier import Edition, read_edition
from pipelines.disclosure.report import Finding, audit_folder
from pipelines.disclosure.rounded import ROUNDED
from pipelines.disclosure.table import KEY, Reach
from pipelines.release.candidate import DISCLOSURE
from pipelines.release.forms_check import strange_files
from pipelines.release.manifest import MANIFEST, file_entry
from tests import candidate_kit

BASE = 5
COUNTRY = candidate_kit.COUNTRY.model_copy(update={"rounding": BASE})
INDICATORS = ["remedy_granted", "remedy_paid", "retrafficking_service_recorded"]
Line = dict[str, str]


def _counted(late: int) -> pa.Table:
    """Three indicators by two breakdowns; ``late`` as in the kit."""
    rows = candidate_kit.rows(late=late, only=INDICATORS)
    return rows.filter(pc.is_in(rows["breakdown"], pa.array(["total", "channel", "sex"])))


def _build(out: Path, late: int, period: str, earlier: Sequence[Edition]) -> Path:
    return candidate_kit.candidate(
        out, period, table=_counted(late), audit=True, earlier=earlier, aside=False, country=COUNTRY
    )


def _reach(folder: Path) -> Reach:
    return Reach(**json.loads((folder / "status.json").read_bytes())["rounding"])


def _edition(folder: Path) -> Edition:
    return read_edition(folder, file_entry(folder / MANIFEST)["sha256"], rounding=_reach(folder))


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the third quarter."""
    return _build(tmp_path_factory.mktemp("first"), 0, "2024Q3", [])


@pytest.fixture(scope="module")
def second(first: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next quarter, after a few people more became known."""
    return _build(tmp_path_factory.mktemp("second"), 1, "2024Q4", [_edition(first)])


def _lines(folder: Path) -> list[Line]:
    with (folder / "indicators.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of_people(folder: Path) -> list[Line]:
    return [line for line in _lines(folder) if line["method"] in ("P", "AJ") and not line["mark"]]


def _key(line: Line) -> tuple[str, ...]:
    return tuple(line[name] for name in KEY if name != "country")


def test_every_count_of_people_is_a_multiple_near_the_truth(first: Path) -> None:
    true = {
        _key({name: str(value) if value is not None else "" for name, value in one.items()}): one
        for one in _counted(0).to_pylist()
    }
    reach, lines = _reach(first).reach, _of_people(first)
    assert len(lines) > 300
    small = 0
    for line in lines:
        counted = true[_key(line)]
        for name in ("numerator", "denominator"):
            if line[name] and line["measure"] == "value":
                assert int(line[name]) % BASE == 0
                assert abs(int(line[name]) - counted[name]) <= reach
                small += 0 < counted[name] < COUNTRY.threshold
        assert ROUNDED in line["caveats"].split(";")
    assert small > 20, "counts under the threshold are shown, rounded"


def test_categories_add_up_to_their_total(first: Path) -> None:
    total, parts = {}, defaultdict(list)
    for line in _of_people(first):
        if line["measure"] == "value":
            place = (line["indicator_id"], line["period"], line["cohort"], line["horizon_months"])
            if line["breakdown"] == "total":
                total[place] = int(line["denominator"])
            else:
                parts[(*place, line["breakdown"])].append(int(line["denominator"]))
    whole = {place: numbers for place, numbers in parts.items() if len(numbers) == 4}
    assert len(whole) > 20
    for (*place, _), numbers in whole.items():
        assert sum(numbers) == total[tuple(place)]


def test_money_is_still_suppressed_and_every_form_says_the_same(first: Path) -> None:
    money = [line for line in _lines(first) if line["method"] == "R"]
    assert {line["mark"] for line in money} >= {"", "c"}
    assert not any(ROUNDED in line["caveats"] for line in money)
    assert strange_files(first) == []


def test_the_report_says_how_far_counts_moved_and_the_audit_passes(first: Path) -> None:
    report = json.loads((first / DISCLOSURE).read_bytes())
    assert report["passed"]
    assert report["rounding"]["required_interval"] == BASE - 1
    assert report["rounding"]["mean_distance"] < 2
    assert report["rounding"]["gap"] < 0.05
    assert report["hidden_counts_audited"] > report["rounding"]["counts"]


def _audit(folder: Path, first: Path) -> Finding:
    return audit_folder(
        folder, COUNTRY.threshold, [first], counted=_counted(1), rounding=asdict(_reach(folder))
    )


def test_who_keeps_both_releases_learns_of_nobody(
    first: Path, second: Path, tmp_path: Path
) -> None:
    found = _audit(second, first)
    assert (found.exposed, found.exposed_changes, found.earlier) == (0, 0, 1)
    assert not [line for line in _of_people(second) if "held" in line["caveats"]]
    forgetful = _build(tmp_path, 1, "2024Q4", [])
    assert _reach(forgetful).reach < BASE, "else it has more room than the example needs"
    assert _audit(forgetful, first).exposed > 5


def test_the_same_inputs_give_the_same_bytes(first: Path, second: Path, tmp_path: Path) -> None:
    again = _build(tmp_path, 1, "2024Q4", [_edition(first)])
    assert (again / MANIFEST).read_bytes() == (second / MANIFEST).read_bytes()


def test_pages_say_that_counts_are_rounded_in_each_language(first: Path, tmp_path: Path) -> None:
    build_site([first], tmp_path)
    words = {"": "multiples of 5", "es": "múltiplos de 5", "fr": "multiples de 5"}
    for language, said in (words | {"ar": "مضاعفات 5"}).items():
        assert said in (tmp_path / language / "methods.html").read_text(encoding="utf-8")
        page = (tmp_path / language / "indicators" / "remedy-granted.html").read_text("utf-8")
        assert page.count(said) == 1, "beside the figure"
    assert "Counts are rounded so that" in (
        tmp_path / "indicators" / "remedy-granted.html"
    ).read_text("utf-8")
