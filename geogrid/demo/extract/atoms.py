"""Atoms: the smallest faces between the lines, on the grid of the database. Larger areas are their unions."""

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import shapely

from geogrid.core.geo import GRID_STEP_DEG
from geogrid.demo.extract.households import METRES
from geogrid.demo.extract.linework import Line, Linework, run_on
from geogrid.demo.extract.osm import CRS, Bounds

Point = tuple[float, float]
Segment = tuple[Point, Point]

COAST_STEP_M = 3
"""Shorter pieces of coast do not tell on which side the water is."""


@dataclass(frozen=True)
class Atoms:
    """Faces of the network, by number. Noded once on the grid, so all unions of them are exact coverages."""

    degrees: list[shapely.Polygon]
    """EPSG:4326, each coordinate a multiple of the grid step."""
    metres: list[shapely.Polygon]
    """The same faces in EPSG:3067."""
    owners: dict[Segment, list[int]]
    """The one or two atoms on the sides of each border segment (EPSG:3067)."""
    along: dict[Segment, Line]
    """What each border segment runs along."""
    sea: frozenset[int]


def snapped_bounds(bounds: Bounds) -> Bounds:
    """Bounds in degrees on the grid of the database, widened to it: what lies on the edge stays inside."""
    west, south = (math.floor(value / GRID_STEP_DEG) * GRID_STEP_DEG for value in bounds[:2])
    east, north = (math.ceil(value / GRID_STEP_DEG) * GRID_STEP_DEG for value in bounds[2:])
    return west, south, east, north


def make_atoms(linework: Linework, bounds: Bounds) -> Atoms:
    """Cut the box of these bounds by all lines."""
    box = shapely.box(*snapped_bounds(bounds))
    box_in_metres = gpd.GeoSeries([box], crs=CRS).to_crs(METRES)[0]
    lines = linework.all_lines()
    lines += list(run_on(lines, box_in_metres))
    in_degrees = gpd.GeoSeries(lines, crs=METRES).to_crs(CRS)
    net = shapely.unary_union([*in_degrees, box.exterior], grid_size=GRID_STEP_DEG)
    faces = shapely.get_parts(shapely.polygonize([net]))
    degrees = [face for face in faces if box.contains(face.representative_point())]
    metres = list(gpd.GeoSeries(degrees, crs=CRS).to_crs(METRES))
    owners = _owners(metres)
    return Atoms(degrees, metres, owners, _along(owners, linework), _sea(metres, linework.lines[Line.COAST]))


def _owners(faces: list[shapely.Polygon]) -> dict[Segment, list[int]]:
    owners: dict[Segment, list[int]] = defaultdict(list)
    for number, face in enumerate(faces):
        for ring in (face.exterior, *face.interiors):
            corners = list(ring.coords)
            for a, b in pairwise(corners):
                owners[min(a, b), max(a, b)].append(number)
    return dict(owners)


def _along(owners: dict[Segment, list[int]], linework: Linework) -> dict[Segment, Line]:
    """Class of each segment: the first class with a line within half a metre of its middle."""
    segments = list(owners)
    middles = shapely.points([np.mean(segment, axis=0) for segment in segments])
    along = {segment: Line.OUTLINE if len(sides) == 1 else Line.NONE for segment, sides in owners.items()}
    for kind in reversed([kind for kind in Line if kind in linework.lines]):
        tree = shapely.STRtree(linework.lines[kind])
        for number in np.unique(tree.query(middles, "dwithin", distance=0.5)[0]):
            if along[segments[number]] != Line.OUTLINE:
                along[segments[number]] = kind
    return along


def _sea(faces: list[shapely.Polygon], coast: list[shapely.LineString]) -> frozenset[int]:
    """Faces with water one metre to the right of a coast line, and no land to the left of one."""
    segments = np.array([line.coords for line in coast if line.length > COAST_STEP_M])
    if not len(segments):
        return frozenset()
    ahead = segments[:, 1] - segments[:, 0]
    right = (ahead / np.hypot(*ahead.T)[:, None])[:, ::-1] * [1, -1]
    tree = shapely.STRtree(faces)

    def faces_at(points: np.ndarray) -> set[int]:
        return {int(i) for i in tree.query(shapely.points(points), "within")[1]}

    middles = segments.mean(axis=1)
    return frozenset(faces_at(middles + right) - faces_at(middles - right))
