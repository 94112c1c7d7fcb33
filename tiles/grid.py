"""Cells and their unions, kept in memory and simplified together for each zoom.

Simplifying each polygon by itself opens gaps and overlaps; a coverage simplified as one has none.
Communities, streets and districts are unions of the simplified cells, so that levels never disagree either.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from tiles.encoding import Properties, encode_areas, encode_points
from tiles.squares import HALF, Square

EXACT_FROM_ZOOM = 15
TILE_PX = 512
LEVELS = {"communities": "COMMUNITY", "streets": "STREET", "districts": "DISTRICT"}
log = logging.getLogger(__name__)

_CELLS = """
SELECT id, code, name, name_en, kind, households, community, ST_AsBinary(geom_3857)
FROM map_cell
WHERE geom_3857 IS NOT NULL
ORDER BY code
"""
_UNITS = "SELECT id, code, level, name, name_en, parent FROM map_unit"


@dataclass(frozen=True)
class Areas:
    """The areas of one layer at one zoom, with the point of each label, in Web Mercator metres."""

    shapes: np.ndarray
    tree: shapely.STRtree
    labels: np.ndarray  # (n, 2)
    ids: list[int]
    properties: list[Properties]

    def tile(self, layer_id: str, square: Square) -> bytes:
        """The areas that reach into a tile, and their label points as `<layer>_labels`."""
        found = np.sort(self.tree.query(shapely.box(*square.buffered)))
        if not len(found):
            return b""
        ids, properties = [self.ids[at] for at in found], [self.properties[at] for at in found]
        areas = encode_areas(layer_id, square, self.shapes[found], properties, ids)
        west, south, east, north = square.bounds
        x, y = self.labels[found].T
        here = np.flatnonzero((x >= west) & (x < east) & (y > south) & (y <= north))
        labels = encode_points(
            f"{layer_id}_labels",
            square,
            self.labels[found][here],
            [properties[at] for at in here],
            [ids[at] for at in here],
        )
        return areas + labels


def _areas(shapes: np.ndarray, ids: list[int], properties: list[Properties]) -> Areas:
    shapes = np.asarray(shapes, dtype=object)
    labels = shapely.get_coordinates(shapely.point_on_surface(shapes)).reshape(-1, 2)
    return Areas(shapes, shapely.STRtree(shapes), labels, ids, properties)


class GridShapes:
    """The grid as it was at one moment."""

    def __init__(self, cells: list[tuple[Any, ...]], units: list[tuple[Any, ...]]) -> None:
        """cells, units: rows of `_CELLS` and `_UNITS`."""
        self._exact = shapely.from_wkb([bytes(row[7]) for row in cells])
        self._cell_ids = [row[0] for row in cells]
        names = ("code", "name", "name_en", "kind", "households", "community")
        self._cell_properties = [_told(zip(names, row[1:7], strict=True)) for row in cells]
        self._units = {row[1]: row for row in units}
        self._members = {level: self._cells_of(level, [row[6] for row in cells]) for level in LEVELS.values()}
        self._made: dict[tuple[str, int], Areas] = {}
        self._simplified: dict[int, np.ndarray] = {EXACT_FROM_ZOOM: self._exact}
        self._lock = threading.Lock()

    def areas(self, layer_id: str, z: int) -> Areas | None:
        """The areas of a layer as zoom z draws them; None when there are none."""
        if not len(self._exact):
            return None
        zoom = min(z, EXACT_FROM_ZOOM)
        with self._lock:
            key = (layer_id, zoom)
            if key not in self._made:
                self._made[key] = self._make(layer_id, self._at(zoom))
            return self._made[key]

    def _at(self, zoom: int) -> np.ndarray:
        if zoom not in self._simplified:
            pixel_m = 2 * HALF / 2**zoom / TILE_PX
            self._simplified[zoom] = shapely.coverage_simplify(self._exact, pixel_m)
        return self._simplified[zoom]

    def _make(self, layer_id: str, cells: np.ndarray) -> Areas:
        if layer_id == "cells":
            return _areas(cells, self._cell_ids, self._cell_properties)
        members = self._members[LEVELS[layer_id]]
        rows = [self._units[code] for code in members]
        shapes = np.array([_union(cells[at]) for at in members.values()], dtype=object)
        told = [_told(zip(("code", "name", "name_en"), (r[1], r[3], r[4]), strict=True)) for r in rows]
        return _areas(shapes, [row[0] for row in rows], told)

    def _cells_of(self, level: str, communities: list[str]) -> dict[str, list[int]]:
        """Indices of cells by code of their unit of a level."""
        members: dict[str, list[int]] = defaultdict(list)
        for at, code in enumerate(communities):
            unit = self._units.get(code)
            while unit is not None and unit[2] != level:
                unit = self._units.get(unit[5])
            if unit is not None:
                members[unit[1]].append(at)
        return dict(members)


def _told(pairs: Any) -> Properties:
    return {name: value for name, value in pairs if value not in (None, "")}


def _union(cells: np.ndarray) -> shapely.Geometry:
    try:
        return shapely.coverage_union_all(cells)
    except shapely.GEOSException:  # cells loaded as they were, with overlaps still to be healed
        log.warning("some cells overlap; their union is drawn slowly")
        return shapely.union_all(cells)


class Grid:
    """The grid as it is: read when first asked for, and again after a change."""

    def __init__(self) -> None:
        self._shapes: GridShapes | None = None
        self._version = 0
        self._read_at = -1
        self._lock = threading.Lock()

    def has_changed(self) -> None:
        """Read it anew before the next tile."""
        self._version += 1

    def tile(self, cursor: Any, layer_id: str, square: Square) -> bytes:
        """One grid layer of a tile."""
        areas = self._current(cursor).areas(layer_id, square.z)
        return areas.tile(layer_id, square) if areas else b""

    def _current(self, cursor: Any) -> GridShapes:
        with self._lock:
            version = self._version
            if self._shapes is None or self._read_at != version:
                self._shapes = read_grid(cursor.execute, cursor.fetchall)
                self._read_at = version
            return self._shapes


def read_grid(execute: Callable[[str], Any], fetch: Callable[[], list[tuple[Any, ...]]]) -> GridShapes:
    """The grid of the database, as of now."""
    execute(_CELLS)
    cells = fetch()
    execute(_UNITS)
    return GridShapes(cells, fetch())
