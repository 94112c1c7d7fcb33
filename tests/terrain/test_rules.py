"""Filling, depressions and floods on ground that can be drawn on paper."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Geod
from skimage.morphology import reconstruction

from assets.terrain.depressions import Worth, depressions_of, filled
from assets.terrain.flooding import flood
from assets.terrain.grids import Grid, Piece
from tests.terrain.ground import BOWL, BOWL_DEPTH_M, PIXEL_M, grid, slope, with_bowl

pytestmark = pytest.mark.slow
EVERYTHING = Worth(depth_m=0.0, area_m2=0.0)


USUAL = Worth()


def found_in(heights, worth=USUAL):
    place = grid(heights.shape[0])
    return depressions_of(heights, filled(heights), place, Piece(0, place.whole, place.whole), worth)


def by_reconstruction(heights):
    """The same filling by another library and another method: reconstruction by erosion."""
    seed = np.full_like(heights, heights.max())
    seed[[0, -1]], seed[:, [0, -1]] = heights[[0, -1]], heights[:, [0, -1]]
    return reconstruction(seed, heights, method="erosion", footprint=np.ones((3, 3)))


class TestDepressions:
    def test_a_slope_has_none(self):
        assert found_in(slope()) == []

    def test_a_bowl_is_found_with_its_figures(self):
        heights = with_bowl()

        [bowl] = found_in(heights)

        lip = by_reconstruction(heights)
        inside = lip > heights
        assert bowl.deepest == pytest.approx(grid().middle_of(*BOWL), abs=2e-5)
        assert bowl.spill_level_m == pytest.approx(lip[BOWL], abs=1e-4)
        assert bowl.deepest_level_m == pytest.approx(heights.min() if inside.any() else 0, abs=0.5)
        assert bowl.depth_m == pytest.approx((lip - heights).max(), abs=1e-4)
        assert BOWL_DEPTH_M * 0.8 < bowl.depth_m < BOWL_DEPTH_M
        assert bowl.area_m2 == pytest.approx(inside.sum() * PIXEL_M**2, rel=0.002)
        assert bowl.volume_m3 == pytest.approx((lip - heights).sum() * PIXEL_M**2, rel=0.002)
        assert not bowl.at_edge

    def test_its_polygon_has_its_area_and_holds_its_deepest_place(self):
        [bowl] = found_in(with_bowl())

        drawn_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(bowl.shape)[0])
        assert drawn_m2 == pytest.approx(bowl.area_m2, rel=0.03)
        assert shapely.covers(bowl.shape, shapely.Point(bowl.deepest))

    def test_one_at_the_edge_says_so(self):
        [bowl] = found_in(with_bowl(at=(60, 9)))

        assert bowl.at_edge

    def test_one_beside_unknown_ground_says_so_and_unknown_ground_holds_no_water(self):
        heights = with_bowl()
        heights[55:66, 66:80] = np.nan

        found = found_in(heights)

        assert found and all(one.at_edge for one in found)
        assert sum(one.area_m2 for one in found) < found_in(with_bowl())[0].area_m2

    def test_shallow_and_small_ones_are_roughness(self):
        heights = slope()
        heights[30, 30] -= 1.0
        heights[80:84, 80:84] -= 0.06

        assert found_in(heights, Worth(0.05, 10.0)) == []
        assert len(found_in(heights, EVERYTHING)) == 2

    def test_pieces_find_each_one_once_and_as_the_whole_does(self):
        heights = np.minimum(with_bowl(at=(30, 40)), with_bowl(at=(78, 79)))
        full, place = filled(heights), grid()
        whole = found_in(heights)

        by_piece = []
        for piece in place.pieces(side=40, margin=30):
            box = piece.seen
            seen = heights[box.top : box.bottom, box.left : box.right]
            by_piece += depressions_of(seen, filled(seen), place, piece)

        assert len(whole) == 2 and full.shape == heights.shape
        assert sorted(one.volume_m3 for one in by_piece) == pytest.approx(
            sorted(one.volume_m3 for one in whole), rel=1e-6
        )

    @settings(max_examples=60, deadline=None)
    @given(arrays(np.float32, (12, 15), elements=st.integers(0, 9).map(float)))
    def test_filling_agrees_with_another_library_on_any_ground(self, heights):
        assert np.array_equal(filled(heights), by_reconstruction(heights))


class TestFlood:
    def at(self, heights, level_m, pixel=BOWL):
        place = grid(heights.shape[0])
        return flood(heights, place.whole, place, pixel[0], pixel[1], level_m)

    def test_below_the_spill_level_it_stays_in_its_bowl(self):
        heights = with_bowl()
        [bowl] = found_in(heights)

        water = self.at(heights, bowl.spill_level_m - 0.1)

        assert water is not None and not water.touches_edge
        assert water.area_m2 < bowl.area_m2
        assert water.deepest_m == pytest.approx(bowl.depth_m - 0.1, abs=1e-3)

    def test_at_the_spill_level_it_fills_the_bowl(self):
        heights = with_bowl()
        [bowl] = found_in(heights)

        water = self.at(heights, bowl.spill_level_m)

        assert water is not None
        assert water.area_m2 == pytest.approx(bowl.area_m2, rel=1e-3)
        assert water.volume_m3 == pytest.approx(bowl.volume_m3, rel=1e-3)

    def test_above_it_runs_to_the_edge(self):
        heights = with_bowl()
        [bowl] = found_in(heights)

        water = self.at(heights, bowl.spill_level_m + 0.05)

        assert water is not None and water.touches_edge

    def test_ground_as_low_behind_a_ridge_stays_dry(self):
        heights = np.minimum(with_bowl(at=(30, 60)), with_bowl(at=(90, 60)))

        water = self.at(heights, float(heights[30, 60]) + 0.3, (30, 60))

        assert water is not None and water.area_m2 > 0
        north = grid().middle_of(60, 60)[1]
        assert water.shape.bounds[1] > north

    def test_a_place_above_the_water_is_dry(self):
        heights = with_bowl()

        assert self.at(heights, float(heights[BOWL])) is None

    def test_water_that_reaches_unknown_ground_says_so(self):
        heights = with_bowl()
        level = float(heights[BOWL]) + 0.5
        heights[60, 65] = np.nan

        water = self.at(heights, level)

        assert water is not None and water.touches_edge

    @settings(max_examples=60, deadline=None)
    @given(arrays(np.float32, (9, 9), elements=st.integers(0, 4).map(float)), st.integers(1, 5))
    def test_any_flood_is_a_valid_shape_of_its_area(self, heights, level):
        heights[4, 4] = 0

        water = self.at(heights, float(level), (4, 4))

        assert water is not None and water.shape.is_valid
        drawn_m2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(water.shape)[0])
        is_drawn_by_pixel = water.area_m2 <= 12 * PIXEL_M**2  # larger ones may be smoothed
        assert drawn_m2 == pytest.approx(water.area_m2, rel=0.001 if is_drawn_by_pixel else 0.5)


class TestGrid:
    def test_degrees_and_pixels_are_each_others_opposite(self):
        place = grid()

        assert place.pixel_at(*place.middle_of(17, 93)) == (17, 93)
        assert place.pixel_at(0, 0) is None

    def test_pixels_have_their_true_area_whatever_the_projection(self):
        """In Web Mercator a square of 2 m at 60 degrees north is a quarter as large on the ground."""
        from affine import Affine

        mercator = Grid("EPSG:3857", Affine(2, 0, 2_776_000, 0, -2, 8_440_000), 1000, 800)

        [area] = mercator.pixel_area_m2([400], [500])
        lng, lat = mercator.degrees([500, 501, 501, 500], [400, 400, 401, 401])
        assert area == pytest.approx(abs(Geod(ellps="WGS84").polygon_area_perimeter(lng, lat)[0]), rel=1e-6)
        assert 0.9 < area < 1.1
