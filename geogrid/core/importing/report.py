"""The report of a run: every refused or repaired row, as CSV for people and GeoJSON for the map."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.geos import GEOSGeometry

from geogrid.core.geo import STORAGE_SRID
from geogrid.core.importing.models import ImportFinding

COLUMNS = (
    "severity",
    "layer",
    "row",
    "source_id",
    "reason_en",
    "reason_zh",
    "advice_en",
    "advice_zh",
)


def place_of(shape: shapely.Geometry | None) -> GEOSGeometry | None:
    """A shape as it was read, where it can be drawn at all; a broken outline as the line of its corners."""
    if shape is None or shapely.is_empty(shape) or not np.isfinite(shapely.bounds(shape)).all():
        return None
    drawn = shapely.force_2d(shape)
    if not shapely.is_valid(drawn):
        corners = shapely.get_coordinates(drawn)
        drawn = shapely.LineString(corners) if len(corners) > 1 else shapely.Point(corners[0])
    return GEOSGeometry(memoryview(shapely.to_wkb(drawn)), srid=STORAGE_SRID)


def write_report(found: Iterable[ImportFinding], path: Path) -> tuple[Path, Path]:
    """Write `path`.csv and `path`.geojson; returns both."""
    table, drawn = path.with_suffix(".csv"), path.with_suffix(".geojson")
    path.parent.mkdir(parents=True, exist_ok=True)
    # The mark at the start lets a spreadsheet know that it is UTF-8.
    with (
        table.open("w", encoding="utf-8-sig", newline="") as text,
        drawn.open("w", encoding="utf-8") as features,
    ):
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        features.write('{"type":"FeatureCollection","features":[')
        comma = ""
        for finding in found:
            values = [getattr(finding, column) for column in COLUMNS]
            writer.writerow([_harmless(value) for value in values])
            features.write(comma + json.dumps(_feature(finding, values), ensure_ascii=False))
            comma = ",\n"
        features.write("]}\n")
    return table, drawn


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value


def _feature(finding: ImportFinding, values: list[Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": json.loads(finding.place.geojson) if finding.place is not None else None,
        "properties": dict(zip(COLUMNS, values, strict=True)),
    }
