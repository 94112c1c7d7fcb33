"""Assets over HTTP: what is shown to whom, who may write, what is refused and how."""

from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.db import connection
from rest_framework.test import APIClient

from assets.models import Asset, Building
from geogrid.changes.models import Change
from tests.assets.town import MIDDLE, A, B, C, person, point_at

NUL = "a\x00b"


@pytest.fixture
def editor(as_user, supervisor):
    return as_user(supervisor)


@pytest.fixture
def reader(as_user, visitor):
    return as_user(visitor)


class TestCard:
    def test_a_card_names_class_cell_and_units(self, reader, lamp):
        card = reader.get(f"/api/assets/{lamp.code}").json()

        assert card["class"]["name_zh"] == "路灯" and card["class"]["name_en"] == "Street lamp"
        assert card["cell"] == {"code": A, "name": "格001", "name_en": ""}
        assert card["owner"]["name"] == "路灯所" and card["maintainer"] is None
        assert card["geometry"] == point_at(A)
        assert [card["lng"], card["lat"]] == point_at(A)["coordinates"]
        assert card["attributes"] == {"power_w": 60, "ref": "1"}
        assert card["simulated_fields"] == ["owner", "state"]

    def test_a_line_says_a_point_on_itself(self, reader, fence):
        card = reader.get(f"/api/assets/{fence.code}").json()

        assert card["geometry"]["type"] == "LineString"
        assert card["lng"] == pytest.approx(point_at(A)["coordinates"][0] + 0.00005, abs=0.0001)

    def test_who_asks_for_geojson_gets_a_feature(self, reader, lamp):
        answer = reader.get(f"/api/assets/{lamp.code}", headers={"Accept": "application/geo+json"})

        assert answer["Content-Type"] == "application/geo+json"
        feature = answer.json()
        assert (feature["type"], feature["id"], feature["geometry"]) == ("Feature", lamp.code, point_at(A))
        assert feature["properties"]["cell"] == A and feature["properties"]["asset_class"] == "0137"

    def test_a_refusal_is_json_whatever_is_accepted(self, reader, lamp):
        answer = reader.get("/api/assets/1", headers={"Accept": "application/geo+json"})

        assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")

    @pytest.mark.parametrize("code", ["9101010137999999", "1", "abc", "%00", "9" * 400])
    def test_an_unknown_code_is_not_found(self, reader, lamp, code):
        answer = reader.get(f"/api/assets/{code}")

        assert answer.status_code == 404 and answer.json()["code"] == "not_found"

    @pytest.mark.parametrize(
        "path",
        [
            "assets",
            "assets/{code}",
            "assets/{code}/history",
            "assets/{code}/photos",
            "assets/{code}/label.svg",
        ],
    )
    def test_the_stranger_sees_nothing(self, lamp, path):
        answer = APIClient().get("/api/" + path.format(code=lamp.code))

        assert answer.status_code == 401 and lamp.name not in answer.content.decode()

    def test_a_card_costs_few_queries(self, reader, lamp, django_assert_max_num_queries):
        with django_assert_max_num_queries(6):
            reader.get(f"/api/assets/{lamp.code}")


class TestList:
    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?q=一号",
            "?q=花园路",
            "?q=路灯",
            "?q=LAMP",
            "?q=花园 路灯",
            "?asset_class=0137",
            f"?cell={A}",
            "?cell=910101001",
            "?state=intact",
        ],
    )
    def test_an_asset_is_found_by_any_of_its_words(self, reader, lamp, query):
        page = reader.get(f"/api/assets{query}").json()

        assert [row["code"] for row in page["results"]] == [lamp.code]
        assert (page["count"], page["page"], page["pages"]) == (1, 1, 1)

    def test_it_is_found_by_the_beginning_of_its_code(self, reader, lamp):
        page = reader.get(f"/api/assets?q={lamp.code[:12]}").json()

        assert page["results"][0]["class"]["code"] == "0137"

    @pytest.mark.parametrize(
        "query", ["?q=井盖", f"?cell={B}", "?state=missing", "?asset_class=0101", "?q=花园 井盖", "?page=2"]
    )
    def test_others_are_not(self, reader, lamp, query):
        assert reader.get(f"/api/assets{query}").json()["results"] == []

    @pytest.mark.parametrize(
        "query",
        [
            "?page=0",
            "?page=x",
            f"?page={'9' * 5000}",
            "?state=broken",
            "?cell=x",
            "?q=%00",
            f"?q={'x' * 101}",
        ],
    )
    def test_a_filter_that_is_none_is_refused_by_name(self, reader, lamp, query):
        answer = reader.get(f"/api/assets{query}")

        assert answer.status_code == 422 and answer.json()["fields"].keys() == {query[1:].partition("=")[0]}

    def test_fifty_cost_as_many_queries_as_one(self, reader, lamp, django_assert_max_num_queries):
        for _ in range(20):
            Asset.objects.create(asset_class=lamp.asset_class, geom=lamp.geom, owner=lamp.owner)

        with django_assert_max_num_queries(5):
            assert reader.get("/api/assets").json()["count"] == 21


