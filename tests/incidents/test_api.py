"""Incidents over HTTP: what is taken, what is shown to whom, what is refused."""

from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from grid_units.models import Cell
from incidents.intake import Report, report
from incidents.models import ContactRead, Incident
from tests.incidents.conftest import (
    LONG_AGO,
    MIDDLE,
    MORNING,
    SIDE,
    SOUTH,
    WEST,
    A,
    B,
    C,
    People,
    client_of,
    settle,
)


def reported(by: User, cell: str = A, at: datetime = MORNING, **more: Any) -> Incident:
    lng, lat = MIDDLE[cell]
    said = Report("web", "井盖丢失 missing cover", lng, lat, **more)
    return Incident.objects.get(number=report(said=said, actor=by, at=at).answer["number"])


def body(**more: Any) -> dict[str, Any]:
    return {"lng": MIDDLE[A][0], "lat": MIDDLE[A][1], "description": "路灯不亮"} | more


def test_a_report_answers_with_number_cell_and_worker(city: People) -> None:
    answer = client_of(city.oona).post("/api/incidents", body(), format="json")

    assert answer.status_code == 201
    said = answer.json()
    assert said["cell"]["code"] == A
    assert said["worker"]["name"] in {"Ann", "Bo"}
    settle()
    assert Incident.objects.get().number == said["number"]


def test_a_volunteer_learns_the_number_and_not_the_name_of_the_worker(city: People) -> None:
    said = client_of(city.volunteer).post("/api/incidents", body(), format="json").json()

    assert said["worker"]["name"] == "" and said["worker"]["id"] is None
    assert client_of(city.volunteer).get(f"/api/incidents/{said['number']}").status_code == 200


def test_a_repeated_call_answers_200_with_the_same_number(city: People) -> None:
    client = client_of(city.oona)

    first = client.post("/api/incidents", body(), format="json", HTTP_IDEMPOTENCY_KEY="key-1")
    again = client.post("/api/incidents", body(), format="json", HTTP_IDEMPOTENCY_KEY="key-1")
    other = client.post("/api/incidents", body(description="x"), format="json", HTTP_IDEMPOTENCY_KEY="key-1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert other.json()["code"] == "conflict"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lng": "NaN"}, "lng"),
        ({"lng": 1e308}, "lng"),
        ({"lat": 90}, "lat"),
        ({"lat": True}, "lat"),
        ({"lat": 10**400}, "lat"),
        ({"lat": None}, "lat"),
        ({"lng": [1]}, "lng"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 4001}, "description"),
        ({"description": ""}, "description"),
        ({"asset_class": "9999"}, "asset_class"),
        ({"event_class": "\x00"}, "event_class"),
        ({"asset": "0000000000000000"}, "asset"),
        ({"channel": "Drop table;"}, "channel"),
        ({"contact": {"email": "nobody"}}, "contact"),
        ({"contact": []}, "contact"),
    ],
)
def test_bad_input_is_refused_with_the_field(city: People, wrong: dict[str, Any], field: str) -> None:
    answer = client_of(city.oona).post("/api/incidents", body(**wrong), format="json")

    assert answer.status_code == 422
    assert field in answer.json()["fields"]
    assert not Incident.objects.exists()


@pytest.mark.parametrize("path", ["/api/incidents", "/api/incidents/{number}/moves"])
def test_half_a_character_is_refused_and_not_echoed(city: People, path: str) -> None:
    path = path.format(number=reported(city.oona).number)
    broken = '{"description": "\\ud800", "move": "\\ud800"}'

    answer = client_of(city.oona).post(path, broken, content_type="application/json")

    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("key", ["", "x" * 101, "a b", "ä"])
def test_an_idempotency_key_that_is_none_is_refused(city: People, key: str) -> None:
    answer = client_of(city.oona).post("/api/incidents", body(), format="json", HTTP_IDEMPOTENCY_KEY=key)

    assert answer.status_code == 422


def test_broken_json_is_refused(city: People) -> None:
    answer = client_of(city.oona).post("/api/incidents", '{"lng": NaN}', content_type="application/json")

    assert answer.status_code == 400


def test_the_stranger_and_people_without_a_role_report_nothing(city: People) -> None:
    assert APIClient().post("/api/incidents", body(), format="json").status_code in (401, 403)
    assert client_of(city.stranger).post("/api/incidents", body(), format="json").status_code == 403


def numbers_seen(user: User, query: str = "") -> set[str]:
    answer = client_of(user).get(f"/api/incidents{query}")
    assert answer.status_code == 200
    return {row["number"] for row in answer.json()["results"]}


