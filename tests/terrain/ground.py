"""Made-up ground, small enough to draw on paper, as arrays and as GeoTIFF files.

The slope falls to the east, so that water runs off everywhere but in the bowls that are dug into it.
"""

import io
from typing import Any

import numpy as np
import rasterio
from pyproj import Transformer
from rasterio.transform import from_origin

from assets.terrain.grids import Grid

MIDDLE_OF_A = (24.9375 + 2.0**-8, 60.125 + 2.0**-8)  # as tests/assets/town.py draws it
PLANE = "EPSG:3879"  # metres, for the part of the earth where the town stands
PIXEL_M = 2.0
UNKNOWN = -9999.0
SIDE = 120  # pixels
BOWL = (60, 60)  # row and column of the deepest pixel of the bowl
BOWL_DEPTH_M = 1.0


def slope(side: int = SIDE) -> Any:
    """Falls to the east by 1 cm a pixel, and a trifle to the south."""
    rows, columns = np.indices((side, side))
    return (30 - 0.01 * columns - 0.0001 * rows).astype(np.float32)


def with_bowl(side: int = SIDE, at: tuple[int, int] = BOWL, radius: int = 10) -> Any:
    """The slope with a round bowl, a metre deep in the middle."""
    heights = slope(side)
    rows, columns = np.indices(heights.shape)
    away = np.hypot(rows - at[0], columns - at[1])
    return (heights - BOWL_DEPTH_M * np.clip(1 - (away / radius) ** 2, 0, None)).astype(np.float32)


def corner_of_town(side: int = SIDE, crs: str = PLANE, pixel: float = PIXEL_M) -> tuple[float, float]:
    """West and north of a grid around the middle of cell A."""
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*MIDDLE_OF_A)
    return x - side / 2 * pixel, y + side / 2 * pixel


def grid(side: int = SIDE) -> Grid:
    west, north = corner_of_town(side)
    return Grid(PLANE, from_origin(west, north, PIXEL_M, PIXEL_M), side, side)


def geotiff(heights: Any, **how: Any) -> io.BytesIO:
    """A GeoTIFF of heights around the middle of cell A. `how` goes to rasterio in place of the usual."""
    west, north = corner_of_town(heights.shape[0])
    profile = {
        "driver": "GTiff",
        "width": heights.shape[-1],
        "height": heights.shape[-2],
        "count": 1 if heights.ndim == 2 else heights.shape[0],
        "dtype": heights.dtype.name,
        "crs": PLANE,
        "transform": from_origin(west, north, PIXEL_M, PIXEL_M),
        "nodata": UNKNOWN,
        **how,
    }
    with rasterio.MemoryFile() as memory:
        with memory.open(**profile) as file:
            file.write(heights if heights.ndim == 3 else heights[None])
        return io.BytesIO(bytes(memory.getbuffer()))
