"""Whether a file is a terrain model that we can work with, told before anything is made of it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import rasterio
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError

from assets.terrain.grids import Grid

MOST_PIXELS: Final = 250_000_000  # 1 km2 at 1 m is a million; a district of 340 km2 at 2 m is 85 million
MOST_PIXELS_A_BLOCK: Final = 32_000_000  # a block is unpacked whole, whatever part of it is read
SMALLEST_SIDE: Final = 3
LONGEST_SIDE: Final = 65_535
FINEST_M, COARSEST_M = 0.05, 100.0
LOWEST_M, HIGHEST_M = -500.0, 9000.0
_SAID: Final = re.compile(r"EPSG:\d{4,6}", re.IGNORECASE)
# Nothing but the file itself is read: no sidecar, no folder, no address that it may name.
READING: Final = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 64,
    "GDAL_SKIP": "VRT",
}


class VerticalUnit(StrEnum):
    """What the heights in a file are counted in (高程单位)."""

    METRE = "metre"  # 米
    FOOT = "foot"  # 英尺, exactly 0.3048 m
    US_SURVEY_FOOT = "us_survey_foot"  # 美制测量英尺, 1200/3937 m


METRES: Final[dict[VerticalUnit, float]] = {
    VerticalUnit.METRE: 1.0,
    VerticalUnit.FOOT: 0.3048,
    VerticalUnit.US_SURVEY_FOOT: 1200 / 3937,
}


class NotATerrain(Exception):
    """The file cannot be taken as a terrain model. The message says what is wrong and what to do."""


@dataclass(frozen=True)
class Sheet:
    """What a checked file is. `nodata` is the value that stands for unknown ground, if any."""

    grid: Grid
    nodata: float | None
    pixel_m: float


def examine(path: Path, *, crs: str = "", nodata: float | None = None) -> Sheet:
    """Look at a GeoTIFF without reading its heights.

    crs: `EPSG:n`, for a file that says none. nodata: likewise.

    Raises:
        NotATerrain: when it is none, in words.
    """
    try:
        with rasterio.Env(**READING), rasterio.open(path, driver="GTiff") as file:
            return _sheet(file, crs, nodata)
    except RasterioError:
        raise NotATerrain("This is no GeoTIFF, or a broken one. 不是GeoTIFF文件，或文件已损坏。") from None


def _sheet(file: Any, crs: str, nodata: float | None) -> Sheet:
    if file.count != 1:
        raise NotATerrain(f"The file has {file.count} bands; a terrain model has one. 应只有一个波段。")
    kind = file.dtypes[0]
    if not kind.startswith(("float", "int", "uint")):
        raise NotATerrain(f"Its values are {kind}, which are no heights. 像元值不是高程。")
    if file.width * file.height > MOST_PIXELS:
        raise NotATerrain(
            f"The file has {file.width * file.height:,} pixels, at most {MOST_PIXELS:,} are taken: "
            "cut it, or make it coarser. 像元过多。"
        )
    if min(file.width, file.height) < SMALLEST_SIDE or max(file.width, file.height) > LONGEST_SIDE:
        raise NotATerrain(f"It must have {SMALLEST_SIDE} to {LONGEST_SIDE} rows and columns. 行列数不合理。")
    block_height, block_width = file.block_shapes[0]
    if block_height * block_width > MOST_PIXELS_A_BLOCK:
        raise NotATerrain("The file is one huge block: write it anew in tiles (TILED=YES). 请改为分块存储。")
    return _placed(file, crs, nodata)


def _placed(file: Any, crs: str, nodata: float | None) -> Sheet:
    own = file.crs.to_wkt() if file.crs else ""
    if not own and not crs:
        raise NotATerrain(
            "The file does not say its coordinate system: name it, for example EPSG:4547. 请说明坐标系。"
        )
    turn = file.transform
    if turn.is_identity or turn.b or turn.d or turn.a <= 0 or turn.e >= 0:
        raise NotATerrain(
            "The file says no place, or is not north-up: warp it first (gdalwarp). 没有定位，或不是正北朝上。"
        )
    grid = Grid(own or _checked_crs(crs), turn, file.width, file.height)
    try:
        size = grid.pixel_size_m()
        corners = grid.outline(1)
    except (CRSError, ValueError):
        raise NotATerrain("Its coordinate system cannot be converted. 坐标系无法转换。") from None
    if not all(abs(lng) <= 180 and abs(lat) <= 85 for lng, lat in corners):
        raise NotATerrain("Its corners lie beyond the earth: is the coordinate system right? 坐标越界。")
    if not (min(size) >= FINEST_M and max(size) <= COARSEST_M):
        raise NotATerrain(
            f"A pixel would be {size[0]:.3g} by {size[1]:.3g} m; {FINEST_M} to {COARSEST_M:.0f} m are taken: "
            "is the coordinate system right? 像元大小不合理。"
        )
    return Sheet(grid, file.nodata if nodata is None else nodata, float(min(size)))


def _checked_crs(said: str) -> str:
    """The name of a coordinate system that pyproj knows."""
    if not _SAID.fullmatch(said):
        raise NotATerrain("A coordinate system is named as EPSG:4547. 坐标系写法如EPSG:4547。")
    try:
        known = CRS.from_user_input(said)
    except CRSError:
        raise NotATerrain(f"There is no coordinate system {said}. 没有这个坐标系。") from None
    if not (known.is_projected or known.is_geographic):
        raise NotATerrain(f"{said} is no system of places on the ground. 不是平面或经纬度坐标系。")
    return said.upper()
