"""What a request asks for, read from its address and headers once, in the standard's words."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from rest_framework.request import Request

from tiles.gis.layers import GisColumn, GisLayer
from tiles.ogc.crs import CRS84, Crs, UnknownCrs, boxes_of, crs_of
from tiles.ogc.filtering import Where, add_box, add_datetime, add_filter, queryables, quoted, written
from tiles.ogc.refusing import BadQuery

ROOT: Final = "/ogc"
FEWEST, USUAL, MOST = 1, 100, 10_000
JSON, GEOJSON, HTML = "application/json", "application/geo+json", "text/html"
_FORMS: Final = {"json": "json", "geojson": "json", "html": "html", "application/json": "json",
                 "application/geo+json": "json", "text/html": "html"}  # fmt: skip
_ALWAYS: Final = frozenset({"f", "lang"})
OF_ITEMS: Final = frozenset(
    [
        "limit",
        "after",
        "bbox",
        "bbox-crs",
        "datetime",
        "crs",
        "filter",
        "filter-lang",
        "filter-crs",
        "skipGeometry",
        "properties",
    ]
)


def form_of(request: Request) -> str:
    """json or html: what `f` says, else what is accepted first.

    Raises:
        BadQuery: when `f` is neither.
    """
    asked = request.query_params.get("f")
    if asked is not None:
        if asked not in _FORMS:
            raise BadQuery(f"f={asked[:30]} is not known; there are json and html.")
        return _FORMS[asked]
    offers: list[tuple[float, int, str]] = []
    for place, part in enumerate(request.headers.get("Accept", "").split(",")):
        media, *rest = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in rest if piece.startswith("q=")), "1")
        try:
            offers.append((-float(quality), place, media))
        except ValueError:
            continue
    for _, _, media in sorted(offers):
        if media in ("text/html", "application/xhtml+xml"):
            return "html"
        if media.endswith("json") or media in ("*/*", "application/*"):
            return "json"
    return "json"


def language_of(request: Request) -> str:
    """zh or en, as `lang` says, else as the reader prefers."""
    asked = request.query_params.get("lang") or request.headers.get("Accept-Language", "")
    return "zh" if asked.lower().startswith("zh") else "en"


def refuse_unknown(request: Request, known: frozenset[str] = frozenset()) -> None:
    """Refuse parameters that are not known: one that is misspelt would otherwise be passed over in silence.

    Raises:
        BadQuery: naming the first of them.
    """
    for name in request.query_params:
        if name not in known | _ALWAYS:
            there_are = ", ".join(sorted(known | _ALWAYS))
            raise BadQuery(f"The parameter '{name[:40]}' is not known here. There are: {there_are}.")
        if len(request.query_params.getlist(name)) > 1:
            raise BadQuery(f"The parameter '{name[:40]}' is given twice.")


def crs_asked(request: Request, name: str) -> Crs:
    """The coordinate system that a parameter names; CRS84 without one.

    Raises:
        BadQuery: when it is none that is spoken here.
    """
    try:
        return crs_of(request.query_params.get(name) or CRS84.uri)
    except UnknownCrs as error:
        raise BadQuery(f"{name}: {error}") from None


def time_column(layer: GisLayer) -> GisColumn | None:
    """The column that `datetime` asks of: the first moment, else the first date."""
    listed = [column for column in layer.columns if column.filterable]
    moments = [column for column in listed if column.kind == "moment"]
    return next(iter([*moments, *(column for column in listed if column.kind == "date")]), None)


def key_column(layer: GisLayer) -> GisColumn:
    """The column that tells features apart."""
    named = (column for column in layer.columns if column.name == layer.key)
    return next(named, None) or GisColumn(layer.key, "integer", "编号", "Id")


@dataclass(frozen=True)
class Asked:
    """One page of features: which, in which system, after which key, at most how many."""

    where: Where
    crs: Crs
    limit: int
    is_first: bool
    columns: tuple[GisColumn, ...]
    with_geometry: bool = True


def items_asked(request: Request, layer: GisLayer, scope: Where) -> Asked:
    """The page that a query of /items asks for, within `scope`.

    Raises:
        BadQuery: with the parameter and what is wrong with it.
    """
    listed = queryables(layer)
    refuse_unknown(request, OF_ITEMS | frozenset(listed))
    query = request.query_params
    where = narrowed(Where([*scope.parts], [*scope.values]), layer, request)
    after = query.get("after")
    if after is not None:
        key = key_column(layer)
        where.add(f"{quoted(layer.key)} > %s", written(key, after))
    return Asked(
        where,
        crs_asked(request, "crs"),
        _limit(query.get("limit")),
        after is None,
        _chosen(query.get("properties"), layer),
        layer.geometry is not None and query.get("skipGeometry", "").lower() != "true",
    )


def narrowed(where: Where, layer: GisLayer, request: Request) -> Where:
    """`where` and what bbox, datetime, filter and properties of the query ask for.

    Raises:
        BadQuery: with the parameter and what is wrong with it.
    """
    query = request.query_params
    add_conditions(where, layer, {name: query[name] for name in query})
    return where


def add_conditions(where: Where, layer: GisLayer, query: dict[str, str]) -> None:
    """Add what a query asks for; other names than those of conditions are passed over.

    Raises:
        BadQuery: with the parameter and what is wrong with it.
    """
    if query.get("bbox"):
        if layer.geometry is None:
            raise BadQuery("bbox: this collection has no geometry.")
        try:
            crs = crs_of(query.get("bbox-crs") or CRS84.uri)
            boxes = boxes_of(query["bbox"], crs)
        except ValueError as error:
            raise BadQuery(f"bbox: {error}") from None
        add_box(where, layer, boxes, crs)
    if query.get("datetime"):
        column = time_column(layer)
        if column is not None:  # features without a time match every time, says the standard
            add_datetime(where, column, query["datetime"])
    if query.get("filter-lang", "cql2-text") != "cql2-text":
        raise BadQuery("filter-lang: only cql2-text is read here.")
    if query.get("filter"):
        try:
            crs = crs_of(query.get("filter-crs") or CRS84.uri)
        except UnknownCrs as error:
            raise BadQuery(f"filter-crs: {error}") from None
        add_filter(where, layer, query["filter"], crs)
    for name, column in queryables(layer).items():
        if name in query and name not in OF_ITEMS:
            where.add(f"{quoted(name)} = %s", written(column, query[name]))


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not re.fullmatch(r"\d{1,12}", text) or int(text) < FEWEST:
        raise BadQuery(f"limit is a whole number from {FEWEST}; more than {MOST} at once are not given.")
    return min(int(text), MOST)


def _chosen(text: str | None, layer: GisLayer) -> tuple[GisColumn, ...]:
    if text is None:
        return layer.columns
    by_name = {column.name: column for column in layer.columns}
    names = [name for name in text.split(",") if name]
    for name in names:
        if name not in by_name:
            raise BadQuery(f"properties: there is no '{name[:40]}'. There are: {', '.join(by_name)}.")
    return tuple(by_name[name] for name in names)


def link(href: str, rel: str, media_type: str, title: str = "") -> dict[str, str]:
    """One link of a document."""
    made = {"href": href, "rel": rel, "type": media_type}
    return made | {"title": title} if title else made


def address(request: Request, path: str, **query: Any) -> str:
    """Our own address of `path` below the root, with a query."""
    bare = str(request.build_absolute_uri(f"{ROOT}{path}"))
    return f"{bare}?{urlencode(query)}" if query else bare


def same_with(request: Request, **changed: str) -> str:
    """The address that was asked, with some parameters changed."""
    query = request.query_params.dict() | changed
    return f"{request.build_absolute_uri(request.path)}?{urlencode(query)}"
