"""The HTML form of what the API answers: a table, links, and a map of the features that are shown."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from rest_framework.request import Request

from tiles.gis.layers import GisLayer
from tiles.ogc.asking import HTML, ROOT, language_of
from tiles.ogc.documents import titled

_MAP_ENTRY = "src/ogc.ts"


def page(request: Request, title: str, template: str, **what: Any) -> HttpResponse:
    """A page in the reader's language."""
    language = language_of(request)
    scripts, sheets = _bundle()
    text = render_to_string(
        f"ogc/{template}.html",
        {
            "title": title,
            "language": language,
            "root": ROOT,
            "path": request.path,
            "crumbs": _crumbs(request.path),
            "as_json": _as_json(request),
            "scripts": scripts,
            "sheets": sheets,
            **what,
        },
    )
    return HttpResponse(text, content_type=f"{HTML}; charset=utf-8")


def generic(request: Request, title: str, document: dict[str, Any]) -> HttpResponse:
    """A document without a page of its own: its links, and the rest as it is."""
    rest = {name: value for name, value in document.items() if name != "links"}
    words = json.dumps(rest, ensure_ascii=False, indent=2)
    return page(request, title, "document", words=words, links=document.get("links", []))


def items(
    request: Request, layer: GisLayer, features: list[str], matched: int | None, following: str | None
) -> HttpResponse:
    """A page of features."""
    language = language_of(request)
    read = [json.loads(text) for text in features]
    columns = [(column.name, titled(column, language)) for column in layer.columns]
    rows = [
        (feature["id"], [_shown(feature["properties"].get(name)) for name, _ in columns if name != layer.key])
        for feature in read
    ]
    return page(
        request,
        titled(layer, language),
        "items",
        layer=layer,
        columns=[title for name, title in columns if name != layer.key],
        rows=rows,
        matched=matched,
        following=following,
        features=_of_map(features) if layer.geometry else None,
    )


def feature(request: Request, layer: GisLayer, text: str) -> HttpResponse:
    """One feature."""
    language = language_of(request)
    read = json.loads(text)
    rows = [
        (titled(column, language), _shown(read["properties"].get(column.name))) for column in layer.columns
    ]
    return page(
        request,
        f"{titled(layer, language)} {read['id']}",
        "feature",
        layer=layer,
        rows=rows,
        features=_of_map([text]) if layer.geometry else None,
    )


def _shown(value: Any) -> Any:
    """A value as people read it: whole from a hundred on, else three digits. JSON has all of them."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return value


def _of_map(features: list[str]) -> str:
    """The features for a data block of the page: no letter of them ends the block."""
    joined = '{"type":"FeatureCollection","features":[' + ",".join(features) + "]}"
    return joined.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _crumbs(path: str) -> list[tuple[str, str]]:
    parts = [part for part in path.split("/") if part]
    return [(f"/{'/'.join(parts[: n + 1])}", part) for n, part in enumerate(parts)]


def _as_json(request: Request) -> str:
    query = request.query_params.copy()
    query["f"] = "json"
    return f"{request.path}?{query.urlencode()}"


def _bundle() -> tuple[list[str], list[str]]:
    """Addresses of the scripts and style sheets of the map, as the front end was built, if it was."""
    path = Path(settings.FRONTEND_DIST) / ".vite" / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        entry = manifest[_MAP_ENTRY]
    except (OSError, ValueError, KeyError):
        return [], []
    sheets: list[str] = []
    seen: set[str] = set()
    waiting = [entry]
    while waiting:
        one = waiting.pop()
        sheets += one.get("css", [])
        fresh = [name for name in one.get("imports", []) if name not in seen]
        seen.update(fresh)
        waiting += [manifest[name] for name in fresh if name in manifest]
    return [f"/static/{entry['file']}"], [f"/static/{name}" for name in dict.fromkeys(sheets)]
