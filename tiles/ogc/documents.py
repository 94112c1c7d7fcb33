"""The documents about the service: landing page, conformance, collections, queryables, schemas."""

from datetime import UTC, datetime
from typing import Any, Final

from django.db import connection
from rest_framework.request import Request

from tiles.gis.layers import GisColumn, GisLayer
from tiles.layer import Scope
from tiles.ogc.asking import GEOJSON, HTML, JSON, address, link, same_with, time_column
from tiles.ogc.crs import CRS84, KNOWN
from tiles.ogc.filtering import queryables

OPENAPI: Final = "application/vnd.oai.openapi+json;version=3.0"
SCHEMA: Final = "application/schema+json"
TILE: Final = "application/vnd.mapbox-vector-tile"
_REL: Final = "http://www.opengis.net/def/rel/ogc/1.0/"
_FEATURES: Final = "http://www.opengis.net/spec/ogcapi-features-"
_CQL2: Final = "http://www.opengis.net/spec/cql2/1.0/conf/"
_TILES: Final = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
CONFORMS_TO: Final = [
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    f"{_FEATURES}1/1.0/conf/core",
    f"{_FEATURES}1/1.0/conf/geojson",
    f"{_FEATURES}1/1.0/conf/html",
    f"{_FEATURES}1/1.0/conf/oas30",
    f"{_FEATURES}2/1.0/conf/crs",
    f"{_FEATURES}3/1.0/conf/queryables",
    f"{_FEATURES}3/1.0/conf/queryables-query-parameters",
    f"{_FEATURES}3/1.0/conf/filter",
    f"{_FEATURES}3/1.0/conf/features-filter",
    f"{_FEATURES}4/1.0/conf/create-replace-delete",
    f"{_FEATURES}4/1.0/conf/update",
    f"{_FEATURES}4/1.0/conf/optimistic-locking-etags",
    f"{_FEATURES}4/1.0/conf/features",
    f"{_CQL2}cql2-text",
    f"{_CQL2}basic-cql2",
    f"{_CQL2}advanced-comparison-operators",
    f"{_CQL2}case-insensitive-comparison",
    f"{_CQL2}basic-spatial-functions",
    f"{_CQL2}basic-spatial-functions-plus",
    f"{_CQL2}spatial-functions",
    f"{_CQL2}property-property",
    f"{_TILES}core",
    f"{_TILES}tileset",
    f"{_TILES}tilesets-list",
    f"{_TILES}dataset-tilesets",
    f"{_TILES}geodata-tilesets",
    f"{_TILES}mvt",
]
_JSON_TYPE: Final[dict[str, dict[str, str]]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "moment": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "uuid": {"type": "string", "format": "uuid"},
}


def titled(thing: GisLayer | GisColumn, language: str) -> str:
    """The title of a layer or column in a language."""
    return thing.title_zh if language == "zh" else thing.title_en


def both_forms(request: Request, media_type: str = JSON) -> list[dict[str, str]]:
    """The links of a document to itself and to its other form."""
    return [
        link(same_with(request, f="json"), "self", media_type),
        link(same_with(request, f="html"), "alternate", HTML),
    ]


def landing(request: Request) -> dict[str, Any]:
    """The first page."""
    return {
        "title": "GeoGrid",
        "description": "The city by its grid: units, assets, incidents, water, patrols. 城市网格开放数据接口",
        "links": [
            *both_forms(request),
            link(address(request, "/api"), "service-desc", OPENAPI, "OpenAPI"),
            link(address(request, "/api", f="html"), "service-doc", HTML),
            link(address(request, "/conformance"), "conformance", JSON),
            link(address(request, "/collections"), "data", JSON),
            link(address(request, "/tiles"), f"{_REL}tilesets-vector", JSON, "Vector tiles"),
            link(address(request, "/tileMatrixSets"), f"{_REL}tiling-schemes", JSON),
        ],
    }


def conformance(request: Request) -> dict[str, Any]:
    """Which parts of the standards hold here."""
    return {"conformsTo": CONFORMS_TO, "links": both_forms(request)}


