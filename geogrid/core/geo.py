"""The coordinate systems of the system, named once."""

from typing import Final

STORAGE_SRID: Final = 4326  # WGS 84 longitude and latitude in degrees: every table
TILE_SRID: Final = 3857  # Web Mercator metres: the stored copy that tiles are cut from
GRID_STEP_DEG: Final = (
    2.0**-27
)  # corners of cells lie on this grid: the same bits in SQL, Python and JavaScript
