"""Stations and points in the back office: made by who edits assets there, explained when they are wrong."""

from typing import Any

from django.test import Client

from assets.sensors.models import Datastream, WaterloggingPoint
from geogrid.organisations.models import User
from tests.incidents.conftest import MIDDLE, A, person
from tests.sensors.conftest import Gauge


def office(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def datastream_form(gauge: Gauge, **how: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "station": gauge.station.pk,
        "code": "tilt",
        "phenomenon": "tilt",
        "name": "倾角",
        "unit_symbol": "°",
        "thresholds": '[{"level": "watch", "from": 10}]',
        "hysteresis": "1",
        "clear_s": "600",
        "stale_after_intervals": "3",
        "is_active": "on",
    }
    return said | how


def test_a_datastream_is_added_and_nonsense_explained(gauge: Gauge):
    desk = office(gauge.people.dan)
    address = "/office/sensors/datastream/add/"

    wrong = desk.post(address, datastream_form(gauge, thresholds='[{"level": "red", "from": 1}]'))
    right = desk.post(address, datastream_form(gauge))

    assert b"A level is one of notice, watch, serious, critical." in wrong.content
    assert right.status_code == 302
    assert Datastream.objects.get(code="tilt").state.last_at is None


def test_a_point_is_made_of_two_numbers(gauge: Gauge):
    desk = office(gauge.people.dan)
    said = {"code": "W2", "name": "涵洞", "lng": MIDDLE[A][0], "lat": MIDDLE[A][1], "is_active": "on"}
    bands = '[{"level": "watch", "from": 20}]'

    made = desk.post("/office/sensors/waterloggingpoint/add/", {**said, "bands": bands})
    wrong = desk.post("/office/sensors/waterloggingpoint/add/", {**said, "code": "W4", "bands": "[1]"})

    assert made.status_code == 302
    assert WaterloggingPoint.objects.get(code="W2").place.coords == MIDDLE[A]
    assert b"Each threshold has a level" in wrong.content


def test_others_keep_their_hands_off(gauge: Gauge):
    elsewhere = person("elsewhere", "supervisor", "910101002")

    refused = office(elsewhere).post("/office/sensors/datastream/add/", datastream_form(gauge))

    assert refused.status_code in (200, 403)
    assert Datastream.objects.count() == 1
    assert office(gauge.people.ann).get("/office/sensors/station/").status_code == 302
