"""The ground below the city's own layers: one PMTiles archive, with one vector layer, per base layer."""

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geogrid.demo.extract import shapefiles
from geogrid.demo.extract.osm import CRS
from geogrid.demo.extract.shapefiles import valid_areas

MIN_ZOOM, MAX_ZOOM = 10, 16
WATER = {"landuse": {"basin", "pond"}, "natural": {"water"}}
GREEN = {
    "landuse": {"grass"},
    "leisure": {"park", "garden", "playground", "pitch"},
    "natural": {"scrub", "wood", "heath", "wetland"},
}
RANKS = {
    1: {"primary", "secondary", "tertiary", "primary_link", "secondary_link", "tertiary_link"},
    2: {"residential", "unclassified", "living_street", "pedestrian"},
    3: {"service", "construction"},
}
FOOT_RANK = 4


def make_basemap(folder: Path, out: Path) -> list[Path]:
    """Write the base layers of the shapefiles in `folder` as `out`/<layer>.pmtiles, and return their paths.

    Zoom 10 to 16; the functions in `LAYERS` tell the properties. An archive appears whole or not at all, so a
    start that was cut off leaves nothing half written. A layer without a row has no archive.
    """
    out.mkdir(parents=True, exist_ok=True)
    layers = {name: make(folder) for name, make in LAYERS.items()}
    return [_write(rows, out / f"{name}.pmtiles") for name, rows in layers.items() if len(rows)]


def landuse(folder: Path) -> gpd.GeoDataFrame:
    """Areas: `kind` (green, square, rail, work, homes, other), `tag` as in the source, `name`."""
    rows = valid_areas(shapefiles.read(folder, "landuse"))
    rows = rows[~_is_one_of(rows, WATER)]
    kind = pd.Series("other", index=rows.index)
    kind[rows["landuse"].isin(["commercial", "retail", "civil"])] = "work"
    kind[rows["landuse"] == "residential"] = "homes"
    kind[rows["landuse"] == "railway"] = "rail"
    kind[rows["tag"] == "place=square"] = "square"
    kind[_is_one_of(rows, GREEN)] = "green"
    rows = rows.assign(kind=kind)
    # Large areas first: a lawn is drawn over the park that it lies in.
    order = rows.to_crs(epsg=3857).area.sort_values(ascending=False, kind="stable").index
    return rows.loc[order, ["kind", "tag", "name", "geometry"]]


def water(folder: Path) -> gpd.GeoDataFrame:
    """Areas: `kind` (sea, inland), `name`."""
    rows = valid_areas(shapefiles.read(folder, "landuse"))
    inland = rows[_is_one_of(rows, WATER)].assign(kind="inland")
    sea = shapefiles.read(folder, "sea").assign(kind="sea", name=None)
    return gpd.GeoDataFrame(pd.concat([sea, inland])[["kind", "name", "geometry"]], crs=CRS)


def roads(folder: Path) -> gpd.GeoDataFrame:
    """Lines: `rank` (1 main, 2 local, 3 service, 4 on foot), `kind` of the source, `name`, `tunnel` (0, 1).

    The least important first, so that main streets are drawn over paths.
    """
    rows = shapefiles.read(folder, "roads")
    rank = pd.Series(FOOT_RANK, index=rows.index)
    for number, kinds in RANKS.items():
        rank[rows["kind"].isin(kinds)] = number
    rows = rows.assign(rank=rank, tunnel=rows["tunnel"].notna().astype(int))
    order = rows["rank"].sort_values(ascending=False, kind="stable").index
    return rows.loc[order, ["rank", "kind", "name", "tunnel", "geometry"]]


def railways(folder: Path) -> gpd.GeoDataFrame:
    """Lines: `kind` (rail, tram, subway), `tunnel` (0, 1)."""
    rows = shapefiles.read(folder, "railways")
    return rows.assign(tunnel=rows["tunnel"].notna().astype(int))[["kind", "tunnel", "geometry"]]


def footprints(folder: Path) -> gpd.GeoDataFrame:
    """Areas of buildings: `kind` as in the source, `levels`, `height` in metres, `name`."""
    rows = valid_areas(shapefiles.read(folder, "buildings"))
    return rows.rename(columns={"building": "kind"})[["kind", "levels", "height", "name", "geometry"]]


LAYERS: dict[str, Callable[[Path], gpd.GeoDataFrame]] = {
    "landuse": landuse,
    "water": water,
    "roads": roads,
    "railways": railways,
    "footprints": footprints,
}


def _is_one_of(rows: gpd.GeoDataFrame, wanted: dict[str, set[str]]) -> "pd.Series[bool]":
    found = pd.Series(False, index=rows.index)
    for column, values in wanted.items():
        found |= rows[column].isin(values)
    return found


def _write(rows: gpd.GeoDataFrame, path: Path) -> Path:
    partial = path.with_name(f".{path.stem}.partial.pmtiles")
    pyogrio.write_dataframe(
        rows.set_geometry([shapely.force_2d(shape) for shape in rows.geometry], crs=CRS),
        partial,
        driver="PMTiles",
        layer=path.stem,
        NAME=path.stem,
        MINZOOM=MIN_ZOOM,
        MAXZOOM=MAX_ZOOM,
    )
    partial.replace(path)
    return path
