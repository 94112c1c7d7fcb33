"""Answers of the raw ASGI handlers (tiles, live feed, base maps), with the headers every page carries."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.http.request import validate_host

from geogrid.core.headers import POLICY

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """A whole response. `headers` are added to those that every answer carries."""

    status: int
    body: bytes = b""
    media_type: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def refusal(status: int, code: str, detail: str, **headers: str) -> Answer:
    """An error as the API words it: `{"code", "detail"}`; never kept by a cache."""
    body = json.dumps({"code": code, "detail": detail}, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, JSON, {"cache-control": "no-store", **named})


@cache
def _common_headers() -> Headers:
    headers = [
        (b"content-security-policy", POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"geolocation=(self), camera=(self), microphone=()"),
    ]
    if settings.SECURE_HSTS_SECONDS:
        headers.append((b"strict-transport-security", f"max-age={settings.SECURE_HSTS_SECONDS}".encode()))
    return headers


def start(status: int, media_type: str, headers: dict[str, str]) -> Message:
    """The message that begins a response."""
    own = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    if media_type:
        own.append((b"content-type", media_type.encode()))
    return {"type": "http.response.start", "status": status, "headers": [*own, *_common_headers()]}


async def send_answer(scope: Scope, send: Send, answer: Answer) -> None:
    """Send a whole response; for HEAD, without its body."""
    headers = dict(answer.headers)
    if answer.status not in (204, 304):
        headers.setdefault("content-length", str(len(answer.body)))
    await send(start(answer.status, answer.media_type, headers))
    body = b"" if scope["method"] == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


def header(scope: Scope, name: str) -> str:
    """Value of a request header (name in small letters), or an empty text."""
    wanted = name.encode()
    return next((bytes(value).decode("latin-1") for key, value in scope["headers"] if key == wanted), "")


def query(scope: Scope) -> dict[str, str]:
    """The query string; of a name given twice the last counts."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def host_is_ours(scope: Scope) -> bool:
    """Whether the Host header names us (ALLOWED_HOSTS): a foreign name may point here to read as us."""
    host = header(scope, "host")
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return validate_host(name.lower(), settings.ALLOWED_HOSTS)


def origin(scope: Scope) -> str:
    """Our own address as the client knows it, such as https://city.example."""
    scheme = scope.get("scheme", "http")
    if settings.BEHIND_TLS and header(scope, "x-forwarded-proto") in ("http", "https"):
        scheme = header(scope, "x-forwarded-proto")
    return f"{scheme}://{header(scope, 'host')}"


def accepts_gzip(scope: Scope) -> bool:
    """Whether the client takes gzip (a listing with q=0 is a refusal)."""
    for part in header(scope, "accept-encoding").split(","):
        name, _, quality = part.strip().partition(";")
        if name in ("gzip", "*"):
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def etag_matches(scope: Scope, etag: str) -> bool:
    """Whether the client holds this version already (If-None-Match, compared weakly)."""
    held = header(scope, "if-none-match")
    if not held:
        return False
    bare = etag.removeprefix("W/")
    return held.strip() == "*" or any(tag.strip().removeprefix("W/") == bare for tag in held.split(","))
