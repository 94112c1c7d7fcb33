"""Pictures of the ground for map tiles: relief by light and shadow, and how deep water can stand."""

import io
import math
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from PIL import Image
from rasterio.enums import Resampling
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT

from assets.terrain.checking import READING
from assets.terrain.store import DEPTH, GROUND
from geogrid.core.geo import TILE_SRID

SIDE: Final = 256  # pixels of a tile
MAX_ZOOM: Final = 17
_HALF_EARTH_M: Final = 20_037_508.342789244
_SUN_FROM: Final = math.radians(315)  # light from the upper left, as on printed maps
_SUN_HEIGHT: Final = math.radians(45)
_RAISED: Final = 2.0  # cities are flat: slopes are drawn twice as steep
_DARKEST, _BRIGHTEST = 0.55, 0.35
# Depth in metres from which a colour holds (red, green, blue, opacity): paler is shallower.
DEPTH_COLOURS: Final = (
    (0.05, (158, 202, 225, 150)),
    (0.15, (107, 174, 214, 180)),
    (0.30, (49, 130, 189, 200)),
    (0.50, (8, 81, 156, 215)),
    (1.00, (8, 48, 107, 230)),
)
Values = NDArray[np.float32]
Pixels = NDArray[np.uint8]


class Picture(StrEnum):
    """What is drawn."""

    HILLSHADE = "hillshade"  # 晕渲
    DEPTH = "depth"  # 可积水深度


def is_tile(z: int, x: int, y: int) -> bool:
    """Whether there is such a tile in the WebMercatorQuad matrix, and we draw that far."""
    return 0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z


def draw(picture: Picture, z: int, x: int, y: int, folders: list[Path]) -> bytes:
    """The PNG of a tile; of several terrains, later folders lie on top."""
    sheet = Image.new("RGBA", (SIDE, SIDE))
    for folder in folders:
        drawn = _drawn(picture, z, x, y, folder)
        if drawn is not None:
            sheet.alpha_composite(Image.fromarray(drawn, "RGBA"))
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _drawn(picture: Picture, z: int, x: int, y: int, folder: Path) -> Pixels | None:
    """None where the terrain knows nothing."""
    if picture is Picture.DEPTH:
        values = _warped(folder / DEPTH, z, x, y, margin=0)
        return None if np.isnan(values).all() else depth_colours(values)
    heights = _warped(folder / GROUND, z, x, y, margin=1)
    if np.isnan(heights).all():
        return None
    return relief(heights, _pixel_m(z, y))


def _pixel_m(z: int, y: int) -> float:
    """Metres on the ground that a pixel in the middle of a row of tiles is wide."""
    north_south = math.pi * (1 - 2 * (y + 0.5) / 2**z)
    return float(2 * _HALF_EARTH_M / SIDE / 2**z / math.cosh(north_south))


def _warped(path: Path, z: int, x: int, y: int, margin: int) -> Values:
    """Values on the pixels of a tile and `margin` pixels around it, NaN where not known."""
    pixel = 2 * _HALF_EARTH_M / 2**z / SIDE
    west = -_HALF_EARTH_M + (x * SIDE - margin) * pixel
    north = _HALF_EARTH_M - (y * SIDE - margin) * pixel
    side = SIDE + 2 * margin
    with (
        rasterio.Env(**READING),
        rasterio.open(path, driver="GTiff") as file,
        WarpedVRT(
            file,
            crs=f"EPSG:{TILE_SRID}",
            transform=from_origin(west, north, pixel, pixel),
            width=side,
            height=side,
            resampling=Resampling.bilinear,
            nodata=float("nan"),
            dtype="float32",
        ) as warped,
    ):
        read: Values = warped.read(1)
    return read


def relief(heights: Values, pixel_m: float) -> Pixels:
    """Shadow and light on ground, one pixel smaller on every side than `heights` (metres).

    Slopes after Horn (1981) of the eight neighbours. Flat ground is transparent: it fits on any map.
    """
    z = heights * _RAISED
    right = z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:]
    left = z[:-2, :-2] + 2 * z[1:-1, :-2] + z[2:, :-2]
    below = z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:]
    above = z[:-2, :-2] + 2 * z[:-2, 1:-1] + z[:-2, 2:]
    east, south = (right - left) / (8 * pixel_m), (below - above) / (8 * pixel_m)
    # The sun's direction and the upward normal of the ground, as one product.
    towards_east = math.cos(_SUN_HEIGHT) * math.sin(_SUN_FROM)
    towards_south = -math.cos(_SUN_HEIGHT) * math.cos(_SUN_FROM)
    flat = math.sin(_SUN_HEIGHT)
    light = (flat - east * towards_east - south * towards_south) / np.sqrt(1 + east**2 + south**2)
    light = np.clip(light, 0, 1)
    shadow = np.clip((flat - light) / flat, 0, 1) * _DARKEST
    glare = np.clip((light - flat) / (1 - flat), 0, 1) * _BRIGHTEST
    drawn = np.zeros((*light.shape, 4), np.uint8)
    drawn[..., :3] = np.where(glare > 0, 255, 0)[..., None]
    drawn[..., 3] = np.nan_to_num((shadow + glare) * 255).astype(np.uint8)
    return drawn


def depth_colours(depths: Values) -> Pixels:
    """Colours of depths in metres; dry ground is transparent."""
    drawn = np.zeros((*depths.shape, 4), np.uint8)
    for from_m, colour in DEPTH_COLOURS:
        drawn[depths >= from_m] = colour
    return drawn
