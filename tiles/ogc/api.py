"""HTTP of /ogc: OGC API - Features and Tiles, for sessions and API tokens."""

import json
from typing import Any, Final
from urllib.parse import quote

from django.db import DatabaseError
from django.http import HttpResponse, HttpResponseRedirect
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from assets.negotiation import JSONWhateverIsAccepted
from geogrid.core.errors import NotFound
from geogrid.core.parsing import StrictJSON
from geogrid.organisations.api import owner_of as signed_in
from geogrid.organisations.authentication import TokenAsPassword
from tiles.gis.layers import GIS_LAYERS, GisLayer
from tiles.ogc import documents, openapi, pages, writing
from tiles.ogc.asking import (
    GEOJSON,
    JSON,
    Asked,
    address,
    crs_asked,
    form_of,
    items_asked,
    language_of,
    link,
    refuse_unknown,
    same_with,
)
from tiles.ogc.crs import CRS84, Crs, UnknownCrs, crs_of
from tiles.ogc.reading import Feature, key_of, one, only, page_of
from tiles.ogc.refusing import BadQuery
from tiles.ogc.scoping import collections_of, seen_by

_PRIVATE: Final = {
    "Cache-Control": "private, no-cache",
    "Vary": "Accept, Accept-Language, Authorization, Cookie",
}


class GeoJSONBody(StrictJSON):
    """A GeoJSON body."""

    media_type = GEOJSON


class MergeBody(StrictJSON):
    """A JSON merge patch."""

    media_type = "application/merge-patch+json"


class _Negotiation(JSONWhateverIsAccepted):
    """The form of the answer is chosen by `form_of`; a body must be of a type that is read."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return DefaultContentNegotiation().select_parser(request, parsers)


@extend_schema(exclude=True)  # /ogc/api is its document
class Ogc(APIView):
    """Base: forms of answers, refusals, the layer that an address names."""

    authentication_classes = (*APIView.authentication_classes, TokenAsPassword)
    content_negotiation_class = _Negotiation
    parser_classes = (GeoJSONBody, StrictJSON, MergeBody)

    def handle_exception(self, exc: Exception) -> Any:
        """A browser that is not signed in is led to the log-in; every other refusal is JSON."""
        if isinstance(exc, NotAuthenticated) and self.request.method == "GET":
            accepted = self.request.headers.get("Accept", "")
            if "text/html" in accepted and "Authorization" not in self.request.headers:
                return HttpResponseRedirect(f"/login?next={quote(self.request.get_full_path())}")
        return super().handle_exception(exc)

    def layer(self, name: str) -> GisLayer:
        """The collection of a name.

        Raises:
            NotFound: when there is none.
        """
        found = GIS_LAYERS.get(name)
        if found is None:
            raise NotFound(f"There is no collection '{name[:60]}'. There are: {', '.join(GIS_LAYERS)}.")
        return found

    def document(self, request: Request, said: dict[str, Any], title: str, media_type: str = JSON) -> Any:
        """A document in the form that is asked for."""
        refuse_unknown(request)
        if form_of(request) == "html":
            return _with(pages.generic(request, title, said), _PRIVATE)
        return _json(said, media_type)


class Landing(Ogc):
    """The first page."""

    def get(self, request: Request) -> Any:
        said = documents.landing(request)
        if form_of(request) == "html":
            refuse_unknown(request)
            return _with(pages.page(request, "GeoGrid", "landing", links=said["links"]), _PRIVATE)
        return self.document(request, said, "GeoGrid")


class Conformance(Ogc):
    """What holds here."""

    def get(self, request: Request) -> Any:
        return self.document(request, documents.conformance(request), "Conformance")


class Document(Ogc):
    """The OpenAPI document."""

    def get(self, request: Request) -> Any:
        return self.document(request, openapi.document(request), "OpenAPI", documents.OPENAPI)


class Collections(Ogc):
    """All collections."""

    def get(self, request: Request) -> Any:
        layers, language = collections_of(request.user), language_of(request)
        said = documents.collections(request, layers, language)
        if form_of(request) == "html":
            refuse_unknown(request)
            rows = [(layer.id, documents.titled(layer, language), layer) for layer in layers]
            return _with(pages.page(request, "Collections", "collections", rows=rows), _PRIVATE)
        return self.document(request, said, "Collections")


class Collection(Ogc):
    """One collection."""

    def get(self, request: Request, name: str) -> Any:
        layer, language = self.layer(name), language_of(request)
        said = documents.collection(request, layer, language, documents.city_extent(), alone=True)
        return self.document(request, said, documents.titled(layer, language))


class Queryables(Ogc):
    """What a filter may name."""

    def get(self, request: Request, name: str) -> Any:
        said = documents.queryables_document(request, self.layer(name), language_of(request))
        return self.document(request, said, f"{name}: queryables", documents.SCHEMA)


class Schema(Ogc):
    """The properties of a collection's features."""

    def get(self, request: Request, name: str) -> Any:
        said = documents.schema_document(request, self.layer(name), language_of(request))
        return self.document(request, said, f"{name}: schema", documents.SCHEMA)


