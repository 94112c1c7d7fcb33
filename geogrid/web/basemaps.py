"""Base maps: PMTiles files that the browser reads piece by piece with Range requests.

They are shown to those who are signed in, like all else on the map: with a feed token.
"""

import re
from pathlib import Path

from django.conf import settings

from geogrid.changes import passes
from geogrid.core.raw import Receive, Scope, Send, query, refusal, send_answer
from geogrid.core.signing import BadToken
from geogrid.web.files import send_file

PMTILES = "application/vnd.pmtiles"
_NAME = re.compile(r"/base/([a-z0-9][a-z0-9_-]{0,60})\.pmtiles")


async def serve_basemap(scope: Scope, receive: Receive, send: Send) -> None:
    """A PMTiles file, whole or a range of it."""
    try:
        passes.read(token := query(scope).get("token", ""))
    except BadToken as bad:
        status = 401 if bad.expired or not token else 403
        await send_answer(scope, send, refusal(status, "bad_token", str(bad)))
        return
    named = _NAME.fullmatch(scope["path"])
    path = Path(settings.BASEMAP_DIR) / f"{named[1]}.pmtiles" if named else None
    await send_file(scope, send, path, PMTILES, "There is no such base map here.")
