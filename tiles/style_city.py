"""Layers of the style that draw the city's own rows, by zoom as the design says."""

from typing import Any

from tiles.palette import Palette

StyleLayer = dict[str, Any]
FONT = ["Inter Variable", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "sans-serif"]


def _of(layer_id: str, source: str, source_layer: str = "") -> StyleLayer:
    return {
        "source": source,
        "source-layer": source_layer or layer_id,
        "metadata": {"geogrid:layer": layer_id},
    }


def _name(language: str) -> list[Any]:
    own = ["coalesce", ["get", "name"], ["get", "code"]]
    return own if language == "zh" else ["coalesce", ["get", "name_en"], own]


def _by_zoom(*stops: float) -> list[Any]:
    return ["interpolate", ["linear"], ["zoom"], *stops]


def grid_layers(colours: Palette) -> list[StyleLayer]:
    """Fills without antialiasing and edges apart: painted twice, an edge would show through."""
    layers: list[StyleLayer] = [
        {
            "id": "cells-fill",
            "type": "fill",
            **_of("cells", "grid"),
            "minzoom": 9,
            "paint": {
                "fill-antialias": False,
                "fill-color": [
                    "match",
                    ["get", "kind"],
                    "EXCLUSIVE",
                    colours.cell_exclusive,
                    colours.cell_fill,
                ],
                "fill-opacity": _by_zoom(9, 0.6, 14, 0.34, 17, 0.14),
            },
        },
        {
            "id": "cells-edge",
            "type": "line",
            **_of("cells", "grid"),
            "minzoom": 11,
            "layout": {"line-join": "round"},
            "paint": {"line-color": colours.cell_edge, "line-width": _by_zoom(11, 0.3, 14, 1.0, 17, 1.6)},
        },
    ]
    for layer_id, minzoom, width in (("communities", 10, 1.6), ("streets", 8, 2.4), ("districts", 0, 3.2)):
        layers += [
            {
                "id": f"{layer_id}-pick",
                "type": "fill",
                **_of(layer_id, "grid"),
                "minzoom": minzoom,
                "maxzoom": 15,
                "paint": {
                    "fill-antialias": False,
                    "fill-color": colours.cell_fill,
                    "fill-opacity": 0.01 if layer_id != "districts" else _by_zoom(8, 0.5, 10, 0.01),
                },
            },
            {
                "id": f"{layer_id}-edge",
                "type": "line",
                **_of(layer_id, "grid"),
                "minzoom": minzoom,
                "layout": {"line-join": "round"},
                "paint": {
                    "line-color": colours.unit_edge,
                    "line-width": _by_zoom(9, width * 0.4, 14, width),
                    "line-opacity": 0.85,
                },
            },
        ]
    return layers


def grid_name_layers(colours: Palette, language: str) -> list[StyleLayer]:
    """Names of cells and units. They lie over the counts of assets, and a figure makes room for a name."""
    layers: list[StyleLayer] = []
    zooms = {"districts": (6, 11), "streets": (10.5, 13), "communities": (12, 14.5), "cells": (13.5, 24)}
    for layer_id, (low, high) in zooms.items():
        layers.append(
            {
                "id": f"{layer_id}-name",
                "type": "symbol",
                **_of(layer_id, "grid", f"{layer_id}_labels"),
                "minzoom": low,
                "maxzoom": high,
                "layout": {
                    "text-field": _name(language),
                    "text-font": FONT,
                    "text-size": _by_zoom(12, 11, 17, 14) if layer_id == "cells" else 14,
                    "text-max-width": 8,
                    "text-padding": 6,
                },
                "paint": {
                    "text-color": colours.quiet_text if layer_id == "cells" else colours.text,
                    "text-halo-color": colours.halo,
                    "text-halo-width": 1.4,
                },
            }
        )
    return layers


def building_layers(colours: Palette) -> list[StyleLayer]:
    """Footprints; the page raises them to blocks itself when asked."""
    return [
        {
            "id": "buildings-fill",
            "type": "fill",
            **_of("buildings", "ground"),
            "minzoom": 13,
            "paint": {
                "fill-color": colours.building,
                "fill-outline-color": colours.building_edge,
                "fill-opacity": _by_zoom(13, 0.5, 15, 0.95),
            },
        }
    ]


def road_layers(colours: Palette, language: str) -> list[StyleLayer]:
    """Lines with an edge, and names along them."""
    base = ["match", ["get", "rank"], 1, 4.0, 2, 2.8, 3, 2.0, 0.9]
    width = [
        "interpolate", ["exponential", 1.6], ["zoom"], 11, ["*", base, 0.25], 18, ["*", base, 4]
    ]  # fmt: skip
    edge = [
        "interpolate", ["exponential", 1.6], ["zoom"], 11, ["*", base, 0.3], 18, ["+", ["*", base, 4], 2]
    ]  # fmt: skip
    colour = ["match", ["get", "rank"], 1, colours.road_main, 4, colours.road_path, colours.road]
    rounded = {"line-cap": "round", "line-join": "round"}
    common = {"type": "line", **_of("roads", "ground"), "minzoom": 8, "layout": rounded}
    return [
        {
            **common,
            "id": "roads-edge",
            "minzoom": 13,
            "filter": ["<", ["get", "rank"], 4],
            "paint": {"line-color": colours.road_edge, "line-width": edge},
        },
        {**common, "id": "roads-line", "paint": {"line-color": colour, "line-width": width}},
        {
            "id": "roads-name",
            "type": "symbol",
            **_of("roads", "ground"),
            "minzoom": 14.5,
            "filter": ["!=", ["coalesce", ["get", "name"], ""], ""],
            "layout": {
                "symbol-placement": "line",
                "text-field": ["get", "name"],
                "text-font": FONT,
                "text-size": _by_zoom(14, 10.5, 18, 13),
                "symbol-spacing": 320,
            },
            "paint": {
                "text-color": colours.quiet_text,
                "text-halo-color": colours.halo,
                "text-halo-width": 1.3,
            },
        },
    ]


