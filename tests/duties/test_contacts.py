"""The contact card of a place, and what its printed map draws."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.test import Client

from assets.models import Road
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, Substitution
from grid_units.models import Cell, GridUnit
from tests.duties.conftest import CELL, COMMUNITY, LONG_AGO, OTHER_STREET_CELL, STREET

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]
BACKEND = "django.contrib.auth.backends.ModelBackend"
FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def supervisor(city: Any, person: Person) -> Client:
    client = Client()
    client.force_login(person("wang", Role.SUPERVISOR, STREET), BACKEND)
    return client


class TestContactCard:
    """Who answers for a place, level by level; people for those who may see them."""

    def test_every_level_has_its_people_and_its_office(
        self, supervisor: Client, person: Person, duty: MakeDuty
    ):
        office = Organisation.objects.create(code="O", name="居委会", phone="010-1", kinds=["community"])
        GridUnit.objects.filter(code=COMMUNITY).update(organisation=office)
        theirs = duty(person("li", phone="110"), CELL)
        Substitution.objects.create(
            duty=theirs, substitute=person("chen", phone="120"), valid_from=LONG_AGO, valid_to=FAR_OFF
        )
        duty(person("boss"), STREET, role=Role.SUPERVISOR)

        levels = supervisor.get(f"/api/contacts/{CELL}").json()

        assert [one["level"] for one in levels] == ["CELL", "COMMUNITY", "STREET", "DISTRICT"]
        [worker] = levels[0]["on_duty"]
        assert (worker["name"], worker["phone"]) == ("Chen", "120")
        assert worker["is_substitute"] and worker["is_answering"]
        assert levels[1]["offices"] == [{"kind": "office", "name": "居委会", "name_en": "", "phone": "010-1"}]
        assert levels[1]["on_duty"] == [] and not levels[2]["on_duty"][0]["is_answering"]
        assert [one["level"] for one in supervisor.get(f"/api/contacts/{STREET}").json()] == [
            "STREET", "DISTRICT",
        ]  # fmt: skip

    def test_those_of_elsewhere_are_told_the_role_and_no_name(
        self, supervisor: Client, person: Person, duty: MakeDuty
    ):
        duty(person("li", phone="11099"), OTHER_STREET_CELL)

        answer = supervisor.get(f"/api/contacts/{OTHER_STREET_CELL}")

        [worker] = answer.json()[0]["on_duty"]
        assert (worker["role"], worker["id"], worker["name"], worker["phone"]) == (
            "grid_worker",
            None,
            "",
            "",
        )
        assert b"11099" not in answer.content and worker["is_answering"]

    @pytest.mark.parametrize("path", [f"contacts/{STREET}999", f"cells/{STREET}999999/surroundings"])
    def test_a_place_that_is_not_there_is_not_found(self, supervisor: Client, path: str):
        assert supervisor.get(f"/api/{path}").status_code == 404


def test_the_printed_map_has_the_cell_its_neighbours_and_what_stands_there(supervisor: Client):
    Road.objects.create(
        source="t",
        source_id="1",
        kind="residential",
        name="街",
        geom=MultiLineString(through(CELL), srid=4326),
    )

    found = supervisor.get(f"/api/cells/{CELL}/surroundings").json()

    kinds = [one["kind"] for one in found]
    assert kinds.count("cell") == 1 and kinds.count("neighbour") == 3 and kinds.count("road") == 1
    [cell] = [one for one in found if one["kind"] == "cell"]
    assert cell["ref"] == CELL and cell["geometry"]["type"] == "Polygon"


def through(code: str) -> LineString:
    west, south, east, north = Cell.objects.get(code=code).geom.extent
    return LineString((west, south), (east, north))
