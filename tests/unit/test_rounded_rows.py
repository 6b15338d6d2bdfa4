"""Where a country rounds, rows say what their rounded counts say, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.disclosure.earlier import Edition
from pipelines.disclosure.linked_tables import TableError
from pipelines.disclosure.protection import Protected, protect
from pipelines.disclosure.table import Reach
from tests import candidate_kit
from tests.unit.disclosure_rows import row, table

CHANNELS = {"civil": (3, 61), "criminal": (7, 48), "labour": (0, 52), "state_fund": (44, 123)}


def _rounded(*rows: dict[str, Any], **other: Any) -> Protected:
    return protect(table(*rows), candidate_kit.registry(), 10, base=5, **other)


def _decisions(u: int = 0) -> list[dict[str, Any]]:
    parts = [
        row(n, d, unknown=u, breakdown="channel", category=channel)
        for channel, (n, d) in CHANNELS.items()
    ]
    n, d = (sum(pair[i] for pair in CHANNELS.values()) for i in (0, 1))
    return [row(n, d, unknown=u * len(CHANNELS)), *parts]


def _by_category(protected: Protected) -> dict[str, dict[str, Any]]:
    return {one["category"]: one for one in protected.rows.to_pylist()}


def test_small_counts_are_shown_as_multiples_that_add_up() -> None:
    protected = _rounded(*_decisions())
    found = _by_category(protected)
    assert {one["mark"] for one in found.values()} == {""}
    for name in ("numerator", "denominator"):
        assert not any(one[name] % 5 for one in found.values())
        parts = sum(found[channel][name] for channel in CHANNELS)
        assert found[""][name] == parts
    assert protected.reach == Reach(5, 4)
    assert (protected.suppression.primary, protected.suppression.secondary) == (0, 0)
    assert all(one["rounded"] for one in found.values())


def test_a_share_and_its_interval_are_those_of_the_printed_counts() -> None:
    found = _by_category(_rounded(*_decisions()))["state_fund"]
    n, d = float(found["numerator"]), float(found["denominator"])
    assert (n, d) == (45, 125)
    assert found["estimate"] == n / d
    # Wilson's interval of 45 in 125, worked out by hand
    assert found["ci_low"] == pytest.approx(0.281187, abs=1e-6)
    assert found["ci_high"] == pytest.approx(0.447161, abs=1e-6)


def test_bounds_and_the_share_known_are_those_of_the_printed_counts() -> None:
    bounds = [row(62, 120, unknown=23),
              row(62, 143, measure="unknown_low", unknown=0, units=143, ci_low=None, ci_high=None),
              row(85, 143, measure="unknown_high", unknown=0, units=143, ci_low=None, ci_high=None),
              ]  # fmt: skip
    found = {one["measure"]: one for one in _rounded(*bounds).rows.to_pylist()}
    assert [found[name]["numerator"] for name in ("unknown_low", "value", "unknown_high")] == [
        60, 60, 85,
    ]  # fmt: skip
    assert [found[name]["denominator"] for name in ("unknown_low", "value", "unknown_high")] == [
        145, 120, 145,
    ]  # fmt: skip
    assert found["value"]["known_share"] == 120 / 145
    assert found["unknown_high"]["estimate"] == 85 / 145
    assert found["unknown_high"]["ci_low"] is None


def test_a_share_of_fewer_than_the_threshold_is_unreliable_and_nobody_all_along_is_no_answer(
) -> None:  # fmt: skip
    few = row(2, 4, estimate=0.5)
    enough = row(60, 100, period="2024Q3")
    never = row(0, 0, indicator_id="inspection_firewall", units=0, estimate=None, flag="x")
    marks = {
        (one["indicator_id"], one["period"]): one["mark"]
        for one in _rounded(few, enough, never).rows.to_pylist()
    }
    assert marks == {
        ("remedy_granted", "2024Q4"): "u",
        ("remedy_granted", "2024Q3"): "",
        ("inspection_firewall", "2024Q4"): "x",
    }


def _incidence(measure: str, events: int, **other: Any) -> dict[str, Any]:
    return row(events, 118, indicator_id="retrafficking_service_recorded", method="AJ",
               period="2024", cohort="2023", horizon_months=12, measure=measure, unknown=12,
               at_risk=60, **other)  # fmt: skip


def test_an_incidence_moves_with_its_counts_and_stays_within_its_bounds() -> None:
    low = {"units": 118, "ci_low": None, "ci_high": None}
    rows = [_incidence("value", 31, estimate=0.28, ci_low=0.2, ci_high=0.37),
            _incidence("unknown_low", 31, estimate=0.27, **low),
            _incidence("unknown_high", 43, estimate=0.36, **low)]  # fmt: skip
    found = {one["measure"]: one for one in _rounded(*rows).rows.to_pylist()}
    value = found["value"]
    assert (value["numerator"], value["denominator"]) == (30, 120)
    moved = 30 / 120 - 31 / 118
    assert value["estimate"] == pytest.approx(0.28 + moved)
    assert value["ci_low"] == pytest.approx(0.2 + moved)
    assert found["unknown_low"]["estimate"] <= value["estimate"]
    assert found["unknown_high"]["estimate"] >= value["estimate"]
    assert found["unknown_high"]["numerator"] is None
    assert value["known_share"] == pytest.approx(1 - 10 / 120)


def test_money_is_suppressed_as_everywhere() -> None:
    owed = [row(Decimal("310.10"), Decimal("2000.00"), indicator_id="remedy_paid", method="R",
                units=4, unknown=0, breakdown="channel", category="civil"),
            row(Decimal("91000.00"), Decimal("200000.00"), indicator_id="remedy_paid", method="R",
                units=90, unknown=0, breakdown="channel", category="labour")]  # fmt: skip
    found = _by_category(_rounded(*_decisions(), *owed))
    protected = {one["category"]: one for one in _rounded(*owed).rows.to_pylist()}
    assert protected["civil"]["mark"] == "c"
    assert protected["labour"]["numerator"] == Decimal("91000.00")
    assert not any(one["rounded"] for one in protected.values())
    assert found["criminal"]["mark"] == ""


def test_a_difference_between_groups_shows_no_counts() -> None:
    one = row(None, 143, method="D", measure="gap", unit="share_difference")
    rows = _rounded(*_decisions(), one).rows.to_pylist()
    shown = next(r for r in rows if r["method"] == "D" and r["mark"] == "")
    assert (shown["numerator"], shown["denominator"], shown["estimate"]) == (None, None, 0.5)


def test_what_the_council_withholds_can_not_be_summed_up_from_other_multiples() -> None:
    withheld = [{"indicator_id": "remedy_granted", "category": "state_fund"}]
    found = _by_category(_rounded(*_decisions(), withheld=withheld))
    assert found["state_fund"]["mark"] == "h"
    assert found["state_fund"]["numerator"] is None
    assert [one for one in found.values() if one["mark"] == "c"]


def _edition(rounding: Reach | None) -> Edition:
    with duckdb.connect() as connection:
        connection.register("rows", _rounded(*_decisions()).rows)
        rows = connection.sql("select *, '' as caveats from rows").to_arrow_table()
    return Edition("a" * 64, Path(), rows, rounding=rounding)


def test_counts_that_stayed_keep_their_multiples() -> None:
    before = _by_category(_rounded(*_decisions()))
    again = _decisions()
    again[1] |= {"numerator": 40, "denominator": 98, "units": 98}
    again[0] |= {"numerator": 91, "denominator": 321, "units": 321}
    now = _by_category(_rounded(*again, editions=[_edition(Reach(5, 4))]))
    for channel in ("criminal", "labour", "state_fund"):
        for name in ("numerator", "denominator"):
            assert now[channel][name] == before[channel][name]
    assert now["civil"]["numerator"] == 40
    assert not any(one["held"] for one in now.values())


@pytest.mark.parametrize("rounding", [None, Reach(10, 9)])
def test_a_country_keeps_its_method(rounding: Reach | None) -> None:
    with pytest.raises(TableError, match="set rounding in its settings"):
        _rounded(*_decisions(), editions=[_edition(rounding)])
    if rounding:
        with pytest.raises(TableError, match=r"rounded to base 10.*suppressed now"):
            protect(table(*_decisions()), candidate_kit.registry(), 10, (), [_edition(rounding)])
