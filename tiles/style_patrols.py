"""Layers of the style that draw what patrols reach and have passed. Hidden until somebody asks for them.

Nothing rests on hue alone: visits differ in lightness, streets in dash and width, gaps are dashed.
"""

from typing import Any

from tiles.palette import Palette

VISITED: dict[str, tuple[str, str]] = {
    "h1": ("1 小时内", "within 1 hour"),
    "h4": ("4 小时内", "within 4 hours"),
    "h8": ("8 小时内", "within 8 hours"),
    "h24": ("24 小时内", "within 24 hours"),
    "older": ("更早", "longer ago"),
    "never": ("从未到访", "never"),
}
STATES: dict[str, tuple[str, str, str]] = {
    "walked": ("已步行巡查", "walked", "done"),
    "driven": ("仅车行经过", "only driven", "notice"),
    "todo": ("待巡查", "not yet", "serious"),
    "no_duty": ("无巡查义务", "no duty", "idle"),
}


def _of(layer_id: str, source: str) -> dict[str, Any]:
    return {"source": source, "source-layer": layer_id, "metadata": {"geogrid:layer": layer_id}}


def _width(thin: float, thick: float) -> list[Any]:
    return ["interpolate", ["exponential", 1.6], ["zoom"], 12, thin, 18, thick]


def patrol_layers(colours: Palette) -> list[dict[str, Any]]:
    """Cells by last visit, streets of this shift, streets that nobody reaches."""
    hidden = {"visibility": "none"}
    shade: list[Any] = ["match", ["get", "visited"]]
    for value, colour in zip(VISITED, colours.visited, strict=True):
        shade += [value, colour]
    line = {"line-cap": "butt", "line-join": "round", **hidden}
    layers: list[dict[str, Any]] = [
        {
            "id": "cell-visits-fill",
            "type": "fill",
            **_of("cell_visits", "patrols"),
            "minzoom": 9,
            "layout": hidden,
            "paint": {
                "fill-antialias": False,
                "fill-color": [*shade, colours.visited[-1]],
                "fill-opacity": ["interpolate", ["linear"], ["zoom"], 9, 0.75, 14, 0.55, 17, 0.35],
            },
        }
    ]
    looks: dict[str, tuple[list[Any], list[float] | None]] = {
        "no_duty": (_width(0.6, 2), [1, 3]),
        "todo": (_width(1.4, 5), [2, 1]),
        "driven": (_width(1.4, 5), [4, 1.5]),
        "walked": (_width(2, 7), None),
    }
    for state, (width, dashes) in looks.items():
        paint: dict[str, Any] = {"line-color": getattr(colours, STATES[state][2]), "line-width": width}
        if dashes:
            paint["line-dasharray"] = dashes
        layers.append(
            {
                "id": f"road-bits-{state.replace('_', '-')}",
                "type": "line",
                **_of("road_bits", "patrols"),
                "minzoom": 14,
                "filter": ["==", ["get", "state"], state],
                "layout": line,
                "paint": paint,
            }
        )
    layers.append(
        {
            "id": "presence-gaps-line",
            "type": "line",
            **_of("presence_gaps", "presence"),
            "minzoom": 12,
            "layout": line,
            "paint": {"line-color": colours.gap, "line-width": _width(1, 6), "line-dasharray": [1.5, 1]},
        }
    )
    return layers
