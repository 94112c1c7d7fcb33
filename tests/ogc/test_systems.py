"""Coordinate systems: values and axis order, of answers, boxes and filters."""

import json

import pyproj
import pytest

from tests.ogc.conftest import Town
from tiles.ogc.crs import KNOWN
from tiles.squares import mercator

pytestmark = pytest.mark.db
MERCATOR_BOX = ",".join(map(str, (*mercator(24.9375, 60.125), *mercator(24.9453125, 60.1328125))))
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


@pytest.mark.parametrize("uri", list(KNOWN))
def test_geometries_come_in_the_system_that_is_asked_for_with_its_axes(town: Town, uri: str):
    [[key, lng, lat]] = town.sql("SELECT id, ST_X(geom), ST_Y(geom) FROM gis.incident ORDER BY id LIMIT 1")
    answer = town.ask("GET", f"collections/incident/items/{key}?crs={uri}")

    # always_xy=False: pyproj itself knows in which order the authority writes the axes.
    code = "OGC:CRS84" if uri.endswith("CRS84") else f"EPSG:{uri.rpartition('/')[2]}"
    wanted = pyproj.Transformer.from_crs("OGC:CRS84", code).transform(lng, lat)
    near = 1e-4 if "3857" in uri else 1e-8
    assert json.loads(answer.body)["geometry"]["coordinates"] == pytest.approx(wanted, abs=near)
    assert answer.headers["content-crs"] == f"<{uri}>"
    listed = town.ask("GET", f"collections/incident/items?crs={uri}&limit=1")
    assert listed.headers["content-crs"] == f"<{uri}>"


@pytest.mark.parametrize(
    ("system", "box"),
    [
        (f"{EPSG}4326", "60.125,24.9375,60.1328125,24.9453125"),
        (f"{EPSG}4490", "60.125,24.9375,60.1328125,24.9453125"),
        (f"{EPSG}3857", MERCATOR_BOX),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "24.9375,60.125,24.9453125,60.1328125"),
    ],
)
def test_a_box_is_read_in_its_system(town: Town, system: str, box: str):
    found = town.items("incident", bbox=box, bbox_crs=system)

    assert found["numberMatched"] == 7  # those of cell A


def test_a_filter_is_read_in_its_system(town: Town):
    square = "POLYGON((60.125 24.9375,60.125 24.9453,60.1328 24.9453,60.1328 24.9375,60.125 24.9375))"
    found = town.items("incident", filter=f"S_WITHIN(geom,{square})", filter_crs=f"{EPSG}4326")

    assert found["numberMatched"] == 7


def test_each_collection_with_geometry_lists_the_systems_and_the_one_it_is_kept_in(town: Town):
    for one in town.read("collections")["collections"]:
        if one["id"] in ("organisation", "asset_class", "event_class"):
            assert "crs" not in one
            assert all(row["geometry"] is None for row in town.items(one["id"])["features"])
        else:
            assert one["crs"] == list(KNOWN) and one["storageCrs"] in KNOWN


def test_a_system_that_is_not_spoken_is_refused(town: Town):
    for query in ("crs=http://www.opengis.net/def/crs/EPSG/0/27700", "bbox=1,1,2,2&bbox-crs=nothing"):
        answer = town.ask("GET", f"collections/cell/items?{query}")
        assert answer.status == 400 and b"not spoken here" in answer.body
