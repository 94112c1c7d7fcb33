"""From pixels to polygons in degrees."""

from typing import Any, Final

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio import features

from assets.terrain.grids import Box, Grid

# Stairs of single pixels are drawn as a slope: no corner moves further than this part of a pixel.
SMOOTHING_PIXELS: Final = 0.75
FEW_CORNERS: Final = 64  # what has no more is drawn pixel by pixel: a puddle must not become a triangle


def outline_of(inside: NDArray[np.bool_], window: Box, grid: Grid) -> Any:
    """The multipolygon (degrees, WGS 84) around the pixels that are set.

    inside: rows and columns whose north-western pixel stands at `window.top`, `window.left` of the grid.
    Pixels that meet at a corner only are parts of their own.
    """
    here = Affine.translation(window.left, window.top)
    rings = features.shapes(inside.view(np.uint8), mask=inside, connectivity=4, transform=here)
    parts = [_polygon(shape["coordinates"]) for shape, _ in rings]
    drawn = shapely.MultiPolygon(parts)
    if shapely.get_num_coordinates(drawn) > FEW_CORNERS:
        drawn = shapely.simplify(drawn, SMOOTHING_PIXELS, preserve_topology=True)
    moved = shapely.transform(drawn, lambda corners: _in_degrees(corners, grid))
    return whole_polygons(moved)


def _polygon(rings: list[list[tuple[float, float]]]) -> Any:
    return shapely.Polygon(rings[0], rings[1:])


def _in_degrees(corners: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    return np.column_stack(grid.degrees(corners[:, 0], corners[:, 1]))


def whole_polygons(shape: Any) -> Any:
    """A valid multipolygon of the same ground."""
    if not shapely.is_valid(shape):
        shape = shapely.make_valid(shape)
    polygons = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon(polygons)
