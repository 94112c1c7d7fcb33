"""Symbols: fills, lines and marks in the look of the map page. Sizes and widths are millimetres on paper."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tiles.palette import LIGHT, STATUS_SHAPES
from tiles.qgis.xml import Element, element, expressions, option

_FILE = Path(__file__).parent / "icons.json"
_DOT = "M7.5 3.5a4 4 0 1 1 0 8a4 4 0 1 1 0-8z"
# Shapes of a status in a box of 20 x 20, as frontend/src/map/status.ts draws them.
_SHAPES = {
    "octagon": "M6.3 1h7.4L19 6.3v7.4L13.7 19H6.3L1 13.7V6.3z",
    "diamond": "M10 .8 19.2 10 10 19.2.8 10z",
    "triangle": "M10 1.6 19.2 17.9H.8z",
    "circle": "M10 2.6a7.4 7.4 0 1 1 0 14.8a7.4 7.4 0 1 1 0-14.8z",
    "hollow": "M10 4a6 6 0 1 1 0 12a6 6 0 1 1 0-12zM10 6.4a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2z",
}
_BANG = '<path fill="#fff" d="M8.9 4.6h2.2v6.8H8.9zM8.9 13.2h2.2v2.3H8.9z"/>'


def rgba(colour: str, opacity: float = 1) -> str:
    """`#c81e2b` as QGIS writes it: red, green, blue, alpha from 0 to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"{red},{green},{blue},{round(opacity * 255)}"


def symbol(kind: str, *layers: Element, name: str = "0") -> Element:
    """A symbol of layers, the lowest first. kind: marker, line or fill."""
    return element("symbol", *layers, type=kind, name=name, alpha=1, clip_to_extent=True, force_rhr=False)


def _layer(kind: str, says: Mapping[str, object], by_feature: Mapping[str, str] | None = None) -> Element:
    return element(
        "layer",
        option({name: str(value) for name, value in says.items()}),
        expressions("data_defined_properties", by_feature) if by_feature else None,
        class_=kind,
        enabled=True,
        locked=False,
        pass_=0,
    )


def fill(
    colour: str, opacity: float = 1, edge: str = "", width: float = 0.2, pattern: str = "solid"
) -> Element:
    """A filled area with or without an edge."""
    return _layer(
        "SimpleFill",
        {
            "color": rgba(colour, opacity),
            "style": pattern,
            "outline_color": rgba(edge or colour),
            "outline_style": "solid" if edge else "no",
            "outline_width": width,
            "outline_width_unit": "MM",
            "joinstyle": "round",
        },
    )


def line(
    colour: str,
    width: float,
    *,
    dash: str = "",
    opacity: float = 1,
    flat: bool = False,
    by_feature: Mapping[str, str] | None = None,
) -> Element:
    """A line. dash: lengths of strokes and gaps, `3;2`."""
    return _layer(
        "SimpleLine",
        {
            "line_color": rgba(colour, opacity),
            "line_width": width,
            "line_width_unit": "MM",
            "capstyle": "flat" if flat or dash else "round",
            "joinstyle": "round",
            "use_custom_dash": int(bool(dash)),
            "customdash": dash or "5;2",
            "customdash_unit": "MM",
        },
        by_feature,
    )


def edge_only(colour: str, width: float, dash: str = "") -> Element:
    """The edge of an area, nothing inside."""
    return line(colour, width, dash=dash)


def dot(
    colour: str, size: float, edge: str = "#ffffff", by_feature: Mapping[str, str] | None = None
) -> Element:
    """A round mark."""
    return _layer(
        "SimpleMarker",
        {
            "name": "circle",
            "color": rgba(colour),
            "size": size,
            "size_unit": "MM",
            "outline_color": rgba(edge),
            "outline_style": "solid",
            "outline_width": 0.25,
        },
        by_feature,
    )


def drawing(
    svg: str,
    size: float,
    colour: str = "#000000",
    by_feature: Mapping[str, str] | None = None,
    offset: str = "0,0",
) -> Element:
    """A mark drawn by an SVG that travels inside the project."""
    return _layer(
        "SvgMarker",
        {
            "name": "base64:" + base64.b64encode(svg.encode()).decode(),
            "size": size,
            "size_unit": "MM",
            "color": rgba(colour),
            "outline_color": rgba("#ffffff"),
            "outline_width": 0,
            "offset": offset,
            "offset_unit": "MM",
        },
        by_feature,
    )


def status_svg(status: str) -> str:
    """The mark of a status: a shape in its colour on a light edge; the worst has an exclamation mark."""
    shape, colour = _SHAPES[STATUS_SHAPES[status]], getattr(LIGHT, status)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="-2 -2 24 24">'
        f'<path d="{shape}" fill="#fff" stroke="#fff" stroke-width="3" stroke-linejoin="round"/>'
        f'<path d="{shape}" fill="{colour}" fill-rule="evenodd"/>'
        f"{_BANG if status == 'critical' else ''}</svg>"
    )


def status_mark(status: str, size: float = 4.6, offset: str = "0,0") -> Element:
    """The mark of a status as a layer of a symbol."""
    return drawing(status_svg(status), size, offset=offset)


@cache
def _drawings() -> dict[str, str]:
    found: dict[str, str] = json.loads(_FILE.read_text(encoding="utf-8"))
    return found


def icon_svg(name: str) -> str:
    """The drawing of a class on a light edge, in the colour that the symbol gives it."""
    path = _drawings().get(name, _DOT)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="18" height="18" viewBox="-1.5 -1.5 18 18">'
        f'<path d="{path}" fill="#fff" stroke="#fff" stroke-width="2.2" stroke-linejoin="round"/>'
        f'<path d="{path}" fill="param(fill) #3a4d61"/></svg>'
    )
