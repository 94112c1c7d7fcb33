"""Staffing over HTTP, and the cards that show it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from geogrid.changes.models import Change, RowHistory
from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, Substitution
from tests.duties.conftest import CELL, COMMUNITY, NEIGHBOUR, OTHER_STREET_CELL, STREET

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def as_user() -> Callable[[User], Client]:
    def log_in(user: User) -> Client:
        client = Client()
        client.force_login(user, BACKEND)
        return client

    return log_in


@pytest.fixture
def supervisor(city: City, person: Person, as_user: Callable[[User], Client]) -> Client:
    return as_user(person("wang", Role.SUPERVISOR, STREET))


def new_duty(**changes: Any) -> dict[str, Any]:
    shifts = [{"weekday": 0, "starts": "08:00", "ends": "17:00"}]
    return {"username": "li", "units": [CELL, NEIGHBOUR], "shifts": shifts, **changes}


def test_a_supervisor_staffs_cells_and_history_names_them(supervisor: Client, person: Person):
    person("li")

    made = supervisor.post("/api/duties", new_duty(), "application/json")

    assert made.status_code == 201, made.content
    assert made.json()["units"] == [CELL, NEIGHBOUR]
    assert made.json()["user"]["name"] == "Li"
    ended = supervisor.patch(
        f"/api/duties/{made.json()['id']}", {"valid_to": "2100-01-01T00:00:00Z"}, "application/json"
    )
    assert ended.status_code == 200
    said = RowHistory.objects.get(table_name="duty")
    assert said.actor == "wang" and said.before == {"valid_to": None}
    told = Change.objects.filter(kind="duty", op="update").order_by("id").last()
    assert told is not None and set(told.units_after) == {CELL, NEIGHBOUR}


@pytest.mark.parametrize(
    ("changes", "status", "word"),
    [
        ({"units": [OTHER_STREET_CELL]}, 403, OTHER_STREET_CELL),
        ({"units": [CELL, OTHER_STREET_CELL]}, 403, OTHER_STREET_CELL),
        ({"units": [STREET + "999999"]}, 422, "no unit"),
        ({"units": []}, 422, "units"),
        ({"username": "nobody"}, 422, "nobody"),
        ({"valid_from": "2026-06-01T00:00:00Z", "valid_to": "2026-06-01T00:00:00Z"}, 422, "ends after"),
        ({"shifts": [{"weekday": 7, "starts": "08:00", "ends": "09:00"}]}, 422, "shifts"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    supervisor: Client, person: Person, changes: dict[str, Any], status: int, word: str
):
    person("li")

    answer = supervisor.post("/api/duties", new_duty(**changes), "application/json")

    assert answer.status_code == status
    assert word in answer.json()["detail"]
    assert Duty.objects.count() == 0


def test_a_substitute_is_entered_and_taken_back(supervisor: Client, person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)
    person("chen")
    period = {"valid_from": "2026-06-03T00:00:00Z", "valid_to": "2026-06-05T00:00:00Z"}
    path = f"/api/duties/{theirs.id}/substitutions"

    made = supervisor.post(path, {"username": "chen", **period}, "application/json")

    assert made.status_code == 201 and made.json()["substitute"]["username"] == "chen"
    assert supervisor.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert Substitution.objects.count() == 0


def test_a_second_substitute_at_the_same_time_is_a_conflict(
    supervisor: Client, person: Person, duty: MakeDuty
):
    theirs = duty(person("li"), CELL)
    period = {"valid_from": "2026-06-03T00:00:00Z", "valid_to": "2026-06-05T00:00:00Z"}
    path = f"/api/duties/{theirs.id}/substitutions"
    supervisor.post(path, {"username": None, **period}, "application/json")

    again = supervisor.post(path, {"username": None, **period}, "application/json")

    assert again.status_code == 409 and "substitution_is_one_at_a_time" in again.json()["detail"]


def test_a_duty_of_another_street_is_not_found(supervisor: Client, person: Person, duty: MakeDuty):
    elsewhere = duty(person("li"), OTHER_STREET_CELL)

    answer = supervisor.patch(
        f"/api/duties/{elsewhere.id}", {"valid_to": "2100-01-01T00:00:00Z"}, "application/json"
    )

    assert answer.status_code == 404


class TestCards:
    """Outlines and names for everybody; people for those who may see them."""

    def test_a_worker_sees_the_people_of_their_own_cell(
        self, person: Person, duty: MakeDuty, as_user: Callable[[User], Client]
    ):
        li = person("li", Role.GRID_WORKER, CELL, phone="110")
        duty(li, CELL)

        card = as_user(li).get(f"/api/cells/{CELL}").json()

        assert card["code"] == CELL
        assert [card[level]["code"] for level in ("community", "street", "district")] == [
            COMMUNITY, STREET, STREET[:6],
        ]  # fmt: skip
        assert (card["on_duty"][0]["name"], card["on_duty"][0]["phone"]) == ("Li", "110")
        assert card["roster"][0]["user"]["username"] == "li"
        assert card["geometry"]["type"] == "Polygon"
        assert card["area_m2"] == pytest.approx(40_000, rel=0.5)
        west, south, east, north = card["bbox"]
        assert west < card["lng"] < east and south < card["lat"] < north

    def test_others_see_that_somebody_is_on_duty_and_not_who(
        self, person: Person, duty: MakeDuty, as_user: Callable[[User], Client]
    ):
        duty(person("li", phone="110"), CELL)
        stranger = as_user(person("chen", Role.GRID_WORKER, OTHER_STREET_CELL))

        answer = stranger.get(f"/api/cells/{CELL}")

        [somebody] = answer.json()["on_duty"]
        assert (somebody["id"], somebody["name"], somebody["phone"]) == (None, "", "")
        assert (somebody["level"], somebody["role"]) == ("CELL", "grid_worker")
        assert answer.json()["roster"] == []
        assert b"110" not in answer.content.replace(CELL.encode(), b"").replace(b"910101", b"")

    def test_a_unit_adds_up_its_cells(self, supervisor: Client):
        card = supervisor.get(f"/api/units/{STREET}").json()

        assert (card["level"], card["cells"]) == ("STREET", 8)
        assert [unit["code"] for unit in card["parents"]] == [STREET[:6]]
        assert card["geometry"]["type"] == "MultiPolygon"
        assert card["assets"] == []

    def test_cells_are_listed_and_searched(self, supervisor: Client):
        assert supervisor.get("/api/cells").json()["count"] == 16
        assert supervisor.get(f"/api/cells?unit={COMMUNITY}").json()["count"] == 4
        assert supervisor.get(f"/api/cells?q={CELL}").json()["results"][0]["code"] == CELL
        assert len(supervisor.get("/api/units").json()) == 7

    @pytest.mark.parametrize("path", ["/api/cells/910101999999999", "/api/units/9101", "/api/cells?page=x"])
    def test_what_is_not_there_is_said(self, supervisor: Client, path: str):
        assert supervisor.get(path).status_code in (404, 422)

    @pytest.mark.parametrize(
        "path", ["/api/cells", f"/api/cells/{CELL}", "/api/units", f"/api/units/{STREET}"]
    )
    def test_the_stranger_sees_nothing(self, city: City, path: str):
        assert Client().get(path).status_code == 401
