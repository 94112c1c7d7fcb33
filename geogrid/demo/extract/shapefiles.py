"""Shapefiles that come out the same, byte for byte, however often they are written."""

import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
import shapely
from shapely.geometry.base import BaseGeometry

from geogrid.demo.extract.osm import CRS

LONGEST_FIELD = 10
"""Characters that a field name of a shapefile can have."""


def write(rows: gpd.GeoDataFrame, path: Path, geometry_type: str) -> None:
    """Write rows as a shapefile in UTF-8, with .cpg and .prj.

    The driver's stamp of the day is fixed and fields are as wide as their longest text, so that equal rows
    give equal bytes. Raises ValueError for a field name that the format would cut.
    """
    too_long = [name for name in rows.columns if len(name) > LONGEST_FIELD and name != "geometry"]
    if too_long:
        raise ValueError(f"Field names longer than {LONGEST_FIELD} characters: {', '.join(too_long)}")
    pyogrio.write_dataframe(
        rows,
        path,
        driver="ESRI Shapefile",
        geometry_type=geometry_type,
        ENCODING="UTF-8",
        RESIZE="YES",
        DBF_DATE_LAST_UPDATE="2000-01-01",
    )


def read(folder: Path, name: str) -> gpd.GeoDataFrame:
    """Rows of one shapefile of the demo city, EPSG:4326; absent texts are None."""
    with warnings.catch_warnings():
        # GDAL warns of polygons that cross themselves: they are kept on purpose, and read as written.
        warnings.filterwarnings("ignore", message="organizePolygons", category=RuntimeWarning)
        rows = pyogrio.read_dataframe(folder / f"{name}.shp", on_invalid="ignore")
    if rows.crs is None or rows.crs.to_epsg() != 4326:
        raise ValueError(f"{name}.shp is not in {CRS}")
    return rows


def valid_areas(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The rows that have a surface, made valid, to compute with; the files keep what the source says."""
    rows = rows[rows.geometry.notna()]
    return rows.set_geometry([_surface(geometry) for geometry in rows.geometry], crs=rows.crs)


def _surface(geometry: BaseGeometry) -> BaseGeometry:
    """The surface of an area; whiskers that mending leaves over are dropped."""
    mended = shapely.make_valid(geometry)
    if mended.geom_type in ("Polygon", "MultiPolygon"):
        return mended
    surfaces = [part for part in shapely.get_parts(mended) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(surfaces)
