"""The cells of the demo city: seamless to the last bit, coded, balanced, made from the files beside them."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely

from geogrid.core.geo import GRID_STEP_DEG
from geogrid.demo.extract.city import UNITS, read_bounds, write_cells
from geogrid.demo.extract.shapefiles import read

pytestmark = pytest.mark.slow


@pytest.fixture(params=["demo_city", "cut_city"])
def city(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


def test_cells_are_a_coverage_on_the_grid_bit_for_bit_after_reading_them_back(city):
    cells = list(read(city, "cells").geometry)
    steps = shapely.get_coordinates(cells) / GRID_STEP_DEG

    assert {cell.geom_type for cell in cells} == {"Polygon"}
    assert shapely.is_valid(cells).all()
    assert shapely.coverage_is_valid(cells)
    assert (steps == np.round(steps)).all()


def test_cells_leave_no_hole(city):
    whole = shapely.coverage_union_all(list(read(city, "cells").geometry))

    assert isinstance(whole, shapely.Polygon)
    assert not whole.interiors


def test_codes_have_fifteen_digits_and_are_unique(city):
    codes = list(read(city, "cells")["code"])

    assert all(len(code) == 15 and code.isdigit() and code.startswith("990101") for code in codes)
    assert len(set(codes)) == len(codes)
    assert codes == sorted(codes)


def test_each_community_and_each_street_is_one_piece(city):
    cells = read(city, "cells")

    for length in (9, 12):
        for _, members in cells.groupby(cells["code"].str[:length]):
            assert shapely.coverage_union_all(list(members.geometry)).geom_type == "Polygon"


def test_numbers_of_siblings_run_from_one_without_a_gap(city):
    codes = read(city, "cells")["code"]

    for length in (6, 9, 12):
        for _, siblings in codes.groupby(codes.str[:length]):
            numbers = sorted({int(code[length : length + 3]) for code in siblings})
            assert numbers == list(range(1, len(numbers) + 1))


def test_the_demo_city_has_nine_communities_in_three_streets(demo_city):
    codes = read(demo_city, "cells")["code"]

    assert (len(codes), codes.str[:12].nunique(), codes.str[:9].nunique()) == (46, 9, 3)


def test_cells_of_homes_are_general_with_a_hundred_households_or_more(demo_city):
    cells = read(demo_city, "cells")
    homes = cells[cells["use"] == "homes"]

    assert len(homes) == 28
    assert set(homes["kind"]) == {"GENERAL"}
    assert set(cells[cells["use"] != "homes"]["kind"]) == {"EXCLUSIVE"}
    assert homes["households"].between(100, 600).all()


def test_everything_our_own_is_marked_as_derived(city):
    assert set(read(city, "cells")["derived"]) == {"yes"}
    assert set(read(city, "sea")["derived"]) <= {"yes"}


def test_households_of_the_cells_are_those_of_the_buildings(demo_city):
    cells, buildings = read(demo_city, "cells"), read(demo_city, "buildings")

    assert cells["households"].sum() == pytest.approx(buildings["househ"].sum(), abs=len(cells) / 2)


def test_every_cell_has_its_units_named_in_both_languages(city):
    with (city / UNITS).open(encoding="utf-8") as file:
        units = {row["code"]: row for row in csv.DictReader(file)}
    cells = read(city, "cells")

    assert {code[:length] for code in cells["code"] for length in (6, 9, 12)} == set(units)
    assert all(unit["name"] and unit["name_en"] for unit in units.values())
    assert all(unit["parent"] in units for unit in units.values() if unit["level"] != "DISTRICT")
    assert cells["name"].is_unique
    assert cells["name_en"].is_unique


def test_no_asset_of_the_demo_city_stands_outside_all_cells(demo_city):
    whole = shapely.coverage_union_all(list(read(demo_city, "cells").geometry))
    shapely.prepare(whole)

    for name in ("lamps", "manholes", "hydrants", "trees", "furniture", "signs"):
        outside = [shape for shape in read(demo_city, name).geometry if not whole.covers(shape)]
        assert (name, len(outside)) == (name, 0)


def test_the_cells_of_the_demo_city_are_made_of_the_files_beside_them(demo_city, tmp_path):
    folder = tmp_path / "again"
    shutil.copytree(demo_city, folder, ignore=shutil.ignore_patterns("cells.*", "sea.*", UNITS))

    write_cells(folder)

    for name in ("cells.shp", "cells.dbf", "sea.shp", UNITS):
        assert (folder / name).read_bytes() == (demo_city / name).read_bytes(), name


def test_the_cells_fill_the_box_of_the_extract_but_for_cut_off_water(demo_city):
    box = shapely.box(*read_bounds(demo_city))
    whole = shapely.coverage_union_all(list(read(demo_city, "cells").geometry))
    left = box.difference(whole)
    sea = read(demo_city, "sea").geometry.union_all()

    assert left.difference(sea).area < 1e-4 * box.area
