"""The list of layers for analysts and the views of schema gis say the same."""

from typing import Any

import pytest

from tiles.gis.layer import GisLayer, Kind
from tiles.gis.layers import GIS_LAYERS
from tiles.layers import LAYERS
from tiles.publish import published_files

KINDS = {
    Kind.TEXT: {"text"},
    Kind.INTEGER: {"smallint", "integer", "bigint"},
    Kind.NUMBER: {"double precision"},
    Kind.BOOLEAN: {"boolean"},
    Kind.MOMENT: {"timestamp with time zone"},
    Kind.DATE: {"date"},
    Kind.UUID: {"uuid"},
}

COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
FROM pg_attribute a
WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


def rows(owner, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with owner.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def test_there_is_one_view_for_each_layer_and_no_other(owner, db):
    views = {name for [name] in rows(owner, "SELECT viewname FROM pg_views WHERE schemaname = 'gis'")}

    assert views == set(GIS_LAYERS)
    assert {f"gis.{name}" for name in views} == {n for n in published_files() if n.startswith("gis.")}


@pytest.mark.parametrize("layer", GIS_LAYERS.values(), ids=list(GIS_LAYERS))
def test_a_view_has_the_columns_of_its_layer_in_their_order(owner, db, layer: GisLayer):
    found = rows(owner, COLUMNS, f"gis.{layer.id}")

    assert [name for name, _, _ in found] == [c.name for c in layer.columns] + (
        [layer.geometry] if layer.geometry else []
    )
    assert found[0][0] == layer.key
    for column, (_, type_, comment) in zip(layer.columns, found, strict=False):
        assert type_ in KINDS[Kind(column.kind)], f"{layer.id}.{column.name}"
        assert comment == f"{column.title_en}. {column.title_zh}", f"{layer.id}.{column.name}"
    if layer.geometry:
        # A type modifier of an asset's place would keep row policies from the spatial index.
        wanted = "Geometry" if layer.id in UNTYPED else layer.geometry_type
        assert found[-1][1] == f"geometry({wanted},4326)"


UNTYPED = {
    "asset_public_facility",
    "asset_road_traffic",
    "asset_environment",
    "asset_landscaping",
    "asset_other",
    "station",
}


@pytest.mark.parametrize("layer", GIS_LAYERS.values(), ids=list(GIS_LAYERS))
def test_a_view_gives_the_rights_that_its_layer_says(owner, db, layer: GisLayer):
    def may(role: str) -> set[str]:
        return {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if rows(owner, "SELECT has_table_privilege(%s, %s, %s)", role, f"gis.{layer.id}", right)
            == [(True,)]
        }

    changes = {"INSERT": layer.inserts, "UPDATE": layer.updates, "DELETE": layer.deletes}
    assert may("geogrid_gis_reader") == {"SELECT"}
    assert may("geogrid_gis_editor") == {"SELECT"} | {
        right for right, is_given in changes.items() if is_given
    }
    assert may("geogrid_tile_reader") == set()


@pytest.mark.parametrize("layer", GIS_LAYERS.values(), ids=list(GIS_LAYERS))
def test_a_view_asks_as_the_one_who_asks_it(owner, db, layer: GisLayer):
    [(options, comment)] = rows(
        owner,
        "SELECT reloptions, obj_description(oid, 'pg_class') FROM pg_class WHERE oid = to_regclass(%s)",
        f"gis.{layer.id}",
    )

    assert "security_invoker=true" in options
    assert comment == f"{layer.title_en}. {layer.title_zh}"
    rows(owner, f"SELECT count(*) FROM gis.{layer.id}")


def test_lists_of_values_name_views_and_columns_that_are_there():
    for layer in GIS_LAYERS.values():
        assert layer.map_layer is None or layer.map_layer in LAYERS
        names = {column.name for column in layer.columns}
        assert layer.unit is None or layer.unit in names
        for column in layer.columns:
            if column.choices and column.choices.view:
                there = {c.name for c in GIS_LAYERS[column.choices.view].columns}
                assert {column.choices.key, column.choices.label} <= there


def test_who_may_not_write_a_layer_has_no_editable_column():
    for layer in GIS_LAYERS.values():
        edited = any(column.editable for column in layer.columns)
        assert layer.editable == edited, layer.id
