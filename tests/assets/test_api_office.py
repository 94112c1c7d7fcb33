"""Assets in the back office: a clerk finds and corrects those of their own part of town."""

import pytest
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from rest_framework.test import APIClient

from assets.models import Asset, AssetClass, Building, Road
from geogrid.changes.models import RowHistory
from tests.assets.town import MIDDLE, A, C, person

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")


@pytest.fixture
def clerk(as_user, supervisor) -> APIClient:
    client: APIClient = as_user(supervisor)
    return client


@pytest.fixture
def chief(as_user, town) -> APIClient:
    client: APIClient = as_user(person("chief", "administrator"))
    return client


def form_of(asset: Asset, **changed: object) -> dict[str, object]:
    """What the browser posts for an asset."""
    return {
        "asset_class": asset.asset_class_id,
        "name": asset.name,
        "state": asset.state,
        "placement": "",
        "owner": asset.owner_id or "",
        "attributes": '{"power_w": 60}',
        **changed,
    }


def test_a_clerk_finds_an_asset_by_name_and_code(clerk, lamp):
    for word in ("一号", lamp.code, "花园路"):
        page = clerk.get("/office/assets/asset/", {"q": word}).content.decode()
        assert lamp.code in page
    assert lamp.code not in clerk.get("/office/assets/asset/", {"q": "nothing"}).content.decode()


def test_a_clerk_corrects_it_and_history_knows_who(clerk, supervisor, lamp):
    path = f"/office/assets/asset/{lamp.pk}/change/"

    page = clerk.get(path).content.decode()
    answer = clerk.post(path, form_of(lamp, state="damaged"))

    assert "24.941406 60.128906" in page and '<script src="http' not in page
    assert answer.status_code == 302, answer.content.decode()
    lamp.refresh_from_db()
    assert lamp.state == "damaged" and lamp.simulated_fields == ["owner"]
    assert RowHistory.objects.filter(table_name="asset", row_id=lamp.pk).latest("id").actor == "sun"


def test_attributes_are_checked_by_the_class(clerk, lamp):
    path = f"/office/assets/asset/{lamp.pk}/change/"

    answer = clerk.post(path, form_of(lamp, attributes='{"power_w": "bright"}'))

    assert answer.status_code == 200 and "power_w" in answer.content.decode()
    lamp.refresh_from_db()
    assert lamp.attributes["power_w"] == 60


def test_assets_of_another_part_of_town_are_not_there(clerk, lamp):
    Asset.objects.filter(pk=lamp.pk).update(geom=Point(*MIDDLE[C], srid=4326))

    assert lamp.code not in clerk.get("/office/assets/asset/").content.decode()
    assert clerk.post(f"/office/assets/asset/{lamp.pk}/change/", form_of(lamp)).status_code == 302
    lamp.refresh_from_db()
    assert lamp.attributes == {"power_w": 60, "ref": "1"}


@pytest.mark.parametrize("what", ["add/", "{pk}/delete/"])
def test_assets_are_neither_made_nor_deleted_here(chief, lamp, what):
    assert chief.get("/office/assets/asset/" + what.format(pk=lamp.pk)).status_code == 403


@pytest.mark.parametrize("model", ["asset", "building", "road"])
def test_who_keeps_nothing_does_not_get_in(as_user, worker, lamp, model):
    assert as_user(worker).get(f"/office/assets/{model}/").status_code == 302


def test_buildings_and_roads_are_listed_and_read(chief):
    lng, lat = MIDDLE[A]
    outline = MultiPolygon(Polygon.from_bbox((lng, lat, lng + 1e-4, lat + 1e-4)), srid=4326)
    line = MultiLineString(LineString((lng, lat), (lng + 1e-4, lat)), srid=4326)
    building = Building.objects.create(source="osm", source_id="w1", name="图书馆", geom=outline)
    road = Road.objects.create(source="osm", source_id="w2", name="花园路", kind="residential", geom=line)

    assert "图书馆" in chief.get("/office/assets/building/", {"q": "图书"}).content.decode()
    assert "花园路" in chief.get("/office/assets/road/", {"q": "花园"}).content.decode()
    assert "MultiPolygon" in chief.get(f"/office/assets/building/{building.pk}/change/").content.decode()
    assert "MultiLineString" in chief.get(f"/office/assets/road/{road.pk}/change/").content.decode()


def test_a_schema_that_is_none_is_refused(chief, lamp_class):
    path = f"/office/assets/assetclass/{lamp_class.pk}/change/"
    form = {
        name: getattr(lamp_class, name)
        for name in ("scheme", "version", "code", "major_name", "major_name_en", "name", "name_en", "origin")
    }
    form |= {"geometry_kind": "point", "is_active": "on", "icon": ""}

    refused = chief.post(path, form | {"attributes_schema": '{"type": "thing"}'})
    taken = chief.post(path, form | {"attributes_schema": '{"type": "object"}'})

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert AssetClass.objects.get(pk=lamp_class.pk).attributes_schema == {"type": "object"}
