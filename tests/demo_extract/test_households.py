"""Households from floor area, on houses small enough to draw on paper."""

import geopandas as gpd
import pytest
import shapely

from geogrid.demo.extract.households import METRES, by_area, estimate

pytestmark = pytest.mark.fast

EAST, NORTH = 385_000, 6_672_000
NO_USE = dict.fromkeys(("amenity", "office", "tourism", "shop", "leisure"))


def square(x: float, y: float, side: float) -> shapely.Polygon:
    return shapely.box(EAST + x, NORTH + y, EAST + x + side, NORTH + y + side)


def houses(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame([NO_USE | {"levels": float("nan")} | row for row in rows], crs=METRES).to_crs(
        "EPSG:4326"
    )


def land(kind: str | None = None, leisure: str | None = None) -> gpd.GeoDataFrame:
    row = {"landuse": kind, "leisure": leisure, "geometry": square(-100, -100, 300)}
    return gpd.GeoDataFrame([row], crs=METRES).to_crs("EPSG:4326")


def test_flats_on_five_levels_of_a_hundred_square_metres_hold_five_households():
    house = houses({"building": "apartments", "levels": 5.0, "geometry": square(0, 0, 10)})

    estimates = estimate(house, land("residential"))

    assert estimates["floor_m2"][0] == pytest.approx(500, rel=1e-3)
    assert estimates["househ"][0] == pytest.approx(5, rel=1e-3)


@pytest.mark.parametrize(
    ("landuse", "leisure", "share"),
    [("residential", None, 0.85), ("commercial", None, 0.20), (None, "park", 0.0), (None, None, 0.35)],
)
def test_an_untyped_building_takes_its_share_from_the_land_below(landuse, leisure, share):
    house = houses({"building": "yes", "levels": 9.0, "geometry": square(0, 0, 10)})

    assert estimate(house, land(landuse, leisure))["househ"][0] == pytest.approx(10 * share, rel=1e-3)


def test_an_untyped_building_with_a_use_of_its_own_holds_nobody():
    house = houses({"building": "yes", "amenity": "bank", "geometry": square(0, 0, 10)})

    assert estimate(house, land("residential"))["househ"][0] == 0


def test_a_roof_has_no_floor_even_where_levels_are_mapped():
    house = houses({"building": "roof", "levels": 1.0, "geometry": square(0, 0, 10)})

    assert estimate(house, land())["floor_m2"][0] == 0


def test_ground_below_two_buildings_counts_for_the_smaller_one():
    large = {"building": "apartments", "levels": 1.0, "geometry": square(0, 0, 20)}
    small = {"building": "apartments", "levels": 1.0, "geometry": square(5, 5, 10)}

    floors = estimate(houses(large, small), land())["floor_m2"]

    assert list(floors) == pytest.approx([300, 100], rel=1e-3)


def test_a_building_on_a_border_is_shared_by_ground():
    estimates = gpd.GeoDataFrame(
        {"floor_m2": [400.0], "househ": [4.0]}, geometry=[square(0, 0, 10)], crs=METRES
    )
    west, east = (
        shapely.box(EAST - 5, NORTH, EAST + 7.5, NORTH + 10),
        shapely.box(EAST + 7.5, NORTH, EAST + 20, NORTH + 10),
    )

    assert list(by_area(estimates, [west, east])["househ"]) == pytest.approx([3, 1])
