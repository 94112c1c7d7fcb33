"""From pixels to polygons in degrees.

A flood over a square kilometre has some ten thousand corners, and somebody waits for it: so the corners are
found and paired as whole arrays, and only the walk along them is Python. GDAL's polygoniser, which looks at
every pixel inside too, took three times as long.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from assets.terrain.grids import Box, Grid

# Stairs of single pixels are drawn as a slope: no corner moves further than this part of a pixel.
SMOOTHING_PIXELS: Final = 0.75
FEW_CORNERS: Final = 64  # what has no more is drawn pixel by pixel: a puddle must not become a triangle
SPECK_PIXELS: Final = 4  # smaller islands in a large shape are roughness of the ground, and not drawn
# What the four pixels around a point make of it: north-west 1, north-east 2, south-west 4, south-east 8.
_SINGLE, _FALLING, _RISING = 1, 2, 3
_IS_CORNER: Final = np.array([0, 1, 1, 0, 1, 0, 3, 1, 1, 2, 0, 1, 0, 1, 1, 0], np.uint8)
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def outline_of(inside: Mask, window: Box, grid: Grid) -> Any:
    """The multipolygon (degrees, WGS 84) around the pixels that are set.

    inside: rows and columns whose north-western pixel stands at `window.top`, `window.left` of the grid.
    Pixels that meet at a corner only are parts of their own.
    """
    drawn = outline_in_pixels(inside)
    moved = shapely.transform(
        drawn, lambda at: np.column_stack(grid.degrees(at[:, 0] + window.left, at[:, 1] + window.top))
    )
    return whole_polygons(moved)


def outline_in_pixels(inside: Mask) -> Any:
    """The multipolygon around the pixels that are set, in columns and rows from their north-western corner.

    Of more than FEW_CORNERS corners, stairs are smoothed and islands under SPECK_PIXELS left out.
    """
    rings = _rings(inside)
    is_large = sum(len(ring.corners) for ring in rings) > FEW_CORNERS
    if is_large:
        rings = [ring for ring in rings if ring.is_shell or ring.pixels >= SPECK_PIXELS]
    drawn = shapely.MultiPolygon(_polygons(rings))
    if is_large:
        drawn = shapely.simplify(drawn, SMOOTHING_PIXELS, preserve_topology=True)
    return shapely.MultiPolygon(list(shapely.get_parts(drawn)))


@dataclass(frozen=True)
class _Ring:
    """A closed walk along the border, its corners as columns and rows. `pixels`: how many it goes around."""

    corners: NDArray[np.float64]
    is_shell: bool
    pixels: float


def _signed_area(corners: NDArray[np.float64]) -> float:
    x, y = corners[:, 0], corners[:, 1]
    along = np.dot(x[:-1], y[1:]) - np.dot(y[:-1], x[1:])
    return float(along + x[-1] * y[0] - y[-1] * x[0]) / 2


def _rings(inside: Mask) -> list[_Ring]:
    """All borders, those of the north first."""
    rows, columns, across, down, meeting = _corners(np.pad(inside, 1))
    along_rows = _partners(np.lexsort((across, columns, rows)))
    along_columns = _partners(np.lexsort((down, rows, columns)))
    walked = bytearray(len(rows))
    places = np.column_stack((columns, rows)).astype(float)
    rings = []
    for first in np.lexsort((columns, rows)).tolist():
        if walked[first]:
            continue
        walk: list[int] = []
        at = first
        while not walked[at]:
            other = along_rows[at]
            walked[at] = walked[other] = 1
            walk += (at, other)
            at = along_columns[other]
        # The first corner is the north-western one: what lies south-east of it is inside the ring.
        is_shell = bool(inside[rows[first], columns[first]])
        # Every walk sets out eastwards along its north; a loop that turns the other way is the opposite.
        for loop in _loops(walk, meeting):
            corners = places[loop]
            area = _signed_area(corners)
            rings.append(_Ring(corners, is_shell == (area > 0), abs(area)))
    return rings


def _loops(walk: list[int], meeting: list[int]) -> list[list[int]]:
    """A walk cut where it comes to a point again, so that no loop touches itself."""
    loops: list[list[int]] = []
    way: list[int] = []
    seen: dict[int, int] = {}
    for corner in walk:
        point = meeting[corner]
        if point >= 0 and point in seen:
            begin = seen[point]
            loops.append(way[begin:])
            for left in way[begin + 1 :]:
                seen.pop(meeting[left], None)
            del way[begin:]
        elif point >= 0:
            seen[point] = len(way)
        way.append(corner)
    return [*loops, way]


def _corners(padded: Mask) -> tuple[Numbers, Numbers, Numbers, Numbers, list[int]]:
    """Rows and columns of the border's corners, and the order in which two at one point come along the row
    and along the column: where two set pixels meet over a corner, each has a corner of its own. Last, the
    number of that point, -1 for all others."""
    ones = padded.view(np.uint8)
    north, south = ones[:-1, :-1] + 2 * ones[:-1, 1:], ones[1:, :-1] + 2 * ones[1:, 1:]
    around = north + 4 * south  # the four pixels of each point as a number
    # A mask of truths is searched five times as fast as one of numbers.
    points = np.column_stack(np.divmod(np.flatnonzero((_IS_CORNER != 0)[around]), around.shape[1]))
    kinds = _IS_CORNER[around[points[:, 0], points[:, 1]]]
    single, falling, rising = (points[kinds == kind] for kind in (_SINGLE, _FALLING, _RISING))
    # Of two at a point the first ends the border from the west. At a falling meeting it turns north, so it
    # ends the border from the north as well; at a rising one it turns south.
    points = np.concatenate([single, falling, falling, rising, rising])
    none, first, second = (np.full(n, v) for n, v in ((len(single), 0), (len(falling), 0), (len(falling), 1)))
    west, east = np.zeros(len(rising), int), np.ones(len(rising), int)
    across = np.concatenate([none, first, second, west, east])
    down = np.concatenate([none, first, second, east, west])
    meetings = np.arange(len(falling) + len(rising))
    own, others = np.full(len(single), -1), np.split(meetings, [len(falling)])
    meeting = np.concatenate([own, others[0], others[0], others[1], others[1]])
    return points[:, 0], points[:, 1], across, down, meeting.tolist()


def _partners(order: Numbers) -> list[int]:
    """For each corner the other end of its straight piece: in this order, pieces are pairs."""
    partner = np.empty(len(order), np.int64)
    partner[order[0::2]], partner[order[1::2]] = order[1::2], order[0::2]
    found: list[int] = partner.tolist()
    return found


def _polygons(rings: list[_Ring]) -> list[Any]:
    shells = [ring for ring in rings if ring.is_shell]
    holes = [ring.corners for ring in rings if not ring.is_shell]
    if len(shells) == 1 or not holes:
        return [shapely.Polygon(shell.corners, holes) for shell in shells]
    # A hole belongs to the smallest shell around it: of shells one may lie in a hole of another.
    shells.sort(key=lambda shell: shell.pixels)
    grounds = [shapely.Polygon(shell.corners) for shell in shells]
    where = shapely.points([_just_inside(hole) for hole in holes])
    hole_at, shell_at = shapely.STRtree(grounds).query(where, predicate="within")
    own = np.full(len(holes), len(shells))
    np.minimum.at(own, hole_at, shell_at)
    around: dict[int, list[Any]] = {}
    for hole, shell in zip(holes, own.tolist(), strict=True):
        around.setdefault(shell, []).append(hole)
    return [shapely.Polygon(shell.corners, around.get(nr)) for nr, shell in enumerate(shells)]


def _just_inside(hole: NDArray[np.float64]) -> NDArray[np.float64]:
    """A point in a hole: south-east of its north-western corner lies a pixel that is not set, its middle."""
    at: NDArray[np.float64] = hole[np.lexsort((hole[:, 0], hole[:, 1]))[0]] + 0.5
    return at


def whole_polygons(shape: Any) -> Any:
    """A valid multipolygon of the same ground."""
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape)
    polygons = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(polygons)
