"""The raw handler of /tiles: tiles, TileJSON and style, for holders of a feed token."""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Callable

import psycopg2

from geogrid.changes.passes import Pass, read
from geogrid.core.raw import (
    JSON,
    Answer,
    Receive,
    Scope,
    Send,
    accepts_gzip,
    etag_matches,
    origin,
    query,
    refusal,
    send_answer,
)
from geogrid.core.reading import Cancelled
from geogrid.core.signing import BadToken
from tiles.cache import Tile
from tiles.layers import LAYERS, Layer, UnknownLayer, layers_named
from tiles.palette import THEMES
from tiles.service import TileService, finished
from tiles.squares import Square
from tiles.style import style
from tiles.tilejson import tilejson

MVT = "application/vnd.mapbox-vector-tile"
CACHING = "private, no-cache"  # kept, but asked for again: a change must be seen at once
_TILE = re.compile(r"/tiles/([^/]+)/(\d{1,3})/(-?\d{1,9})/(-?\d{1,9})\.(?:mvt|pbf)")
_TILEJSON = re.compile(r"/tiles/([^/]+)\.json")
_STYLE = re.compile(r"/tiles/style/([^/]+)\.json")
log = logging.getLogger(__name__)


class TileHandler:
    """Answers what lies under /tiles/."""

    def __init__(
        self, service: TileService, is_revoked: Callable[[Pass], bool] = lambda asked_by: False
    ) -> None:
        """is_revoked: whether rights were taken away since a pass was issued."""
        self._service = service
        self._is_revoked = is_revoked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(scope, receive)
        if answer is not None:
            await send_answer(scope, send, answer)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer | None:
        """The answer; None when nobody is there any more."""
        asked = query(scope)
        asked_by = self._pass_of(asked.get("token", ""))
        if isinstance(asked_by, Answer):
            return asked_by
        path = scope["path"]
        try:
            if found := _TILE.fullmatch(path):
                square = Square(*(int(number) for number in found.group(2, 3, 4)))
                if not square.is_real:
                    return refusal(400, "bad_tile", f"There is no tile {square.z}/{square.x}/{square.y}.")
                return await self._tile(layers_named(found[1]), square, asked_by, scope, receive)
            if found := _STYLE.fullmatch(path):
                if found[1] not in THEMES:
                    return refusal(
                        404, "not_found", f"There is no such style; there are {', '.join(THEMES)}."
                    )
                language = "zh" if asked.get("lang", "").startswith("zh") else "en"
                return _document(scope, await asyncio.to_thread(style, found[1], language, origin(scope)))
            if found := _TILEJSON.fullmatch(path):
                layers = layers_named(found[1])
                bounds = await self._service.readers.read(_bounds)
                return _document(scope, tilejson(layers, origin(scope), bounds))
        except UnknownLayer as unknown:
            return refusal(404, "no_such_layer", str(unknown))
        except psycopg2.Error as error:
            log.warning("no answer for %s: %s", path, error)
            return refusal(503, "busy", "The database did not answer in time; try again.", retry_after="2")
        return refusal(
            404, "not_found", f"Tiles are at /tiles/<layers>/z/x/y.mvt; layers: {', '.join(LAYERS)}."
        )

    def _pass_of(self, token: str) -> Pass | Answer:
        if not token:
            return refusal(401, "no_token", "Add ?token= with a token from /api/feed-token.")
        try:
            asked_by = read(token)
        except BadToken as bad:
            return refusal(401 if bad.expired else 403, "bad_token", str(bad))
        if self._is_revoked(asked_by):
            return refusal(403, "revoked", "Your rights have changed; ask for a new token.")
        return asked_by

    async def _tile(
        self, layers: tuple[Layer, ...], square: Square, asked_by: Pass, scope: Scope, receive: Receive
    ) -> Answer | None:
        making = asyncio.ensure_future(self._service.tile(layers, square, asked_by))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({making, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not making.done():
                return None
            return _tile_answer(scope, making.result())
        except Cancelled:
            return None
        finally:
            for task in (making, leaving):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task


async def _left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _tile_answer(scope: Scope, tile: Tile) -> Answer:
    headers = {"cache-control": CACHING, "vary": "accept-encoding"}
    if not tile.plain:
        return Answer(204, headers=headers)
    headers["etag"] = tile.etag
    if etag_matches(scope, tile.etag):
        return Answer(304, headers=headers)
    if not accepts_gzip(scope):
        return Answer(200, tile.plain, MVT, headers)
    return Answer(200, tile.packed, MVT, {**headers, "content-encoding": "gzip"})


def _document(scope: Scope, document: object) -> Answer:
    tile = finished(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())
    headers = {"cache-control": CACHING, "vary": "accept-encoding", "etag": tile.etag}
    if etag_matches(scope, tile.etag):
        return Answer(304, headers=headers)
    if not accepts_gzip(scope):
        return Answer(200, tile.plain, JSON, headers)
    return Answer(200, tile.packed, JSON, {**headers, "content-encoding": "gzip"})


def _bounds(cursor: object) -> list[float] | None:
    """West, south, east, north of the city in degrees, or None while there is no grid."""
    cursor.execute("SELECT core.city_bounds()")  # type: ignore[attr-defined]
    found: list[float] | None = cursor.fetchone()[0]  # type: ignore[attr-defined]
    return found
