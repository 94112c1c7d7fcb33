"""Water and people for the wall: gauges in low places of the demonstration city, and walkers with devices.

Run inside the served city's environment, as a process of its own: the test's own Django has another database.
"""

import http.client
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from tests.served_city import ServedCity

_DJANGO = "import django; django.setup()\n"
_FLOOD = """
import csv, math
from datetime import timedelta
from pathlib import Path
from django.contrib.gis.geos import Point
from django.utils import timezone
from assets.models import Asset, AssetClass
from assets.sensors.models import Datastream, Station, WaterloggingPoint
from assets.sensors.observing import Reading, observe
import geogrid.demo

DEPTHS = [58, 52, 41, 33, 22, 9, 3]
places = list(csv.DictReader((Path(geogrid.demo.__file__).parent / "low_places.csv").open()))
kind = AssetClass.objects.get(code="0599")
now = timezone.now()
for number, (place, depth) in enumerate(zip(places, DEPTHS)):
    at = Point(float(place["lng"]), float(place["lat"]), srid=4326)
    asset = Asset.objects.create(asset_class=kind, geom=at, simulated_fields=["all"])
    station = Station.objects.create(code=f"G{number}", asset=asset, name=place["street"], is_simulated=True)
    stream = Datastream.objects.create(
        station=station, code="level", phenomenon="level", name="depth", unit_symbol="cm",
        expected_interval_s=300, lowest=0, highest=300)
    point = WaterloggingPoint.objects.create(
        code=f"W{number}", name=place["street"], place=at, is_simulated=True)
    point.stations.add(station)
    readings = [
        Reading(stream.pk, now - timedelta(minutes=5 * back), round(depth * (1 - (back / 40) ** 1.3), 1))
        for back in range(36, -1, -1)]
    observe(readings, received_at=now)
print("[]")
"""
_DEVICES = """
import json
from django.utils import timezone
from geogrid.organisations.models import User
from grid_units.duties.models import Membership
from grid_units.patrols.actions import make_device
boss = User.objects.get(username="demo-commander")
chief = Membership.objects.administrators().first().user
made = []
workers = Membership.objects.filter(role="grid_worker").select_related("user").order_by("user_id")
for held in workers[:%d]:
    device, token = make_device(actor=chief, name="phone", kind="phone", worker=held.user, at=timezone.now())
    made.append([device.pk, token, held.unit_prefix])
print(json.dumps(made))
"""
_PHONE = """
import json
from django.utils import timezone
from geogrid.organisations.models import User
from grid_units.duties.models import Membership
from grid_units.patrols.actions import make_device
worker = User.objects.get(username=%r)
chief = Membership.objects.administrators().first().user
made, token = make_device(actor=chief, name="phone", kind="phone", worker=worker, at=timezone.now())
print(json.dumps(token))
"""
_JUDGE = """
from django.utils import timezone
from incidents.models import Incident
from incidents.patrol_quality.actions import judge_report, look_backs
found = Incident.objects.get(number=%r)
judge_report(incident_id=found.pk, at=timezone.now(), table=look_backs())
print("[]")
"""
_PATROL = """
from datetime import datetime, timedelta
from grid_units.patrols.models import Pairing, Patrol
at = datetime.fromisoformat(%r)
begin, end = at - timedelta(minutes=9), at + timedelta(minutes=9)
held = Pairing.objects.get(device_id=%d)
Pairing.objects.filter(pk=held.pk).update(valid_from=begin)
Patrol.objects.create(worker_id=held.worker_id, started_at=begin, ended_at=end, opened_by="test")
print("[]")
"""


def _inside(city: ServedCity, code: str) -> Any:
    """What a script of ours prints, run with the city's Django."""
    done = subprocess.run(
        [sys.executable, "-c", _DJANGO + code], env=city.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def flood(city: ServedCity) -> None:
    """Seven gauges with three hours of rising water: 58, 52, 41, 33, 22, 9 and 3 cm."""
    _inside(city, _FLOOD)


def devices(city: ServedCity, count: int) -> list[tuple[int, str, str]]:
    """A phone for each of so many workers: its id, its token, the worker's area."""
    return [(number, token, unit) for number, token, unit in _inside(city, _DEVICES % count)]


def phone_of(city: ServedCity, username: str) -> str:
    """The token of a new phone that this person carries from now on."""
    return str(_inside(city, _PHONE % username))


def judge_patrols_of(city: ServedCity, number: str) -> None:
    """Judge one report now; the clock waits some minutes for late positions."""
    _inside(city, _JUDGE % number)


def on_patrol(city: ServedCity, device: int, at: datetime) -> None:
    """Whoever carries a phone had it at that moment, and was on patrol, whatever their shifts."""
    _inside(city, _PATROL % (at.isoformat(), device))


def say_where(city: ServedCity, token: str, lng: float, lat: float, at: datetime | None = None) -> int:
    """One position of a phone, now or (late) of another time; the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", city.port, timeout=30)
    said_at = (at or datetime.now(UTC)).isoformat(timespec="milliseconds")
    body = {"positions": [{"at": said_at, "lng": lng, "lat": lat, "accuracy_m": 5}]}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request("POST", "/positions", json.dumps(body), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status
