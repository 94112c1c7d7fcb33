"""The folder of the demo city: every file in it, and how it is written."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from geogrid.demo.extract import shapefiles
from geogrid.demo.extract.atoms import make_atoms, snapped_bounds
from geogrid.demo.extract.cells import Use, make_cells
from geogrid.demo.extract.households import estimate
from geogrid.demo.extract.kinds import KINDS
from geogrid.demo.extract.linework import read_linework
from geogrid.demo.extract.names import cell_names, unit_table
from geogrid.demo.extract.objects import GEOMETRY_TYPES, extract, refusal_table
from geogrid.demo.extract.osm import CRS, Bounds, bounds_of

COUNTS, REFUSED, UNITS = "counts.json", "refused.csv", "units.csv"


def write_objects(osm_file: Path, folder: Path) -> None:
    """The shapefiles of all objects, the refused ones and the counts."""
    folder.mkdir(parents=True, exist_ok=True)
    found = extract(osm_file)
    buildings = found.rows["buildings"]
    estimates = estimate(buildings, found.rows["landuse"])
    for column in ("floor_m2", "househ"):
        buildings.insert(
            len(buildings.columns) - 1, column, estimates[column].reindex(buildings.index).round(2)
        )
    for kind in KINDS:
        shapefiles.write(found.rows[kind.file], folder / f"{kind.file}.shp", GEOMETRY_TYPES[kind.layer])
    refusal_table(found.refusals).to_csv(folder / REFUSED, index=False)
    accounts = {
        name: asdict(account) | {"complete": account.is_complete()}
        for name, account in found.accounts.items()
    }
    counts = {
        "source": osm_file.name,
        "bounds": snapped_bounds(bounds_of(osm_file)),
        "kinds": accounts,
    }
    (folder / COUNTS).write_text(json.dumps(counts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def write_cells(folder: Path) -> gpd.GeoDataFrame:
    """The cells over the shapefiles in `folder`, the units above them, the open water; returns the cells."""
    linework = read_linework(folder)
    atoms = make_atoms(linework, read_bounds(folder))
    sea = shapely.get_parts(shapely.coverage_union_all([atoms.degrees[atom] for atom in sorted(atoms.sea)]))
    open_water = gpd.GeoDataFrame({"derived": ["yes"] * len(sea)}, geometry=list(sea), crs=CRS)
    shapefiles.write(open_water, folder / "sea.shp", "Polygon")
    cells = make_cells(folder, linework, atoms)
    names = [cell_names(code, use) for code, use in zip(cells["code"], cells["use"], strict=True)]
    cells.insert(1, "name", [zh for zh, _ in names])
    cells.insert(2, "name_en", [en for _, en in names])
    cells.insert(3, "kind", ["GENERAL" if use == Use.HOMES else "EXCLUSIVE" for use in cells["use"]])
    cells.insert(len(cells.columns) - 1, "derived", "yes")
    shapefiles.write(cells, folder / "cells.shp", "Polygon")
    unit_table(cells).to_csv(folder / UNITS, index=False)
    return cells


def read_counts(folder: Path) -> dict[str, dict[str, Any]]:
    """Account of each file, by name, with the fields of `objects.Account` and `complete`."""
    kinds: dict[str, dict[str, Any]] = _counts(folder)["kinds"]
    return kinds


def read_bounds(folder: Path) -> Bounds:
    """The box of the extract."""
    west, south, east, north = _counts(folder)["bounds"]
    return west, south, east, north


def _counts(folder: Path) -> dict[str, Any]:
    counts: dict[str, Any] = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
    return counts
