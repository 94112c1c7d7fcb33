"""What the database derives and keeps for assets, whoever writes them: tests that try to break it."""

import psycopg2
import pytest
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Polygon
from django.db import IntegrityError, connection, transaction

from assets.models import Asset, AssetClass, Building, Road
from geogrid.changes.models import Change, RowHistory
from geogrid.core.actor import acting_as
from geogrid.core.geo import STORAGE_SRID
from grid_units.models import Cell
from tests.importing.conftest import (  # noqa: F401  fixtures
    CLERK,
    COMMUNITY,
    bare_city,
    city,
    lay_grid,
    place,
    square,
)

LINE = "SRID=4326;LINESTRING({} {}, {} {})"


def asset_class(code: str) -> AssetClass:
    return AssetClass.objects.get(code=code)


def lamp(x: float, y: float, **fields) -> Asset:
    asset = Asset.objects.create(
        asset_class=asset_class("0137"), geom=f"SRID=4326;{place(x, y).wkt}", **fields
    )
    asset.refresh_from_db()
    return asset


def refused(words: str, **fields) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        Asset.objects.create(**{"asset_class": asset_class("0137"), **fields})


def test_cell_code_and_tile_geometry_are_derived(city):  # noqa: F811
    asset = lamp(0.5, 0.5)

    assert asset.cell is not None
    assert asset.cell.code == f"{COMMUNITY}001"
    assert asset.code == "9901010137000001"
    assert asset.geom_3857 is not None
    assert asset.geom_3857.srid == 3857


def test_numbers_go_on_by_class_and_pass_codes_that_were_given(city):  # noqa: F811
    first, second = lamp(0.1, 0.1), lamp(0.2, 0.2)
    given = lamp(0.3, 0.3, code="9901010137000041")

    assert [first.code[-6:], second.code[-6:], lamp(0.4, 0.4).code[-6:]] == ["000001", "000002", "000042"]
    assert given.code == "9901010137000041"


def test_a_moved_asset_changes_its_cell_and_outside_the_grid_has_none(city):  # noqa: F811
    asset = lamp(0.5, 0.5)

    Asset.objects.filter(id=asset.id).update(geom=f"SRID=4326;{place(1.5, 1.5).wkt}")
    asset.refresh_from_db()
    assert asset.cell is not None
    assert asset.cell.code == f"{COMMUNITY}004"
    Asset.objects.filter(id=asset.id).update(geom=f"SRID=4326;{place(9, 9).wkt}")
    asset.refresh_from_db()
    assert asset.cell is None


def test_a_cell_written_by_hand_is_derived_all_the_same(city):  # noqa: F811
    asset = lamp(0.5, 0.5)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE asset SET cell_id = NULL, geom_3857 = NULL WHERE id = %s", [asset.id])
    asset.refresh_from_db()

    assert asset.cell is not None
    assert asset.geom_3857 is not None


@pytest.mark.parametrize("code", ["0137", "0217"])
def test_a_class_refuses_what_it_is_not_drawn_as(city, code):  # noqa: F811
    west, east = place(0.1, 0.1), place(0.2, 0.2)
    line = LINE.format(west.x, west.y, east.x, east.y)
    shape = line if code == "0137" else f"SRID=4326;{west.wkt}"

    refused("is drawn as", asset_class=asset_class(code), geom=shape)


def test_an_area_may_be_known_by_a_point_only(city):  # noqa: F811
    Asset.objects.create(asset_class=asset_class("0201"), geom=f"SRID=4326;{place(0.5, 0.5).wkt}")

    assert Asset.objects.count() == 1


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("SRID=4326;POINT EMPTY", "has no place"),
        ("SRID=4326;POINT(385000 6671000)", "no longitude and latitude"),
        ("SRID=4326;POINT(24.9 89)", "no longitude and latitude"),
    ],
)
def test_places_that_are_none_are_refused(city, shape, words):  # noqa: F811
    refused(words, geom=shape)


def test_an_outline_that_crosses_itself_is_refused(city):  # noqa: F811
    bow = "SRID=4326;POLYGON((24.938 60.126,24.939 60.127,24.939 60.126,24.938 60.127,24.938 60.126))"

    refused("Self-intersection", asset_class=asset_class("0201"), geom=bow)


def test_without_a_county_code_nothing_is_numbered(bare_city):  # noqa: F811
    bare_city.delete()

    refused("no county code", geom=f"SRID=4326;{place(0.5, 0.5).wkt}")


