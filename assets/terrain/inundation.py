"""What a level of water at a place covers, and what lies inside (淹没范围)."""

import json
import logging
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from rasterio.errors import RasterioIOError

from assets.terrain.flooding import Flood, flood
from assets.terrain.models import Terrain
from geogrid.core.errors import Conflict, Invalid, NotFound
from geogrid.core.geo import STORAGE_SRID

log = logging.getLogger(__name__)

WINDOW_M: Final = 1000.0
WIDEST_WINDOW_M: Final = 3000.0
HIGHEST_STAND_M: Final = 100.0  # water that stands higher over the ground is a mistake
_SAME_LEVEL_M: Final = 0.001  # files keep heights as float32: 0.1 mm at 1,000 m


@dataclass(frozen=True)
class Inundation:
    """The answer. Levels are metres in the terrain's height system.

    shape: multipolygon (degrees), None when the place stays dry. above_spill: water at this level would run
    off from here, so the shape is larger than any that would stand. touches_window: it goes on beyond what
    was looked at.
    """

    terrain: Terrain
    lng: float
    lat: float
    level_m: float
    ground_m: float
    spill_level_m: float
    above_spill: bool
    touches_window: bool
    area_m2: float
    volume_m3: float
    deepest_m: float
    shape: Any

    def geometry(self) -> GEOSGeometry | None:
        """The shape for Django."""
        return (
            GEOSGeometry(memoryview(shapely.to_wkb(self.shape)), srid=STORAGE_SRID)
            if self.shape is not None
            else None
        )


def inundation_at(
    *,
    lng: float,
    lat: float,
    level_m: float | None = None,
    depth_m: float | None = None,
    window_m: float = WINDOW_M,
) -> Inundation:
    """The ground that water at a place covers, looked for in a window around it.

    Either the level (metres in the terrain's height system), or how deep it stands at the place itself. The
    finest terrain that knows the place answers.

    Raises:
        NotFound: when no terrain knows the place.
        Invalid: when the level is no level, or neither or both are given.
    """
    if (level_m is None) == (depth_m is None):
        raise Invalid("Name either a level or a depth. 请给出水位或水深之一。")
    for terrain in Terrain.objects.ready().at(lng, lat):
        pixel = terrain.grid.pixel_at(lng, lat)
        if pixel is None:
            continue
        found = _in_terrain(terrain, lng, lat, pixel, level_m, depth_m, window_m)
        if found is not None:
            return found
    raise NotFound("No terrain model knows this place. 此处没有地形数据。")


def _in_terrain(
    terrain: Terrain,
    lng: float,
    lat: float,
    pixel: tuple[int, int],
    level_m: float | None,
    depth_m: float | None,
    window_m: float,
) -> Inundation | None:
    """None when the ground is not known just there."""
    grid, (row, column) = terrain.grid, pixel
    window = grid.around(row, column, window_m)
    try:
        ground = terrain.store.heights(window)
        standing = terrain.store.depth_at(row, column)
    except RasterioIOError:
        log.exception("the files of terrain %s cannot be read", terrain.pk)
        raise Conflict(
            f"The files of terrain {terrain.pk} are missing: bring it in again. 地形文件缺失，请重新导入。"
        ) from None
    here = float(ground[row - window.top, column - window.left])
    if np.isnan(here):
        return None
    level = here + depth_m if depth_m is not None else float(level_m or 0)
    if level - here > HIGHEST_STAND_M:
        raise Invalid(
            f"The ground here lies at {here:.2f} m: a level of {level:.2f} m is no water. 水位远高于地面。"
        )
    spill = here + standing
    found = flood(ground, window, grid, row, column, level) or Flood(None, 0.0, 0.0, 0.0, False)
    return Inundation(
        terrain=terrain,
        lng=lng,
        lat=lat,
        level_m=level,
        ground_m=here,
        spill_level_m=spill,
        above_spill=level > spill + _SAME_LEVEL_M,
        touches_window=found.touches_edge,
        area_m2=found.area_m2,
        volume_m3=found.volume_m3,
        deepest_m=found.deepest_m,
        shape=found.shape,
    )


def inside(shape: GEOSGeometry) -> dict[str, Any]:
    """What an area (degrees) holds: buildings, dwellings, households, assets by class, metres of road."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.inside_area(%s::geometry)", [bytes(shape.ewkb)])
        [found] = cursor.fetchone()
    said: dict[str, Any] = json.loads(found) if isinstance(found, str) else found
    return said
