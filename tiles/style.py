"""The styles: MapLibre documents over our own tiles and base maps, in two themes and two languages.

No glyph and no sprite address: text is drawn with the machine's own fonts, pictures are made by the page
when a layer names one (`temaki:manhole`, `status-serious`). Layers of the panel carry the published
layer's id in `metadata["geogrid:layer"]`.
"""

from pathlib import Path
from typing import Any

from django.conf import settings

from tiles.layers import LAYERS, MAX_ZOOM
from tiles.palette import THEMES, Palette
from tiles.style_city import (
    asset_layers,
    building_layers,
    grid_layers,
    grid_name_layers,
    incident_layers,
    road_layers,
)
from tiles.style_patrols import patrol_layers

# Sources are cut so that a change makes the page ask only for what changed.
SOURCES = {
    "grid": ("districts", "streets", "communities", "cells"),
    "ground": ("buildings", "roads"),
    "assets": ("assets",),
    "incidents": ("incidents",),
    "patrols": ("cell_visits", "road_bits"),
    "presence": ("presence_gaps",),
}
BASE_LAYERS = ("landuse", "water", "footprints", "roads", "railways")


def style(theme: str, language: str, origin: str) -> dict[str, Any]:
    """The style document. theme: a key of THEMES; language: zh or en; origin: our own address."""
    colours = THEMES[theme]
    bases = [name for name in BASE_LAYERS if (Path(settings.BASEMAP_DIR) / f"{name}.pmtiles").is_file()]
    return {
        "version": 8,
        "name": f"GeoGrid {theme}",
        "metadata": {"geogrid:theme": theme, "geogrid:language": language},
        "sources": {
            **{f"base-{name}": _archive(name, origin) for name in bases},
            **{name: _tiles(layers, origin) for name, layers in SOURCES.items()},
        },
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": colours.ground}},
            *(layer for name in bases for layer in base_layers(name, colours)),
            *building_layers(colours),
            *road_layers(colours, language),
            *grid_layers(colours),
            *patrol_layers(colours),
            *asset_layers(colours),
            *grid_name_layers(colours, language),
            *incident_layers(colours),
        ],
    }


def _archive(name: str, origin: str) -> dict[str, Any]:
    return {"type": "vector", "url": f"pmtiles://{origin}/base/{name}.pmtiles"}


def _tiles(layers: tuple[str, ...], origin: str) -> dict[str, Any]:
    return {
        "type": "vector",
        "tiles": [f"{origin}/tiles/{'+'.join(layers)}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": min(LAYERS[name].min_zoom for name in layers),
        "maxzoom": MAX_ZOOM,
    }


def base_layers(name: str, colours: Palette) -> list[dict[str, Any]]:
    """The quiet ground of one base map."""
    common = {"source": f"base-{name}", "source-layer": name, "metadata": {"geogrid:layer": "base"}}
    kind = ["get", "kind"]
    if name == "landuse":
        fill: list[Any] = ["match", kind, "green", colours.green, "work", colours.work]
        fill += ["homes", colours.homes, "rail", colours.rail, colours.ground]
        return [{"id": "base-landuse", "type": "fill", **common, "paint": {"fill-color": fill}}]
    if name == "water":
        return [{"id": "base-water", "type": "fill", **common, "paint": {"fill-color": colours.water}}]
    if name == "footprints":
        paint = {"fill-color": colours.footprint, "fill-antialias": True}
        return [{"id": "base-footprints", "type": "fill", **common, "minzoom": 14, "paint": paint}]
    if name == "railways":
        return [
            {
                "id": "base-railways",
                "type": "line",
                **common,
                "minzoom": 12,
                "filter": ["!=", ["get", "tunnel"], 1],
                "paint": {
                    "line-color": colours.quiet_text,
                    "line-opacity": 0.45,
                    "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.4, 18, 1.6],
                    "line-dasharray": [5, 2],
                },
            }
        ]
    width = ["match", ["get", "rank"], 1, 4.0, 2, 2.6, 3, 1.6, 0.8]
    return [
        {
            "id": "base-roads",
            "type": "line",
            **common,
            "layout": {"line-cap": "round", "line-join": "round"},
            "paint": {
                "line-color": [
                    "match",
                    ["get", "rank"],
                    1,
                    colours.road_main,
                    4,
                    colours.road_path,
                    colours.road,
                ],
                "line-width": [
                    "interpolate",
                    ["exponential", 1.6],
                    ["zoom"],
                    11,
                    ["*", width, 0.25],
                    18,
                    ["*", width, 4],
                ],
                "line-opacity": ["case", ["==", ["get", "tunnel"], 1], 0.35, 1],
            },
        }
    ]
