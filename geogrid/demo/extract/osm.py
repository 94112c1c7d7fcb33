"""Objects of an OpenStreetMap file, each with its own id and its tags."""

import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio

CRS = "EPSG:4326"
"""OpenStreetMap's own: longitude and latitude in degrees, WGS 84."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""

ID_COLUMNS = ("osm_id", "osm_way_id")
POINTS, LINES, AREAS = "points", "lines", "multipolygons"


def read_layer(osm_file: Path, layer: str) -> gpd.GeoDataFrame:
    """Every object of one layer of GDAL's OSM driver, in the order of the file.

    Columns: `source_id` (`node/1`, `way/1`, `relation/1`), `tags` (a dict of text), `geometry` (EPSG:4326).
    The geometry is None where GDAL or GEOS cannot build one; such rows stay in, so that they can be counted.
    """
    with warnings.catch_warnings():
        # Areas cut at the edge of an extract: they are counted and listed as refused, not warned of.
        warnings.filterwarnings("ignore", message="Non closed ring|organizePolygons", category=RuntimeWarning)
        frame = pyogrio.read_dataframe(osm_file, layer=layer, on_invalid="ignore", TAGS_FORMAT="JSON")
    own = [name for name in frame.columns if name not in (*ID_COLUMNS, "other_tags", "geometry")]
    columns = zip(frame[own].itertuples(index=False, name=None), frame["other_tags"], strict=True)
    tags = [
        {key: text for key, text in zip(own, row, strict=True) if isinstance(text, str)}
        | (other if isinstance(other, dict) else {})
        for row, other in columns
    ]
    ids = [_source_id(layer, row) for row in frame.to_dict("records")]
    return gpd.GeoDataFrame({"source_id": ids, "tags": tags}, geometry=list(frame.geometry), crs=CRS)


def bounds_of(osm_file: Path) -> Bounds:
    """The box around the points of the file; lines and areas may reach over the edge of an extract."""
    west, south, east, north = read_layer(osm_file, POINTS).total_bounds
    return float(west), float(south), float(east), float(north)


def _source_id(layer: str, row: dict[str, object]) -> str:
    """GDAL gives the id of a way that closes to an area in a column of its own."""
    if layer == POINTS:
        return f"node/{row['osm_id']}"
    if layer == LINES:
        return f"way/{row['osm_id']}"
    way = row["osm_way_id"]
    return f"way/{way}" if isinstance(way, str) else f"relation/{row['osm_id']}"
