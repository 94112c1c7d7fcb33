"""Vector tile layers made in Python, for layers kept in memory: counted points and grid areas."""

from collections.abc import Sequence
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely

from tiles.layers import BUFFER, EXTENT
from tiles.squares import Square

Properties = dict[str, Any]
_OPTIONS = {
    "extents": EXTENT,
    "y_coord_down": True,
    "check_winding_order": False,
    "on_invalid_geometry": None,
}


def to_tile_units(square: Square, xy: np.ndarray) -> np.ndarray:
    """Web Mercator metres, shape (n, 2), as whole tile units with y running down."""
    west, _, _, north = square.bounds
    scale = EXTENT / square.width
    return np.rint((xy - (west, north)) * (scale, -scale))


def encode_points(
    name: str,
    square: Square,
    xy: np.ndarray,
    properties: Sequence[Properties],
    ids: Sequence[int] | None = None,
) -> bytes:
    """One layer of points. xy: Web Mercator metres, shape (n, 2). Points outside the square are left out."""
    units = to_tile_units(square, xy)
    inside = ((units >= -BUFFER) & (units <= EXTENT + BUFFER)).all(axis=1)
    points = np.asarray(shapely.points(units), dtype=object)
    return _encode(name, points, properties, ids, np.flatnonzero(inside))


def encode_areas(
    name: str, square: Square, areas: np.ndarray, properties: Sequence[Properties], ids: Sequence[int]
) -> bytes:
    """One layer of polygons in Web Mercator metres, cut to the square.

    Neighbours stay seamless: shared corners round to the same tile unit, and cuts lie on the same edge.
    """
    clipped = shapely.clip_by_rect(areas, *square.buffered)
    in_units = shapely.transform(clipped, lambda xy: to_tile_units(square, xy))
    in_units = shapely.orient_polygons(in_units)  # outer rings: positive area with y running down
    drawn = (shapely.get_dimensions(in_units) == 2) & (shapely.area(in_units) > 0)
    return _encode(name, in_units, properties, ids, np.flatnonzero(drawn))


def _encode(
    name: str,
    shapes: np.ndarray,
    properties: Sequence[Properties],
    ids: Sequence[int] | None,
    chosen: np.ndarray,
) -> bytes:
    features = [
        {
            "geometry": shapes[at],
            "properties": properties[at],
            **({"id": int(ids[at])} if ids is not None else {}),
        }
        for at in chosen
        if shapes[at].geom_type != "GeometryCollection"
    ]
    if not features:
        return b""
    return bytes(mapbox_vector_tile.encode({"name": name, "features": features}, default_options=_OPTIONS))
