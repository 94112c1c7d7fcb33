"""Part 4: what is written over the OGC API obeys everybody's rules, and history names who wrote it."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from owslib.ogcapi.features import Features

from tests.conftest import connect
from tests.incidents.conftest import MIDDLE, A, B, C
from tests.ogc.conftest import Town
from tests.ogc.test_systems import EPSG
from tests.ogc.town import TOKENS

pytestmark = pytest.mark.db
COLLECTION = "asset_public_facility"
COVERS = f"collections/{COLLECTION}/items"


def said(answer: Any) -> str:
    """The sentence of a refusal."""
    return str(json.loads(answer.body)["detail"])


def cover(town: Town, place: tuple[float, float] = MIDDLE[A], **properties: Any) -> dict[str, Any]:
    [[kind]] = town.sql("SELECT id FROM asset_class WHERE scheme = 'test' AND code = '0103'")
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(place)},
        "properties": {"asset_class_id": kind, "name": "新井盖", **properties},
    }


@pytest.fixture
def made(town: Town) -> Iterator[str]:
    """The path of a cover that dan, supervisor of the southern community, has made in cell A; gone after."""
    answer = town.ask("POST", COVERS, cover(town), who="dan")
    assert answer.status == 201, answer.body
    path = answer.headers["location"].removeprefix(f"{town.url}/")
    yield path
    with closing(connect(town.database.superuser)) as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM asset WHERE id = %s", [path.rpartition("/")[2]])
        connection.commit()


def test_a_feature_made_changed_replaced_and_removed_comes_back_as_it_was_said(town: Town):
    answer = town.ask("POST", COVERS, cover(town, state="damaged", note="一"), who="dan")
    assert answer.status == 201, answer.body
    path = answer.headers["location"].removeprefix(f"{town.url}/")
    first = town.read(path)
    assert first["geometry"]["coordinates"] == pytest.approx(MIDDLE[A], abs=1e-9)
    assert first["properties"]["state"] == "damaged" and len(first["properties"]["code"]) == 16

    changed = town.ask("PATCH", path, {"properties": {"name": "改"}}, who="dan")
    assert changed.status == 200 and json.loads(changed.body)["properties"]["name"] == "改"
    assert json.loads(changed.body)["properties"]["state"] == "damaged"

    whole = json.loads(changed.body)
    whole["properties"] |= {"state": "missing", "note": None, "owner_id": None}
    del whole["properties"]["note"]
    replaced = town.ask("PUT", path, whole, who="dan", If_Match=changed.headers["etag"])
    assert replaced.status == 200, replaced.body
    properties = json.loads(replaced.body)["properties"]
    assert (properties["state"], properties["note"], properties["name"]) == ("missing", "", "改")

    assert town.ask("DELETE", path, who="dan", If_Match=replaced.headers["etag"]).status == 204
    assert town.ask("GET", path).status == 404
    key = path.rpartition("/")[2]
    actors = town.sql(
        "SELECT DISTINCT actor FROM row_history WHERE table_name = 'asset' AND row_id = %s", key
    )
    assert actors == [("dan",)]


def test_a_version_that_is_not_the_present_one_is_refused(town: Town, made: str):
    held = town.ask("GET", made).headers["etag"]
    assert town.ask("GET", made, If_None_Match=held).status == 304
    assert town.ask("PATCH", made, {"properties": {"note": "先"}}, who="eve", If_Match=held).status == 200

    for method, body in (("PATCH", {"properties": {"note": "后"}}), ("PUT", cover(town)), ("DELETE", None)):
        answer = town.ask(method, made, body, who="dan", If_Match=held)
        assert answer.status == 412 and "Read it again" in said(answer)
    assert town.read(made)["properties"]["note"] == "先"


@pytest.mark.parametrize(
    ("who", "place", "status"),
    [("dan", MIDDLE[C], 403), ("ann", MIDDLE[A], 403), ("stranger", MIDDLE[A], 403), ("eve", MIDDLE[C], 201)],
)
def test_who_may_not_edit_there_makes_nothing_there(
    town: Town, who: str, place: tuple[float, float], status: int
):
    answer = town.ask("POST", COVERS, cover(town, place, name=f"of {who}"), who=who)

    assert answer.status == status, answer.body
    [[there]] = town.sql("SELECT count(*) FROM asset WHERE name = %s", f"of {who}")
    assert there == (1 if status == 201 else 0)
    if there:
        assert town.ask("DELETE", answer.headers["location"].removeprefix(f"{town.url}/")).status == 204


def test_nobody_moves_a_feature_out_of_the_area_they_edit_nor_into_it(town: Town, made: str):
    beyond = {"geometry": {"type": "Point", "coordinates": MIDDLE[C]}, "properties": {}}
    assert town.ask("PATCH", made, beyond, who="dan").status == 403
    assert town.read(made)["geometry"]["coordinates"] == pytest.approx(MIDDLE[A], abs=1e-9)

    [[other]] = town.sql(
        "SELECT a.id FROM gis.asset_public_facility a"
        " JOIN cell c ON c.id = a.cell_id WHERE c.code = %s LIMIT 1",
        C,
    )
    home = {"geometry": {"type": "Point", "coordinates": MIDDLE[A]}, "properties": {}}
    assert town.ask("PATCH", f"{COVERS}/{other}", home, who="dan").status == 403
    assert town.ask("DELETE", f"{COVERS}/{other}", who="dan").status == 403


def test_a_feature_sent_in_another_system_lies_where_it_was_meant(town: Town, made: str):
    lng, lat = MIDDLE[B]
    body = {"geometry": {"type": "Point", "coordinates": [lat, lng]}, "properties": {}}
    answer = town.ask("PATCH", made, body, who="dan", Content_Crs=f"<{EPSG}4326>")

    assert answer.status == 200, answer.body
    assert town.read(made)["geometry"]["coordinates"] == pytest.approx(MIDDLE[B], abs=1e-9)
    refused = town.ask("PATCH", made, body, who="dan", Content_Crs=f"<{EPSG}27700>")
    assert refused.status == 400 and "not spoken here" in said(refused)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"state": "stolen"}, "state"),
        ({"nonsense": 1}, "nonsense"),
        ({"code": "1234567890123456"}, "code"),
        ({"owner_id": 999_999_999}, ""),
        ({"owner_id": 1.5}, "owner_id"),
        ({"first_date": "yesterday"}, "first_date"),
        ({"name": 7}, "name"),
        ({"name": "\x00"}, "name"),
        ({"name": "x" * 300}, ""),
        ({"asset_class_id": None}, ""),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence_and_nothing_is_written(
    town: Town, made: str, change: dict[str, Any], word: str
):
    before = town.read(made)
    answer = town.ask("PATCH", made, {"properties": {"note": "x", **change}}, who="dan")

    assert answer.status in (409, 422), answer.body
    assert word in said(answer) and len(said(answer)) > 15
    assert town.read(made) == before


@pytest.mark.parametrize(
    ("geometry", "status"),
    [
        (None, 422),
        ({"type": "Point"}, 422),
        ({"type": "Point", "coordinates": [400, 60]}, 422),
        ({"type": "Point", "coordinates": []}, 422),
        ({"type": "LineString", "coordinates": [[24.94, 60.13], [24.95, 60.13]]}, 422),
        ("POINT(1 1)", 422),
    ],
)
def test_a_wrong_geometry_is_refused(town: Town, geometry: Any, status: int):
    answer = town.ask("POST", COVERS, cover(town) | {"geometry": geometry}, who="eve")

    assert answer.status == status and len(said(answer)) > 15


def test_bodies_that_are_no_features_are_refused(town: Town, made: str):
    assert town.ask("POST", COVERS, b"{", who="eve").status == 400
    assert town.ask("POST", COVERS, [1], who="eve").status == 422
    assert town.ask("PUT", made, {"type": "FeatureCollection", "features": []}, who="eve").status == 422
    assert town.ask("PUT", made, "x", who="eve", Content_Type="text/plain").status == 415


def test_what_is_only_read_takes_no_writing(town: Town):
    [district] = town.items("district")["features"]
    path = f"collections/district/items/{district['id']}"

    assert town.ask("PATCH", path, {"properties": {"name": "x"}}).status == 403
    assert town.ask("DELETE", path).status == 403
    assert town.ask("POST", "collections/road/items", cover(town)).status == 403


def test_a_cell_is_split_by_an_insert_and_stays_whole_with_its_neighbours(town: Town):
    """The guard's rules hold here as under QGIS: the refusal is its sentence."""
    [cell] = [one for one in town.items("cell")["features"] if one["properties"]["code"] == A]
    path = f"collections/cell/items/{cell['id']}"
    hole = {"type": "Polygon", "coordinates": [[[10, 10], [10.1, 10], [10.1, 10.1], [10, 10]]]}
    answer = town.ask("PATCH", path, {"geometry": hole, "properties": {}}, who="eve")

    assert answer.status in (409, 422) and len(said(answer)) > 20
    assert town.ask("PATCH", path, {"properties": {"households": 77}}, who="ann").status == 403
    assert town.ask("PATCH", path, {"properties": {"households": 77}}, who="dan").status == 200
    assert town.read(path)["properties"]["households"] == 77


