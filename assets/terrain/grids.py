"""Where the pixels of a terrain model lie: degrees to rows and columns, true areas, pieces to work on.

A terrain keeps the grid it came with. Resampling it would move the lips over which water spills, and with
them every level.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer

from geogrid.core.geo import STORAGE_SRID

DEGREES: Final = CRS.from_epsg(STORAGE_SRID)
_GEOD: Final = Geod(ellps="WGS84")
_NODES: Final = 5  # the area of a pixel is measured at 5 x 5 places and interpolated between them
PIECE: Final = 2048  # pixels along a side that are worked on at once...
MARGIN: Final = 256  # ...and how far around them is looked

Numbers = NDArray[np.float64]


# To make one takes as long as a whole flood.
@lru_cache(maxsize=64)
def _to_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(crs, DEGREES, always_xy=True)


@lru_cache(maxsize=64)
def _from_degrees(crs: str) -> Transformer:
    return Transformer.from_crs(DEGREES, crs, always_xy=True)


@dataclass(frozen=True)
class Box:
    """Rows and columns from-to, the ends excluded."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    def grown(self, by: int, grid: "Grid") -> "Box":
        """Larger on every side, as far as the grid reaches."""
        return Box(
            max(0, self.top - by),
            max(0, self.left - by),
            min(grid.height, self.bottom + by),
            min(grid.width, self.right + by),
        )

    def holds(self, row: int, column: int) -> bool:
        return self.top <= row < self.bottom and self.left <= column < self.right


@dataclass(frozen=True)
class Piece:
    """A part of a terrain to be worked on: `core` is its own, `seen` what is looked at."""

    number: int
    core: Box
    seen: Box


@dataclass(frozen=True)
class Grid:
    """A north-up grid of pixels in a coordinate system of its own. `crs` is what pyproj understands."""

    crs: str
    transform: Affine
    width: int
    height: int

    @property
    def whole(self) -> Box:
        return Box(0, 0, self.height, self.width)

    def degrees(self, columns: Any, rows: Any) -> tuple[Any, Any]:
        """Longitude and latitude (WGS 84) of places counted in pixels from the north-western corner."""
        turn = self.transform
        x = turn.c + turn.a * np.asarray(columns, float)
        y = turn.f + turn.e * np.asarray(rows, float)
        return _to_degrees(self.crs).transform(x, y)

    def plane(self, lng: float, lat: float) -> tuple[float, float]:
        """Coordinates in the grid's own system of a place in degrees; infinite where it has none."""
        x, y = _from_degrees(self.crs).transform(lng, lat)
        return float(x), float(y)

    def pixel_at(self, lng: float, lat: float) -> tuple[int, int] | None:
        """Row and column of the pixel that holds a place in degrees; None outside."""
        x, y = self.plane(lng, lat)
        if not (np.isfinite(x) and np.isfinite(y)):
            return None
        column, row = (x - self.transform.c) / self.transform.a, (y - self.transform.f) / self.transform.e
        if not (0 <= column < self.width and 0 <= row < self.height):
            return None
        return int(row), int(column)

    def middle_of(self, row: int, column: int) -> tuple[float, float]:
        """Longitude and latitude of the middle of a pixel."""
        lng, lat = self.degrees(column + 0.5, row + 0.5)
        return float(lng), float(lat)

    def outline(self, corners_a_side: int = 16) -> list[tuple[float, float]]:
        """The grid's border in degrees, a closed ring; its sides are not straight there."""
        along = np.linspace(0, 1, corners_a_side, endpoint=False)
        columns = np.concatenate([along, np.ones_like(along), 1 - along, np.zeros_like(along), [0]])
        rows = np.concatenate([np.zeros_like(along), along, np.ones_like(along), 1 - along, [0]])
        lng, lat = self.degrees(columns * self.width, rows * self.height)
        return list(zip(lng.tolist(), lat.tolist(), strict=True))

    def pixel_size_m(self) -> tuple[float, float]:
        """Width and height of the pixel in the middle, in metres on the ellipsoid."""
        row, column = self.height / 2, self.width / 2
        lng, lat = self.degrees([column, column + 1, column], [row, row, row + 1])
        across = _GEOD.inv(lng[0], lat[0], lng[1], lat[1])[2]
        down = _GEOD.inv(lng[0], lat[0], lng[2], lat[2])[2]
        return float(across), float(down)

    @cached_property
    def _areas(self) -> Numbers:
        """Area of a pixel at each node of a coarse net over the grid."""
        areas = np.empty((_NODES, _NODES))
        for i, row in enumerate(np.linspace(0, self.height - 1, _NODES)):
            for j, column in enumerate(np.linspace(0, self.width - 1, _NODES)):
                lng, lat = self.degrees(
                    [column, column + 1, column + 1, column], [row, row, row + 1, row + 1]
                )
                areas[i, j] = abs(_GEOD.polygon_area_perimeter(lng, lat)[0])
        return areas

    def pixel_area_m2(self, rows: Any, columns: Any) -> Numbers:
        """Area of pixels in square metres on the ellipsoid, whatever the map projection does to it."""
        down = np.asarray(rows, float) / max(1, self.height - 1) * (_NODES - 1)
        across = np.asarray(columns, float) / max(1, self.width - 1) * (_NODES - 1)
        i = np.clip(down.astype(int), 0, _NODES - 2)
        j = np.clip(across.astype(int), 0, _NODES - 2)
        v, u = down - i, across - j
        net = self._areas
        north = net[i, j] * (1 - u) + net[i, j + 1] * u
        south = net[i + 1, j] * (1 - u) + net[i + 1, j + 1] * u
        between: Numbers = north * (1 - v) + south * v
        return between

    def pieces(self, side: int = PIECE, margin: int = MARGIN) -> Iterator[Piece]:
        """Pieces that cover the grid once, in the order of their numbers."""
        corners = [(r, c) for r in range(0, self.height, side) for c in range(0, self.width, side)]
        for number, (top, left) in enumerate(corners):
            core = Box(top, left, min(top + side, self.height), min(left + side, self.width))
            yield Piece(number, core, core.grown(margin, self))

    def around(self, row: int, column: int, width_m: float) -> Box:
        """The window of `width_m` by `width_m` metres around a pixel, as far as the grid reaches."""
        across, down = self.pixel_size_m()
        half_rows, half_columns = round(width_m / 2 / down), round(width_m / 2 / across)
        return Box(
            max(0, row - half_rows),
            max(0, column - half_columns),
            min(self.height, row + half_rows + 1),
            min(self.width, column + half_columns + 1),
        )


@lru_cache(maxsize=64)
def grid_of(crs: str, transform: tuple[float, ...], width: int, height: int) -> Grid:
    """The grid of these figures; asked again it is the same, with what it has measured of itself."""
    return Grid(crs, Affine(*transform), width, height)
