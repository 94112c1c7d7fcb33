"""The raw handler of /terrain: raster tiles of relief and depth with their TileJSON, for feed tokens."""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final

import psycopg2
from django.conf import settings

from assets.terrain.shading import MAX_ZOOM, SIDE, Picture, draw, is_tile
from assets.terrain.store import DEPTH, GROUND
from geogrid.changes.passes import Pass, read
from geogrid.core.raw import (
    JSON,
    Answer,
    Receive,
    Scope,
    Send,
    etag_matches,
    origin,
    query,
    refusal,
    send_answer,
)
from geogrid.core.reading import Readers
from geogrid.core.signing import BadToken

PNG: Final = "image/png"
MIN_ZOOM: Final = 8
KEPT: Final = 1_000  # tiles in memory, some 10 kB each
_CACHING: Final = {"cache-control": "private, no-cache"}  # kept, but asked for again
_TILE: Final = re.compile(r"/terrain/([a-z]+)/(\d{1,2})/(\d{1,7})/(\d{1,7})\.png")
_TILEJSON: Final = re.compile(r"/terrain/([a-z]+)\.json")
_READY: Final = """
    SELECT id, is_simulated, source, core.box_array(outline), extract(epoch FROM ready_at)
    FROM terrain
    WHERE state = 'ready'
    ORDER BY pixel_m DESC, id
"""
TITLES: Final = {
    Picture.HILLSHADE: "Relief 地形晕渲",
    Picture.DEPTH: "How deep water can stand 可积水深度",
}


@dataclass(frozen=True)
class Ready:
    """A terrain that can be drawn. `box`: west, south, east, north in degrees."""

    id: int
    is_simulated: bool
    source: str
    box: tuple[float, float, float, float]
    ready_at: float

    @property
    def folder(self) -> Path:
        return Path(settings.TERRAIN_DIR) / str(self.id)

    @property
    def is_whole(self) -> bool:
        """Whether its files are there; after a restore without them, or while it is removed, they are not."""
        return (self.folder / GROUND).exists() and (self.folder / DEPTH).exists()


class TerrainTiles:
    """Answers what lies under /terrain/. Coarse terrains are drawn first, finer ones over them."""

    def __init__(
        self, readers: Readers | None = None, is_revoked: Callable[[Pass], bool] = lambda asked_by: False
    ) -> None:
        """is_revoked: whether rights were taken away since a pass was issued."""
        self._readers = readers or Readers("app", threads=2)
        self._is_revoked = is_revoked
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(scope, send, await self._answer(scope))

    def close(self) -> None:
        """End the threads that draw."""
        self._readers.close()

    async def _answer(self, scope: Scope) -> Answer:
        token = query(scope).get("token", "")
        try:
            asked_by = read(token)
        except BadToken as bad:
            return refusal(401 if bad.expired or not token else 403, "bad_token", str(bad))
        if self._is_revoked(asked_by):
            return refusal(403, "revoked", "Your rights have changed; ask for a new token.")
        path = scope["path"]
        try:
            if (found := _TILE.fullmatch(path)) and found[1] in set(Picture):
                z, x, y = (int(number) for number in found.group(2, 3, 4))
                if not is_tile(z, x, y):
                    return refusal(400, "bad_tile", f"There is no tile {z}/{x}/{y}.")
                return _tile_answer(scope, await self._tile(Picture(found[1]), z, x, y))
            if (found := _TILEJSON.fullmatch(path)) and found[1] in set(Picture):
                picture = Picture(found[1])
                document = tilejson(picture, await self._readers.read(_ready), origin(scope))
                return Answer(200, _as_json(document), JSON, _CACHING)
        except psycopg2.Error:
            return refusal(503, "busy", "The database did not answer in time; try again.", retry_after="2")
        return refusal(404, "not_found", f"There are {', '.join(Picture)}: /terrain/hillshade/z/x/y.png.")

    async def _tile(self, picture: Picture, z: int, x: int, y: int) -> bytes:
        def work(cursor: Any) -> bytes:
            terrains = _ready(cursor)
            key = (picture, z, x, y, tuple((one.id, one.ready_at) for one in terrains))
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key]
            folders = [one.folder for one in terrains if one.is_whole]
            made = draw(picture, z, x, y, folders)
            with self._lock:
                self._kept[key] = made
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return made

        drawn: bytes = await self._readers.read(work)
        return drawn


def _ready(cursor: Any) -> list[Ready]:
    cursor.execute(_READY)
    return [Ready(row[0], row[1], row[2], tuple(row[3]), float(row[4])) for row in cursor.fetchall()]


def tilejson(picture: Picture, terrains: list[Ready], address: str) -> dict[str, Any]:
    """TileJSON 3.0 of a picture of the ground; it says when the ground is simulated."""
    invented = " · simulated 模拟地形" if any(one.is_simulated for one in terrains) else ""
    sources = "; ".join(sorted({one.source for one in terrains if one.source}))
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": f"{TITLES[picture]}{invented}",
        "description": f"{TITLES[picture]}{invented}",
        "attribution": sources,
        "scheme": "xyz",
        "tiles": [f"{address}/terrain/{picture}/{{z}}/{{x}}/{{y}}.png"],
        "tileSize": SIDE,
        "minzoom": MIN_ZOOM,
        "maxzoom": MAX_ZOOM,
        "is_simulated": any(one.is_simulated for one in terrains),
    }
    if terrains:
        west, south, east, north = zip(*(one.box for one in terrains), strict=True)
        document["bounds"] = [min(west), min(south), max(east), max(north)]
    return document


def _as_json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _tile_answer(scope: Scope, drawn: bytes) -> Answer:
    etag = f'"{hashlib.sha256(drawn).hexdigest()[:24]}"'
    headers = {**_CACHING, "etag": etag}
    if etag_matches(scope, etag):
        return Answer(304, headers=headers)
    return Answer(200, drawn, PNG, headers)
