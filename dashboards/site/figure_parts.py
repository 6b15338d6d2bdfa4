"""A chart with its alternative text and its data table: the parts an indicator page is made of.

Rule: a chart never stands alone. Its alternative text states the finding, its table holds every
figure drawn, and both say where figures are not shown.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from dashboards.site import charts
from dashboards.site.locale import Locale
from dashboards.site.selection import Breakdown, Cell, Selection
from dashboards.site.sentences import measure_label, when
from dashboards.site.tables import Table, table_of
from pipelines.registry import CROSSED

WIDE, NARROW = 680, 340
_LABEL_WIDTH, _CROSSED_WIDTH, _LEGEND_WIDTH = 20, 17, 42


@dataclass(frozen=True)
class Part:
    """One figure of a page; ``svg_narrow`` is for a phone, where it differs from ``svg``."""

    name: str
    title: str
    alt: str
    svg: str
    table: Table
    svg_narrow: str | None = None
    has_bounds: bool = False
    note: Markup | None = None


class Parts:
    """Makes the figures of one indicator in one language."""

    def __init__(self, selection: Selection, locale: Locale) -> None:
        """Figures of ``selection`` with the words of ``locale``."""
        self._selection = selection
        self._locale = locale
        anchor = selection.lead or selection.newest
        self._unit = anchor.row.unit if anchor else "share"
        factor = 100 if self._unit in ("share", "share_difference") else 1
        self._scale = charts.Scale(factor, locale.percent_suffix if self._unit == "share" else "")

    def measure(self, measure: str) -> Markup:
        """The label of a measure."""
        return measure_label(self._selection.indicator, measure, self._locale)

    def trend(self) -> Part | None:
        """The main measure through time."""
        cells, locale = self._selection.trend, self._locale
        if not cells:
            return None
        main = self.measure(self._selection.main)
        horizon = cells[-1].row.horizon_months
        if horizon and self._selection.is_cohort:
            caption = locale.text("indicator.trend_cohort", measure=main, horizon=horizon)
        else:
            caption = locale.text("indicator.trend_flow", measure=main)
        labelled = [
            (locale.short_period(cell.row.cohort or cell.row.period), cell) for cell in cells
        ]
        points = self._points(labelled)
        heading = "cohort" if self._selection.is_cohort else "period"
        return Part(
            name="trend",
            title=locale.plain("indicator.trend"),
            alt=self._trend_alt(labelled),
            svg=charts.trend_svg(points, self._scale, WIDE),
            svg_narrow=charts.trend_svg(points, self._scale, NARROW),
            has_bounds=_has_bounds(points),
            table=table_of(caption, locale.plain(f"table.{heading}"), labelled, locale),
        )

    def curve(self) -> Part | None:
        """By months since entry: measures of one cohort, or cohorts of one measure."""
        lines, locale = self._selection.curve, self._locale
        if not lines:
            return None
        if self._selection.curve_of_measures:
            names = {name: self.measure(name) for name in lines}
            first = next(iter(lines.values()))[0].row
            caption = locale.text("indicator.curve_measures", when=when(first, locale))
        else:
            names = {name: Markup("{}").format(locale.short_period(name)) for name in lines}
            main = self.measure(self._selection.main)
            caption = locale.text("indicator.curve_cohorts", measure=main)
        labelled = [
            (
                locale.text("table.at_months", label=names[name], horizon=cell.row.horizon_months),
                cell,
            )
            for name, cells in lines.items()
            for cell in cells
        ]
        points = [
            self._point(
                "",
                cell.row.horizon_months or 0,
                cell,
                series=self._drawn(names[name], _LEGEND_WIDTH),
            )
            for name, cells in lines.items()
            for cell in cells
        ]
        axis = locale.plain("chart.months_axis")
        return Part(
            name="curve",
            title=locale.plain("indicator.curve"),
            alt=self._list_alt(labelled),
            svg=charts.curve_svg(points, self._scale, axis, WIDE),
            svg_narrow=charts.curve_svg(points, self._scale, axis, NARROW),
            table=table_of(caption, locale.plain("table.measure"), labelled, locale),
        )

    def measures(self) -> Part | None:
        """The measures side by side: steps of a way as bars, parts as dots."""
        kind = "steps" if self._selection.is_steps else "measures"
        return self._side_by_side(self._selection.parts, kind)

    def of_previous(self) -> Part | None:
        """Each step among those who reached the step before."""
        return self._side_by_side(self._selection.of_previous, "of_previous")

    def _side_by_side(self, cells: Sequence[Cell], kind: str) -> Part | None:
        locale = self._locale
        drawn = [cell for cell in cells if cell.row.unit == self._unit]
        if not drawn:
            return None
        labelled = [(self.measure(cell.row.measure), cell) for cell in cells]
        points = self._points([(self.measure(cell.row.measure), cell) for cell in drawn])
        draw = charts.bars_svg if kind == "steps" else charts.dots_svg
        caption = locale.text(f"indicator.{kind}_caption", when=when(cells[0].row, locale))
        return Part(
            name=kind.replace("_", "-"),
            title=locale.plain(f"indicator.{kind}"),
            alt=self._list_alt(labelled),
            svg=draw(points, self._scale, NARROW),
            has_bounds=_has_bounds(points),
            table=table_of(caption, locale.plain("table.measure"), labelled, locale),
        )

    def breakdowns(self) -> Iterator[Part]:
        """One part a breakdown that has at least one group to show."""
        for name in self._selection.indicator.breakdowns:
            orders = [self._locale.order(f"categories.{one}") for one in name.split(CROSSED)]
            if found := self._selection.breakdown(name, orders):
                yield self._breakdown(found)

    def _breakdown(self, found: Breakdown) -> Part:
        locale, total = self._locale, found.total.row
        labelled = [(self._group(found.name, cell.row.category), cell) for cell in found.cells]
        title = self._named("breakdowns", found.name) or self._crossed(
            [locale.label("breakdowns", one) for one in found.name.split(CROSSED)]
        )
        key = "group_when_cohort" if total.horizon_months else "group_when"
        note = locale.text(
            f"indicator.{key}", when=when(total, locale), horizon=total.horizon_months or ""
        )
        width = _CROSSED_WIDTH if CROSSED in found.name else _LABEL_WIDTH
        points = self._points(labelled, width)
        return Part(
            name=f"by-{found.name.replace('_', '-').replace(CROSSED, '-and-')}",
            title=title,
            alt=self._list_alt(labelled),
            svg=charts.dots_svg(points, self._scale, NARROW, _float(total.estimate)),
            table=table_of(
                Markup("{}. {}").format(title, note),
                locale.plain("table.category"),
                labelled,
                locale,
            ),
            note=note,
            has_bounds=_has_bounds(points),
        )

    def _group(self, breakdown: str, category: str) -> str:
        """The name of a group: of two dimensions, a name of its own or the names of both."""
        pairs = zip(breakdown.split(CROSSED), category.split(CROSSED), strict=True)
        return self._named(f"categories.{breakdown}", category) or self._crossed(
            [self._locale.label(f"categories.{one}", code) for one, code in pairs]
        )

    def _named(self, kind: str, code: str) -> str:
        """The name that two dimensions, or a group of both, have of their own; else none."""
        key = f"{kind}.{code}"
        return self._locale.plain(key) if CROSSED in code and self._locale.has(key) else ""

    def _crossed(self, labels: Sequence[str]) -> str:
        one, *others = labels
        return self._locale.plain("indicator.crossed", one=one, other=others[0]) if others else one

    def _points(
        self, labelled: Sequence[tuple[Markup | str, Cell]], width: int = _LABEL_WIDTH
    ) -> list[charts.Point]:
        return [
            self._point(self._drawn(label, width), number, cell)
            for number, (label, cell) in enumerate(labelled)
        ]

    def _drawn(self, label: Markup | str, width: int) -> str:
        """A label as a chart's lines of at most ``width`` characters."""
        lines = textwrap.wrap(_plain(label), width)
        return "\n".join(self._locale.on_a_chart(line) for line in lines)

    def _point(self, label: str, order: int, cell: Cell, series: str = "") -> charts.Point:
        row = cell.row
        return charts.Point(
            label=label,
            order=order,
            estimate=_float(row.estimate),
            low=_float(row.ci_low),
            high=_float(row.ci_high),
            bound_low=_float(cell.low.estimate if cell.low else None),
            bound_high=_float(cell.high.estimate if cell.high else None),
            note=row.mark,
            series=series,
        )

    def _trend_alt(self, labelled: Sequence[tuple[str, Cell]]) -> str:
        """First and last value, the range, and how many gaps."""
        locale = self._locale
        shown = [(label, cell) for label, cell in labelled if cell.shown]
        if not shown:
            return locale.plain("indicator.nothing")
        (first, start), (last, end) = shown[0], shown[-1]
        key = "trend_alt" if len(shown) > 1 else "trend_one_alt"
        said = [
            locale.plain(
                f"chart.{key}",
                count=len(shown),
                first=first,
                first_value=self._value(start.row.estimate),
                last=last,
                last_value=self._value(end.row.estimate),
            )
        ]
        values = [cell.row.estimate for _, cell in shown if cell.row.estimate is not None]
        if len(shown) > 1:
            low, high = self._value(min(values)), self._value(max(values))
            said.append(locale.plain("chart.range_alt", low=low, high=high))
        if gaps := len(labelled) - len(shown):
            said.append(locale.plain("chart.gaps_alt", count=gaps))
        return " ".join(said)

    def _list_alt(self, labelled: Sequence[tuple[Markup | str, Cell]]) -> str:
        """Every group with its value, or that it is not shown."""
        locale = self._locale
        items = [
            locale.plain(
                "chart.item",
                label=_plain(label),
                value=self._value(cell.row.estimate)
                if cell.shown
                else locale.plain("sentence.no_figure"),
            )
            for label, cell in labelled
        ]
        return locale.plain("chart.list_alt", items="; ".join(items))

    def _value(self, value: Decimal | None) -> str:
        return self._locale.amount(value, self._unit) if value is not None else ""


def _has_bounds(points: Sequence[charts.Point]) -> bool:
    return any(point.bound_low is not None for point in points)


def _plain(label: Markup | str) -> str:
    return label.striptags() if isinstance(label, Markup) else label


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
