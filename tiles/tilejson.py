"""TileJSON 3.0 of one or several published layers."""

from typing import Any

from tiles.layers import MAX_ZOOM, Layer, Source


def tilejson(layers: tuple[Layer, ...], origin: str, bounds: list[float] | None) -> dict[str, Any]:
    """The document of `a+b`. bounds: west, south, east, north in degrees, or None when not known."""
    names = "+".join(layer.id for layer in layers)
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": names,
        "scheme": "xyz",
        "tiles": [f"{origin}/tiles/{names}/{{z}}/{{x}}/{{y}}.mvt"],
        "minzoom": min(layer.min_zoom for layer in layers),
        "maxzoom": MAX_ZOOM,
        "vector_layers": [entry for layer in layers for entry in _entries(layer)],
    }
    if bounds:
        west, south, east, north = bounds
        document["bounds"] = bounds
        document["center"] = [(west + east) / 2, (south + north) / 2, 14]
    return document


def _entries(layer: Layer) -> list[dict[str, Any]]:
    entry = {
        "id": layer.id,
        "description": f"{layer.title_en} {layer.title_zh}",
        "minzoom": layer.min_zoom,
        "maxzoom": MAX_ZOOM,
        "fields": {column.name: f"{column.kind}: {column.about}" for column in layer.columns},
    }
    if layer.source != Source.GRID:
        return [entry]
    return [
        entry,
        {**entry, "id": f"{layer.id}_labels", "description": f"Where to write the names: {layer.id}"},
    ]
