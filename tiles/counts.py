"""How many assets stand where, for zooms that would drown in single ones.

A raster of 32 x 32 squares per tile of zoom 14 is kept in memory (240,000 squares for 340 km2). A tile adds
them up to 16 x 16; a change reads only the squares it touched. Nothing is ever cut off: the sum of
all counts is the number of assets.
"""

import threading
from typing import Any

import numpy as np

from tiles.encoding import encode_points
from tiles.squares import HALF, Square

FINEST_ZOOM = 14
PER_TILE = 32
PITCH_M = 2 * HALF / 2**FINEST_ZOOM / PER_TILE
_MANY_BOXES = 16
Box = tuple[float, float, float, float]

_COUNT = """
SELECT
    floor((x + %(half)s) / %(pitch)s)::integer AS gx,
    floor((%(half)s - y) / %(pitch)s)::integer AS gy,
    count(*)::integer,
    avg(x),
    avg(y)
FROM (
    SELECT
        (ST_XMin(v.geom_3857) + ST_XMax(v.geom_3857)) / 2 AS x,
        (ST_YMin(v.geom_3857) + ST_YMax(v.geom_3857)) / 2 AS y
    FROM {view} v
    WHERE {where}
) middle
GROUP BY 1, 2
"""
_WITHIN = "v.geom_3857 && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)"


class CountRaster:
    """Counts of one view's rows by square. Rows lie where the middle of their box lies."""

    def __init__(self, view: str) -> None:
        self._view = view
        self._rows = np.empty((0, 5))  # square x, square y, count, mean x, mean y
        self._is_read = False
        self._touched: list[Box] = []
        self._lock = threading.Lock()

    def touch(self, box: Box | None) -> None:
        """Something changed inside a box of Web Mercator metres; None: anywhere."""
        with self._lock:
            if box is None:
                self._is_read = False
            else:
                self._touched.append(box)

    def tile(self, cursor: Any, layer_id: str, square: Square) -> bytes:
        """One layer of points with `count`, at the mean place of what they count."""
        rows = self._within(self._current(cursor), square)
        if not len(rows):
            return b""
        shift = 2 ** max(0, FINEST_ZOOM + 1 - square.z)  # 16 a tile: a circle every 32 pixels
        key = (rows[:, 0] // shift) * 2**26 + rows[:, 1] // shift
        _, group = np.unique(key, return_inverse=True)
        counts = np.bincount(group, rows[:, 2])
        x = np.bincount(group, rows[:, 2] * rows[:, 3]) / counts
        y = np.bincount(group, rows[:, 2] * rows[:, 4]) / counts
        told = [{"count": int(count)} for count in counts]
        return encode_points(layer_id, square, np.column_stack([x, y]), told)

    def amount(self, cursor: Any, square: Square) -> int:
        """How many things stand in a tile."""
        return int(self._within(self._current(cursor), square)[:, 2].sum())

    @staticmethod
    def _within(rows: np.ndarray, square: Square) -> np.ndarray:
        per_edge = int(PER_TILE * 2.0 ** (FINEST_ZOOM - square.z))
        first_x, first_y = square.x * per_edge, square.y * per_edge
        gx, gy = rows[:, 0], rows[:, 1]
        across = (gx >= first_x) & (gx < first_x + per_edge)
        down = (gy >= first_y) & (gy < first_y + per_edge)
        found: np.ndarray = rows[across & down]
        return found

    def _current(self, cursor: Any) -> np.ndarray:
        with self._lock:
            if not self._is_read:
                self._touched.clear()
                self._rows = self._count(cursor, "true", {})
                self._is_read = True
            elif self._touched:
                boxes, self._touched = self._touched, []
                for box in boxes if len(boxes) <= _MANY_BOXES else [_around(boxes)]:
                    self._count_again(cursor, box)
            return self._rows

    def _count_again(self, cursor: Any, box: Box) -> None:
        west, east = (np.floor((value + HALF) / PITCH_M) for value in (box[0], box[2]))
        north, south = (np.floor((HALF - value) / PITCH_M) for value in (box[3], box[1]))
        gx, gy = self._rows[:, 0], self._rows[:, 1]
        elsewhere = (gx < west) | (gx > east) | (gy < north) | (gy > south)
        found = self._count(
            cursor,
            _WITHIN,
            {
                "west": west * PITCH_M - HALF,
                "east": (east + 1) * PITCH_M - HALF,
                "north": HALF - north * PITCH_M,
                "south": HALF - (south + 1) * PITCH_M,
            },
        )
        fx, fy = found[:, 0], found[:, 1]
        inside = (fx >= west) & (fx <= east) & (fy >= north) & (fy <= south)
        self._rows = np.concatenate([self._rows[elsewhere], found[inside]])

    def _count(self, cursor: Any, where: str, box: dict[str, float]) -> np.ndarray:
        numbers = {name: float(value) for name, value in box.items()}
        cursor.execute(
            _COUNT.format(view=self._view, where=where), {"half": HALF, "pitch": PITCH_M, **numbers}
        )
        return np.array(cursor.fetchall(), dtype=float).reshape(-1, 5)


def _around(boxes: list[Box]) -> Box:
    wests, souths, easts, norths = zip(*boxes, strict=True)
    return min(wests), min(souths), max(easts), max(norths)
