"""Charts as SVG text: dots, intervals, and gaps where a figure is not shown.

Rules: a hidden figure is a gap with its mark's letter, never a zero. Intervals are always drawn.
Nothing is told by colour alone: shape, dash or width says it too. The same points give the same
bytes, no font or file is fetched, and text stays readable when a chart is 290 px wide.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any, cast

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

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


def unchecked_drawing() -> AbstractContextManager[None]:
    """Skip altair's check of every part against its schema, which takes three quarters of the time.

    Tests draw every kind of chart with the check on.
    """
    return cast("AbstractContextManager[None]", debug_mode(False))


def trend_svg(points: Sequence[Point], scale: Scale, width: int) -> str:
    """Values through time; the line breaks where a figure is not shown."""
    labels = [point.label for point in points]
    step = 1 + len(points) * TICK_WIDTH // width
    axis = alt.Axis(labelAngle=0, values=labels[::-1][::step])
    x = alt.X("label:N", sort=labels, scale=alt.Scale(domain=labels), title=None, axis=axis)
    layers = [
        *_dots_and_intervals("y", points, scale, x),
        alt.Chart()
        .mark_line(color=ACCENT, strokeWidth=1.5, opacity=0.55)
        .encode(x=x, y=alt.Y("estimate:Q")),
        alt.Chart()
        .transform_filter("datum.note != ''")
        .mark_text(color=QUIET, fontSize=13, dy=-7)
        .encode(x=x, y=alt.datum(0), text="note:N"),
    ]
    return _render(layers, points, width=width, height=230)


def dots_svg(
    points: Sequence[Point], scale: Scale, width: int, reference: float | None = None
) -> str:
    """Groups one below the other, a dashed line at the figure for all."""
    y = _rows(points)
    layers = [
        *_reference(reference),
        *_dots_and_intervals("x", points, scale, y),
        _row_notes(y),
    ]
    return _render(layers, points, width=width, height=_rows_height(points))


def bars_svg(points: Sequence[Point], scale: Scale, width: int) -> str:
    """Steps of one way: bars from zero, each with its interval."""
    y = _rows(points)
    bars = (
        alt.Chart().mark_bar(color=PALE, height=18).encode(y=y, x=alt.X("estimate:Q", title=None))
    )
    layers = [bars, *_dots_and_intervals("x", points, scale, y), _row_notes(y)]
    return _render(layers, points, width=width, height=_rows_height(points))


def curve_svg(points: Sequence[Point], scale: Scale, title: str, width: int) -> str:
    """Lines by months since entry, one a series, told apart by colour, shape and dash."""
    names = list(dict.fromkeys(point.series for point in points))
    used = range(len(names))
    months = sorted({point.order for point in points})
    split = "split(datum.label, '\\n')"
    legend = alt.Legend(
        title=None, orient="bottom", columns=1, labelLimit=width, labelExpr=split, rowPadding=6
    )
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=names, range=[SERIES[n % len(SERIES)] for n in used]),
        legend=legend,
    )
    shape = alt.Shape(
        "series:N",
        scale=alt.Scale(domain=names, range=[SHAPES[n % len(SHAPES)] for n in used]),
        legend=legend,
    )
    dash = alt.StrokeDash(
        "series:N",
        scale=alt.Scale(domain=names, range=[DASHES[n % len(DASHES)] for n in used]),
        legend=legend,
    )
    offset = alt.XOffset("series:N", sort=names)
    close = alt.Scale(paddingInner=0.8, paddingOuter=0.4)
    x = alt.X("order:O", sort=months, scale=close, title=title, axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "estimate:Q", title=None, axis=_value_axis(scale), scale=alt.Scale(zero=True, nice=True)
    )
    base = alt.Chart().encode(x=x, color=colour, xOffset=offset)
    layers = [
        base.mark_line(strokeWidth=1.5, opacity=0.7).encode(y=y, strokeDash=dash),
        base.mark_rule(strokeWidth=2).encode(y="low:Q", y2="high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(y=y, shape=shape),
    ]
    return _render(layers, points, width=width, height=230)


def _dots_and_intervals(
    along: str, points: Sequence[Point], scale: Scale, across: alt.X | alt.Y
) -> list[alt.Chart]:
    """Pale bar for the bounds, dark line for the interval, dot for the estimate."""
    other = "x" if along == "y" else "y"
    channel = alt.Y if along == "y" else alt.X

    def place(field: str) -> Any:
        return channel(
            f"{field}:Q", title=None, axis=_value_axis(scale), scale=alt.Scale(zero=True, nice=True)
        )

    layers = []
    if any(point.bound_low is not None for point in points):
        layers.append(
            alt.Chart()
            .mark_rule(color=PALE, strokeWidth=10)
            .encode(**{other: across, along: place("bound_low"), f"{along}2": "bound_high:Q"})
        )
    layers.append(
        alt.Chart()
        .mark_rule(color=ACCENT, strokeWidth=2)
        .encode(**{other: across, along: place("low"), f"{along}2": "high:Q"})
    )
    layers.append(
        alt.Chart()
        .mark_point(filled=True, color=ACCENT, size=64, opacity=1)
        .encode(**{other: across, along: place("estimate")})
    )
    return layers


def _reference(value: float | None) -> list[alt.Chart]:
    if value is None:
        return []
    rule = alt.Chart().mark_rule(color=INK, strokeDash=[4, 3], strokeWidth=1)
    return [rule.encode(x=alt.datum(value))]


def _rows_height(points: Sequence[Point]) -> int:
    """All rows are as high as the label with the most lines needs."""
    lines = max(point.label.count("\n") + 1 for point in points)
    return len(points) * max(ROW_HEIGHT, LINE_HEIGHT * lines + 10)


def _row_notes(y: alt.Y) -> alt.Chart:
    """The letter of a mark at the start of its row."""
    text = alt.Chart().mark_text(color=QUIET, fontSize=13, align="left", dx=4)
    noted = text.transform_filter("datum.note != ''")
    return cast("alt.Chart", noted.encode(y=y, x=alt.datum(0), text="note:N"))


def _value_axis(scale: Scale) -> alt.Axis:
    text = f"format(datum.value * {scale.factor}, ',~r') + {json.dumps(scale.suffix)}"
    return alt.Axis(labelExpr=text, tickCount=TICKS, domain=False, ticks=False, grid=True)


def _rows(points: Sequence[Point]) -> alt.Y:
    labels = [point.label for point in points]
    axis = alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=150, ticks=False)
    return alt.Y("label:N", sort=labels, scale=alt.Scale(domain=labels), title=None, axis=axis)


def _render(layers: list[alt.Chart], points: Sequence[Point], width: int, height: int) -> str:
    chart = (
        alt.layer(*layers, data=alt.InlineData([asdict(point) for point in points]))
        .properties(width=width, height=height)
        .properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure(font=FONT, background="white", padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=13,
            titleFontSize=13,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
            domainColor=QUIET,
            tickColor=QUIET,
        )
        .configure_legend(labelFontSize=13, labelColor=INK, symbolSize=90, symbolOpacity=1)
    )
    spec = json.dumps(chart.to_dict(validate=False), sort_keys=True)
    return str(vl_convert.vegalite_to_svg(spec))
