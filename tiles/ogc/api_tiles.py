"""HTTP of OGC API - Tiles: tile matrix sets, tilesets, and the tiles themselves."""

from typing import Any

import psycopg2
from django.http import HttpResponse
from rest_framework.request import Request

from geogrid.core.errors import GeoGridError, NotFound
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.granting import pass_of
from tiles.layers import Layer
from tiles.ogc import documents, tilesets
from tiles.ogc.api import Ogc, tags_of
from tiles.ogc.asking import refuse_unknown
from tiles.ogc.refusing import BadQuery
from tiles.squares import Square


class MatrixSets(Ogc):
    """Tile matrix sets."""

    def get(self, request: Request) -> Any:
        return self.document(request, tilesets.matrix_sets(request), "Tile matrix sets")


class MatrixSet(Ogc):
    """WebMercatorQuad."""

    def get(self, request: Request) -> Any:
        return self.document(request, tilesets.web_mercator_quad(request), tilesets.QUAD)


class _Tiled(Ogc):
    """What is said of a collection's tiles, or of everything's."""

    def tiled(self, name: str) -> GisLayer | None:
        """The collection of a name that has tiles; None of no name.

        Raises:
            NotFound: when it has none.
        """
        layer = self.layer(name) if name else None
        if layer is not None and not tilesets.layers_of(layer):
            raise NotFound(f"'{name}' has no tiles.")
        return layer


class Tilesets(_Tiled):
    """The tilesets of a collection, or of everything together."""

    def get(self, request: Request, name: str = "") -> Any:
        return self.document(request, tilesets.tilesets(request, self.tiled(name)), "Tilesets")


class Tileset(Tilesets):
    """One tileset."""

    def get(self, request: Request, name: str = "") -> Any:
        return self.document(request, tilesets.tileset(request, self.tiled(name)), "Tileset")


class OneTile(_Tiled):
    """A vector tile."""

    def get(self, request: Request, matrix: str, row: str, column: str, name: str = "") -> Any:
        refuse_unknown(request, frozenset({"collections"}))
        layers = _chosen(request, tilesets.layers_of(self.tiled(name)))
        square = Square(int(matrix), int(column), int(row))
        if not square.is_real:
            raise NotFound(f"There is no tile {matrix}/{row}/{column} in {tilesets.QUAD}.")
        try:
            made = tilesets.tile(layers, square, pass_of(request.user))
        except (psycopg2.Error, TimeoutError):
            raise _Busy("The database did not answer in time; try again.") from None
        headers = {"Cache-Control": "private, no-cache"}
        if not made.plain:
            return HttpResponse(status=204, headers=headers)
        headers["ETag"] = made.etag
        if made.etag.removeprefix("W/") in tags_of(request.headers.get("If-None-Match", "")):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(made.plain, content_type=documents.TILE, headers=headers)


class _Busy(GeoGridError):
    status = 503
    code = "busy"


def _chosen(request: Request, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Of the tiles of everything, the layers of the collections that are named."""
    named = request.query_params.get("collections")
    if named is None:
        return layers
    wanted = set()
    for name in named.split(","):
        if name not in GIS_LAYERS:
            raise BadQuery(f"collections: there is no '{name[:40]}'.")
        wanted.add(GIS_LAYERS[name].map_layer)
    return tuple(layer for layer in layers if layer.id in wanted)
