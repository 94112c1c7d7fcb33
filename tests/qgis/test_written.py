"""What is written for QGIS, without a QGIS and without a database."""

import pytest
from defusedxml import ElementTree

from tiles.gis.layers import GIS_LAYERS
from tiles.qgis.collect_icons import ROOT, path_of, wanted_icons
from tiles.qgis.looks import look_of
from tiles.qgis.project import LANGUAGES, Place, packed, project
from tiles.qgis.sources import Door
from tiles.qgis.symbols import _drawings

DOOR = Door("db.example", 5432, "city", "analyst_ann")
CITY = Place("某市", "A city", (113.0, 22.0, 113.4, 22.3), "© Somebody")


def test_the_same_city_makes_the_same_file():
    first, second = (packed(project(DOOR, CITY, "zh"), "geogrid") for _ in range(2))

    assert first == second


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_layer_is_in_the_tree_and_among_the_layers(language: str):
    root = ElementTree.fromstring(project(DOOR, CITY, language).partition("\n")[2])

    wanted = {f"geogrid_{name}" for name in GIS_LAYERS}
    assert {layer.findtext("id") for layer in root.iter("maplayer")} == wanted
    assert {layer.get("id") for layer in root.find("layer-tree-group").iter("layer-tree-layer")} == wanted


def test_a_project_before_the_first_run_is_whole_too():
    assert "EPSG:3857" in project(DOOR, Place(), "en")


def test_a_city_has_metres_that_are_metres():
    assert CITY.crs == "EPSG:32649"
    west, south, east, north = CITY.extent
    assert 41_000 < east - west < 46_000 and 33_000 < north - south < 36_000


def test_names_with_quotes_do_not_break_a_source():
    said = project(Door("db.example", 5432, "o'city", "analyst_ann"), CITY, "en")

    assert r"dbname='o\'city'" in said


def test_every_layer_with_a_place_has_a_look():
    for name, layer in GIS_LAYERS.items():
        if layer.geometry:
            assert look_of(name).rules, name


def test_every_icon_of_the_catalogue_is_drawn_as_on_the_page():
    """python -m tiles.qgis.collect_icons makes the file anew."""
    packages = {"maki": "@mapbox/maki", "temaki": "@rapideditor/temaki"}
    drawn = _drawings()

    assert set(drawn) == wanted_icons()
    for name, path in drawn.items():
        package, _, icon = name.partition(":")
        svg = ROOT / "frontend/node_modules" / packages[package] / "icons" / f"{icon}.svg"
        assert path == path_of(svg.read_text(encoding="utf-8")), name
