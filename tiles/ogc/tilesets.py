"""OGC API - Tiles: the vector tiles of the map under the standard's addresses, in WebMercatorQuad."""

import asyncio
from typing import Any, Final

from rest_framework.request import Request

from geogrid.changes.passes import Pass
from tiles.cache import Tile
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.layer import MAX_ZOOM, Drawn, Layer, Source
from tiles.layers import LAYERS
from tiles.ogc.asking import JSON, address, link
from tiles.ogc.crs import CRS84, KNOWN
from tiles.ogc.documents import TILE, both_forms, city_extent
from tiles.service import TileService, finished
from tiles.squares import DEEPEST, HALF, Square, mercator

QUAD: Final = "WebMercatorQuad"
QUAD_URI: Final = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
_SCHEME: Final = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_MERCATOR: Final = next(crs.uri for crs in KNOWN.values() if not crs.is_geographic)
_PIXEL_M: Final = 0.00028  # the standard's size of a pixel on the screen
_DIMENSION: Final = {Drawn.POINT: 0, Drawn.LINE: 1, Drawn.AREA: 2}
LONGEST_S: Final = 25.0


class _Served:
    """The tile service of this process, and the loop it lives in; without a server, one of our own."""

    service: TileService | None = None
    loop: asyncio.AbstractEventLoop | None = None


def serve_with(service: TileService, loop: asyncio.AbstractEventLoop) -> None:
    """Let tiles come from the service that the server runs, its cache included."""
    _Served.service, _Served.loop = service, loop


def tile(layers: tuple[Layer, ...], square: Square, asked_by: Pass) -> Tile:
    """A tile, made by the one service of tiles. Called in a thread of Django's.

    Raises:
        psycopg2.Error, TimeoutError: when the database cannot say in time.
    """
    if _Served.service is not None and _Served.loop is not None and _Served.loop.is_running():
        making = asyncio.run_coroutine_threadsafe(
            _Served.service.tile(layers, square, asked_by), _Served.loop
        )
        try:
            return making.result(LONGEST_S)
        finally:
            making.cancel()
    service = TileService()
    drawn = tuple(layer for layer in layers if square.z >= layer.min_zoom)
    try:
        return finished(
            service.readers.read_now(lambda cursor: service.make(cursor, drawn, square, asked_by))
        )
    finally:
        service.readers.close()


def layers_of(collection: GisLayer | None) -> tuple[Layer, ...]:
    """The tile layers of a collection; without one, those of all collections together."""
    if collection is not None:
        return (LAYERS[collection.map_layer],) if collection.map_layer in LAYERS else ()
    named = dict.fromkeys(layer.map_layer for layer in GIS_LAYERS.values() if layer.map_layer)
    return tuple(LAYERS[name] for name in named if name in LAYERS)


def _root_of(collection: GisLayer | None) -> str:
    return f"/collections/{collection.id}/tiles" if collection else "/tiles"


def tilesets(request: Request, collection: GisLayer | None) -> dict[str, Any]:
    """The list of tilesets: one."""
    root = _root_of(collection)
    return {
        "links": both_forms(request),
        "tilesets": [
            {
                "title": collection.title_en if collection else "GeoGrid",
                "dataType": "vector",
                "crs": _MERCATOR,
                "tileMatrixSetURI": QUAD_URI,
                "links": [
                    link(address(request, f"{root}/{QUAD}"), "self", JSON),
                    link(address(request, f"/tileMatrixSets/{QUAD}"), _SCHEME, JSON),
                ],
            }
        ],
    }


def tileset(request: Request, collection: GisLayer | None) -> dict[str, Any]:
    """What a tileset holds, where, and the template of its tiles' addresses."""
    root, layers = _root_of(collection), layers_of(collection)
    template = f"{address(request, f'{root}/{QUAD}')}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    extent = city_extent()
    made: dict[str, Any] = {
        "title": collection.title_en if collection else "GeoGrid",
        "dataType": "vector",
        "crs": _MERCATOR,
        "tileMatrixSetURI": QUAD_URI,
        "links": [
            *both_forms(request),
            link(address(request, f"/tileMatrixSets/{QUAD}"), _SCHEME, JSON),
            link(template, "item", TILE) | {"templated": True},
        ],
        "layers": [_layer(layer) for layer in layers],
    }
    if extent:
        west, south, east, north = extent
        made["boundingBox"] = {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84.uri}
        made["centerPoint"] = {
            "coordinates": [(west + east) / 2, (south + north) / 2],
            "crs": CRS84.uri,
            "tileMatrix": "14",
        }
        lowest = min((layer.min_zoom for layer in layers), default=0)
        made["tileMatrixSetLimits"] = [_limits(z, extent) for z in range(lowest, MAX_ZOOM + 1)]
    return made


def _layer(layer: Layer) -> dict[str, Any]:
    kinds = {"String": "string", "Number": "number", "Boolean": "boolean"}
    return {
        "id": layer.id,
        "title": layer.title_en,
        "description": f"{layer.title_zh} · {layer.title_en}",
        "dataType": "vector",
        "geometryDimension": _DIMENSION[layer.drawn],
        "minTileMatrix": str(layer.min_zoom),
        "maxTileMatrix": str(MAX_ZOOM),
        "propertiesSchema": {
            "type": "object",
            "properties": {
                column.name: {"type": kinds[column.kind], "description": column.about}
                for column in layer.columns
                if column.name != "count" or layer.source != Source.GRID
            },
        },
    }


def _limits(z: int, extent: list[float]) -> dict[str, Any]:
    width = 2 * HALF / 2**z
    (west, south), (east, north) = mercator(*extent[:2]), mercator(*extent[2:])
    return {
        "tileMatrix": str(z),
        "minTileRow": int((HALF - north) // width),
        "maxTileRow": int((HALF - south) // width),
        "minTileCol": int((west + HALF) // width),
        "maxTileCol": int((east + HALF) // width),
    }


def matrix_sets(request: Request) -> dict[str, Any]:
    """The list of tile matrix sets: one."""
    own = [link(address(request, f"/tileMatrixSets/{QUAD}"), "self", JSON)]
    return {
        "links": both_forms(request),
        "tileMatrixSets": [{"id": QUAD, "uri": QUAD_URI, "title": QUAD, "links": own}],
    }


def web_mercator_quad(request: Request) -> dict[str, Any]:
    """The squares of the web, zoom 0 to 22."""
    return {
        "id": QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": QUAD_URI,
        "crs": _MERCATOR,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [
            {
                "id": str(z),
                "scaleDenominator": 2 * HALF / 256 / 2**z / _PIXEL_M,
                "cellSize": 2 * HALF / 256 / 2**z,
                "cornerOfOrigin": "topLeft",
                "pointOfOrigin": [-HALF, HALF],
                "tileWidth": 256,
                "tileHeight": 256,
                "matrixWidth": 2**z,
                "matrixHeight": 2**z,
            }
            for z in range(DEEPEST + 1)
        ],
        "links": both_forms(request),
    }
