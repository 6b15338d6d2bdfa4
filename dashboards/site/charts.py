"""Charts as SVG text: dots, intervals, and gaps where a figure is not shown.

Rules: a hidden figure is a gap with its mark's letter, never a zero. Intervals are always drawn.
Nothing is told by colour alone: shape, dash or width says it too. The same points give the same
bytes, no font or file is fetched, and text stays readable when a chart is 290 px wide.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import vl_convert

INK = "#1d2a33"
QUIET = "#5b6770"
ACCENT = "#0b4f6c"
PALE = "#bcd3dc"
GRID = "#e3e7ea"
SERIES = (ACCENT, "#b3541e", "#5a3d7c", "#4a5560", "#2f6b3a", "#8a6d00")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3])
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
ROW_HEIGHT = 36
LINE_HEIGHT = 16
TICKS = 4
TICK_WIDTH = 74
Layer = dict[str, Any]
"""A layer of a Vega-Lite chart: mark, encoding and transform."""


@dataclass(frozen=True)
class Point:
    """One dot: its label, its place, and what is known of it (None where not shown)."""

    label: str
    order: int
    estimate: float | None
    low: float | None = None
    high: float | None = None
    bound_low: float | None = None
    bound_high: float | None = None
    note: str = ""
    series: str = ""


@dataclass(frozen=True)
class Scale:
    """How values are written: the factor from value to number (100 for a share) and a suffix."""

    factor: int
    suffix: str


def trend_svg(points: Sequence[Point], scale: Scale, width: int) -> str:
    """Values through time; the line breaks where a figure is not shown."""
    labels = [point.label for point in points]
    step = 1 + len(points) * TICK_WIDTH // width
    x = _nominal(labels) | {"axis": {"labelAngle": 0, "values": labels[::-1][::step]}}
    layers = [
        *_dots_and_intervals("y", points, scale, {"x": x}),
        {
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.5, "opacity": 0.55},
            "encoding": {"x": x, "y": {"field": "estimate", "type": "quantitative"}},
        },
        _notes({"x": x, "y": {"datum": 0}}, dy=-7),
    ]
    return _render(layers, points, width=width, height=230)


def dots_svg(
    points: Sequence[Point], scale: Scale, width: int, reference: float | None = None
) -> str:
    """Groups one below the other, a dashed line at the figure for all."""
    y = _rows(points)
    layers = [
        *_reference(reference),
        *_dots_and_intervals("x", points, scale, {"y": y}),
        _row_notes(y),
    ]
    return _render(layers, points, width=width, height=_rows_height(points))


def bars_svg(points: Sequence[Point], scale: Scale, width: int) -> str:
    """Steps of one way: bars from zero, each with its interval."""
    y = _rows(points)
    bars: Layer = {
        "mark": {"type": "bar", "color": PALE, "height": 18},
        "encoding": {"x": {"field": "estimate", "title": None, "type": "quantitative"}, "y": y},
    }
    layers = [bars, *_dots_and_intervals("x", points, scale, {"y": y}), _row_notes(y)]
    return _render(layers, points, width=width, height=_rows_height(points))


def curve_svg(points: Sequence[Point], scale: Scale, title: str, width: int) -> str:
    """Lines by months since entry, one a series, told apart by colour, shape and dash."""
    names = list(dict.fromkeys(point.series for point in points))
    legend = {
        "title": None,
        "orient": "bottom",
        "columns": 1,
        "labelLimit": width,
        "labelExpr": _SPLIT,
        "rowPadding": 6,
    }

    def told_by(looks: Sequence[Any]) -> dict[str, Any]:
        used = [looks[number % len(looks)] for number in range(len(names))]
        told = {"domain": names, "range": used}
        return {"field": "series", "legend": legend, "scale": told, "type": "nominal"}

    shared = {
        "x": {
            "axis": {"labelAngle": 0},
            "field": "order",
            "scale": {"paddingInner": 0.8, "paddingOuter": 0.4},
            "sort": sorted({point.order for point in points}),
            "title": title,
            "type": "ordinal",
        },
        "color": told_by(SERIES),
        "xOffset": {"field": "series", "sort": names, "type": "nominal"},
    }
    y = _value("estimate", scale)
    low_to_high = {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}}
    layers: list[Layer] = [
        {
            "mark": {"type": "line", "strokeWidth": 1.5, "opacity": 0.7},
            "encoding": shared | {"y": y, "strokeDash": told_by(DASHES)},
        },
        {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": shared | low_to_high},
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": shared | {"y": y, "shape": told_by(SHAPES)},
        },
    ]
    return _render(layers, points, width=width, height=230)


def _dots_and_intervals(
    along: str, points: Sequence[Point], scale: Scale, across: dict[str, Any]
) -> list[Layer]:
    """Pale bar for the bounds, dark line for the interval, dot for the estimate."""

    def span(mark: dict[str, Any], low: str, high: str) -> Layer:
        ends = {along: _value(low, scale), f"{along}2": {"field": high}}
        return {"mark": {"type": "rule"} | mark, "encoding": across | ends}

    layers = []
    if any(point.bound_low is not None for point in points):
        layers.append(span({"color": PALE, "strokeWidth": 10}, "bound_low", "bound_high"))
    layers.append(span({"color": ACCENT, "strokeWidth": 2}, "low", "high"))
    layers.append(
        {
            "mark": {"type": "point", "filled": True, "color": ACCENT, "size": 64, "opacity": 1},
            "encoding": across | {along: _value("estimate", scale)},
        }
    )
    return layers


def _value(field: str, scale: Scale) -> dict[str, Any]:
    """A quantity's place along the axis of values."""
    text = f"format(datum.value * {scale.factor}, ',~r') + {json.dumps(scale.suffix)}"
    axis = {
        "labelExpr": text,
        "tickCount": TICKS,
        "domain": False,
        "ticks": False,
        "grid": True,
    }
    return {
        "axis": axis,
        "field": field,
        "scale": {"zero": True, "nice": True},
        "title": None,
        "type": "quantitative",
    }