class TestNewAsset:
    def test_a_new_asset_gets_code_and_cell(self, editor, lamp_class, lighting):
        asked = {
            "asset_class": "0137",
            "geometry": point_at(B),
            "name": "二号灯",
            "owner": "LIGHT",
            "attributes": {"power_w": 40},
        }

        answer = editor.post("/api/assets", asked, format="json")

        assert answer.status_code == 201, answer.json()
        card = answer.json()
        assert card["code"] == "9101010137000001" and card["cell"]["code"] == B
        assert card["owner"]["code"] == "LIGHT" and card["state"] == "intact"
        assert Change.objects.filter(kind="asset", op="insert", refs=[card["code"]]).exists()

    def test_height_is_left_out(self, editor, lamp_class):
        shape = {"type": "Point", "coordinates": [*point_at(A)["coordinates"], 12.5]}

        answer = editor.post("/api/assets", {"asset_class": "0137", "geometry": shape}, format="json")

        assert answer.json()["geometry"] == point_at(A)

    def test_a_class_can_be_named_with_its_edition(self, editor, lamp_class):
        asked = {"asset_class": "test/9/0137", "geometry": point_at(A)}

        assert editor.post("/api/assets", asked, format="json").status_code == 201

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"asset_class": "9999"}, "asset_class"),
            ({"asset_class": NUL}, "asset_class"),
            ({"asset_class": None}, "asset_class"),
            ({"geometry": None}, "geometry"),
            ({"geometry": "POINT(1 1)"}, "geometry"),
            ({"geometry": {"type": ["Point"]}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": []}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": [1]}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": [True, False]}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": ["24.9", "60.1"]}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": [24.9, 91]}}, "geometry"),
            ({"geometry": {"type": "Point", "coordinates": [10**400, 60]}}, "geometry"),
            ({"geometry": {"type": "LineString", "coordinates": [[24.94, 60.128]]}}, "geometry"),
            (
                {"geometry": {"type": "LineString", "coordinates": [[24.94, 60.128], [24.95, 60.128]]}},
                "geometry",
            ),
            (
                {"geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}},
                "geometry",
            ),
            ({"geometry": {"type": "GeometryCollection", "geometries": []}}, "geometry"),
            ({"code": "12"}, "code"),
            ({"name": NUL}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"state": "broken"}, "state"),
            ({"placement": 7}, "placement"),
            ({"owner": "NOBODY"}, "owner"),
            ({"owner": {"code": "LIGHT"}}, "owner"),
            ({"first_date": "2026-02-30"}, "first_date"),
            ({"attributes": {"power_w": "bright"}}, "attributes"),
            ({"attributes": {"power_w": -1}}, "attributes"),
            ({"attributes": {"note": NUL}}, "attributes"),
            ({"attributes": {NUL: 1}}, "attributes"),
            ({"attributes": {"deep": [{"note": NUL}]}}, "attributes"),
            ({"attributes": [1]}, "attributes"),
            ({"attributes": None}, "attributes"),
            ({"attributes": {"long": "x" * 20_001}}, "attributes"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_what_cannot_be_taken_is_refused_by_field(self, editor, lamp_class, wrong, field):
        asked: dict[str, Any] = {"asset_class": "0137", "geometry": point_at(A)} | wrong

        answer = editor.post("/api/assets", asked, format="json")

        assert answer.status_code == 422, answer.content
        assert answer.json()["fields"].keys() == {field}
        assert not Asset.objects.exists()

    @pytest.mark.parametrize("number", ["1e999", "-1e999"])
    def test_an_infinite_coordinate_is_refused(self, editor, lamp_class, number):
        shape = f'{{"type": "Point", "coordinates": [{number}, 60]}}'
        body = f'{{"asset_class": "0137", "geometry": {shape}}}'

        answer = editor.post("/api/assets", body, content_type="application/json")

        assert answer.status_code == 422 and "geometry" in answer.json()["fields"]

    def test_an_infinite_attribute_is_refused(self, editor, lamp_class):
        shape = '{"type": "Point", "coordinates": [24.94, 60.128]}'
        body = f'{{"asset_class": "0137", "geometry": {shape}, "attributes": {{"power_w": 1e999}}}}'

        answer = editor.post("/api/assets", body, content_type="application/json")

        assert answer.status_code == 422 and "attributes" in answer.json()["fields"]

    @pytest.mark.parametrize("body", ["[]", "null", '"x"', "7"])
    def test_a_body_that_is_no_object_is_refused(self, editor, lamp_class, body):
        assert editor.post("/api/assets", body, content_type="application/json").status_code == 422

    @pytest.mark.parametrize(
        "body", ["{", '{"a": NaN}', "\x00", "[" * 100_000, '{"state": "\\ud800"}', '{"\\udfff": 1}']
    )
    def test_a_body_that_is_no_json_is_refused(self, editor, lamp_class, body):
        assert editor.post("/api/assets", body, content_type="application/json").status_code == 400

    def test_a_taken_code_is_a_conflict(self, editor, lamp):
        asked = {"asset_class": "0137", "geometry": point_at(A), "code": lamp.code}

        answer = editor.post("/api/assets", asked, format="json")

        assert answer.status_code == 409
        assert answer.json()["detail"] == "There is an asset with this code already."

    def test_a_taken_id_of_the_source_is_a_conflict(self, editor, lamp):
        asked = {"asset_class": "0137", "geometry": point_at(A), "source": "survey", "source_id": "L1"}

        assert editor.post("/api/assets", asked, format="json").status_code == 409

    def test_nobody_makes_assets_outside_of_their_part_of_town(self, editor, lamp_class):
        answer = editor.post("/api/assets", {"asset_class": "0137", "geometry": point_at(C)}, format="json")

        assert answer.status_code == 403 and C in answer.json()["detail"]
        assert not Asset.objects.exists()

    def test_outside_of_all_cells_only_who_may_in_the_whole_district(self, editor, as_user, lamp_class):
        asked = {"asset_class": "0137", "geometry": {"type": "Point", "coordinates": [25.5, 60.5]}}

        assert editor.post("/api/assets", asked, format="json").status_code == 403
        analyst = as_user(person("analyst", "analyst", "910101"))
        assert analyst.post("/api/assets", asked, format="json").json()["cell"] is None

    def test_who_may_edit_nothing_is_told_so(self, as_user, worker, lamp_class):
        asked = {"asset_class": "0137", "geometry": point_at(A)}

        answer = as_user(worker).post("/api/assets", asked, format="json")

        assert answer.status_code == 403 and answer.json()["code"] == "forbidden"


class TestChanges:
    def test_only_the_named_fields_change(self, editor, lamp):
        asked = {"state": "damaged", "change_date": "2026-01-02"}

        answer = editor.patch(f"/api/assets/{lamp.code}", asked, format="json")

        assert answer.status_code == 200, answer.json()
        card = answer.json()
        assert (card["state"], card["change_date"], card["name"]) == ("damaged", "2026-01-02", "一号灯")

    def test_what_somebody_says_is_invented_no_more(self, editor, lamp):
        card = editor.patch(f"/api/assets/{lamp.code}", {"state": "intact"}, format="json").json()

        assert card["simulated_fields"] == ["owner"]

    def test_the_day_of_the_change_is_noted(self, editor, lamp):
        card = editor.patch(f"/api/assets/{lamp.code}", {"note": "旧"}, format="json").json()

        assert card["change_date"] is not None

    def test_a_moved_asset_gets_its_new_cell(self, editor, lamp):
        card = editor.patch(f"/api/assets/{lamp.code}", {"geometry": point_at(B)}, format="json").json()

        assert card["cell"]["code"] == B and card["code"] == lamp.code

    def test_nobody_moves_an_asset_where_they_may_not_edit(self, editor, lamp):
        answer = editor.patch(f"/api/assets/{lamp.code}", {"geometry": point_at(C)}, format="json")

        assert answer.status_code == 403
        assert Asset.objects.get().geom == lamp.geom

    def test_nobody_takes_an_asset_from_where_they_may_not_edit(self, editor, lamp):
        Asset.objects.filter(pk=lamp.pk).update(geom=Point(*MIDDLE[C], srid=4326))

        answer = editor.patch(f"/api/assets/{lamp.code}", {"geometry": point_at(A)}, format="json")

        assert answer.status_code == 403

    def test_a_class_drawn_otherwise_is_refused(self, editor, lamp, fence_class):
        answer = editor.patch(f"/api/assets/{lamp.code}", {"asset_class": "0231"}, format="json")

        assert answer.status_code == 422 and "geometry" in answer.json()["fields"]

    def test_the_second_of_two_who_saw_the_same_is_told(self, editor, lamp):
        path, seen = f"/api/assets/{lamp.code}", editor.get(f"/api/assets/{lamp.code}").json()["updated_at"]
        # Inside one transaction now() stands still, so what the second saw is written by hand.
        stale = seen.replace("202", "201", 1)

        assert editor.patch(path, {"note": "1", "updated_at": seen}, format="json").status_code == 200
        assert editor.patch(path, {"note": "2", "updated_at": stale}, format="json").status_code == 409

    @pytest.mark.parametrize("field", ["code", "cell", "source_id", "public_id", "simulated_fields"])
    def test_what_cannot_be_set_is_refused_not_ignored(self, editor, lamp, field):
        answer = editor.patch(f"/api/assets/{lamp.code}", {field: "1"}, format="json")

        assert answer.status_code == 422 and answer.json()["fields"].keys() == {field}

    def test_nothing_to_change_is_fine_and_leaves_no_trace(self, editor, lamp):
        answer = editor.patch(f"/api/assets/{lamp.code}", {"name": lamp.name}, format="json")

        assert answer.status_code == 200
        assert len(editor.get(f"/api/assets/{lamp.code}/history").json()) == 1


class TestHistory:
    def test_history_says_who_changed_what_in_words(self, editor, lamp, fence_class):
        path = f"/api/assets/{lamp.code}"
        editor.patch(path, {"owner": None, "attributes": {"power_w": 70, "ref": "1"}}, format="json")
        editor.patch(path, {"geometry": point_at(B)}, format="json")

        created, changed, moved = editor.get(f"{path}/history").json()

        assert (created["op"], created["changes"]) == ("insert", [])
        assert changed["actor"] == "Sun"
        told = {change["field"]: (change["before"], change["after"]) for change in changed["changes"]}
        assert told["owner"] == ({"name": "路灯所", "name_en": "Street lighting"}, None)
        assert told["attributes.power_w"] == (60, 70) and "attributes.ref" not in told
        told = {change["field"]: (change["before"], change["after"]) for change in moved["changes"]}
        assert told["cell"] == (A, B)
        assert told["place"] == ("24.941406 60.128906", "24.949219 60.128906")

    def test_it_begins_with_who_entered_the_asset(self, editor, lamp):
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('geogrid.actor', 'sun', true)")
            cursor.execute(
                "INSERT INTO asset (public_id, code, asset_class_id, geom, created_by)"
                " SELECT gen_random_uuid(), '', asset_class_id, geom, 'somebody else'"
                " FROM asset WHERE code = %s"
                " RETURNING code",
                [lamp.code],
            )
            (code,) = cursor.fetchone()
            cursor.execute("UPDATE asset SET created_by = 'me', note = 'x' WHERE code = %s", [code])

        created, changed = editor.get(f"/api/assets/{code}/history").json()

        assert (created["op"], created["actor"]) == ("insert", "Sun")
        assert [change["field"] for change in changed["changes"]] == ["note"]

    def test_a_change_by_plain_sql_is_in_it(self, editor, lamp):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE asset SET state = 'missing' WHERE code = %s", [lamp.code])

        last = editor.get(f"/api/assets/{lamp.code}/history").json()[-1]

        assert last["changes"] == [{"field": "state", "before": "intact", "after": "missing"}]

    def test_who_may_not_see_people_reads_no_names(self, editor, reader, as_user, worker, lamp):
        editor.patch(f"/api/assets/{lamp.code}", {"note": "旧"}, format="json")

        def actor(client: APIClient) -> str:
            return str(client.get(f"/api/assets/{lamp.code}/history").json()[-1]["actor"])

        assert (actor(reader), actor(as_user(worker)), actor(editor)) == ("", "Sun", "Sun")


class TestCatalogueAndBuildings:
    def test_the_catalogue_lists_classes_in_use(self, reader, lamp_class, fence_class):
        type(fence_class).objects.filter(pk=fence_class.pk).update(is_active=False)

        listed = reader.get("/api/catalogue/assets").json()

        entry = next(one for one in listed if one["scheme"] == "test")
        assert (entry["code"], entry["major_en"], entry["icon"]) == (
            "0137",
            "Public utilities",
            "street_lamp",
        )
        assert "power_w" in entry["attributes_schema"]["properties"]
        assert not any(one["scheme"] == "test" and one["code"] == "0231" for one in listed)

    def test_a_building_says_its_cell_and_households(self, reader, town):
        lng, lat = point_at(A)["coordinates"]
        outline = MultiPolygon(Polygon.from_bbox((lng, lat, lng + 1e-4, lat + 1e-4)), srid=4326)
        made = Building.objects.create(
            source="osm",
            source_id="w1",
            address="花园路 2",
            geom=outline,
            households=12,
        )

        card = reader.get(f"/api/buildings/{made.pk}").json()

        assert (card["address"], card["households"], card["cell"]["code"]) == ("花园路 2", 12, A)
        assert card["geometry"]["type"] == "MultiPolygon" and card["lng"] == pytest.approx(lng, abs=1e-3)

    @pytest.mark.parametrize("number", ["0", "x", "-1", "9" * 18, "9" * 400, "１"])
    def test_an_unknown_building_is_not_found(self, reader, number):
        assert reader.get(f"/api/buildings/{number}").status_code == 404