def test_an_edit_leaves_history_with_its_author_and_a_change_with_both_cells(city):  # noqa: F811
    asset = lamp(0.5, 0.5)

    with acting_as(CLERK):
        Asset.objects.filter(id=asset.id).update(geom=f"SRID=4326;{place(1.5, 0.5).wkt}", state="damaged")

    kept = RowHistory.objects.get(table_name="asset", row_id=asset.id)
    assert kept.after is not None
    assert (kept.actor, kept.before["state"], kept.after["state"]) == ("clerk", "intact", "damaged")
    change = Change.objects.filter(kind="asset", op="update").latest("id")
    assert (change.refs, change.units_before, change.units_after) == (
        [asset.code],
        [f"{COMMUNITY}001"],
        [f"{COMMUNITY}002"],
    )


def test_redrawing_a_border_moves_only_what_stood_on_the_ground_between(city):  # noqa: F811
    stays, goes = lamp(0.2, 0.5), lamp(0.9, 0.5)
    before = Asset.objects.get(id=stays.id).updated_at

    with acting_as(CLERK):
        Cell.objects.filter(code=f"{COMMUNITY}002").update(
            geom=f"SRID=4326;{square(1, 0).union(strip()).normalize().wkt}"
        )

    goes.refresh_from_db()
    stays.refresh_from_db()
    assert goes.cell is not None and stays.cell is not None
    assert (goes.cell.code[-3:], stays.cell.code[-3:]) == ("002", "001")
    assert stays.updated_at == before
    kept = RowHistory.objects.get(table_name="asset", row_id=goes.id)
    assert (kept.actor, kept.op, kept.before, kept.after) == (
        "clerk",
        "update",
        {"cell_id": stays.cell_id},
        {"cell_id": goes.cell_id},
    )
    assert not RowHistory.objects.filter(table_name="asset", row_id=stays.id).exists()


def test_history_of_one_statement_tells_apart_what_else_changed(city):  # noqa: F811
    renamed, moved = lamp(0.3, 0.5, name="old"), lamp(0.4, 0.5, name="old")

    with acting_as(CLERK), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE asset SET name = CASE WHEN id = %s THEN 'new' ELSE name END,"
            " geom = CASE WHEN id = %s THEN ST_GeomFromEWKT(%s) ELSE geom END WHERE id = ANY (%s)",
            [renamed.pk, moved.pk, f"SRID=4326;{place(1.4, 0.5).wkt}", [renamed.pk, moved.pk]],
        )

    kept = {row.row_id: row for row in RowHistory.objects.filter(table_name="asset", op="update")}
    assert (kept[renamed.pk].before, kept[renamed.pk].after) == ({"name": "old"}, {"name": "new"})
    assert set(kept[moved.pk].after or {}) == {"geom", "cell_id"}


def strip():
    """The eastern fifth of cell a."""
    corner, far = place(0.8, 0), place(1, 1)
    return type(square(0, 0))([(corner.x, corner.y), (far.x, corner.y), (far.x, far.y), (corner.x, far.y)])


def test_assets_and_buildings_of_a_cell_that_is_gone_go_to_its_neighbour(city):  # noqa: F811
    asset = lamp(0.5, 0.5)
    outline = MultiPolygon(Polygon.from_bbox(square(0, 0).bounds), srid=STORAGE_SRID)
    house = Building.objects.create(source="x", source_id="1", geom=outline)

    with acting_as(CLERK):
        Cell.objects.filter(code=f"{COMMUNITY}001").delete()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    asset.refresh_from_db()
    house.refresh_from_db()
    assert asset.cell is not None
    assert asset.cell.code != f"{COMMUNITY}001"
    assert house.cell_id == asset.cell_id


def test_a_grid_laid_under_assets_gives_them_cells(bare_city):  # noqa: F811
    asset = lamp(0.5, 0.5)
    assert asset.cell is None

    lay_grid()

    asset.refresh_from_db()
    assert asset.cell is not None


def test_a_road_gets_its_tile_geometry_and_is_told(city):  # noqa: F811
    west, east = place(0, 0), place(1, 1)
    axis = MultiLineString(LineString((west.x, west.y), (east.x, east.y)), srid=STORAGE_SRID)

    Road.objects.create(source="x", source_id="1", kind="residential", geom=axis)

    assert Road.objects.get().geom_3857 is not None
    assert Change.objects.filter(kind="road", op="insert").exists()


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO core.bulk_load VALUES (pg_current_xact_id())",
        "SELECT core.begin_load()",
        "SELECT core.take_asset_numbers('9901010137', 5)",
        "SELECT core.quiet_row_triggers()",
        "SELECT core.wake_row_triggers()",
        "SET session_replication_role = replica",
        "INSERT INTO core.index_set_aside VALUES ('x', 'DROP TABLE asset')",
        "UPDATE asset_code_counter SET last_number = 0",
        "ALTER TABLE asset DISABLE TRIGGER ALL",
    ],
)
def test_the_app_cannot_switch_the_rules_off(db, sql):
    with (
        pytest.raises(Exception, match=r"permission denied|must be owner") as refusal,
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)

    assert isinstance(refusal.value.__cause__, psycopg2.Error)
