"""The grid from a file: all cells or none, small faults healed, large ones shown."""

import json

import pytest
import shapely

from geogrid.core.errors import Invalid
from geogrid.core.importing.errors import ImportRefused
from grid_units.importing.loading import import_grid
from grid_units.models import Cell, GridUnit
from tests.importing.conftest import CLERK, COMMUNITY, SIDE, SOUTH, WEST, square

METRE = 1 / 111_320.0  # of latitude, in degrees


def cells(count: int = 2) -> tuple[list[dict[str, str]], list[shapely.Polygon]]:
    rows = [
        {
            "code": f"{COMMUNITY}00{n + 1}",
            "name": f"第{n + 1}网格",
            "社区": "北社区",
            "街道": "北街道",
        }
        for n in range(count)
    ]
    return rows, [square(n, 0) for n in range(count)]


def take(path, **asked):
    return import_grid(path, actor=CLERK, reason="test", **asked)


def shifted(west: float, east: float) -> shapely.Polygon:
    """The second cell, its western border moved by so many degrees."""
    return shapely.box(WEST + SIDE + west, SOUTH, WEST + 2 * SIDE + east, SOUTH + SIDE)


@pytest.mark.parametrize("name", ["cells.shp", "cells.gpkg", "cells.geojson"])
def test_cells_and_the_units_above_them_come_in(bare_city, write_file, name):
    how = {"encoding": "UTF-8"} if name.endswith(".shp") else {}

    outcome = take(write_file(name, *cells(), **how))

    assert len(outcome.loaded.added) == 2
    assert Cell.objects.get(code=f"{COMMUNITY}002").name == "第2网格"
    assert list(GridUnit.objects.order_by("code").values_list("level", flat=True)) == [
        "DISTRICT",
        "STREET",
        "COMMUNITY",
    ]


def test_the_same_file_again_changes_nothing(bare_city, write_file):
    path = write_file("cells.gpkg", *cells())
    take(path)

    again = take(path)

    assert (len(again.loaded.unchanged), again.loaded.added, again.loaded.changed) == (2, (), ())


@pytest.mark.parametrize("off", [0.3 * METRE, -0.3 * METRE])
def test_a_sliver_is_healed_and_said(bare_city, write_file, off):
    rows, outlines = cells()
    outlines[1] = shifted(off, 0)

    outcome = take(write_file("cells.gpkg", rows, outlines))

    assert outcome.healed
    assert outcome.report
    stored = [shapely.from_wkt(cell.geom.wkt) for cell in Cell.objects.all()]
    assert shapely.coverage_is_valid(stored)
    assert shapely.union_all(stored).geom_type == "Polygon"


def test_a_t_junction_gets_its_corner_on_both_sides(bare_city, write_file):
    rows, outlines = cells(3)
    outlines[0] = shapely.box(WEST, SOUTH, WEST + SIDE, SOUTH + 2 * SIDE)
    outlines[1], outlines[2] = square(1, 0), square(1, 1)

    take(write_file("cells.gpkg", rows, outlines))

    assert shapely.coverage_is_valid([shapely.from_wkt(cell.geom.wkt) for cell in Cell.objects.all()])


def test_a_wide_overlap_refuses_the_file_and_shows_its_outline(bare_city, write_file, tmp_path):
    rows, outlines = cells()
    outlines[1] = shifted(-30 * METRE, 0)

    with pytest.raises(ImportRefused, match="overlap"):
        take(write_file("cells.gpkg", rows, outlines), report=tmp_path / "faults")

    [feature] = json.loads((tmp_path / "faults.geojson").read_text(encoding="utf-8"))["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert not Cell.objects.exists()
    assert not GridUnit.objects.exists()


def ring_of_cells() -> tuple[list[dict[str, str]], list[shapely.Polygon]]:
    """Eight cells about ground without one."""
    rows, _ = cells(8)
    return rows, [square(x, y) for x in range(3) for y in range(3) if (x, y) != (1, 1)]


def test_ground_that_cells_enclose_is_a_gap_unless_it_is_meant(bare_city, write_file):
    path = write_file("cells.gpkg", *ring_of_cells())

    with pytest.raises(ImportRefused, match="gap"):
        take(path)

    assert len(take(path, holes_are_meant=True).loaded.added) == 8


def test_a_dry_run_writes_nothing(bare_city, write_file):
    outcome = take(write_file("cells.gpkg", *cells()), dry_run=True)

    assert (outcome.rows, len(outcome.units_made)) == (2, 3)
    assert not Cell.objects.exists()


def test_rows_that_are_no_cells_refuse_the_file(bare_city, write_file, tmp_path):
    rows, outlines = cells(3)
    pieces = shapely.MultiPolygon([square(5, 5), square(7, 7)])
    rows[2]["code"] = ""

    with pytest.raises(ImportRefused, match="2 of 3 rows"):
        take(write_file("cells.gpkg", rows, [outlines[0], pieces, outlines[2]]), report=tmp_path / "faults")

    assert not Cell.objects.exists()


def test_a_code_twice_refuses_the_file(bare_city, write_file):
    rows, outlines = cells(2)
    rows[1]["code"] = rows[0]["code"]

    with pytest.raises((ImportRefused, Invalid)):
        take(write_file("cells.gpkg", rows, outlines))

    assert not Cell.objects.exists()


def test_cells_without_codes_are_numbered_from_north_west(bare_city, write_file):
    rows = [{"community": COMMUNITY, "name": name} for name in ("south", "north")]

    take(write_file("cells.gpkg", rows, [square(0, 0), square(0, 1)]))

    assert list(Cell.objects.order_by("code").values_list("name", flat=True)) == ["north", "south"]


def test_swapped_axes_are_told(bare_city, write_file):
    rows, _ = cells(1)
    box = shapely.box(31.2, 121.4, 31.21, 121.41)

    with pytest.raises(ImportRefused, match="swapped"):
        take(write_file("cells.gpkg", rows, [box]))
