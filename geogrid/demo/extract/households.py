"""How many households live where, estimated from floor area. Every figure here is an assumption."""

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geogrid.demo.extract.shapefiles import valid_areas

METRES = "EPSG:3067"
"""ETRS-TM35FIN: the metres of the demo city."""

M2_PER_HOUSEHOLD = 90
"""Square metres of dwelling floor area for one household."""

LEVELS_BY_BUILDING = {
    "apartments": 5,
    "residential": 5,
    "block": 7,
    "yes": 5,
    "office": 5,
    "commercial": 5,
    "retail": 5,
    "hotel": 5,
    "public": 4,
    "school": 4,
    "university": 4,
    "museum": 3,
    "train_station": 4,
    "roof": 0,
}
"""Levels where the source has none: medians of this extract. A roof has no floor, any other kind has one."""

DWELLING_SHARE = {"apartments": 0.90, "residential": 0.90, "block": 0.70, "commercial": 0.05}
"""Part of the floor area that is dwellings, by value of `building`; other kinds have none."""

DWELLING_SHARE_OF_UNTYPED = {
    "park": 0.0,
    "residential": 0.85,
    "commercial": 0.20,
    "retail": 0.10,
    "civil": 0.02,
    "military": 0.0,
}
"""The same for `building=yes`, by the land use below it, and none where the building has a use of its own."""
DWELLING_SHARE_WITHOUT_LANDUSE = 0.35
USES = ("amenity", "office", "tourism", "shop", "leisure")


def estimate(buildings: gpd.GeoDataFrame, landuse: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Floor area and households of every building.

    Takes rows of the buildings and land use files (EPSG:4326). Returns a frame with the index of `buildings`,
    columns `floor_m2` and `househ` (fractions of a household included) and `geometry` (EPSG:3067): the ground
    that counts for the building. Where buildings lie on each other the smaller one counts, so no ground
    counts twice.
    """
    shapes = valid_areas(buildings).to_crs(METRES)
    shapes = shapes.loc[shapes.area.sort_values(kind="stable").index]
    ground = _without_overlaps(list(shapes.geometry))
    below = _landuse_by_kind(valid_areas(landuse).to_crs(METRES))
    rows = []
    for building, footprint in zip(shapes.to_dict("records"), ground, strict=True):
        floor_m2 = footprint.area * _levels(building)
        rows.append((floor_m2, floor_m2 * _dwelling_share(building, footprint, below) / M2_PER_HOUSEHOLD))
    table = pd.DataFrame(rows, columns=["floor_m2", "househ"], index=shapes.index)
    return gpd.GeoDataFrame(table, geometry=ground, crs=METRES).sort_index()


def by_area(estimates: gpd.GeoDataFrame, areas: list[shapely.Polygon]) -> pd.DataFrame:
    """Sums of `floor_m2` and `househ` for each area (EPSG:3067); a building on a border is shared."""
    tree = shapely.STRtree(areas)
    rows = []
    for floor_m2, households, footprint in estimates.itertuples(index=False, name=None):
        if footprint.area == 0:
            continue
        for number in sorted(tree.query(footprint, "intersects")):
            share = footprint.intersection(areas[number]).area / footprint.area
            rows.append((number, floor_m2 * share, households * share))
    sums = pd.DataFrame(rows, columns=["area", "floor_m2", "househ"]).groupby("area").sum()
    return sums.reindex(range(len(areas)), fill_value=0.0)


def _without_overlaps(footprints: list[BaseGeometry]) -> list[BaseGeometry]:
    """Each footprint less those before it."""
    tree = shapely.STRtree(footprints)
    return [
        footprint.difference(
            shapely.union_all([footprints[i] for i in tree.query(footprint, "intersects") if i < number])
        )
        for number, footprint in enumerate(footprints)
    ]


def _landuse_by_kind(landuse: gpd.GeoDataFrame) -> dict[str, BaseGeometry]:
    areas = {
        kind: landuse[landuse["leisure" if kind == "park" else "landuse"] == kind].geometry.union_all()
        for kind in DWELLING_SHARE_OF_UNTYPED
    }
    shapely.prepare(list(areas.values()))
    return areas


def _levels(building: dict[str, object]) -> float:
    levels = building["levels"]
    known = isinstance(levels, float) and levels == levels and building["building"] != "roof"
    return float(str(levels)) if known else LEVELS_BY_BUILDING.get(str(building["building"]), 1)


def _dwelling_share(
    building: dict[str, object], footprint: BaseGeometry, below: dict[str, BaseGeometry]
) -> float:
    kind = str(building["building"])
    if kind != "yes":
        return DWELLING_SHARE.get(kind, 0.0)
    if any(isinstance(building[use], str) for use in USES):
        return 0.0
    inside = footprint.representative_point()
    for landuse, area in below.items():
        if area.contains(inside):
            return DWELLING_SHARE_OF_UNTYPED[landuse]
    return DWELLING_SHARE_WITHOUT_LANDUSE
