"""A drawing of nodes in columns, as SVG text: no font, script or file is fetched.

Rule: the same nodes give the same bytes. A layer is told by its outline as well as its colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from dashboards.site.charts import ACCENT, FONT, INK, PALE, QUIET

_BOX = 24
_STEP = 38
_LETTER = 7.2
_PAD = 10
_GAP = 72
_MARGIN = 16
_FILL = {"indicators": ACCENT, "deliveries": PALE}
_DASH = {"staging": "3 2"}


def draw(
    columns: Sequence[Sequence[str]],
    lines: Sequence[tuple[str, str]],
    layers: Mapping[str, str],
) -> tuple[str, int, int]:
    """The SVG of nodes in columns with lines between them, and its width and height in pixels."""
    tallest = max(len(column) for column in columns)
    height = round(2 * _MARGIN + tallest * _STEP)
    left: dict[str, float] = {}
    right: dict[str, float] = {}
    middle: dict[str, float] = {}
    x = float(_MARGIN)
    boxes = []
    for column in columns:
        width = max(len(node) for node in column) * _LETTER + 2 * _PAD
        space = (height - 2 * _MARGIN) / len(column)
        for place, node in enumerate(column):
            middle[node] = _MARGIN + (place + 0.5) * space
            left[node], right[node] = x, x + width
            boxes.append(_box(node, layers[node], x, middle[node], width))
        x += width + _GAP
    total = round(x - _GAP + _MARGIN)
    curves = [_curve(right[a], middle[a], left[b], middle[b]) for a, b in lines]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" '
        f'viewBox="0 0 {total} {height}" font-family="{FONT}" font-size="13">\n'
        f'<rect width="{total}" height="{height}" fill="#ffffff"/>\n'
        f'<g fill="none" stroke="{QUIET}" stroke-width="1" stroke-opacity="0.55">\n'
        + "\n".join(curves)
        + "\n</g>\n"
        + "\n".join(boxes)
        + "\n</svg>\n"
    )
    return svg, total, height


def _box(node: str, layer: str, x: float, y: float, width: float) -> str:
    fill = _FILL.get(layer, "#ffffff")
    ink = "#ffffff" if layer == "indicators" else INK
    dash = f' stroke-dasharray="{_DASH[layer]}"' if layer in _DASH else ""
    return (
        f'<rect x="{x:.1f}" y="{y - _BOX / 2:.1f}" width="{width:.1f}" height="{_BOX}" rx="3" '
        f'fill="{fill}" stroke="{ACCENT}"{dash}/>'
        f'<text x="{x + width / 2:.1f}" y="{y + 4.5:.1f}" text-anchor="middle" '
        f'fill="{ink}">{escape(node)}</text>'
    )


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    bend = (x2 - x1) / 2
    return (
        f'<path d="M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} '
        f'{x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'
    )
