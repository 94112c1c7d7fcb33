"""The simulated ground of the demonstration city: the same always, and wet only where it was dug."""

import geopandas
import numpy as np
import pytest
import shapely

from assets.terrain import actions
from assets.terrain.depressions import depressions_of, filled
from assets.terrain.grids import Piece
from assets.terrain.inundation import inundation_at
from assets.terrain.models import Terrain
from geogrid.demo import terrain as demo
from tests.assets.town import NOON


@pytest.fixture(scope="module")
def ground():
    return demo.make_heights()


@pytest.mark.slow
class TestTheGround:
    def test_it_is_the_same_every_time(self, ground):
        again, grid = demo.make_heights()

        assert np.array_equal(again, ground[0], equal_nan=True) and grid == ground[1]

    def test_at_least_eight_places_on_real_streets_hold_water_and_nothing_else_does(self, ground):
        heights, grid = ground
        found = depressions_of(heights, filled(heights), grid, Piece(0, grid.whole, grid.whole))

        assert len(demo.low_places()) >= 8
        assert len(found) == len(demo.low_places())

    def test_the_places_that_are_written_down_are_those_of_the_ground(self, ground):
        for written, found in zip(demo.low_places(), demo.find_low_places(*ground), strict=True):
            assert (written.street, written.kind) == (found.street, found.kind)
            assert (written.lng, written.lat) == pytest.approx((found.lng, found.lat), abs=5e-5)
            assert written.depth_m == pytest.approx(found.depth_m, abs=0.01)
            assert written.spill_level_m == pytest.approx(found.spill_level_m, abs=0.01)
            assert written.spill_level_m - written.deepest_level_m == pytest.approx(written.depth_m, abs=2e-3)

    def test_each_place_lies_on_the_street_of_its_name_and_can_reach_every_band(self):
        roads = geopandas.read_file(demo.SHAPES / "roads.shp").to_crs(demo.PLANE)
        for place in demo.low_places():
            here = geopandas.GeoSeries([shapely.Point(place.lng, place.lat)], crs=4326).to_crs(demo.PLANE)
            away = roads[roads.name == place.street].distance(here.iloc[0]).min()
            assert away < 12, place.street
            assert place.depth_m > 0.5, place.street


def test_it_is_brought_in_once_labelled_as_simulated_and_can_be_asked(db):
    assert demo.bring_terrain() is True
    assert demo.bring_terrain() is False
    [terrain] = Terrain.objects.all()
    actions.make_ready(terrain, at=NOON)

    assert terrain.is_simulated and "模拟" in terrain.name and "no survey" in terrain.source
    assert terrain.depressions.count() == len(demo.low_places())
    for place in demo.low_places():
        water = inundation_at(lng=place.lng, lat=place.lat, depth_m=0.5)
        assert water.level_m == pytest.approx(place.deepest_level_m + 0.5, abs=0.01)
        assert water.area_m2 > 100 and not water.above_spill and not water.touches_window
