"""What can be computed from a candidate's files is found, whatever suppressed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from pipelines.disclosure.protection import protect
from pipelines.disclosure.published import FormatsDiffer
from pipelines.disclosure.report import Finding, audit_folder
from pipelines.registry import Registry
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table, write_folder

Rows = list[dict[str, Any]]
THRESHOLD = 10
BLANK = {"mark": "c", "numerator": None, "denominator": None}


def _naive(rows: Rows) -> Rows:
    """Hides what is below the threshold itself, and nothing for its sake."""
    small = [
        any(0 < count < THRESHOLD for count in (one["numerator"], one["denominator"]))
        for one in rows
    ]
    return [one | (BLANK if hide else {"mark": ""}) for one, hide in zip(rows, small, strict=True)]


def _ours(rows: Rows) -> Rows:
    return protect(table(*rows), _registry(), THRESHOLD).rows.to_pylist()


def _registry() -> Registry:
    known = candidate_kit.registry()
    granted = known.indicators["remedy_granted"]
    ages = ["age_band", "age_group", "sex*age_group", "sex*age_band"]
    aged = granted.model_copy(update={"breakdowns": [*granted.breakdowns, *ages]})
    return known.model_copy(update={"indicators": {**known.indicators, aged.id: aged}})


def _audit(rows: Rows, suppress: Callable[[Rows], Rows], folder: Path) -> Finding:
    return audit_folder(write_folder(suppress(rows), folder), THRESHOLD)


def _pools() -> Rows:
    years = {"2020": 40, "2021": 4, "2022": 60, "2023": 70, "2024": 80}
    rows = [row(n, 200, period=period) for period, n in years.items()]
    for first in (2020, 2021, 2022):
        inside = [years[str(first + more)] for more in range(3)]
        rows.append(row(sum(inside), 600, period=f"{first}-{first + 2}"))
    return rows


def _horizons() -> Rows:
    at = {"indicator_id": "retrafficking_service_recorded", "method": "AJ", "cohort": "2020"}
    return [
        row(40, 200, horizon_months=12, period="2021", **at),
        row(43, 200, horizon_months=24, period="2022", **at),
    ]


def _categories() -> Rows:
    parts = {"civil": (5, 30), "criminal": (50, 100), "labour": (30, 70), "state_fund": (60, 120)}
    return [
        row(145, 320),
        *(row(n, d, breakdown="channel", category=name) for name, (n, d) in parts.items()),
    ]


def _survey() -> Rows:
    return [one | {"method": "W", "estimate": 0.41} for one in _categories()]


def _sums_of_people() -> Rows:
    """Persons shared by workers met: the members are inspections, the sums are people."""
    parts = {"civil": (5, 300), "criminal": (50, 800), "labour": (30, 700), "state_fund": (60, 900)}
    at = {"method": "R", "unit": "per_100_workers", "units": 60}
    return [
        row(145, 2700, **at | {"units": 240}),
        *(row(n, d, breakdown="channel", category=name, **at) for name, (n, d) in parts.items()),
    ]


def _money() -> Rows:
    """Three claims of the civil channel, and one claim that is nearly all of the labour channel."""
    at = {"indicator_id": "remedy_paid", "method": "R", "breakdown": "channel"}
    parts = {
        "civil": row(450, 900, category="civil", **at | {"units": 3}),
        "criminal": row(7250, 9100, category="criminal", **at | {"units": 50}),
        "labour": row(88000, 99000, category="labour", **at | {"units": 30, "flag": "c"}),
        "state_fund": row(4900, 8600, category="state_fund", **at | {"units": 40}),
    }
    return [
        row(100600, 117600, indicator_id="remedy_paid", method="R", units=123),
        *parts.values(),
    ]


def _crossed() -> Rows:
    """Two of the twelve groups are small; the groups of each dimension, all large, tell them."""
    groups = {
        ("civil", "female"): (4, 60), ("civil", "male"): (40, 90), ("civil", "unknown"): (30, 50),
        ("labour", "female"): (33, 80), ("labour", "male"): (3, 70),
        ("labour", "unknown"): (25, 45),
        ("criminal", "female"): (44, 99), ("criminal", "male"): (36, 64),
        ("criminal", "unknown"): (12, 40),
        ("state_fund", "female"): (28, 77), ("state_fund", "male"): (31, 52),
        ("state_fund", "unknown"): (22, 61),
    }  # fmt: skip
    rows = [row(*_sum(groups.values()))]
    for place, breakdown in enumerate(("channel", "sex")):
        for name in dict.fromkeys(group[place] for group in groups):
            within = [counts for group, counts in groups.items() if group[place] == name]
            rows.append(row(*_sum(within), breakdown=breakdown, category=name))
    return rows + [
        row(*counts, breakdown="channel*sex", category="*".join(group))
        for group, counts in groups.items()
    ]


_AGES = {
    ("female", "0-8"): (3, 31), ("female", "9-17"): (40, 90), ("female", "18-24"): (60, 130),
    ("female", "25-34"): (41, 101), ("female", "unknown"): (6, 25),
    ("male", "0-8"): (5, 28), ("male", "9-17"): (22, 71), ("male", "18-24"): (35, 88),
    ("male", "25-34"): (27, 64), ("male", "unknown"): (14, 33),
}  # fmt: skip


def _ages(*, crossed: bool) -> Rows:
    """Age bands with child and adult, of all or of each sex; the youngest are few."""
    lines: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for (sex, band), counts in _AGES.items():
        group = "child" if band in ("0-8", "9-17") else "adult_or_unknown"
        lines["age_band", band].append(counts)
        lines["age_group", group].append(counts)
        lines["sex", sex].append(counts)
        lines["sex*age_band", f"{sex}*{band}"].append(counts)
        lines["sex*age_group", f"{sex}*{group}"].append(counts)
    return [row(*_sum(_AGES.values()))] + [
        row(*_sum(counts), breakdown=breakdown, category=category)
        for (breakdown, category), counts in lines.items()
        if crossed or "sex" not in breakdown
    ]


def _sum(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    few, all_of_them = zip(*counts, strict=True)
    return sum(few), sum(all_of_them)


_LINKED = [
    _pools(),
    _horizons(),
    _categories(),
    _survey(),
    _sums_of_people(),
    _crossed(),
    _ages(crossed=True),
]


@pytest.mark.parametrize("rows", _LINKED)
def test_subtraction_breaks_threshold_suppression(rows: Rows, tmp_path: Path) -> None:
    naive = _audit(rows, _naive, tmp_path)
    assert naive.known_to_be_small
    assert naive.smallest_interval == 0


@pytest.mark.parametrize("rows", _LINKED)
def test_what_ours_hides_is_not_exposed(rows: Rows, tmp_path: Path) -> None:
    found = _audit(rows, _ours, tmp_path)
    assert found.passed
    assert found.published.shown > 0


def test_an_amount_alone_in_its_sum_is_found_and_ours_is_not_alone(tmp_path: Path) -> None:
    def only_few(rows: Rows) -> Rows:
        return [one | (BLANK if one["units"] < THRESHOLD else {"mark": ""}) for one in rows]

    naive = _audit(_money(), only_few, tmp_path / "naive")
    assert (naive.amounts_audited, naive.exposed_amounts, naive.passed) == (2, 2, False)
    ours = _audit(_money(), _ours, tmp_path / "ours")
    assert (ours.amounts_audited, ours.exposed_amounts, ours.passed) == (4, 0, True)


def test_to_know_an_amount_of_many_is_no_finding(tmp_path: Path) -> None:
    shown = [one | (BLANK if one["category"] == "state_fund" else {"mark": ""}) for one in _money()]
    folder = write_folder(shown, tmp_path)
    assert audit_folder(folder, THRESHOLD).exposed_amounts == 2
    found = audit_folder(folder, THRESHOLD, counted=table(*_money()))
    assert (found.amounts_audited, found.exposed_amounts) == (0, 0)


def test_a_difference_beside_a_hidden_group_is_found_and_ours_hides_both(tmp_path: Path) -> None:
    at = {"period": "2024"}
    rows = [
        row(40, 100, measure="citizen", **at),
        row(4, 60, measure="irregular", **at),
        row(None, None, unknown=None, units=160, method="D", **at),
    ]
    naive = _audit(rows, lambda rows: [
        one | (BLANK if one["numerator"] == 4
               else {"mark": ""})
        for one in rows
    ], tmp_path / "naive")  # fmt: skip
    assert (naive.exposed, naive.published.telling_differences, naive.passed) == (0, 1, False)
    ours = _audit(rows, _ours, tmp_path / "ours")
    assert (ours.published.telling_differences, ours.passed) == (0, True)


@pytest.mark.parametrize("groups", ["age_group", "sex*age_group"])
def test_child_and_adult_give_a_hidden_age_band_away(groups: str, tmp_path: Path) -> None:
    """Two bands are hidden, so the total does not tell them; each is alone in its age group."""
    rows = _ages(crossed="*" in groups)
    shown = [
        one | (BLANK if hide else {"mark": ""})
        for one in rows
        for hide in [one["category"].endswith(("0-8", "18-24"))]
        if not one["breakdown"].endswith("age_group") or one["breakdown"] == groups
    ]
    without = [one for one in shown if one["breakdown"] != groups]
    assert _audit(shown, lambda rows: rows, tmp_path / "with").smallest_interval == 0
    assert _audit(without, lambda rows: rows, tmp_path / "without").passed


def test_of_two_dimensions_more_than_the_small_groups_is_shown(tmp_path: Path) -> None:
    shown = [one for one in _ours(_crossed()) if not one["mark"]]
    crossed = [one for one in shown if one["breakdown"] == "channel*sex"]
    assert len(shown) - len(crossed) == 8  # the total and all groups of either dimension
    assert len(crossed) >= 6


def test_a_population_printed_by_another_indicator_gives_a_hidden_base_away(tmp_path: Path) -> None:
    sizes = {str(year): 100 + year % 7 for year in range(2015, 2025)} | {"2019": 7}
    rows = [
        row(0 if n < 10 and who == "remedy_granted" else 20, n, period=year, indicator_id=who)
        for year, n in sizes.items()
        for who in ("remedy_granted", "participation_response")
    ]
    hidden = _naive(rows)
    for one in hidden:  # the second indicator shows the base of 2019
        if one["period"] == "2019" and one["indicator_id"] == "participation_response":
            one |= {"mark": "", "numerator": 0, "denominator": 7}
    assert _audit(rows, lambda _: hidden, tmp_path).known_to_be_small


@pytest.mark.parametrize(("bases", "passed"), [((45, 30), True), ((11, 6), False)])
def test_none_of_a_hidden_base_is_exposed_only_where_the_base_is_known_to_be_small(
    bases: tuple[int, int], passed: bool, tmp_path: Path
) -> None:
    shown = {"civil": (50, 100), "criminal": (30, 70)}
    none = {name: (0, base) for name, base in zip(("labour", "state_fund"), bases, strict=True)}
    rows = [row(*_sum([*shown.values(), *none.values()]))] + [
        row(n, d, breakdown="channel", category=name) for name, (n, d) in (shown | none).items()
    ]

    def hide_none(rows: Rows) -> Rows:
        return [one | (BLANK if one["numerator"] == 0 else {"mark": ""}) for one in rows]

    assert _audit(rows, hide_none, tmp_path).passed is passed


def test_two_forms_of_the_table_that_differ_are_refused(tmp_path: Path) -> None:
    folder = write_folder(_ours(_categories()), tmp_path / "one")
    other = write_folder(_ours(_pools()), tmp_path / "other")
    (folder / "indicators.csv").write_bytes((other / "indicators.csv").read_bytes())
    with pytest.raises(FormatsDiffer, match="not alike"):
        audit_folder(folder, THRESHOLD)


def test_an_incidence_that_is_not_available_does_not_say_that_nobody_is(tmp_path: Path) -> None:
    at = {"indicator_id": "retrafficking_service_recorded", "method": "AJ", "cohort": "2020"}
    rows = [
        row(40, 200, horizon_months=12, period="2021", **at),
        row(40, 188, horizon_months=12, period="2021", breakdown="sex", category="female", **at),
        row(0, 12, horizon_months=12, period="2021", breakdown="sex", category="other", **at),
        row(60, 200, horizon_months=24, period="2022", unknown=12, **at),
        row(60, 188, horizon_months=24, period="2022", breakdown="sex", category="female", **at),
        # all twelve were lost from sight before two years: nothing to estimate, but they are there
        row(0, 12, horizon_months=24, period="2022", breakdown="sex", category="other",
            unknown=12, flag="x", **at),
    ]  # fmt: skip
    found = _audit(rows, _ours, tmp_path)
    assert found.passed
    assert not [cell for cell, number in found.published.printed.items() if number == 0]


def test_a_survey_that_is_not_available_does_not_say_that_nobody_answered(tmp_path: Path) -> None:
    at = {"method": "W", "flag": "x", "estimate": None}
    rows = [
        row(30, 60, unknown=12, units=60, **at),
        row(30, 72, units=72, measure="unknown_low", **at),
        row(42, 72, units=72, measure="unknown_high", **at),
    ]
    assert _audit(rows, _ours, tmp_path).published.printed.keys() == {("one",)}


def test_the_report_names_no_cell_and_no_interval(tmp_path: Path) -> None:
    finding = _audit(_pools(), _naive, tmp_path)
    report = finding.report(THRESHOLD, {"primary": 1})
    assert not report["passed"]
    assert all(
        not isinstance(value, list | dict) or name in ("files", "suppression")
        for name, value in report.items()
    )
