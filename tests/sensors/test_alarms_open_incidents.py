"""An alarm opens exactly one incident, or belongs to the one that is there; what follows are its steps."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from assets.sensors.models import Alarm, AlarmTurn
from incidents import actions
from incidents.from_alarms import tell_incidents
from incidents.models import EventClass, Incident, IncidentAlarm, StepTaken
from tests.incidents.conftest import MORNING, A, client_of, rows, settle
from tests.sensors.conftest import NOON, Gauge, depth_of, station_at

AT = MORNING


def steps() -> list[tuple[str, str]]:
    found = StepTaken.objects.order_by("id").values_list("move", "details__turn")
    return [(move, turn or "") for move, turn in found]


def test_an_alarm_becomes_an_incident_of_its_class_with_the_worker_of_the_cell(gauge: Gauge):
    gauge.say((0, 35))

    told = tell_incidents(AT)
    settle()

    incident = Incident.objects.get()
    assert told == 1
    assert incident.event_class is not None and incident.event_class.code == "0506"
    assert (incident.channel, incident.unit_code, incident.asset) == ("sensor", A, gauge.station.asset)
    assert incident.cell_worker == gauge.people.ann
    assert incident.description == (
        "下穿桥：积水深度 35 cm，较重。\nUnderpass: Depth of water 35 cm, serious."
    )
    assert not Incident.objects.exclude(reported_by=None).exists()
    assert StepTaken.objects.get().actor == "sensor"
    assert tell_incidents(AT) == 0 and Incident.objects.count() == 1


def test_what_follows_are_steps_and_falling_values_offer_to_close(gauge: Gauge):
    for minute, value in ((0, 35), (5, 60), (10, 5)):
        gauge.say((minute, value))
    client = client_of(gauge.people.ann)

    tell_incidents(AT)
    settle()

    number = Incident.objects.get().number
    card = client.get(f"/api/incidents/{number}").json()
    assert steps() == [("report", ""), ("sensor", "raised"), ("sensor", "falling")]
    assert (card["stage"], card["measured"]["offers_close"]) == ("REPORTED", True)
    assert (card["measured"]["level"], card["measured"]["worst_value"]) == ("critical", 60)
    assert card["steps"][-1]["text"] == {
        "zh": "积水深度 5 cm（严重）：已回落，可以结案",
        "en": "Depth of water 5 cm (critical): Has fallen; it can be closed",
    }
    assert card["steps"][-1]["actor"] == "sensor"

    gauge.say((15, 40))
    tell_incidents(AT)

    assert steps()[-1] == ("sensor", "rising")
    assert client.get(f"/api/incidents/{number}").json()["measured"]["offers_close"] is False


def test_a_second_alarm_belongs_to_the_unfinished_incident(gauge: Gauge):
    for minute, value in ((0, 35), (5, 5), (20, 5), (30, 35)):
        gauge.say((minute, value))
        tell_incidents(AT)

    assert Alarm.objects.count() == 2
    assert IncidentAlarm.objects.count() == 2
    assert Incident.objects.count() == 1
    assert steps()[-1] == ("sensor", "opened")


def test_two_gauges_of_one_point_are_one_problem(gauge: Gauge):
    station = station_at("S2", (24.9414, 60.1289))
    gauge.point.stations.add(station)
    other = Gauge(gauge.people, station, depth_of(station), gauge.point)

    gauge.say((0, 35))
    other.say((1, 55))
    tell_incidents(AT)
    gauge.say((20, 1))
    tell_incidents(AT)

    number = Incident.objects.get().number
    measured = client_of(gauge.people.ann).get(f"/api/incidents/{number}").json()["measured"]
    assert IncidentAlarm.objects.count() == 2
    assert steps() == [("report", ""), ("sensor", "opened"), ("sensor", "falling")]
    assert measured["offers_close"] is False  # the other one is still high


def test_an_incident_that_is_over_stays_as_it_was_left(gauge: Gauge):
    gauge.say((0, 35))
    tell_incidents(AT)
    incident = Incident.objects.get()
    actions.reject(incident=incident, actor=gauge.people.oona, at=AT, note="Cleaning")
    gauge.say((5, 60), (10, 5))
    gauge.say((25, 5))
    tell_incidents(AT)
    settle()

    gauge.say((40, 36))
    tell_incidents(AT)

    assert [one.stage for one in Incident.objects.order_by("id")] == ["REJECTED", "REPORTED"]
    assert not AlarmTurn.objects.filter(told_at=None).exists()


def test_any_phenomenon_opens_its_own_class(gauge: Gauge):
    EventClass.objects.create(
        scheme="test",
        version="9",
        code="0194",
        major_name="市容环境",
        major_name_en="City environment",
        name="油烟扰民",
        name_en="Cooking fume nuisance",
        origin="ours",
    )
    station = station_at("F1", (24.9414, 60.1289))
    fume = depth_of(
        station,
        code="fume",
        phenomenon="fume",
        name="油烟浓度",
        name_en="Fume",
        unit_symbol="mg/m³",
        highest=50,
        thresholds=[{"level": "watch", "from": 2}],
        event_code="test/9/0194",
    )
    other = Gauge(gauge.people, station, fume, gauge.point)

    other.say((0, 3.5))
    tell_incidents(AT)

    incident = Incident.objects.get()
    assert incident.event_class is not None and incident.event_class.name_en == "Cooking fume nuisance"
    assert incident.location_text == "F1 站"


def test_a_class_that_is_not_there_loses_no_alarm(gauge: Gauge):
    gauge.depth.event_code = "9999"
    gauge.depth.save()
    gauge.say((0, 35))

    tell_incidents(AT)

    assert Incident.objects.get().event_class is None


def test_a_simulated_station_opens_a_simulated_incident(gauge: Gauge):
    gauge.station.is_simulated = True
    gauge.station.save()
    gauge.say((0, 35))

    tell_incidents(AT)

    assert Incident.objects.get().is_simulated


def test_the_live_feed_hears_of_each_step(gauge: Gauge):
    gauge.say((0, 35))
    tell_incidents(AT)
    before = rows("SELECT max(id) FROM change")[0][0]

    gauge.say((5, 60))
    tell_incidents(AT)

    kinds = rows("SELECT kind, op FROM change WHERE id > %s ORDER BY id", before)
    assert ("alarm", "update") in kinds and ("incident", "update") in kinds


def test_an_alarm_and_its_incident_stay_together(gauge: Gauge):
    gauge.say((0, 35))
    tell_incidents(AT)
    link = IncidentAlarm.objects.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentAlarm.objects.create(alarm=link.alarm, incident=link.incident)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        link.delete()


def test_whoever_tells_at_once_one_incident_is_opened(lasting_gauge: Gauge):
    for minute, value in ((0, 35), (5, 60), (10, 5), (25, 5), (30, 40)):
        lasting_gauge.say((minute, value))
    start = threading.Barrier(4)
    told: list[int] = []

    def teller() -> None:
        start.wait()
        told.append(tell_incidents(AT))
        connection.close()

    threads = [threading.Thread(target=teller) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(told) == AlarmTurn.objects.count() == 5
    assert Incident.objects.count() == 1
    assert [turn for _, turn in steps()] == ["", "raised", "falling", "closed", "opened"]


KILLED = """
import os, sys
from datetime import datetime
import django
django.setup()
from django.db import transaction
from incidents import actions
from incidents.from_alarms import tell_incidents
with transaction.atomic():
    assert tell_incidents(datetime.fromisoformat(sys.argv[1])) == 1
    os.kill(os.getpid(), 9)
"""


def test_killed_before_the_commit_it_is_told_once_later(lasting_gauge: Gauge):
    lasting_gauge.say((0, 35))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings", "GEOGRID_DB_ROLE": "app"}

    died = subprocess.run(
        [sys.executable, "-c", KILLED, AT.isoformat()], env=environment, timeout=60, check=False
    )
    after_death = (Incident.objects.count(), AlarmTurn.objects.filter(told_at=None).count())
    tell_incidents(AT + timedelta(seconds=1))
    tell_incidents(AT + timedelta(seconds=2))

    assert died.returncode == -9
    assert after_death == (0, 1)
    assert Incident.objects.count() == 1
    assert Alarm.objects.get().opened_at == NOON
