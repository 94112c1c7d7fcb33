"""The OpenAPI 3.0 document of /ogc, made from the list of layers."""

from typing import Any, Final

from rest_framework.request import Request

from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.ogc.asking import FEWEST, GEOJSON, HTML, JSON, MOST, ROOT, USUAL
from tiles.ogc.crs import CRS84, KNOWN
from tiles.ogc.documents import TILE, of_column
from tiles.ogc.filtering import queryables

_CRS: Final = {"type": "string", "format": "uri", "enum": list(KNOWN), "default": CRS84.uri}
_BOX: Final = {
    "type": "array",
    "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    "items": {"type": "number"},
}


def _parameter(name: str, schema: dict[str, Any], about: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": about, **more}


_LIST: Final = {"style": "form", "explode": False}
_PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "f": _parameter("f", {"type": "string", "enum": ["json", "html"]}, "Form of the answer."),
    "lang": _parameter("lang", {"type": "string", "enum": ["zh", "en"]}, "Language of titles."),
    "limit": _parameter(
        "limit",
        {"type": "integer", "minimum": FEWEST, "maximum": MOST, "default": USUAL},
        "Most features of one page.",
        **_LIST,
    ),
    "after": _parameter("after", {"type": "string"}, "Where a page goes on; follow the links named next."),
    "bbox": _parameter(
        "bbox", _BOX, "Features that meet this box; west beyond east: over the antimeridian.", **_LIST
    ),
    "bbox-crs": _parameter("bbox-crs", _CRS, "System of bbox."),
    "datetime": _parameter(
        "datetime", {"type": "string"}, "A time, or two with a slash; .. is open.", **_LIST
    ),
    "crs": _parameter("crs", _CRS, "System of the answer's geometries."),
    "filter": _parameter("filter", {"type": "string"}, "A condition in CQL2 text."),
    "filter-lang": _parameter(
        "filter-lang",
        {"type": "string", "enum": ["cql2-text"], "default": "cql2-text"},
        "Language of filter.",
    ),
    "filter-crs": _parameter("filter-crs", _CRS, "System of the geometries in filter."),
    "properties": _parameter(
        "properties", {"type": "array", "items": {"type": "string"}}, "Only these properties.", **_LIST
    ),
    "skipGeometry": _parameter("skipGeometry", {"type": "boolean", "default": False}, "Without geometries."),
}
_REFUSAL: Final = {
    "type": "object",
    "required": ["code", "detail"],
    "properties": {
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}
_ITEMS: Final = (
    "limit", "after", "bbox", "bbox-crs", "datetime", "crs", "filter", "filter-lang", "filter-crs",
    "properties", "skipGeometry",
)  # fmt: skip


def document(request: Request) -> dict[str, Any]:
    """The whole document, for the address that was asked at."""
    paths: dict[str, Any] = {
        "/": _read("getLandingPage", "The first page."),
        "/conformance": _read("getConformance", "Parts of the standards that hold."),
        "/api": _read("getApi", "This document."),
        "/collections": _read("getCollections", "All collections."),
        "/tileMatrixSets": _read("getTileMatrixSets", "Squares that tiles are cut along."),
        "/tileMatrixSets/WebMercatorQuad": _read("getWebMercatorQuad", "The squares of the web."),
        "/tiles": _read("getTilesets", "Tilesets of everything together."),
        "/tiles/WebMercatorQuad": _read("getTileset", "The tileset of everything together."),
        f"/tiles/WebMercatorQuad{_TILE_PATH}": _tile("getTile"),
    }
    for layer in GIS_LAYERS.values():
        paths |= _of_layer(layer)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "GeoGrid: OGC API",
            "version": "1",
            "description": "Features and vector tiles of the city, for who is signed in or holds a token.",
        },
        "servers": [{"url": request.build_absolute_uri(ROOT)}],
        "security": [{"apiToken": []}, {"session": []}],
        "paths": paths,
        "components": {
            "parameters": _PARAMETERS,
            "schemas": {"refusal": _REFUSAL},
            "responses": {
                "Refused": {
                    "description": "Why it cannot be answered.",
                    "content": {JSON: {"schema": {"$ref": "#/components/schemas/refusal"}}},
                }
            },
            "securitySchemes": {
                "apiToken": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "geogrid_session"},
            },
        },
    }


