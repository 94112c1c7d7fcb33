"""Files of downloads, for whoever holds a ticket."""

import re
from pathlib import Path

from django.conf import settings

from geogrid.core.raw import Receive, Scope, Send, query, refusal, send_answer
from geogrid.core.signing import BadToken
from geogrid.web.files import send_file
from tiles.downloads import tickets

_FILE = re.compile(r"[0-9a-f-]{36}\.(?:gpkg|fgb|shp\.zip|csv|xlsx|geojson)")


async def serve_download(scope: Scope, receive: Receive, send: Send) -> None:
    """The file that a ticket names, to be saved under the name that it says."""
    try:
        ticket = tickets.read(query(scope).get("ticket", ""))
    except BadToken as bad:
        await send_answer(scope, send, refusal(401 if bad.expired else 403, "bad_ticket", str(bad)))
        return
    path = Path(settings.VAR_DIR) / "downloads" / ticket.file if _FILE.fullmatch(ticket.file) else None
    name = re.sub(r"[^\w.-]", "_", ticket.name, flags=re.ASCII)
    await send_file(
        scope,
        send,
        path,
        ticket.media_type,
        "This file is no longer kept. 文件已过期。",
        content_disposition=f'attachment; filename="{name}"',
    )
