"""The files that a layer can be had as."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Format(StrEnum):
    """Kind of file (文件格式)."""

    GEOPACKAGE = "gpkg"
    FLATGEOBUF = "fgb"
    SHAPEFILE = "shp"  # zipped: it is several files
    CSV = "csv"
    XLSX = "xlsx"  # tables only: lists, not layers
    GEOJSON = "geojson"


@dataclass(frozen=True)
class Writing:
    """How GDAL writes a format. moments_as_text: it knows dates and no times of day."""

    driver: str
    suffix: str
    media_type: str
    options: dict[str, str] = field(default_factory=dict)
    moments_as_text: bool = False
    is_zipped: bool = False


WRITINGS: Final[dict[Format, Writing]] = {
    Format.GEOPACKAGE: Writing("GPKG", "gpkg", "application/geopackage+sqlite3"),
    Format.FLATGEOBUF: Writing("FlatGeobuf", "fgb", "application/flatgeobuf"),
    Format.SHAPEFILE: Writing(
        "ESRI Shapefile",
        "shp.zip",
        "application/zip",
        {"ENCODING": "UTF-8", "SPATIAL_INDEX": "YES"},
        moments_as_text=True,
        is_zipped=True,
    ),
    Format.XLSX: Writing("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Format.GEOJSON: Writing("GeoJSON", "geojson", "application/geo+json", {"RFC7946": "YES"}),
    # The mark at the beginning tells spreadsheets that it is UTF-8: without it, Chinese is garbled there.
    Format.CSV: Writing("CSV", "csv", "text/csv; charset=utf-8", {"WRITE_BOM": "YES", "GEOMETRY": "AS_WKT"}),
}
