"""Is the grid sound? Seen from inside (exact, SQL) and from outside (Shapely), with the places of faults.

`geogrid grid audit` prints this after an import and every night: an import loads gaps as they are.
"""

import json
from dataclasses import dataclass
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import connection
from shapely import Polygon

from grid_units.coverage import Fault, check
from grid_units.models import Cell, GridUnit


@dataclass(frozen=True)
class Audit:
    """State of the grid. Sound when nothing is listed and `excess_m2` is 0.

    Attributes:
        cells: how many.
        bad: border segments that cells share wrongly (overlaps, doubled borders), and invalid cells.
        parts: separate parts of the territory.
        holes: enclosed ground without a cell: gaps, or lakes that are meant.
        excess_m2: area of the cells less the area inside the outer boundary; more than 0 is overlap.
        faults: gaps, overlaps and unequal corners with their outlines.
        wrong_codes: cells whose code does not begin with their community's.
        unequal_outlines: units whose stored outline is not the union of their cells.
        unsound_versions: cells with a hole or overlap in time, or whose last version is stale.
    """

    cells: int
    bad: int
    parts: int
    holes: int
    excess_m2: float
    faults: tuple[Fault, ...]
    wrong_codes: tuple[str, ...]
    unequal_outlines: tuple[str, ...]
    unsound_versions: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether the grid keeps all its promises."""
        return not (
            self.bad
            or self.excess_m2
            or self.faults
            or self.wrong_codes
            or self.unequal_outlines
            or self.unsound_versions
        )

    def lines(self) -> list[str]:
        """The audit in sentences, for the terminal."""
        said = [
            f"{self.cells} cells in {self.parts} part(s) with {self.holes} hole(s)",
            f"{self.bad} bad border segments, {self.excess_m2:.3f} m2 covered twice",
            f"codes that do not fit their community: {_some(self.wrong_codes)}",
            f"units whose outline is not the union of their cells: {_some(self.unequal_outlines)}",
            f"versions with a hole or overlap in time: {_some(self.unsound_versions)}",
        ]
        said += [str(fault) for fault in self.faults]
        return [*said, "The grid is sound." if self.is_sound else "The grid is NOT sound."]

    def as_geojson(self) -> dict[str, Any]:
        """The outlines of the faults as a FeatureCollection (RFC 7946, WGS 84), for QGIS or the map."""
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": json.loads(shapely.to_geojson(fault.outline)),
                    "properties": {
                        "kind": str(fault.kind),
                        "cells": list(fault.names),
                        "area_m2": round(fault.area_m2, 3),
                        "width_m": round(fault.width_m, 3),
                    },
                }
                for fault in self.faults
            ],
        }


def audit(*, holes_are_meant: bool = False) -> Audit:
    """Look at the whole grid. Takes about a second for 3,000 cells.

    holes_are_meant: enclosed ground without a cell is a lake or another city, not a gap.
    """
    outlines = {code: _outline(geom) for code, geom in Cell.objects.values_list("code", "geom")}
    with connection.cursor() as cursor:
        cursor.execute("SELECT cells, bad, parts, holes, excess_m2 FROM core.grid_audit()")
        cells, bad, parts, holes, excess_m2 = cursor.fetchone()
        cursor.execute("SELECT unit_code FROM core.unequal_outlines() ORDER BY unit_code")
        suspects = [code for (code,) in cursor.fetchall()]
        cursor.execute("SELECT cell_id, fault FROM core.unsound_versions() ORDER BY cell_id")
        unsound = tuple(f"cell {cell_id}: {fault}" for cell_id, fault in cursor.fetchall())
    owners = Cell.objects.order_by("code").values_list("code", "community__code")
    return Audit(
        cells=cells,
        bad=bad,
        parts=parts,
        holes=holes,
        excess_m2=float(excess_m2),
        faults=tuple(check(outlines, holes_are_meant=holes_are_meant)),
        wrong_codes=tuple(code for code, community in owners if not code.startswith(community)),
        unequal_outlines=tuple(code for code in suspects if not _is_union(code, outlines)),
        unsound_versions=unsound,
    )


def _is_union(unit_code: str, outlines: dict[str, Polygon]) -> bool:
    """Whether a unit's outline is the union of its cells, though borders do not match corner by corner."""
    unit = GridUnit.objects.get(code=unit_code)
    cells = [outline for code, outline in outlines.items() if code.startswith(unit_code)]
    if unit.geom is None or not cells:
        return unit.geom is None and not cells
    return bool(shapely.union_all(cells).equals(shapely.from_wkb(bytes(unit.geom.wkb))))


def _outline(geom: GEOSGeometry) -> Polygon:
    outline = shapely.from_wkb(bytes(geom.wkb))
    if not isinstance(outline, Polygon):
        raise TypeError("The column of outlines holds polygons only.")
    return outline


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "") or "none"
