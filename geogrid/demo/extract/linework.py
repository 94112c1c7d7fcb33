"""The lines that may become borders of cells: streets, coast, edges of parks and of the rail yard."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geogrid.demo.extract import shapefiles
from geogrid.demo.extract.households import METRES
from geogrid.demo.extract.shapefiles import valid_areas

EXCLUSIVE_M2 = 10_000
"""A park, a water or a work place smaller than this is no cell of its own."""
YARD_M2 = 20_000
RUN_ON_M = 70
CUT_EDGE_M = 150
"""A straight piece of coast or park edge longer than this is where the extract was cut: no border."""


class Line(StrEnum):
    """What a piece of border runs along, the best first: it takes the first class that lies below it."""

    MAIN = "main"  # 主干路
    LOCAL = "local"  # 支路
    PATH = "path"  # 小路
    COAST = "coast"  # 岸线
    RAIL = "rail"  # 铁路
    PARK = "park"  # 公园边界
    NONE = "none"
    OUTLINE = "outline"


HIGHWAYS = {
    Line.MAIN: {"primary", "secondary", "tertiary", "primary_link", "secondary_link", "tertiary_link"},
    Line.LOCAL: {"residential", "unclassified", "living_street", "pedestrian"},
}


@dataclass(frozen=True)
class Linework:
    """Lines by class, EPSG:3067, with the rail yard and the parks as areas."""

    lines: dict[Line, list[shapely.LineString]]
    yard: BaseGeometry
    parks: BaseGeometry

    def all_lines(self) -> list[shapely.LineString]:
        """The lines of every class in one list."""
        return [line for lines in self.lines.values() for line in lines]


def read_linework(folder: Path) -> Linework:
    """Lines above ground of the demo city's shapefiles in `folder`."""
    roads = _above_ground(shapefiles.read(folder, "roads").to_crs(METRES))
    rails = _above_ground(shapefiles.read(folder, "railways").to_crs(METRES))
    landuse = valid_areas(shapefiles.read(folder, "landuse")).to_crs(METRES)
    coast = shapefiles.read(folder, "coast").to_crs(METRES)

    named_service = (roads["kind"] == "service") & roads["name"].notna()
    paths = (roads["kind"] == "cycleway") | named_service
    # Tracks side by side are one yard: buffers join, shrink back, and only large ones stay.
    tracks = rails[rails["kind"] == "rail"].geometry
    yard = _larger_than(tracks.buffer(14).union_all().buffer(-8).simplify(3), YARD_M2)
    parks = _larger_than(landuse[landuse["leisure"] == "park"].geometry.union_all(), EXCLUSIVE_M2)
    lines = {kind: list(roads[roads["kind"].isin(values)].geometry) for kind, values in HIGHWAYS.items()}
    lines |= {
        Line.PATH: list(roads[paths].geometry),
        Line.COAST: _without_cut_edges(coast.geometry),
        Line.RAIL: [area.exterior for area in yard],
        Line.PARK: _without_cut_edges([area.exterior for area in parks]),
    }
    return Linework(lines, shapely.union_all(yard), shapely.union_all(parks))


def run_on(lines: list[shapely.LineString], outline: shapely.Polygon) -> Iterator[shapely.LineString]:
    """For every end that hangs inside the outline: the line on, straight, to the next line or to the outline.

    At most `RUN_ON_M` long. A street that stops short of the water still parts two blocks.
    """
    net = shapely.get_parts(shapely.unary_union([*lines, outline.exterior]))
    meeting = Counter(end for line in net for end in (line.coords[0], line.coords[-1]))
    tree = shapely.STRtree(net)
    for before, end in (np.asarray(pair) for line in net for pair in (line.coords[1::-1], line.coords[-2:])):
        if meeting[tuple(end)] != 1 or not outline.contains(shapely.Point(end)):
            continue
        ahead = (end - before) / np.hypot(*(end - before))
        ray = shapely.LineString([end + ahead * 0.01, end + ahead * RUN_ON_M])
        hits = [shapely.Point(end).distance(ray.intersection(net[i])) for i in tree.query(ray, "intersects")]
        if hits:
            yield shapely.LineString([end, end + ahead * (min(hits) + 0.05)])


def _above_ground(lines: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return lines[lines["tunnel"].isna() & ~lines["layer"].fillna("0").str.startswith("-")]


def _larger_than(areas: BaseGeometry, area_m2: float) -> list[shapely.Polygon]:
    return [part for part in shapely.get_parts(areas) if part.area > area_m2]


def _without_cut_edges(lines: list[shapely.LineString]) -> list[shapely.LineString]:
    """Single segments, without those where the extract was cut: their neighbours run on instead."""
    segments = [shapely.LineString(pair) for line in lines for pair in pairwise(line.coords)]
    return [segment for segment in segments if segment.length < CUT_EDGE_M]
