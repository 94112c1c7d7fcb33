"""The personal project in a real QGIS: every layer is there with its look, words and tools, and it prints."""

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from geogrid.embedded.scram import new_password
from tests.conftest import connect
from tests.qgis.analyst import Analyst, with_access
from tests.qgis.desk import Desk, running_desk
from tests.served_city import ServedCity
from tiles.gis.layers import GIS_LAYERS
from tiles.qgis.layouts import title_of_layout
from tiles.qgis.project import LANGUAGES, THEMES, theme_name

Opened = dict[str, Any]


@pytest.fixture(scope="module")
def opened(desk: Desk, analyst: Analyst, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The Chinese project, opened as by a double-click."""
    path = analyst.fetch("/api/qgis/project?language=zh", tmp_path_factory.mktemp("qgz") / "geogrid.qgz")
    return desk.ask("open", path=str(path))


@pytest.fixture(scope="module")
def layers(opened: Opened, desk: Desk) -> dict[str, Any]:
    return {name.removeprefix("geogrid_"): layer for name, layer in desk.ask("layers").items()}


def test_the_project_opens_with_one_password(opened: Opened, pictures: Path):
    print(f"C1: the project opened in {opened['seconds']:.2f} s")
    assert opened["read"] and opened["bad"] == [], opened["log"]
    assert opened["asked"] == 1
    assert opened["crs"] == "EPSG:32635"
    assert not opened["transactions"]
    assert set(opened["themes"]) == {theme_name(theme, "zh") for theme in THEMES}
    assert set(opened["layouts"]) == {
        title_of_layout(name, "zh") for name in ("cell_sheet", "asset_map", "monthly_map")
    }


def test_every_layer_is_valid_styled_and_named(layers: dict[str, Any]):
    assert set(layers) == set(GIS_LAYERS)
    for name, layer in layers.items():
        of = GIS_LAYERS[name]
        assert layer["valid"], (name, layer["error"])
        assert layer["name"] == of.title_zh
        assert layer["aliases"] == {column.name: column.title_zh for column in of.columns}
        assert layer["tabs"]
        if of.geometry:
            assert layer["renderer"] == "RuleRenderer" and layer["rules"] >= 1, name
        assert layer["read_only"] == (not of.editable), name


def test_the_layers_of_the_demonstration_hold_features(layers: dict[str, Any]):
    # Tracks, coverage, inundation and problems depend on what was simulated and found.
    changing = {"track", "coverage", "inundation", "grid_problem", "asset_line", "asset_area", "station"}
    changing |= {"waterlogging_point"}

    empty = [name for name, layer in layers.items() if layer["first"] is None and name not in changing]

    assert empty == []


def test_what_may_be_edited_is_offered_and_nothing_else(layers: dict[str, Any]):
    for name, layer in layers.items():
        of = GIS_LAYERS[name]
        offered = (layer["edits"]["add"], layer["edits"]["change"], layer["edits"]["delete"])
        assert offered == (of.inserts, of.updates, of.deletes), name


def test_values_are_shown_in_words(layers: dict[str, Any], desk: Desk):
    cell, manhole = layers["cell"], layers["asset_public_facility"]

    assert cell["widgets"]["owner_id"] == "ValueRelation" and cell["widgets"]["kind"] == "ValueMap"
    assert manhole["widgets"]["state"] == "ValueMap" and manhole["widgets"]["first_date"] == "DateTime"
    assert desk.ask("shown", layer="geogrid_asset_public_facility", field="state", value="missing") == "丢失"
    units = desk.ask("choices", layer="geogrid_cell", field="owner_id")
    assert len(units) > 5 and all(words for _, words in units)
    # Of the classes, a layer offers its own.
    classes = desk.ask("choices", layer="geogrid_asset_public_facility", field="asset_class_id")
    assert any("井盖" in words for _, words in classes) and not any("行道树" in words for _, words in classes)


def test_a_form_says_what_is_wrong_before_it_is_saved(layers: dict[str, Any], desk: Desk):
    fid = layers["building"]["first"]["id"]

    assert desk.ask("constraints", layer="geogrid_building", fid=fid, field="levels", value=-1) == [
        False,
        "层数不能为负",
    ]
    assert desk.ask("constraints", layer="geogrid_building", fid=fid, field="levels", value=3)[0]


def test_layers_follow_the_database_where_they_should(layers: dict[str, Any]):
    told = {name: layer["notified"] for name, layer in layers.items() if layer["notified"]}

    assert told == {
        "incident": "incident",
        "waterlogging_point": "waterlogging",
        "asset_public_facility": "asset",
        "cell": "cell",
    }


@pytest.mark.parametrize("theme", THEMES)
def test_each_theme_is_drawn(theme: str, opened: Opened, desk: Desk, pictures: Path):
    drawn = desk.ask("render", theme=theme_name(theme, "zh"), path=str(pictures / f"theme-{theme}.png"))
    near = desk.ask(
        "render",
        theme=theme_name(theme, "zh"),
        path=str(pictures / f"theme-{theme}-near.png"),
        denominator=3000,
    )

    assert drawn["errors"] == near["errors"] == []
    assert drawn["drawn"] > 0.1 and near["drawn"] > 0.1


@pytest.mark.parametrize("name", ["cell_sheet", "asset_map", "monthly_map"])
def test_each_layout_is_printed(name: str, opened: Opened, desk: Desk, pictures: Path):
    path = pictures / f"{name}.pdf"

    printed = desk.ask("export", layout=title_of_layout(name, "zh"), path=str(path))

    assert printed["result"] == 0
    assert printed["pages"] == (46 if name == "cell_sheet" else 1)
    subprocess.run(["pdftoppm", "-r", "70", "-png", "-singlefile", path, path.with_suffix("")], check=True)
    assert path.with_suffix(".png").stat().st_size > 30_000


def test_no_file_holds_a_password(analyst: Analyst, tmp_path: Path):
    project = analyst.fetch("/api/qgis/project?language=en", tmp_path / "geogrid.qgz")
    said = zipfile.ZipFile(project).read("geogrid.qgs").decode()
    said += analyst.fetch("/api/qgis/connections", tmp_path / "connections.xml").read_text()
    said += analyst.fetch("/api/qgis/service", tmp_path / "service.conf").read_text()

    assert analyst.role in said
    assert analyst.password not in said and "password=" not in said.replace('password=""', "")


def test_the_project_in_the_database_opens_by_service(city: ServedCity, tmp_path: Path):
    # Somebody else than at the other QGIS: two at once pass the connections of one login.
    other = with_access(city, "demo-street-2")
    service = other.fetch("/api/qgis/service", tmp_path / "pg_service.conf")
    where = "postgresql://?service=geogrid&sslmode=disable&dbname=&schema=qgis&project=geogrid_"
    environment = {"PGSERVICEFILE": str(service), "PGPASSWORD": other.password}
    try:
        for language in LANGUAGES:
            with running_desk(other.password, environment) as desk:
                found = desk.ask("open", path=where + language)
            print(f"The project in the database opened in {found['seconds']:.2f} s")
            assert found["read"] and found["bad"] == [], (found["error"], found["log"][:3])
            assert theme_name("storm", language) in found["themes"]
    finally:
        other.leave()


def test_a_layer_added_by_hand_has_its_look(city: ServedCity, analyst: Analyst, desk: Desk, opened: Opened):
    login = city.database.app
    where = (
        f"dbname='{login.database}' host={login.host} port={login.port} user='{analyst.role}' sslmode=prefer"
    )
    source = (
        f"{where} password='{analyst.password}' key='id' srid=4326 type=Polygon table=\"gis\".\"cell\" (geom)"
    )

    added = desk.ask("by_hand", layer="cell", source=source)

    assert added["is_default"], added["message"]
    assert added["renderer"] == "RuleRenderer" and added["aliases"]["owner_id"] == "权属单位"


def test_a_wrong_password_shows_nothing(city: ServedCity, analyst: Analyst, tmp_path: Path):
    project = analyst.fetch("/api/qgis/project", tmp_path / "geogrid.qgz")

    with running_desk(new_password()) as stranger:
        found = stranger.ask("open", path=str(project))

    assert len(found["bad"]) == len(GIS_LAYERS)


def test_who_has_no_login_gets_no_file(city: ServedCity):
    stranger = city.log_in("demo-operator")

    for path in ("project", "connections", "service"):
        status, said = stranger.call("GET", f"/api/qgis/{path}")
        assert status == 404 and "Connect QGIS" in said["detail"]


def test_a_reader_is_offered_no_editing(city: ServedCity, tmp_path: Path):
    reader = with_access(city, "demo-street-1", kind="reader")
    try:
        project = reader.fetch("/api/qgis/project", tmp_path / "geogrid.qgz")
        with running_desk(reader.password) as desk:
            assert desk.ask("open", path=str(project))["bad"] == []
            cell = desk.ask("layers")["geogrid_cell"]
        assert cell["edits"] == {"add": False, "change": False, "move": False, "delete": False}
    finally:
        reader.leave()


def test_the_styles_are_one_list_with_the_layers(city: ServedCity):
    connection = connect(city.database.superuser)
    with connection.cursor() as cursor:
        cursor.execute("SELECT f_table_name, count(*) FROM public.layer_styles GROUP BY 1")
        found = dict(cursor.fetchall())
    connection.close()

    assert found == dict.fromkeys(GIS_LAYERS, 2)
