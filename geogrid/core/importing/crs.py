"""Coordinate systems of files. GCJ-02 and BD-09 only when the caller says so: looking cannot tell them.

GCJ-02 shifts WGS 84 by the published polynomial below (that of `eviltransform` and its like); its inverse has
no closed form and is found by iteration, to 1e-9 degree (0.1 mm). BD-09 shifts GCJ-02 once more, in polar
coordinates; its inverse is iterated too. Outside China both are the identity.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from geogrid.core.geo import STORAGE_SRID
from geogrid.core.importing.batch import Shapes
from geogrid.core.importing.errors import ImportRefused

Coordinates = npt.NDArray[np.float64]

_AXIS_M = 6_378_245.0  # Krasovsky 1940
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_ANGLE = np.pi * 3000.0 / 180.0
_PLACES = {"gcj02": "GCJ-02", "bd09": "BD-09"}


def known_crs(name: str) -> pyproj.CRS | str:
    """`gcj02`, `bd09`, or anything PROJ knows (EPSG:4547, WKT...).

    Raises:
        ImportRefused: when it is none of these.
    """
    short = name.strip().lower().replace("-", "").replace("_", "")
    if short in _PLACES:
        return short
    try:
        return pyproj.CRS.from_user_input(name)
    except pyproj.exceptions.CRSError:
        raise ImportRefused(
            f"{name[:60]} is no coordinate system that PROJ knows. Say --crs EPSG:4547, gcj02 or bd09.",
            f"坐标系 {name[:60]} 无法识别，请使用 --crs EPSG:4547、gcj02 或 bd09 等。",
        ) from None


class ToStorage:
    """Moves shapes from the CRS of a file into storage's, flat (no heights).

    Made once for a file: looking a CRS up costs more than moving a thousand points. Points that PROJ cannot
    convert become infinite.
    """

    def __init__(self, crs: pyproj.CRS | str) -> None:
        self._move: Any = None
        if isinstance(crs, str):
            self._move = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}[crs]
            return
        storage = pyproj.CRS.from_epsg(STORAGE_SRID)
        if not crs.equals(storage, ignore_axis_order=True):
            self._move = pyproj.Transformer.from_crs(crs, storage, always_xy=True).transform

    def __call__(self, shapes: Shapes) -> Shapes:
        flat: Shapes = shapely.force_2d(shapes) if shapely.has_z(shapes).any() else shapes
        if self._move is not None:
            flat = shapely.transform(flat, lambda xy: np.column_stack(self._move(xy[:, 0], xy[:, 1])))
        return flat


def _in_china(lng: Coordinates, lat: Coordinates) -> npt.NDArray[np.bool_]:
    inside: npt.NDArray[np.bool_] = (lng > 72.004) & (lng < 137.8347) & (lat > 0.8293) & (lat < 55.8271)
    return inside


def wgs84_to_gcj02(lng: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Degrees in, degrees out."""
    x, y = lng - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    north += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    east += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY_2 * np.sin(angle) ** 2
    d_lat = north * 180.0 / ((_AXIS_M * (1.0 - _ECCENTRICITY_2)) / (magic * np.sqrt(magic)) * np.pi)
    d_lng = east * 180.0 / (_AXIS_M / np.sqrt(magic) * np.cos(angle) * np.pi)
    inside = _in_china(lng, lat)
    return np.where(inside, lng + d_lng, lng), np.where(inside, lat + d_lat, lat)


def gcj02_to_bd09(lng: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Degrees in, degrees out."""
    radius = np.hypot(lng, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    angle = np.arctan2(lat, lng) + 0.000003 * np.cos(lng * _BD_ANGLE)
    inside = _in_china(lng, lat)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lng),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )


def _inverse(forward: Any, lng: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    guess_lng, guess_lat = lng.copy(), lat.copy()
    for _ in range(30):
        there_lng, there_lat = forward(guess_lng, guess_lat)
        off_lng, off_lat = lng - there_lng, lat - there_lat
        guess_lng, guess_lat = guess_lng + off_lng, guess_lat + off_lat
        if not off_lng.size or max(np.nanmax(np.abs(off_lng)), np.nanmax(np.abs(off_lat))) < 1e-10:
            break
    return guess_lng, guess_lat


def gcj02_to_wgs84(lng: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Degrees in, degrees out."""
    return _inverse(wgs84_to_gcj02, lng, lat)


def bd09_to_wgs84(lng: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Degrees in, degrees out."""
    return gcj02_to_wgs84(*_inverse(gcj02_to_bd09, lng, lat))
