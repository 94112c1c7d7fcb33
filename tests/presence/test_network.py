"""Reach on the walking network against an independent Dijkstra over the streets as they are drawn."""

import heapq
import math
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from assets.presence.network import NOT_WALKED, Network, reach

ROADS = Path(__file__).parents[2] / "data" / "shapefiles" / "roads.shp"
GEOD = Geod(ellps="WGS84")
Corner = tuple[float, float]


def corner(x: float, y: float) -> Corner:
    return (round(x, 7), round(y, 7))


def metres(a: Corner, b: Corner) -> float:
    return float(GEOD.inv(*a, *b)[2])


def edges_of(lines: list[shapely.LineString]) -> dict[frozenset[Corner], float]:
    found = {}
    for line in lines:
        places = [corner(*place[:2]) for place in line.coords]
        for a, b in pairwise(places):
            if a != b:
                found[frozenset((a, b))] = metres(a, b)
    return found


def independent(
    lines: list[shapely.LineString], starts: list[Corner], budget_m: float
) -> tuple[float, float]:
    """Metres reached and metres in all, with a heap, one corner after the other. Starts are corners."""
    edges = edges_of(lines)
    beside: dict[Corner, list[tuple[Corner, float]]] = defaultdict(list)
    for ends, length in edges.items():
        a, b = ends
        beside[a].append((b, length))
        beside[b].append((a, length))
    far = dict.fromkeys(starts, 0.0)
    heap = [(0.0, start) for start in starts]
    while heap:
        so_far, here = heapq.heappop(heap)
        if so_far > far[here]:
            continue
        for there, length in beside[here]:
            if so_far + length < far.get(there, math.inf):
                far[there] = so_far + length
                heapq.heappush(heap, (far[there], there))
    reached = 0.0
    for ends, length in edges.items():
        a, b = ends
        from_a = max(0.0, budget_m - far.get(a, math.inf))
        from_b = max(0.0, budget_m - far.get(b, math.inf))
        reached += min(length, from_a + from_b)
    return reached, sum(edges.values())


@pytest.fixture(scope="module")
def real_streets() -> list[shapely.LineString]:
    roads = geopandas.read_file(ROADS)
    walked = roads[~roads["kind"].isin(NOT_WALKED)]
    return [part for shape in walked.geometry for part in shapely.get_parts(shape)]


@pytest.mark.parametrize("budget_m", [80.0, 347.0, 800.0])
def test_real_streets_are_reached_to_the_metre(real_streets, budget_m: float):
    corners = sorted({c for line in real_streets for c in (corner(*p[:2]) for p in line.coords)})
    starts = corners[:: len(corners) // 7]

    reached = reach(Network.of(real_streets), np.array(starts), budget_m)

    wanted, whole = independent(real_streets, starts, budget_m)
    assert reached.network.length_m.sum() == pytest.approx(whole, abs=1)
    assert reached.reached_m().sum() == pytest.approx(wanted, abs=1)
    assert 0 < wanted < whole
    missing = sum(b - a for _, a, b in reached.gaps)
    assert missing == pytest.approx(whole - wanted, abs=1)


def on_a_ring(n: int) -> Corner:
    """Corners of a polygon with 12 corners, about 550 m wide: no chord passes through another corner."""
    return corner(24.9 + 0.005 * math.cos(n * math.pi / 6), 60.1 + 0.0025 * math.sin(n * math.pi / 6))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 11)).filter(lambda e: e[0] != e[1]),
        min_size=1,
        max_size=25,
    ),
    st.sets(st.integers(0, 11), min_size=1, max_size=4),
    st.floats(1, 1500),
)
def test_small_graphs_are_reached_as_a_heap_says(pairs, people, budget_m):
    lines = [shapely.LineString([on_a_ring(a), on_a_ring(b)]) for a, b in pairs]
    standing = {n for pair in pairs for n in pair} & people
    if not standing:
        return
    starts = [on_a_ring(n) for n in sorted(standing)]

    reached = reach(Network.of(lines), np.array(starts), budget_m)

    assert reached.reached_m().sum() == pytest.approx(independent(lines, starts, budget_m)[0], abs=0.05)


STREET = [shapely.LineString([(24.9, 60.1), (24.92, 60.1)])]  # about 1,113 m
M = 1 / (GEOD.inv(24.9, 60.1, 24.91, 60.1)[2] / 0.01)  # a metre to the east in degrees


def test_who_stands_in_the_middle_of_a_piece_reaches_some_of_it_and_neither_end():
    network = Network.of(STREET)

    reached = reach(network, np.array([[24.9 + 512 * M, 60.1]]), 4.0)

    assert reached.reached_m().sum() == pytest.approx(8, abs=0.01)
    assert len(reached.gaps) == len(network) + 1


def test_the_way_to_the_street_counts_and_who_is_too_far_off_reaches_nothing():
    network = Network.of(STREET)
    north = 30 / (GEOD.inv(24.9, 60.1, 24.9, 60.11)[2] / 0.01)
    beside = np.array([[24.9 + 500 * M, 60.1 + north]])

    assert reach(network, beside, 100).reached_m().sum() == pytest.approx(140, abs=0.1)
    assert reach(network, beside, 20).reached_m().sum() == 0


def test_a_house_is_reached_when_the_nearest_point_of_its_street_is():
    network = Network.of(STREET)
    houses = network.nearest(np.array([[24.9 + m * M, 60.1003] for m in (399, 401, 598, 602, 500)]))

    at = reach(network, np.array([[24.9 + 500 * M, 60.1]]), 100).at(houses)

    assert at.tolist() == [False, True, True, False, True]


def test_streets_that_only_cross_without_a_corner_do_not_meet():
    crossing = [*STREET, shapely.LineString([(24.91, 60.09), (24.91, 60.11)])]

    reached = reach(Network.of(crossing), np.array([[24.9, 60.1]]), 5_000)

    assert reached.reached_m().sum() == pytest.approx(metres((24.9, 60.1), (24.92, 60.1)), abs=0.01)


def test_nobody_and_no_streets_are_no_trouble():
    assert reach(Network.of(STREET), np.empty((0, 2)), 800).reached_m().sum() == 0
    assert len(Network.of([])) == 0
    assert reach(Network.of([]), np.array([[0.0, 0.0]]), 800).gaps.tolist() == []