def collections(request: Request, layers: list[GisLayer], language: str) -> dict[str, Any]:
    """All collections."""
    extent = city_extent()
    return {
        "links": both_forms(request),
        "crs": list(KNOWN),
        "collections": [collection(request, layer, language, extent) for layer in layers],
    }


def collection(
    request: Request, layer: GisLayer, language: str, extent: list[float] | None, *, alone: bool = False
) -> dict[str, Any]:
    """One collection. alone: it is its own document, which links to its other form."""
    here = f"/collections/{layer.id}"
    own = both_forms(request) if alone else [link(address(request, here), "self", JSON)]
    made: dict[str, Any] = {
        "id": layer.id,
        "title": titled(layer, language),
        "description": f"{layer.title_zh} · {layer.title_en}",
        "itemType": "feature",
        "links": [
            *own,
            link(address(request, f"{here}/items"), "items", GEOJSON, titled(layer, language)),
            link(address(request, f"{here}/items", f="html"), "items", HTML, titled(layer, language)),
            link(address(request, f"{here}/queryables"), f"{_REL}queryables", SCHEMA),
            link(address(request, f"{here}/schema"), f"{_REL}schema", SCHEMA),
            link(address(request, f"{here}/schema"), "describedby", SCHEMA),
        ],
    }
    if layer.map_layer:
        made["links"].append(link(address(request, f"{here}/tiles"), f"{_REL}tilesets-vector", JSON))
    extents: dict[str, Any] = {}
    if layer.geometry is not None:
        made["crs"] = list(KNOWN)
        made["storageCrs"] = CRS84.uri
        if extent:
            extents["spatial"] = {"bbox": [extent], "crs": CRS84.uri}
    if time_column(layer) is not None:
        gregorian = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
        extents["temporal"] = {"interval": [[None, None]], "trs": gregorian}
    if extents:
        made["extent"] = extents
    if layer.scope != Scope.PUBLIC:
        made["description"] += " · 只含本人可见的 · only what you may see"
    return made


def city_extent() -> list[float] | None:
    """West, south, east, north of the city in degrees, or None while there is no grid."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.city_bounds()")
        found: list[float] | None = cursor.fetchone()[0]
    return found


def queryables_document(request: Request, layer: GisLayer, language: str) -> dict[str, Any]:
    """What a filter may name, as JSON Schema."""
    return _schema(request, layer, list(queryables(layer).values()), "queryables", language) | {
        "additionalProperties": False
    }


def schema_document(request: Request, layer: GisLayer, language: str) -> dict[str, Any]:
    """Every property of the collection's features, as JSON Schema."""
    return _schema(request, layer, list(layer.columns), "schema", language)


def _schema(
    request: Request, layer: GisLayer, columns: list[GisColumn], name: str, language: str
) -> dict[str, Any]:
    properties: dict[str, Any] = {column.name: of_column(column, language) for column in columns}
    if layer.geometry is not None:
        properties[layer.geometry] = geometry_schema(layer)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(request, f"/collections/{layer.id}/{name}"),
        "type": "object",
        "title": titled(layer, language),
        "properties": properties,
    }


def geometry_schema(layer: GisLayer) -> dict[str, Any]:
    """The geometry's property."""
    kind = layer.geometry_type.lower().removesuffix("m")
    known = {"point", "multipoint", "linestring", "multilinestring", "polygon", "multipolygon"}
    return {
        "title": "Geometry",
        "x-ogc-role": "primary-geometry",
        "format": f"geometry-{kind}" if kind in known else "geometry-any",
    }


def of_column(column: GisColumn, language: str) -> dict[str, Any]:
    """One property."""
    said: dict[str, Any] = {"title": titled(column, language), **_JSON_TYPE[column.kind]}
    if column.choices and column.choices.values:
        said["enum"] = [value for value, _, _ in column.choices.values]
    if not column.editable:
        said["readOnly"] = True
    return said


def now() -> str:
    """When an answer was made."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
