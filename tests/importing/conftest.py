"""A city of four cells, and files of assets made on the spot.

c d     cells of 2^-10 degree; a at the south-west corner 24.9375 60.125, a, b, c, d in one community
a b
"""

import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from assets.actions import load_catalogue
from assets.importing.loading import import_assets
from geogrid.core.actor import System, acting_as
from geogrid.core.importing.pipeline import Options, Outcome
from geogrid.core.models import City
from grid_units.actions import CellRow, load_cells
from grid_units.models import GridUnit

SIDE = 2.0**-10
WEST, SOUTH = 24.9375, 60.125
CLERK = System("clerk")
COMMUNITY = "990101001001"


def place(x: float, y: float) -> shapely.Point:
    """A point on the paper, in sides of a cell."""
    return shapely.Point(WEST + x * SIDE, SOUTH + y * SIDE)


def square(x: int, y: int) -> shapely.Polygon:
    return shapely.box(WEST + x * SIDE, SOUTH + y * SIDE, WEST + (x + 1) * SIDE, SOUTH + (y + 1) * SIDE)


@pytest.fixture
def bare_city(db: None, settings: Any, tmp_path: Path) -> City:
    """A city with its catalogue and no grid."""
    settings.VAR_DIR = tmp_path / "var"
    load_catalogue()
    return City.objects.create(name="城", name_en="City", county_code="990101", zone="UTC")


@pytest.fixture
def city(bare_city: City) -> City:
    lay_grid()
    return bare_city


def lay_grid() -> None:
    with acting_as(CLERK):
        above = None
        for code, level in (("990101", "DISTRICT"), ("990101001", "STREET"), (COMMUNITY, "COMMUNITY")):
            above = GridUnit.objects.create(code=code, level=level, name=code, parent=above)
        rows = [
            CellRow(COMMUNITY, square(x, y), code=f"{COMMUNITY}00{1 + x + 2 * y}")
            for y in (0, 1)
            for x in (0, 1)
        ]
        load_cells(rows=rows, actor=CLERK, reason="test")


def table(rows: Sequence[dict[str, str]]) -> tuple[list[Any], list[str]]:
    """Columns and their names as pyogrio writes them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [np.array([row.get(name, "") for row in rows], dtype=object) for name in names], names


WriteFile = Callable[..., Path]


@pytest.fixture
def write_file(tmp_path: Path) -> WriteFile:
    """Write rows with shapes as a file of the kind its suffix says; returns its path."""

    def write(
        name: str,
        rows: Sequence[dict[str, str]],
        shapes: Sequence[shapely.Geometry | None],
        crs: str | None = "EPSG:4326",
        **how: Any,
    ) -> Path:
        path = tmp_path / name
        values, names = table(rows)
        kinds = {type(shape).__name__ for shape in shapes if shape is not None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a file without a CRS is meant
            pyogrio.raw.write(
                path,
                shapely.to_wkb(np.array(shapes, dtype=object)),
                values,
                names,
                geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
                crs=crs,
                **how,
            )
        return path

    return write


@pytest.fixture
def take(city: City) -> Callable[..., Outcome]:
    """Import assets as the clerk."""

    def take_file(path: Path, profile: str = "plain", source: str = "survey", **asked: Any) -> Outcome:
        return import_assets(path, profile=profile, source=source, actor=CLERK, options=Options(**asked))

    return take_file


def lamps(count: int) -> tuple[list[dict[str, str]], list[shapely.Point]]:
    """So many street lamps in a row through the cells a and b."""
    rows = [{"source_id": f"lamp-{n}", "class": "0137", "name": f"灯 {n}"} for n in range(count)]
    return rows, [place(0.01 + 1.9 * n / max(1, count), 0.5) for n in range(count)]


def geojson(path: Path, features: Sequence[dict[str, Any]]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


@pytest.fixture
def helsinki_cut() -> Path:
    """A small cut of central Helsinki, © OpenStreetMap contributors (ODbL)."""
    return Path(__file__).parent.parent / "data" / "helsinki_cut.osm.pbf"
