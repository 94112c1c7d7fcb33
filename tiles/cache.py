"""Finished tiles, the least asked for going first. Touched by the event loop's thread only."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tiles.layers import Layer
from tiles.squares import Square

LARGEST_BYTES = 96 * 2**20
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TileKey:
    """What a tile is of. `scope` is None where everyone sees the same."""

    layers: tuple[Layer, ...]
    square: Square
    scope: tuple[object, ...] | None = None

    def is_touched_by(self, kind: str, box: Box | None) -> bool:
        """Whether a change of this kind inside `box` (None: anywhere) makes the tile stale."""
        if not any(kind in layer.changed_by for layer in self.layers):
            return False
        return box is None or self.square.touches(box)


@dataclass(frozen=True)
class Tile:
    """A finished tile. Nothing in it: empty bytes. `packed` is gzip."""

    etag: str = ""
    plain: bytes = b""
    packed: bytes = b""
    good_until: float = field(default=float("inf"), compare=False)


class TileCache:
    """Tiles by key, up to a sum of bytes."""

    def __init__(self, largest_bytes: int = LARGEST_BYTES) -> None:
        self._kept: OrderedDict[TileKey, Tile] = OrderedDict()
        self._bytes = 0
        self._largest = largest_bytes

    def get(self, key: TileKey, now: float) -> Tile | None:
        """The tile, unless there is none or its time is over."""
        tile = self._kept.get(key)
        if tile is None:
            return None
        if tile.good_until <= now:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return tile

    def keep(self, key: TileKey, tile: Tile) -> None:
        """Keep a tile, and let go of those that nobody asked for longest."""
        self._drop(key)
        self._kept[key] = tile
        self._bytes += _weight(tile)
        while self._bytes > self._largest:
            self._drop(next(iter(self._kept)))

    def forget(self, changes: Iterable[tuple[str, Box | None]]) -> int:
        """Drop all tiles that these changes (kind, box) touch; how many there were."""
        changed = list(changes)
        stale = [key for key in self._kept if any(key.is_touched_by(*change) for change in changed)]
        for key in stale:
            self._drop(key)
        return len(stale)

    def clear(self) -> None:
        """Drop everything."""
        self._kept.clear()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: TileKey) -> None:
        gone: Any = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= _weight(gone)


def _weight(tile: Tile) -> int:
    return len(tile.packed) + len(tile.plain) + 500
