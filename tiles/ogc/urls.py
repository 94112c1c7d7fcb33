"""Addresses of /ogc, as the standards name them."""

from django.urls import URLPattern, path, re_path

from tiles.ogc import api, api_tiles

_QUAD = "WebMercatorQuad"
_TILE = r"(?P<matrix>\d{1,2})/(?P<row>\d{1,9})/(?P<column>\d{1,9})$"
_OF = "ogc/collections/<str:name>"

urlpatterns: list[URLPattern] = [
    re_path(r"^ogc/?$", api.Landing.as_view(), name="ogc"),
    path("ogc/api", api.Document.as_view(), name="ogc-api"),
    path("ogc/conformance", api.Conformance.as_view(), name="ogc-conformance"),
    path("ogc/collections", api.Collections.as_view(), name="ogc-collections"),
    path(_OF, api.Collection.as_view(), name="ogc-collection"),
    path(f"{_OF}/queryables", api.Queryables.as_view(), name="ogc-queryables"),
    path(f"{_OF}/schema", api.Schema.as_view(), name="ogc-schema"),
    path(f"{_OF}/items", api.Items.as_view(), name="ogc-items"),
    path(f"{_OF}/items/<str:key>", api.Item.as_view(), name="ogc-item"),
    path("ogc/tileMatrixSets", api_tiles.MatrixSets.as_view(), name="ogc-matrix-sets"),
    path(f"ogc/tileMatrixSets/{_QUAD}", api_tiles.MatrixSet.as_view(), name="ogc-matrix-set"),
    path("ogc/tiles", api_tiles.Tilesets.as_view(), name="ogc-tilesets"),
    path(f"ogc/tiles/{_QUAD}", api_tiles.Tileset.as_view(), name="ogc-tileset"),
    re_path(rf"^ogc/tiles/{_QUAD}/{_TILE}", api_tiles.OneTile.as_view(), name="ogc-tile"),
    path(f"{_OF}/tiles", api_tiles.Tilesets.as_view(), name="ogc-collection-tilesets"),
    path(f"{_OF}/tiles/{_QUAD}", api_tiles.Tileset.as_view(), name="ogc-collection-tileset"),
    re_path(
        rf"^ogc/collections/(?P<name>\w+)/tiles/{_QUAD}/{_TILE}",
        api_tiles.OneTile.as_view(),
        name="ogc-collection-tile",
    ),
]