def test_an_incident_moves_with_a_step_that_names_who_moved_it(town: Town):
    [[key]] = town.sql("SELECT id FROM incident WHERE unit_code = %s ORDER BY id LIMIT 1", B)
    lng, lat = MIDDLE[B]
    moved = {"geometry": {"type": "Point", "coordinates": [lng + 1e-4, lat]}, "properties": {}}
    path = f"collections/incident/items/{key}"

    assert town.ask("PATCH", path, moved, who="ann").status == 404  # she does not see it
    answer = town.ask("PATCH", path, moved, who="oona")
    assert answer.status == 200, answer.body
    assert town.sql("SELECT actor FROM step_taken WHERE incident_id = %s ORDER BY id DESC LIMIT 1", key) == [
        ("oona",)
    ]


def test_owslib_makes_changes_and_removes_a_feature(town: Town):
    headers = {"Authorization": f"Bearer {TOKENS['dan']}", "Content-Type": "application/geo+json"}
    service = Features(f"{town.url}/", headers=headers)
    named = f"of owslib {id(service)}"

    def found() -> list[dict[str, Any]]:
        features: list[dict[str, Any]] = town.items(COLLECTION, filter=f"name = '{named}'")["features"]
        return features

    service.collection_item_create(COLLECTION, json.dumps(cover(town, name=named, state="damaged")))
    [made] = found()
    made["properties"]["state"] = "missing"
    service.collection_item_update(COLLECTION, str(made["id"]), json.dumps(made))
    [changed] = found()
    assert changed["properties"]["state"] == "missing"
    assert changed["geometry"]["coordinates"] == pytest.approx(MIDDLE[A], abs=1e-9)
    assert service.collection_item_delete(COLLECTION, str(made["id"]))
    assert found() == []
