"""Coordinate systems of files, in plain Python."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geogrid.core.importing import crs
from geogrid.core.importing.errors import ImportRefused

in_china = st.tuples(st.floats(74, 134), st.floats(18, 53))


def one(move, lng: float, lat: float) -> tuple[float, float]:
    x, y = move(np.array([lng]), np.array([lat]))
    return float(x[0]), float(y[0])


@pytest.mark.parametrize(
    ("wgs84", "gcj02"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_pairs_published_with_the_open_implementations_are_met(wgs84, gcj02):
    assert one(crs.wgs84_to_gcj02, *wgs84) == pytest.approx(gcj02, abs=1e-9)


@given(in_china)
def test_gcj02_there_and_back_is_within_a_centimetre(where):
    back = one(crs.gcj02_to_wgs84, *one(crs.wgs84_to_gcj02, *where))

    assert back == pytest.approx(where, abs=1e-7)


@given(in_china)
def test_bd09_there_and_back_is_within_a_centimetre(where):
    shifted = one(crs.gcj02_to_bd09, *one(crs.wgs84_to_gcj02, *where))

    assert one(crs.bd09_to_wgs84, *shifted) == pytest.approx(where, abs=1e-7)


def test_outside_china_nothing_is_shifted():
    assert one(crs.gcj02_to_wgs84, 24.95, 60.17) == (24.95, 60.17)


def test_a_gauss_kruger_zone_of_cgcs2000_comes_back_as_degrees():
    there = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform(114.05, 22.54)
    points = np.array([shapely.Point(there)], dtype=object)

    moved = crs.ToStorage(crs.known_crs("EPSG:4547"))(points)[0]

    assert (moved.x, moved.y) == pytest.approx((114.05, 22.54), abs=1e-7)


def test_heights_are_left_behind():
    points = np.array([shapely.Point(24.9, 60.1, 7.0)], dtype=object)

    assert not crs.ToStorage(crs.known_crs("EPSG:4326"))(points)[0].has_z


def test_a_name_that_is_no_coordinate_system_is_refused():
    with pytest.raises(ImportRefused, match="no coordinate system"):
        crs.known_crs("EPSG:nowhere")