_TILE_PATH: Final = "/{tileMatrix}/{tileRow}/{tileCol}"


def _answers(status: str, content: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "Done.", **more}
    if content:
        good["content"] = content
    refused = {"$ref": "#/components/responses/Refused"}
    return {status: good, **dict.fromkeys(("400", "401", "403", "404"), refused), "default": refused}


def _used(*names: str) -> list[dict[str, Any]]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in (*names, "f", "lang")]


def _read(operation: str, about: str, media_type: str = JSON) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": operation,
            "summary": about,
            "parameters": _used(),
            "responses": _answers("200", content),
        }
    }


def _tile(operation: str) -> dict[str, Any]:
    return {
        "get": {
            "operationId": operation,
            "summary": "One vector tile.",
            "parameters": [
                {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}}
                for name in ("tileMatrix", "tileRow", "tileCol")
            ],
            "responses": _answers("200", {TILE: {"schema": {"type": "string", "format": "binary"}}})
            | {"204": {"description": "An empty tile."}},
        }
    }


def _of_layer(layer: GisLayer) -> dict[str, Any]:
    here, name = f"/collections/{layer.id}", layer.id
    feature = {"type": "object", "required": ["type"], "properties": _feature(layer)}
    items: dict[str, Any] = {
        "get": {
            "operationId": f"get_{name}_items",
            "summary": layer.title_en,
            "tags": [name],
            "parameters": [
                *_used(*_ITEMS),
                *(
                    _parameter(column.name, _only_type(of_column(column, "en")), column.title_en)
                    for column in queryables(layer).values()
                ),
            ],
            "responses": _answers("200", {GEOJSON: {"schema": {"type": "object"}}}),
        }
    }
    one: dict[str, Any] = {
        "parameters": [{"name": "featureId", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": {
            "operationId": f"get_{name}",
            "summary": f"One of: {layer.title_en}",
            "tags": [name],
            "parameters": _used("crs"),
            "responses": _answers("200", {GEOJSON: {"schema": feature}}),
        },
    }
    body = {"required": True, "content": {GEOJSON: {"schema": feature}}}
    match = {"name": "If-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    if layer.inserts:
        items["post"] = {
            "operationId": f"create_{name}", "summary": "Make one.", "tags": [name],
            "requestBody": body, "responses": _answers("201", {GEOJSON: {"schema": feature}}),
        }  # fmt: skip
    if layer.updates:
        for method, words in (("put", "Replace it."), ("patch", "Change what is named.")):
            one[method] = {
                "operationId": f"{method}_{name}", "summary": words, "tags": [name], "parameters": [match],
                "requestBody": body, "responses": _answers("200", {GEOJSON: {"schema": feature}}),
            }  # fmt: skip
    if layer.deletes:
        one["delete"] = {
            "operationId": f"delete_{name}", "summary": "Remove it.", "tags": [name], "parameters": [match],
            "responses": _answers("204", None),
        }  # fmt: skip
    paths: dict[str, Any] = {
        here: _read(f"describe_{name}", layer.title_en),
        f"{here}/queryables": _read(f"get_{name}_queryables", "What a filter may name."),
        f"{here}/schema": _read(f"get_{name}_schema", "Properties."),
        f"{here}/items": items,
        f"{here}/items/{{featureId}}": one,
    }
    if layer.map_layer:
        paths |= {
            f"{here}/tiles": _read(f"get_{name}_tilesets", "Its tilesets."),
            f"{here}/tiles/WebMercatorQuad": _read(f"get_{name}_tileset", "Its tileset."),
            f"{here}/tiles/WebMercatorQuad{_TILE_PATH}": _tile(f"get_{name}_tile"),
        }
    return paths


def _only_type(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name in ("type", "format", "enum")}


def _feature(layer: GisLayer) -> dict[str, Any]:
    nullable = {"nullable": True}
    return {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
        "geometry": {"type": "object", **nullable},
        "properties": {
            "type": "object",
            "properties": {
                column.name: {k: v for k, v in of_column(column, "en").items() if k != "enum"} | nullable
                for column in layer.columns
            },
        },
    }
