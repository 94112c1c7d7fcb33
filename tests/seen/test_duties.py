"""The patrol duty of one street: who decides it, what it changes at once, what is remembered."""

from datetime import timedelta

import pytest
from django.db import connection

from assets.seen import duties
from assets.seen.models import RoadBit
from assets.seen.passing import keep_bits
from geogrid.core.actor import acting_as
from tests.incidents.conftest import COUNTY, MORNING, A, B, People, client_of, person
from tests.seen.conftest import along, lay_road


@pytest.fixture
def road(city: People) -> int:
    """A street in A alone."""
    made = lay_road("Long street", along(0), along(300))
    keep_bits(MORNING)
    return made


def due(road: int) -> set[bool]:
    return set(RoadBit.objects.filter(road=road).values_list("is_due", flat=True))


def test_a_supervisor_takes_the_duty_from_a_street_and_gives_it_back_to_its_kind(city: People, road: int):
    client = client_of(city.dan)
    path = f"/api/roads/{road}/patrol-duty"

    said = client.put(path, {"is_due": False, "reason": "封闭施工 closed"}, format="json").json()

    assert (said["is_due"], said["kind_is_due"], said["may_decide"]) == (False, True, True)
    assert said["decision"]["reason"] == "封闭施工 closed" and said["decision"]["decided_by"] == "Dan"
    assert due(road) == {False}
    again = client.put(path, {"is_due": True, "reason": "open"}, format="json").json()
    assert [(one["is_due"], one["reason"], one["decided_by"]) for one in again["history"]] == [
        (False, "封闭施工 closed", "Dan")
    ]
    back = client.delete(path).json()
    assert back["decision"] is None and back["is_due"] and due(road) == {True}
    assert [one["is_due"] for one in back["history"]] == [None, True, False]


def test_who_does_not_staff_all_cells_of_a_street_may_read_and_not_decide(city: People, road: int):
    across = lay_road("Across", along(300), along(600))  # from A into B
    keep_bits(MORNING)
    of_a = client_of(person("alma", "supervisor", A))
    body = {"is_due": False, "reason": "x"}

    assert of_a.get(f"/api/roads/{across}").json()["may_decide"] is False
    assert of_a.put(f"/api/roads/{across}/patrol-duty", body, format="json").status_code == 403
    assert of_a.put(f"/api/roads/{road}/patrol-duty", body, format="json").status_code == 200
    for nobody in (city.ann, city.oona, person("ana", "analyst", ""), person("co", "commander", COUNTY)):
        assert client_of(nobody).put(f"/api/roads/{road}/patrol-duty", body, format="json").status_code == 403
    assert client_of(city.dan).get(f"/api/roads/{across}").json()["cells"][1]["code"] == B


def test_names_are_shown_to_who_may_see_people_there(city: People, road: int):
    duties.decide(road=duties.road_of(road), is_due=False, reason="x", actor=city.dan, at=MORNING)

    assert client_of(city.ann).get(f"/api/roads/{road}").json()["decision"]["decided_by"] == "Dan"
    assert client_of(city.stranger).get(f"/api/roads/{road}").json()["decision"]["decided_by"] == ""


@pytest.mark.parametrize(
    "body", [{}, {"is_due": False}, {"is_due": False, "reason": ""}, {"is_due": "perhaps", "reason": "x"},
             {"is_due": False, "reason": "x" * 201}],
)  # fmt: skip
def test_what_is_no_decision_is_refused_in_words(city: People, road: int, body: dict[str, object]):
    answer = client_of(city.dan).put(f"/api/roads/{road}/patrol-duty", body, format="json")

    assert answer.status_code == 422 and answer.json()["fields"]
    assert due(road) == {True}


@pytest.mark.parametrize("ref", ["0", "x", "99999999999999999999", "-1"])
def test_a_street_that_is_none_is_not_found(city: People, ref: str):
    assert client_of(city.dan).get(f"/api/roads/{ref}").status_code == 404
    assert client_of(city.dan).delete(f"/api/roads/{ref}/patrol-duty").status_code == 404


def test_what_was_decided_by_sql_is_remembered_too(city: People, road: int):
    duties.decide(road=duties.road_of(road), is_due=False, reason="x", actor=city.dan, at=MORNING)

    with acting_as(city.eve), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE patrol_duty_of_road SET is_due = true, reason = 'by SQL', decided_at = %s"
            " WHERE road_id = %s",
            [MORNING + timedelta(hours=1), road],
        )

    told = duties.duty_of(duties.road_of(road), city.dan)
    assert told.is_due and [one.reason for one in told.history] == ["x"]