def test_each_sees_the_incidents_of_their_own_part(city: People) -> None:
    in_a, in_b, in_c = (reported(city.oona, cell) for cell in (A, B, C))

    assert numbers_seen(city.ann) == {in_a.number}
    assert numbers_seen(city.dan) == {in_a.number, in_b.number}
    assert numbers_seen(city.oona) == {in_a.number, in_b.number, in_c.number}
    assert numbers_seen(city.volunteer) == set()
    assert numbers_seen(city.stranger) == set()


def test_an_incident_at_the_border_is_seen_from_both_sides(city: People) -> None:
    metre = 1 / 111_320 / 0.498
    said = Report("web", "积水", WEST + SIDE - metre, SOUTH + SIDE / 2)
    number = report(said=said, actor=city.oona, at=MORNING).answer["number"]

    assert numbers_seen(city.ann) == {number}
    assert numbers_seen(city.cai) == {number}


def test_an_incident_of_ones_own_unit_is_seen_wherever_it_lies(city: People) -> None:
    unit = Organisation.objects.create(code="lamps", name="路灯所", kinds=["handling_unit"])
    Membership.objects.create(user=city.stranger, role="handler", organisation=unit, valid_from=LONG_AGO)
    ours, _ = reported(city.oona), reported(city.oona, C)
    Incident.objects.filter(pk=ours.pk).update(responsible_unit=unit)

    assert numbers_seen(city.stranger) == {ours.number}


def test_an_unlocated_incident_is_the_districts(city: People) -> None:
    number = report(said=Report("web", "某处积水"), actor=city.volunteer, at=MORNING).answer["number"]

    assert numbers_seen(city.oona) == {number}
    assert numbers_seen(city.dan) == set()
    assert numbers_seen(city.volunteer) == {number}


def test_what_may_not_be_seen_is_not_there(city: People) -> None:
    hidden = reported(city.oona, C)

    for path in ("", "/moves"):
        assert client_of(city.ann).get(f"/api/incidents/{hidden.number}{path}").status_code == 404
    for path in ("/moves", "/place", "/contact"):
        answer = client_of(city.ann).post(f"/api/incidents/{hidden.number}{path}", {}, format="json")
        assert answer.status_code == 404


@pytest.mark.parametrize("number", ["x", "20260101-1", "%00", "20260101-000001%0A", "２０２６0101-000001"])
def test_a_number_that_is_none_is_not_found(city: People, number: str) -> None:
    assert client_of(city.oona).get(f"/api/incidents/{number}").status_code == 404


def test_the_list_is_filtered(city: People) -> None:
    in_a, in_b = reported(city.oona), reported(city.oona, B)

    assert numbers_seen(city.oona, "?stage=open") == {in_a.number, in_b.number}
    assert numbers_seen(city.oona, "?stage=FILED,CLOSED") == set()
    assert numbers_seen(city.cai, "?mine=1") == {in_b.number}
    assert numbers_seen(city.oona, "?mine=1") == set()
    assert numbers_seen(city.oona, f"?q={in_a.number}") == {in_a.number}
    assert numbers_seen(city.oona, "?q=井盖 COVER") == {in_a.number, in_b.number}
    assert numbers_seen(city.oona, f"?unit={B}") == {in_b.number}
    assert numbers_seen(city.oona, f"?bbox={WEST},{SOUTH},{WEST + SIDE},{SOUTH + SIDE}") == {in_a.number}


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "stage=NONE", "bbox=1,2,3", "bbox=nan,1,2,3", "q=%00", "mine=maybe", "unit=x"],
)
def test_a_filter_that_is_none_is_refused(city: People, query: str) -> None:
    assert client_of(city.oona).get(f"/api/incidents?{query}").status_code == 422


def test_the_card_tells_the_whole_story_in_both_languages(city: People) -> None:
    incident = reported(city.oona)
    client = client_of(city.oona)

    moved = client.post(
        f"/api/incidents/{incident.number}/place",
        {"lng": MIDDLE[B][0], "lat": MIDDLE[B][1], "reason": "按错了"},
        format="json",
    )

    assert moved.status_code == 200
    card = moved.json()
    assert card["cell"]["code"] == B and card["worker"] == "Cai"
    assert [step["move"] for step in card["steps"]] == ["report", "move_place"]
    assert A in card["steps"][1]["text"]["zh"] and B in card["steps"][1]["text"]["zh"]
    assert "Ann → Cai" in card["steps"][1]["text"]["en"]
    assert [unit["level"] for unit in card["units"]] == ["COMMUNITY", "STREET", "DISTRICT"]
    settle()


