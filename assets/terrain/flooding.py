"""What a level of water at a place covers (淹没范围): the connected ground below it, in a window."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.terrain.depressions import AROUND, Heights
from assets.terrain.grids import Box, Grid
from assets.terrain.outlines import outline_of


@dataclass(frozen=True)
class Flood:
    """Ground under water. `shape` is a multipolygon in degrees, empty where the place itself stays dry.

    touches_edge: the water reaches the window's edge, the terrain's, or unknown ground: it goes on beyond.
    """

    shape: Any
    area_m2: float
    volume_m3: float
    deepest_m: float
    touches_edge: bool


def flood(ground: Heights, window: Box, grid: Grid, row: int, column: int, level_m: float) -> Flood | None:
    """The water at `level_m` that is connected with a pixel of the grid; None when the pixel stays dry.

    ground: heights of `window` in metres, NaN where not known. Eight neighbours are connected, as in filling:
    water that stands below its spill level stays in its depression.
    """
    below = ground < np.float32(level_m)
    labels, _ = ndimage.label(below, AROUND, output=np.int32)
    own = labels[row - window.top, column - window.left]
    if own == 0:
        return None
    inside: NDArray[np.bool_] = labels == own
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    wet = np.ascontiguousarray(inside[top:bottom, left:right])
    depths = np.where(wet, np.float32(level_m) - ground[top:bottom, left:right], np.float32(0))
    here = Box(window.top + int(top), window.left + int(left), 0, 0)
    area = _area_m2(wet, here, grid)
    return Flood(
        shape=outline_of(wet, here, grid),
        area_m2=float(area.sum()),
        volume_m3=float((depths.sum(axis=1, dtype=np.float64) * _row_area(wet, here, grid)).sum()),
        deepest_m=float(depths.max()),
        touches_edge=_touches(inside, ground, wet, top, left),
    )


def _row_area(wet: NDArray[np.bool_], here: Box, grid: Grid) -> NDArray[np.float64]:
    """Area of a pixel in each row: across a window of a kilometre it is the same to a millionth."""
    rows = np.arange(wet.shape[0]) + here.top
    return grid.pixel_area_m2(rows, np.full(len(rows), here.left + wet.shape[1] / 2))


def _area_m2(wet: NDArray[np.bool_], here: Box, grid: Grid) -> NDArray[np.float64]:
    area: NDArray[np.float64] = np.count_nonzero(wet, axis=1) * _row_area(wet, here, grid)
    return area


def _touches(inside: NDArray[np.bool_], ground: Heights, wet: NDArray[np.bool_], top: int, left: int) -> bool:
    """Whether the water reaches the border of the window, or ground that is not known."""
    if inside[0].any() or inside[-1].any() or inside[:, 0].any() or inside[:, -1].any():
        return True
    around = ground[top - 1 : top + wet.shape[0] + 1, left - 1 : left + wet.shape[1] + 1]
    unknown = np.isnan(around)
    return bool(unknown.any() and (ndimage.binary_dilation(np.pad(wet, 1), AROUND) & unknown).any())
