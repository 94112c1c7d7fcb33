"""Tiles on demand: from the cache, else made once for all who wait for the same one."""

import asyncio
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from isal import igzip

from geogrid.changes.passes import Pass
from geogrid.core.reading import Query, Readers
from tiles.cache import Box, Tile, TileCache, TileKey
from tiles.counts import CountRaster
from tiles.grid import Grid
from tiles.layers import LAYERS, Layer, Source
from tiles.squares import Square
from tiles.statements import counted_statement, runs_statement, single_statement

MOST_SINGLE = 8_000  # features of one tile at the first zoom that draws them one by one
SCOPED_TILE_S = 600.0  # incidents carry their age in hours: no tile of them lives longer


def pack(plain: bytes) -> bytes:
    """gzip at the cheapest level, the same bytes every time."""
    return bytes(igzip.compress(plain, 1, mtime=0))


def finished(plain: bytes, good_until: float = float("inf")) -> Tile:
    """A tile of these bytes, packed and with its mark."""
    if not plain:
        return Tile(good_until=good_until)
    mark = hashlib.blake2b(plain, digest_size=12).hexdigest()
    return Tile(f'W/"{mark}"', plain, pack(plain), good_until)


@dataclass
class _Flight:
    """One tile being made, and how many wait for it."""

    task: asyncio.Task[Tile]
    query: Query = field(default_factory=Query)
    waiting: int = 0
    is_stale: bool = False


class TileService:
    """Makes tiles. All methods but `make` are called in the event loop's thread."""

    def __init__(self, readers: Readers | None = None, cache: TileCache | None = None) -> None:
        self.readers = readers or Readers("tile_reader")
        self.cache = TileCache() if cache is None else cache
        self.grid = Grid()
        self.rasters = {
            layer.id: CountRaster(layer.view) for layer in LAYERS.values() if layer.source == Source.COUNTED
        }
        self._flights: dict[TileKey, _Flight] = {}

    async def tile(self, layers: tuple[Layer, ...], square: Square, asked_by: Pass) -> Tile:
        """The tile as this pass sees it.

        Cancelling the call gives up the query when nobody else waits for the same tile.

        Raises:
            psycopg2.Error: when the database cannot say.
        """
        drawn = tuple(layer for layer in layers if square.z >= layer.min_zoom)
        if not drawn:
            return Tile()
        scope = asked_by.scope if any(layer.scoped for layer in drawn) else None
        key = TileKey(drawn, square, scope)
        kept = self.cache.get(key, time.monotonic())
        if kept is not None:
            return kept
        flight = self._flights.get(key)
        if flight is None or flight.is_stale:
            query = Query()
            flight = _Flight(asyncio.create_task(self._fly(key, asked_by, query)), query)
            self._flights[key] = flight
            flight.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.waiting == 0 and not flight.task.done():
                flight.query.give_up()
                flight.is_stale = True

    async def _fly(self, key: TileKey, asked_by: Pass, query: Query) -> Tile:
        def work(cursor: Any) -> Tile:
            plain = self.make(cursor, key.layers, key.square, asked_by)
            lives_s = [layer.fresh_s for layer in key.layers if layer.fresh_s is not None]
            lives_s += [SCOPED_TILE_S] if key.scope is not None else []
            until = time.monotonic() + min(lives_s, default=float("inf"))
            return finished(plain, until)

        try:
            tile: Tile = await self.readers.read(work, query)
        finally:
            flight = self._flights.get(key)
            if flight is not None and flight.query is query:
                del self._flights[key]
        if flight is not None and not flight.is_stale:
            self.cache.keep(key, tile)
        return tile

    def make(self, cursor: Any, layers: tuple[Layer, ...], square: Square, asked_by: Pass) -> bytes:
        """The bytes of a tile, one layer after the other, read by a cursor of a reading login."""
        return b"".join(self._layer(cursor, layer, square, asked_by) for layer in layers)

    def _layer(self, cursor: Any, layer: Layer, square: Square, asked_by: Pass) -> bytes:
        if layer.source == Source.GRID:
            return self.grid.tile(cursor, layer.id, square)
        if layer.source == Source.COUNTED:
            raster = self.rasters[layer.id]
            if square.z < layer.single_from:
                return raster.tile(cursor, layer.id, square)
            # One zoom further in, squares too full for a screen and for 500 kB are counted still.
            if square.z == layer.single_from and raster.amount(cursor, square) > MOST_SINGLE:
                return raster.tile(cursor, layer.id, square)
        if layer.source == Source.RUNS:
            statement = runs_statement(layer, square, asked_by)
        elif square.z < layer.single_from:
            statement = counted_statement(layer, square, asked_by)
        else:
            statement = single_statement(layer, square, asked_by)
        cursor.execute(*statement)
        return bytes(cursor.fetchone()[0])

    def forget(self, changes: Iterable[tuple[str, Box | None]]) -> None:
        """Let go of everything these changes (kind, box in Web Mercator metres or None) make stale."""
        changed = list(changes)
        for kind, box in changed:
            for layer in LAYERS.values():
                if kind not in layer.changed_by:
                    continue
                if layer.source == Source.GRID:
                    self.grid.has_changed()
                elif layer.source == Source.COUNTED:
                    self.rasters[layer.id].touch(box)
        self.cache.forget(changed)
        for key, flight in self._flights.items():
            if any(key.is_touched_by(*change) for change in changed):
                flight.is_stale = True

    def forget_everything(self) -> None:
        """The change log has a hole (another database, a restore): start afresh."""
        self.forget((kind, None) for layer in LAYERS.values() for kind in layer.changed_by)
        self.cache.clear()