def test_moves_are_offered_by_stage_and_role(city: People) -> None:
    incident = reported(city.oona)

    def moves(user: User) -> dict[str, bool]:
        answer = client_of(user).get(f"/api/incidents/{incident.number}/moves").json()
        return {move["move"]: move["allowed"] for move in answer}

    assert moves(city.oona) == {"file": True, "reject": True, "move_place": True}
    assert moves(city.ann) == {"handle_on_spot": False, "move_place": True}
    assert moves(city.dispatcher) == {"move_place": True, "hand_over": True}
    client_of(city.oona).post(f"/api/incidents/{incident.number}/moves", {"move": "file"}, format="json")
    assert moves(city.oona) == {"move_place": True}


def test_a_move_that_was_made_already_is_a_conflict(city: People) -> None:
    incident = reported(city.oona)
    client, path = client_of(city.oona), f"/api/incidents/{incident.number}/moves"

    first = client.post(path, {"move": "file"}, format="json")
    second = client.post(path, {"move": "reject", "note": "重复"}, format="json")

    assert (first.status_code, second.status_code) == (200, 409)
    assert first.json()["stage"] == "FILED" and first.json()["filed_at"]


def test_a_rejection_needs_words(city: People) -> None:
    incident = reported(city.oona)

    answer = client_of(city.oona).post(
        f"/api/incidents/{incident.number}/moves", {"move": "reject"}, format="json"
    )

    assert answer.status_code == 422 and "note" in answer.json()["fields"]


def test_who_may_not_make_a_move_is_told_so(city: People) -> None:
    incident = reported(city.oona)

    answer = client_of(city.ann).post(
        f"/api/incidents/{incident.number}/moves", {"move": "file"}, format="json"
    )

    assert answer.status_code == 403


def test_a_contact_is_read_with_a_reason_that_is_kept(city: People) -> None:
    incident = reported(city.volunteer, contact_name="李四", contact_phone="12345")
    path = f"/api/incidents/{incident.number}/contact"

    without = client_of(city.oona).post(path, {}, format="json")
    answer = client_of(city.oona).post(path, {"reason": "回访"}, format="json")
    worker = client_of(city.ann).post(path, {"reason": "好奇"}, format="json")

    assert (without.status_code, answer.status_code, worker.status_code) == (422, 200, 404)
    assert answer.json()["phone"] == "12345"
    assert [(read.reader, read.reason) for read in ContactRead.objects.all()] == [(city.oona, "回访")]
    assert "12345" not in str(client_of(city.oona).get(f"/api/incidents/{incident.number}").json())


def test_answers_say_who_and_why_in_both_languages(city: People) -> None:
    lng, lat = MIDDLE[C]

    answer = client_of(city.oona).get(f"/api/answers?lng={lng}&lat={lat}")

    assert answer.status_code == 200
    said = answer.json()
    assert said["cell"]["code"] == C and said["worker"]["name"] == "Eve"
    assert said["worker"]["level"] == "DISTRICT"
    assert any("无人值守" in why["zh"] for why in said["why"])
    assert all(why["zh"] and why["en"] for why in said["why"])


def test_a_cell_is_named_in_both_languages_wherever_the_page_names_it(city: People) -> None:
    Cell.objects.filter(code=A).update(name_en="First yard")
    Cell.objects.filter(code=B).update(name_en="Second yard")
    two_metres = 2 / 111_320 / 0.498
    lng, lat = WEST + SIDE - two_metres, SOUTH + SIDE / 2
    number = report(said=Report("web", "噪音", lng, lat), actor=city.oona, at=MORNING).answer["number"]

    card = client_of(city.oona).get(f"/api/incidents/{number}").json()
    row = client_of(city.oona).get("/api/incidents").json()["results"][0]
    answer = client_of(city.oona).get(f"/api/answers?lng={lng}&lat={lat}").json()

    first = {"code": A, "name": "格001", "name_en": "First yard"}
    second = {"code": B, "name": "格002", "name_en": "Second yard"}
    for shown in (card, answer):
        assert (shown["cell"], shown["border_cells"]) == (first, [second])
    assert row["cell"] == first
    assert f"{A} First yard." in answer["why"][0]["en"]
    assert f"{A} 格001。" in answer["why"][0]["zh"]


def test_answers_outside_the_grid_and_for_who_may_not_see_people(city: People) -> None:
    outside = client_of(city.oona).get("/api/answers?lng=0&lat=0").json()
    inside = client_of(city.volunteer).get(f"/api/answers?lng={MIDDLE[A][0]}&lat={MIDDLE[A][1]}").json()

    assert outside["cell"] is None and outside["worker"]["name"] == "Eve"
    assert inside["worker"]["name"] == "" and inside["worker"]["level"] == "CELL"


@pytest.mark.parametrize("query", ["", "lng=1", "lng=nan&lat=1", "lng=1&lat=91", "lng=x&lat=%00"])
def test_answers_for_no_point_are_refused(city: People, query: str) -> None:
    assert client_of(city.oona).get(f"/api/answers?{query}").status_code == 422
