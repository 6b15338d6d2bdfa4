"""What a page shows: fixed orders, gaps instead of zeros, the period that can carry the groups."""

from __future__ import annotations

import altair
import pytest

from dashboards.site import charts
from dashboards.site.charts import Point, Scale, bars_svg, curve_svg, dots_svg, trend_svg
from dashboards.site.figure_parts import Parts
from dashboards.site.locale import load_locales
from dashboards.site.selection import Selection
from dashboards.site.tables import table_of
from tests.unit.site_rows import followed, indicator, row

EN, *_ = load_locales()
PER_CENT = Scale(100, "%")
GAP = [Point("2022", 0, 0.4, 0.3, 0.5), Point("2023", 1, None, note="c"), Point("2024", 2, 0.6)]


def test_a_hidden_figure_stays_in_the_trend_as_a_gap() -> None:
    rows = [row(period="2024Q2"), row(period="2024Q3", mark="c"), row(period="2024Q4")]
    trend = Selection(indicator(), rows).trend
    assert [(cell.row.period, cell.shown) for cell in trend] == [
        ("2024Q2", True),
        ("2024Q3", False),
        ("2024Q4", True),
    ]


def test_bounds_are_never_shown_around_a_hidden_figure() -> None:
    bounds = [row("0.3", measure="unknown_low"), row("0.6", measure="unknown_high")]
    (cell,) = Selection(indicator(), [row(mark="c"), *bounds]).trend
    assert (cell.low, cell.high) == (None, None)


def test_groups_stand_in_the_locales_order_whatever_their_values() -> None:
    groups = [
        row(value, breakdown="sex", category=category)
        for category, value in [
            ("unknown", "0.9"),
            ("male", "0.7"),
            ("zz", "0.1"),
            ("female", "0.2"),
        ]
    ]
    found = Selection(indicator(), [row(), *groups]).breakdown("sex", [EN.order("categories.sex")])
    assert found
    assert [cell.row.category for cell in found.cells] == ["female", "male", "zz", "unknown"]


def test_women_men_girls_and_boys_are_called_so() -> None:
    crossed = "sex*age_group"
    groups = ["unknown*child", "male*adult_or_unknown", "female*adult_or_unknown", "female*child"]
    rows = [row(), *(row(breakdown=crossed, category=name) for name in groups)]
    listed = indicator(breakdowns=["sex", "age_band", "age_group", crossed])
    (part,) = Parts(Selection(listed, rows), EN).breakdowns()
    assert part.title == "Women, men, girls and boys"
    assert [label for label, *_ in part.table.rows] == [
        "Girls",
        "Women (or age not known)",
        "Men (or age not known)",
        "Under 18, sex not known",
    ]


def test_groups_are_taken_from_the_shortest_period_that_shows_half_of_them() -> None:
    def groups(period: str, hidden: int) -> list[object]:
        return [
            row(period=period, breakdown="sex", category=name, mark="c" if n < hidden else "")
            for n, name in enumerate(["female", "male", "other"])
        ]

    totals = [row(), row(period="2024"), row(period="2022-2024")]
    rows = [*totals, *groups("2024Q4", 2), *groups("2024", 1), *groups("2022-2024", 0)]
    found = Selection(indicator(), rows).breakdown("sex", [[]])  # type: ignore[arg-type]
    assert found
    assert found.total.row.period == "2024"


def test_a_breakdown_with_nothing_to_show_is_left_out() -> None:
    rows = [row(), row(breakdown="sex", category="female", mark="c")]
    assert Selection(indicator(), rows).breakdown("sex", [[]]) is None


def test_competing_outcomes_stand_on_the_same_curve() -> None:
    entry = followed()
    entry = entry.model_copy(update={"measures": {"value": "Again", "removed": "Removed"}})
    rows = [
        row(period=str(2022 + years), cohort="2022", horizon_months=12 * years, measure=measure)
        for measure in ("value", "removed")
        for years in (1, 2)
    ]
    selection = Selection(entry, rows)
    assert list(selection.curve) == ["value", "removed"]
    assert selection.curve_of_measures
    assert selection.parts == ()


def test_a_funnel_has_steps_and_no_value() -> None:
    measures = {"informed": "Informed", "paid": "Paid", "paid_of_informed": "Paid, of informed"}
    selection = Selection(indicator(measures=measures), [row(measure=each) for each in measures])
    assert selection.main == "informed"
    assert selection.is_steps
    assert [cell.row.measure for cell in selection.parts] == ["informed", "paid"]
    assert [cell.row.measure for cell in selection.of_previous] == ["paid_of_informed"]


def test_parts_beside_one_another_are_no_steps() -> None:
    measures = {"housing": "Housing", "health": "Health"}
    selection = Selection(indicator(measures=measures), [row(measure=each) for each in measures])
    assert not selection.is_steps
    assert [cell.row.measure for cell in selection.parts] == ["housing", "health"]


def test_a_table_shows_a_mark_and_no_number_for_a_hidden_figure() -> None:
    selection = Selection(indicator(), [row(mark="c"), row(period="2024Q3")])
    labelled = [(cell.row.period, cell) for cell in selection.trend]
    table = table_of(EN.text("indicator.trend"), "Period", labelled, EN)
    hidden = " ".join(str(cell) for cell in table.rows[1][1:])
    assert "<b>c</b>" in hidden
    assert not any(digit in hidden for digit in "0123456789")


LINES = [Point("", months, 0.1, 0.05, 0.2, series=name) for name in "ab" for months in (12, 24)]


def test_every_kind_of_chart_repeats_byte_for_byte_and_asks_no_host() -> None:
    for draw in (trend_svg, dots_svg, bars_svg):
        svg = draw(GAP, PER_CENT, 340)
        charts._svg.cache_clear()
        assert svg == draw(GAP, PER_CENT, 340)
        assert ">c</text>" in svg
        assert "http" not in svg.replace("http://www.w3.org/", "")
    assert curve_svg(LINES, PER_CENT, "Months", 340).startswith("<svg")


def test_every_kind_of_chart_fits_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    specs: list[str] = []
    monkeypatch.setattr(charts, "_svg", lambda spec: specs.append(spec) or "")
    for draw in (trend_svg, bars_svg):
        draw(GAP, PER_CENT, 340)
    dots_svg(GAP, PER_CENT, 340, reference=0.4)
    curve_svg(LINES, PER_CENT, "Months", 340)
    for spec in specs:
        altair.LayerChart.from_json(spec, validate=True)
    assert len(specs) == 4


def test_the_line_of_a_trend_breaks_at_a_gap() -> None:
    whole = trend_svg([Point(str(n), n, 0.5) for n in range(3)], PER_CENT, 340)
    assert whole.count("L") > trend_svg(GAP, PER_CENT, 340).count("L")
