"""What a camera looks at, on the map: a sector of the ground around it (可视范围)."""

from typing import Final

import numpy as np
from pyproj import Geod

_GEOD: Final = Geod(ellps="WGS84")
_STEP_DEG: Final = 5.0
ALL_AROUND_DEG: Final = 360.0
WIDEST_DEG: Final = 360.0
FARTHEST_M: Final = 5_000.0

Ring = list[tuple[float, float]]


def view_of(lng: float, lat: float, heading_deg: float, field_of_view_deg: float, reach_m: float) -> Ring:
    """The closed ring (degrees, WGS 84) of what is seen from a place: a sector, or a circle all around.

    heading_deg: where the middle of the picture looks, clockwise from north. reach_m: how far, along the
    ellipsoid. Houses in the way are not thought of.
    """
    corners = max(3, int(np.ceil(field_of_view_deg / _STEP_DEG)) + 1)
    first = heading_deg - field_of_view_deg / 2
    bearings = np.linspace(first, first + field_of_view_deg, corners)
    many = np.full(corners, 1.0)
    east, north, _ = _GEOD.fwd(many * lng, many * lat, bearings, many * reach_m)
    arc = list(zip(east.tolist(), north.tolist(), strict=True))
    if field_of_view_deg >= ALL_AROUND_DEG:
        return [*arc[:-1], arc[0]]
    return [(lng, lat), *arc, (lng, lat)]
