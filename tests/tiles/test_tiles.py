"""What is in a tile, read as the login that may read tiles and nothing else."""

from typing import Any

import psycopg2
import pytest
import shapely

from geogrid.changes.passes import Pass
from geogrid.embedded.testing import TestDatabase
from geogrid.organisations.models import User
from tests.tiles.conftest import ALL_SEEING, EVERYONE, Reader
from tests.tiles.drawn_city import MIDDLE, PLACES, SIDE, SOUTH, WEST, A, B, C, add_lamp, report
from tiles.squares import Square, square_at

CENTRE = (WEST + SIDE, SOUTH + SIDE)


def children(square: Square, z: int) -> list[Square]:
    """The tiles of zoom z inside a tile."""
    times = 2 ** (z - square.z)
    return [Square(z, square.x * times + x, square.y * times + y) for x in range(times) for y in range(times)]


def test_every_asset_is_in_the_tiles_of_the_deepest_zoom_once(city: None, reader: Reader):
    tiles = [reader.layers("assets", square) for square in children(square_at(*CENTRE, 12), 16)]

    ids = {feature["id"] for tile in tiles for feature in tile.get("assets", [])}
    assert len(ids) == 4


def test_an_asset_carries_what_is_drawn_and_nothing_else(city: None, reader: Reader):
    [lamp] = reader.layers("assets", square_at(*MIDDLE[A], 16))["assets"]

    assert set(lamp["properties"]) == {"code", "cls", "icon", "state"}
    assert lamp["properties"]["state"] == "intact"
    assert len(lamp["properties"]["code"]) == 16


@pytest.mark.parametrize("z", range(8, 15))
def test_far_out_assets_are_counted_and_none_is_lost(city: None, reader: Reader, z: int):
    for at in range(30):
        add_lamp(MIDDLE[A][0] + at * 1e-6, MIDDLE[A][1])

    # Cells B and D lie in other tiles than A at some zooms: every tile that the city touches is asked.
    squares = {square_at(*MIDDLE[code], z) for code in PLACES}
    counted = [one for square in squares for one in reader.layers("assets", square).get("assets", [])]

    assert sum(one["properties"]["count"] for one in counted) == 34


def test_a_counted_square_is_read_again_after_a_change(city: None, reader: Reader):
    square = square_at(*MIDDLE[A], 14)
    before = reader.layers("assets", square)["assets"]
    add_lamp(*MIDDLE[A])

    west, south, east, north = square.bounds
    reader.service.forget([("asset", (west + 1, south + 1, east - 1, north - 1))])

    after = reader.layers("assets", square)["assets"]
    assert sum(one["properties"]["count"] for one in after) == 1 + sum(
        one["properties"]["count"] for one in before
    )


@pytest.mark.parametrize("z", [9, 11, 13, 15, 16])
def test_cells_of_a_tile_leave_no_gap_and_no_overlap(city: None, reader: Reader, z: int):
    tile = reader.layers("cells", square_at(*CENTRE, z))

    shapes = [shapely.geometry.shape(cell["geometry"]) for cell in tile["cells"]]

    assert shapely.coverage_is_valid(shapes)
    union: Any = shapely.union_all(shapes)
    assert union.geom_type == "Polygon"
    assert not union.interiors


def test_upper_levels_are_the_cells_put_together(city: None, reader: Reader):
    tile = reader.layers("districts+communities+cells", square_at(*CENTRE, 12))

    def ground(layer: str) -> Any:
        return shapely.union_all([shapely.geometry.shape(one["geometry"]) for one in tile[layer]])

    assert ground("cells").equals(ground("communities"))
    assert ground("cells").equals(ground("districts"))
    assert [one["properties"]["name"] for one in tile["districts"]] == ["示例区"]


def test_a_name_stands_in_one_tile_only(city: None, reader: Reader):
    tiles = [reader.layers("communities", square) for square in children(square_at(*CENTRE, 12), 15)]

    labels = [one["properties"]["code"] for tile in tiles for one in tile.get("communities_labels", [])]
    assert sorted(labels) == ["910101001001", "910101001002"]


def test_a_changed_cell_is_drawn_anew(city: None, reader: Reader, owner):
    square = square_at(*MIDDLE[A], 14)
    reader.layers("cells", square)
    with owner.cursor() as cursor:
        cursor.execute("UPDATE cell SET name = '新名' WHERE code = %s", [A])

    reader.service.forget([("cell", None)])

    names = {one["properties"]["name"] for one in reader.layers("cells", square)["cells"]}
    assert "新名" in names


def test_buildings_and_roads_come_with_their_columns(city: None, reader: Reader):
    [house] = reader.layers("buildings", square_at(*MIDDLE[A], 16))["buildings"]
    [street] = reader.layers("buildings+roads", square_at(WEST + SIDE / 2, SOUTH + SIDE, 16))["roads"]

    assert house["properties"]["height_m"] == 6.0
    assert street["properties"] == {"name": "长安街", "kind": "primary", "rank": 1}


def test_where_nothing_is_the_tile_is_empty(city: None, reader: Reader):
    assert reader.raw("cells+assets+incidents+roads", square_at(10, 10, 14), ALL_SEEING) == b""


@pytest.mark.parametrize("z", [10, 14])
def test_incidents_are_shown_to_those_whose_territory_it_is(city: None, reader: Reader, z: int):
    worker = User.objects.create(username="ann")
    report("I1", MIDDLE[A], worker.id)
    report("I2", MIDDLE[C], worker.id)

    def seen(asked_by: Pass) -> int:
        squares = {square_at(*MIDDLE[code], z) for code in (A, C)}
        found = [
            one for at in squares for one in reader.layers("incidents", at, asked_by).get("incidents", [])
        ]
        return sum(one["properties"].get("count", 1) for one in found)

    assert seen(EVERYONE) == 0
    assert seen(Pass(-1, 0, prefixes=(B,))) == 0
    assert seen(Pass(-1, 0, prefixes=(A,))) == 1
    assert seen(Pass(-1, 0, prefixes=("910101001002",))) == 1
    assert seen(Pass(worker.id, 0)) == 2
    assert seen(ALL_SEEING) == 2


def test_an_incident_in_a_tile_names_nobody(city: None, reader: Reader):
    report("I1", MIDDLE[A], User.objects.create(username="ann").id)

    [mark] = reader.layers("incidents", square_at(*MIDDLE[A], 15), ALL_SEEING)["incidents"]

    assert set(mark["properties"]) <= {"number", "stage", "cls", "status", "age"}
    assert mark["properties"]["status"] == "watch"


@pytest.mark.parametrize("table", ["incident", "incident_contact", "user_account", "asset", "change"])
def test_the_tile_reader_reads_no_table(city: None, test_database: TestDatabase, table: str):
    connection = psycopg2.connect(test_database.tile_reader.url())

    with connection, connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(f"SELECT count(*) FROM {table}")

    connection.close()
