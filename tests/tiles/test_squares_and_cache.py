"""Tile addresses, and which tiles a change makes stale."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tiles.cache import Tile, TileCache, TileKey
from tiles.layers import LAYERS, UnknownLayer, layers_named
from tiles.service import finished
from tiles.squares import HALF, Square, mercator, square_at

ASSETS = (LAYERS["assets"],)
CELLS = (LAYERS["cells"],)
ROUNDING_M = 1e-6


@given(st.floats(-179.9, 179.9), st.floats(-85, 85), st.integers(0, 20))
def test_a_point_lies_in_its_tile(lng: float, lat: float, z: int):
    square = square_at(lng, lat, z)

    x, y = mercator(lng, lat)
    west, south, east, north = square.bounds
    assert square.is_real
    assert west - ROUNDING_M <= x < east + ROUNDING_M
    assert south - ROUNDING_M < y <= north + ROUNDING_M


def test_the_whole_world_is_one_tile():
    assert Square(0, 0, 0).bounds == (-HALF, -HALF, HALF, HALF)


def test_tiles_that_do_not_exist_are_not_real():
    assert not Square(3, 8, 0).is_real
    assert not Square(3, 0, -1).is_real
    assert not Square(23, 0, 0).is_real


def around(square: Square, metres: float = 0.0) -> tuple[float, float, float, float]:
    west, south, east, north = square.bounds
    return west - metres, south - metres, east + metres, north + metres


@given(st.integers(0, 14), st.integers(-1, 1), st.integers(-1, 1))
def test_a_change_drops_the_tiles_that_draw_it_and_no_others(z: int, right: int, down: int):
    cache, changed = TileCache(), Square(15, 18650, 9480)
    other = Square(15, 18650 + right * 2, 9480 + down * 2)
    above = Square(z, 18650 >> (15 - z), 9480 >> (15 - z))
    for square in {changed, other, above}:
        cache.keep(TileKey(ASSETS, square), finished(b"x"))

    x, y = (changed.bounds[0] + changed.bounds[2]) / 2, (changed.bounds[1] + changed.bounds[3]) / 2
    cache.forget([("asset", (x, y, x, y))])

    assert cache.get(TileKey(ASSETS, changed), 0) is None
    assert cache.get(TileKey(ASSETS, above), 0) is None
    assert (cache.get(TileKey(ASSETS, other), 0) is None) == (other == changed)


def test_a_change_on_the_edge_drops_both_neighbours():
    cache, left, right = TileCache(), Square(15, 18650, 9480), Square(15, 18651, 9480)
    for square in (left, right):
        cache.keep(TileKey(ASSETS, square), finished(b"x"))

    edge, middle = left.bounds[2], (left.bounds[1] + left.bounds[3]) / 2
    cache.forget([("asset", (edge + 1, middle, edge + 1, middle))])

    assert len(cache) == 0


def test_a_change_of_another_kind_drops_nothing():
    cache = TileCache()
    cache.keep(TileKey(CELLS, Square(3, 1, 1)), finished(b"x"))

    cache.forget([("asset", None), ("incident", None), ("duty", None)])
    assert len(cache) == 1

    cache.forget([("cell", None)])
    assert len(cache) == 0


def test_the_cache_stays_within_its_bytes_and_keeps_what_was_asked_for():
    cache = TileCache(largest_bytes=10_000)
    kept = TileKey(ASSETS, Square(10, 0, 0))
    cache.keep(kept, Tile("e", b"x" * 1000))
    for x in range(1, 30):
        cache.keep(TileKey(ASSETS, Square(10, x, 0)), Tile("e", b"x" * 1000))
        assert cache.get(kept, 0) is not None

    assert len(cache) == 6


def test_a_tile_whose_time_is_over_is_made_again():
    cache, key = TileCache(), TileKey(ASSETS, Square(3, 1, 1))
    cache.keep(key, finished(b"x", good_until=10))

    assert cache.get(key, 9.9) is not None
    assert cache.get(key, 10) is None


def test_equal_bytes_have_equal_marks_and_packing():
    assert finished(b"abc" * 99) == finished(b"abc" * 99)
    assert finished(b"abc").etag != finished(b"abd").etag
    assert finished(b"") == Tile(good_until=math.inf)


def test_layers_are_known_by_name():
    assert [layer.id for layer in layers_named("assets+cells")] == ["assets", "cells"]
    for wrong in ("", "asset", "assets+", "assets+assets", "assets cells"):
        try:
            layers_named(wrong)
        except UnknownLayer as unknown:
            assert str(unknown).endswith(".")
        else:
            raise AssertionError(wrong)
