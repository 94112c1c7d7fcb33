"""Depressions (洼地): where water stands when it can run off nowhere.

The ground is filled up to the lips over which water spills (priority flood after Wang and Liu 2006, by
pyflwdir); what rose is a depression. Neighbours are eight: water finds its way over a corner. Water leaves
where the terrain ends or is not known.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from assets.terrain.grids import Box, Grid, Piece
from assets.terrain.outlines import outline_of

AROUND: Final = np.ones((3, 3), bool)
NOWHERE: Final = np.float32(-32768.0)  # stands for unknown ground while filling
Heights = NDArray[np.float32]


@dataclass(frozen=True)
class Worth:
    """From where on a depression is kept: smaller ones are roughness of the ground, or of the survey."""

    depth_m: float = 0.05
    area_m2: float = 10.0


@dataclass(frozen=True)
class Depression:
    """One depression. Levels are metres in the terrain's own height system; `shape` is in degrees.

    at_edge: it lies at the edge of what was looked at, so that lip and extent may be of the cut, not of the
    ground.
    """

    shape: Any
    area_m2: float
    volume_m3: float
    depth_m: float
    deepest: tuple[float, float]
    deepest_level_m: float
    spill_level_m: float
    at_edge: bool


def filled(ground: Heights) -> Heights:
    """`ground` (metres, NaN where not known) raised until water runs off everywhere."""
    from pyflwdir.dem import fill_depressions  # seconds to import, and only jobs need it

    known = np.where(np.isnan(ground), NOWHERE, ground)
    raised, _ = fill_depressions(known, nodata=NOWHERE)
    return np.where(np.isnan(ground), np.float32(np.nan), raised).astype(np.float32)


def depressions_of(
    ground: Heights, full: Heights, grid: Grid, piece: Piece, worth: Worth = Worth()
) -> list[Depression]:
    """The depressions whose deepest pixel lies in the core of a piece.

    ground, full: heights of `piece.seen` before and after filling.
    """
    depth = np.nan_to_num(full - ground, nan=0.0)
    wet = depth > 0
    labels, count = ndimage.label(wet, AROUND, output=np.int32)
    if count == 0:
        return []
    numbers = np.arange(1, count + 1)
    deepest = ndimage.maximum(depth, labels, numbers)
    pixels = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    least_pixels = worth.area_m2 / 2 / float(np.prod(grid.pixel_size_m()))
    edge = _next_to_edge(ground)
    boxes = ndimage.find_objects(labels)
    found = []
    for number in numbers[(deepest >= worth.depth_m) & (pixels >= least_pixels)]:
        rows, columns = boxes[number - 1]
        inside = labels[rows, columns] == number
        part = np.where(inside, depth[rows, columns], 0)
        down, across = np.unravel_index(np.argmax(part), part.shape)
        row, column = rows.start + int(down), columns.start + int(across)
        if not piece.core.holds(piece.seen.top + row, piece.seen.left + column):
            continue
        at = np.nonzero(inside)
        areas = grid.pixel_area_m2(
            at[0] + rows.start + piece.seen.top, at[1] + columns.start + piece.seen.left
        )
        if areas.sum() < worth.area_m2:
            continue
        found.append(
            Depression(
                shape=outline_of(
                    inside, Box(piece.seen.top + rows.start, piece.seen.left + columns.start, 0, 0), grid
                ),
                area_m2=float(areas.sum()),
                volume_m3=float((part[at] * areas).sum()),
                depth_m=float(part[down, across]),
                deepest=grid.middle_of(piece.seen.top + row, piece.seen.left + column),
                deepest_level_m=float(ground[row, column]),
                spill_level_m=float(full[row, column]),
                at_edge=bool(edge[rows, columns][at].any()),
            )
        )
    return found


def _next_to_edge(ground: Heights) -> NDArray[np.bool_]:
    """Pixels that touch, also over a corner, a pixel on the border or one of unknown ground."""
    known = ~np.isnan(ground)
    border = ~ndimage.binary_erosion(known, AROUND, border_value=0)
    beside: NDArray[np.bool_] = ndimage.binary_dilation(border, AROUND)
    return beside & known