def _reference(value: float | None) -> list[Layer]:
    if value is None:
        return []
    mark = {"type": "rule", "color": INK, "strokeDash": [4, 3], "strokeWidth": 1}
    return [{"mark": mark, "encoding": {"x": {"datum": value}}}]


def _rows_height(points: Sequence[Point]) -> int:
    """All rows are as high as the label with the most lines needs."""
    lines = max(point.label.count("\n") + 1 for point in points)
    return len(points) * max(ROW_HEIGHT, LINE_HEIGHT * lines + 10)


def _row_notes(y: dict[str, Any]) -> Layer:
    """The letter of a mark at the start of its row."""
    return _notes({"x": {"datum": 0}, "y": y}, align="left", dx=4)


def _notes(place: dict[str, Any], **look: object) -> Layer:
    return {
        "mark": {"type": "text", "color": QUIET, "fontSize": 13} | look,
        "transform": [{"filter": "datum.note != ''"}],
        "encoding": place | {"text": {"field": "note", "type": "nominal"}},
    }


def _rows(points: Sequence[Point]) -> dict[str, Any]:
    axis = {"labelExpr": _SPLIT, "labelLimit": 150, "ticks": False}
    return _nominal([point.label for point in points]) | {"axis": axis}


def _nominal(labels: list[str]) -> dict[str, Any]:
    return {
        "field": "label",
        "scale": {"domain": labels},
        "sort": labels,
        "title": None,
        "type": "nominal",
    }


def _render(layers: list[Layer], points: Sequence[Point], width: int, height: int) -> str:
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": _CONFIG,
        "data": {"values": [asdict(point) for point in points]},
        "height": height,
        "layer": layers,
        "width": width,
    }
    return _svg(json.dumps(spec, sort_keys=True))


@lru_cache(maxsize=1024)
def _svg(spec: str) -> str:
    """Drawn once where languages write a chart's labels alike."""
    return str(vl_convert.vegalite_to_svg(spec))


_SPLIT = "split(datum.label, '\\n')"
_CONFIG = {
    "axis": {
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": QUIET,
        "tickColor": QUIET,
    },
    "background": "white",
    "font": FONT,
    "legend": {
        "labelFontSize": 13,
        "labelColor": INK,
        "symbolSize": 90,
        "symbolOpacity": 1,
    },
    # Beside the labels there is room for a reader's font that is wider than the one measured with.
    "padding": {"left": 16, "top": 4, "right": 16, "bottom": 4},
    "view": {"stroke": None},
}
