"""The HTML entries, as the front end was built."""

import hashlib
from pathlib import Path

from django.conf import settings

from geogrid.core.raw import Answer, Receive, Scope, Send, etag_matches, send_answer

ENTRIES = {
    "/": "index.html",
    "/login": "login.html",
    "/setup": "setup.html",
    "/wall": "wall.html",
    "/walls": "walls.html",
    "/qgis": "qgis.html",
    "/downloads": "downloads.html",
    "/staffing": "staffing.html",
    "/sheet": "sheet.html",
    "/desk": "desk.html",
    "/rules": "rules.html",
    "/duty-list": "duty-list.html",
    "/spot-checks": "spot-checks.html",
    "/call": "call.html",
    "/indicators": "indicators.html",
    "/workshop": "workshop.html",
}
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>GeoGrid</title>
<p>The pages are not built yet. Run <code>make demo</code>,
or in frontend/ <code>npm ci && npm run build</code>.</p>
<p lang="zh">页面尚未构建:请运行 <code>make demo</code>。</p></html>"""
HTML = "text/html; charset=utf-8"


async def serve_page(scope: Scope, receive: Receive, send: Send) -> None:
    """One HTML entry; 503 with a sentence while the front end is not built."""
    path = Path(settings.FRONTEND_DIST) / ENTRIES[scope["path"]]
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        await send_answer(scope, send, Answer(503, NOT_BUILT.encode(), HTML, {"cache-control": "no-store"}))
        return
    etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "no-cache"}
    if etag_matches(scope, etag):
        await send_answer(scope, send, Answer(304, headers=headers))
    else:
        await send_answer(scope, send, Answer(200, body, HTML, headers))