def asset_layers(colours: Palette) -> list[StyleLayer]:
    """Counts far out, dots, then icons near by; trouble carries a mark of its own shape."""
    alone = ["!", ["has", "count"]]
    is_point = ["in", ["geometry-type"], ["literal", ["Point", "MultiPoint"]]]
    is_line = ["in", ["geometry-type"], ["literal", ["LineString", "MultiLineString"]]]
    is_area = ["in", ["geometry-type"], ["literal", ["Polygon", "MultiPolygon"]]]
    colour = ["match", ["get", "state"], "damaged", colours.serious, "missing", colours.critical, "abandoned",
              colours.idle, colours.asset]  # fmt: skip
    layer = _of("assets", "assets")
    return [
        {
            "id": "assets-count",
            "type": "circle",
            **layer,
            "filter": ["has", "count"],
            "paint": {
                "circle-color": colours.count_fill,
                "circle-opacity": 0.8,
                "circle-radius": [
                    "interpolate",
                    ["linear"],
                    ["ln", ["get", "count"]],
                    0,
                    2,
                    3,
                    6.5,
                    7,
                    14,
                    11,
                    22,
                ],
                "circle-stroke-color": colours.count_edge,
                "circle-stroke-width": 0.6,
            },
        },
        {
            "id": "assets-count-figure",
            "type": "symbol",
            **layer,
            "filter": [">", ["coalesce", ["get", "count"], 0], 9],
            "layout": {"text-field": ["to-string", ["get", "count"]], "text-font": FONT, "text-size": 10.5},
            "paint": {"text-color": colours.count_text},
        },
        {
            "id": "assets-area",
            "type": "fill",
            **layer,
            "minzoom": 15,
            "filter": ["all", alone, is_area],
            "paint": {"fill-color": colour, "fill-opacity": 0.22, "fill-outline-color": colours.asset_quiet},
        },
        {
            "id": "assets-line",
            "type": "line",
            **layer,
            "minzoom": 15,
            "filter": ["all", alone, is_line],
            "paint": {"line-color": colour, "line-width": _by_zoom(15, 1, 18, 2.5), "line-opacity": 0.8},
        },
        {
            "id": "assets-dot",
            "type": "circle",
            **layer,
            "minzoom": 15,
            "filter": ["all", alone, is_point],
            "paint": {
                "circle-color": colour,
                "circle-radius": _by_zoom(15, 1.6, 17, 2.6, 20, 3.5),
                "circle-opacity": _by_zoom(15, 0.9, 17, 0.55),
                "circle-stroke-color": colours.halo,
                "circle-stroke-width": 0.6,
            },
        },
        {
            "id": "assets-icon",
            "type": "symbol",
            **layer,
            "minzoom": 16,
            "filter": ["all", alone, ["!=", ["get", "icon"], ""], ["any", is_point, is_area]],
            "layout": {
                "icon-image": ["get", "icon"],
                "icon-size": _by_zoom(16, 0.55, 18, 0.8, 20, 1),
                "icon-allow-overlap": ["step", ["zoom"], False, 18, True],
                "icon-padding": 1,
                "symbol-sort-key": ["match", ["get", "state"], "missing", 0, "damaged", 1, 2],
            },
            "paint": {"icon-color": colour, "icon-halo-color": colours.halo, "icon-halo-width": 1.6},
        },
        {
            "id": "assets-trouble",
            "type": "symbol",
            **layer,
            "minzoom": 15,
            "filter": ["in", ["get", "state"], ["literal", ["damaged", "missing"]]],
            "layout": {
                "icon-image": ["match", ["get", "state"], "missing", "status-critical", "status-serious"],
                "icon-size": 0.6,
                "icon-offset": [12, -12],
                "icon-allow-overlap": True,
            },
        },
    ]


def incident_layers(colours: Palette) -> list[StyleLayer]:
    """A shape and a colour for each status, the worst on top; far out one mark for several."""
    rank = ["match", ["get", "status"], "critical", 5, "serious", 4, "watch", 3, "notice", 2, 1]
    return [
        {
            "id": "incidents-mark",
            "type": "symbol",
            **_of("incidents", "incidents"),
            "layout": {
                "icon-image": ["concat", "status-", ["get", "status"]],
                "icon-allow-overlap": True,
                "icon-ignore-placement": True,
                "icon-size": _by_zoom(11, 0.7, 15, 1, 18, 1.15),
                "symbol-sort-key": rank,
                "text-field": [
                    "case", [">", ["coalesce", ["get", "count"], 1], 1], ["to-string", ["get", "count"]], ""
                ],
                "text-font": FONT,
                "text-size": 11,
                "text-offset": [1.1, 0],
                "text-anchor": "left",
                "text-optional": True,
            },
            "paint": {"text-color": colours.text, "text-halo-color": colours.halo, "text-halo-width": 1.4},
        }
    ]  # fmt: skip