class Items(Ogc):
    """Features."""

    def get(self, request: Request, name: str) -> Any:
        layer = self.layer(name)
        asked = items_asked(request, layer, seen_by(layer, request.user))
        form = form_of(request)
        with _understood():
            page = page_of(layer, asked)
        following = same_with(request, after=str(page.after)) if page.after is not None else None
        texts = [feature.text for feature in page.features]
        if form == "html":
            return _with(pages.items(request, layer, texts, page.matched, following), _PRIVATE)
        links = [
            *documents.both_forms(request, GEOJSON),
            link(address(request, f"/collections/{name}"), "collection", JSON),
        ]
        if following:
            links.append(link(following, "next", GEOJSON))
        head: dict[str, Any] = {"type": "FeatureCollection", "links": links, "numberReturned": len(texts)}
        if page.matched is not None:
            head["numberMatched"] = page.matched
        head["timeStamp"] = documents.now()
        body = json.dumps(head, ensure_ascii=False)[:-1] + ', "features": [' + ",\n".join(texts) + "]}"
        return _answer(body, GEOJSON, {"Content-Crs": f"<{asked.crs.uri}>"})

    def post(self, request: Request, name: str) -> Any:
        """Make a feature."""
        layer = self.layer(name)
        refuse_unknown(request)
        crs = _crs_of_body(request)
        key = writing.create(layer=layer, sent=request.data, crs=crs, actor=signed_in(request))
        made = _read(layer, request, key, CRS84)
        where = address(request, f"/collections/{name}/items/{quote(str(key))}")
        return _feature_answer(request, layer, made, CRS84, status=201, headers={"Location": where})


class Item(Ogc):
    """One feature."""

    def get(self, request: Request, name: str, key: str) -> Any:
        layer = self.layer(name)
        refuse_unknown(request, frozenset({"crs"}))
        crs = crs_asked(request, "crs")
        form = form_of(request)
        found = _read(layer, request, key, crs)
        if form == "html":
            return _with(pages.feature(request, layer, found.text), _PRIVATE)
        answer = _feature_answer(request, layer, found, crs)
        if answer["ETag"] in tags_of(request.headers.get("If-None-Match", "")):
            return HttpResponse(status=304, headers={"ETag": answer["ETag"], **_PRIVATE})
        return answer

    def put(self, request: Request, name: str, key: str) -> Any:
        """Replace it: what is not said becomes the default."""
        return self._change(request, name, key, whole=True)

    def patch(self, request: Request, name: str, key: str) -> Any:
        """Change what is said, and nothing else."""
        return self._change(request, name, key, whole=False)

    def _change(self, request: Request, name: str, key: str, *, whole: bool) -> Any:
        layer = self.layer(name)
        refuse_unknown(request)
        crs = _crs_of_body(request)
        known = _known_key(layer, key)
        writing.change(
            layer=layer,
            key=known,
            sent=request.data,
            crs=crs,
            actor=signed_in(request),
            version=_version_wanted(request),
            whole=whole,
        )
        return _feature_answer(request, layer, _read(layer, request, key, CRS84), CRS84)

    def delete(self, request: Request, name: str, key: str) -> Any:
        """Remove it."""
        layer = self.layer(name)
        refuse_unknown(request)
        known = _known_key(layer, key)
        writing.remove(layer=layer, key=known, actor=signed_in(request), version=_version_wanted(request))
        return HttpResponse(status=204)


def _read(layer: GisLayer, request: Request, key: Any, crs: Crs) -> Feature:
    known = _known_key(layer, str(key))
    scope = only(layer, seen_by(layer, request.user), known)
    with _understood():
        found = one(layer, Asked(scope, crs, 1, False, layer.columns, layer.geometry is not None))
    if found is None:
        raise NotFound(f"There is no feature '{str(key)[:60]}' here.")
    return found


def _known_key(layer: GisLayer, key: str) -> Any:
    known = key_of(layer, key)
    if known is None:
        raise NotFound(f"There is no feature '{key[:60]}' here.")
    return known


def _feature_answer(
    request: Request,
    layer: GisLayer,
    found: Feature,
    crs: Crs,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    here = address(request, f"/collections/{layer.id}/items/{quote(str(found.key))}")
    links = [
        link(here, "self", GEOJSON),
        link(f"{here}?f=html", "alternate", "text/html"),
        link(address(request, f"/collections/{layer.id}"), "collection", JSON),
    ]
    body = f'{found.text[:-1]},"links":{json.dumps(links)}}}'
    tag = f'"{found.version}"' if crs == CRS84 else f'"{found.version}-{crs.srid}"'
    own = {"ETag": tag, "Content-Crs": f"<{crs.uri}>", **(headers or {})}
    return _answer(body, GEOJSON, own, status)


def tags_of(header: str) -> set[str]:
    """The entity tags that If-None-Match names, compared weakly."""
    return {tag.strip().removeprefix("W/").replace('"W/', '"') for tag in header.split(",")}


def _version_wanted(request: Request) -> str | None:
    """The version that If-Match names; None when any will do."""
    held = request.headers.get("If-Match", "").strip()
    if held in ("", "*"):
        return None
    return held.split(",")[0].strip().removeprefix("W/").strip('"').partition("-")[0]


def _crs_of_body(request: Request) -> Crs:
    try:
        return crs_of(request.headers.get("Content-Crs") or CRS84.uri)
    except UnknownCrs as error:
        raise BadQuery(f"Content-Crs: {error}") from None


def _json(said: dict[str, Any], media_type: str) -> HttpResponse:
    return _answer(json.dumps(said, ensure_ascii=False), media_type)


def _answer(
    body: str, media_type: str, headers: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    return HttpResponse(body, content_type=media_type, headers=_PRIVATE | (headers or {}), status=status)


def _with(answer: HttpResponse, headers: dict[str, str]) -> HttpResponse:
    for name, value in headers.items():
        answer[name] = value
    return answer


class _understood:
    """A value that only the database finds wrong (a geometry outside of its system) is the query's fault."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        code = getattr(getattr(error, "__cause__", None), "pgcode", "") or ""
        if isinstance(error, DatabaseError) and (code.startswith("22") or code == "XX000"):
            said = getattr(error.__cause__.diag, "message_primary", "") if error.__cause__ else ""  # type: ignore[attr-defined]
            raise BadQuery(f"The database cannot answer this: {said}") from None
