"""The load of B3: gauges over HTTP and MQTT beside the phones of B1; they remember what was acknowledged."""

import http.client
import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.sensors.broker import PASSWORD

CALM_CM, FLOOD_CM = 5.0, 60.0
EVERY_S = 1.0
_MADE = """
import json, sys
import django; django.setup()
from django.contrib.gis.geos import Point
from django.utils import timezone
from assets.actions import load_catalogue
from assets.models import Asset, AssetClass
from assets.sensors import speaking
from assets.sensors.models import Datastream, Station
from geogrid.organisations.displays import ask_to_pair
from geogrid.organisations.models import User
from grid_units.duties import displays
from grid_units.duties.models import Membership
from grid_units.models import Cell
from incidents.actions import load_event_classes

load_catalogue(); load_event_classes()
kind = AssetClass.objects.filter(code="0599").first()
cells = list(Cell.objects.order_by("code"))
streams = []
stations = []
for number in range(int(sys.argv[1])):
    inside = cells[number * len(cells) // int(sys.argv[1])].geom.point_on_surface
    asset = Asset.objects.create(asset_class=kind, geom=Point(inside.x, inside.y, srid=4326))
    station = Station.objects.create(code=f"B{number}", asset=asset, name=f"gauge {number}")
    stations.append(station)
    streams.append(Datastream.objects.create(
        station=station, code="level", phenomenon="level", name="depth", unit_symbol="cm",
        expected_interval_s=60, lowest=0, highest=300,
        thresholds=[{"level": "serious", "from": 30}], hysteresis=2, clear_s=86400, event_code="0506").pk)
token = speaking.make_token(name="b3", stations=stations)[1]
boss = User.objects.create(username="b3-commander")
Membership.objects.create(user=boss, role="commander", unit_prefix="", valid_from="2020-01-01T00:00:00Z")
waiting, key = ask_to_pair(address="", at=timezone.now())
displays.confirm(code=waiting.code, name="B3", unit=None, hides_people=False, actor=boss, at=timezone.now())
print(json.dumps([streams, token, key]))
"""


def make_gauges(environment: dict[str, str], amount: int) -> tuple[list[int], str, str]:
    """Gauges with a threshold, in as many cells: (datastreams, the token of all stations, a wall's key)."""
    done = subprocess.run(
        [sys.executable, "-c", _MADE, str(amount)], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    streams, token, key = json.loads(done.stdout.strip().splitlines()[-1])
    return streams, token, key


class Gauges(threading.Thread):
    """Stations that say their depth each second: the even ones over HTTP, the odd ones over MQTT.

    Each rises once, at its own time, and stays: it opens one alarm. `acknowledged` holds (station, time in
    ms) of what was answered with 201, or, once stopped, by the broker.
    """

    def __init__(self, port: int, broker_port: int, amount: int, token: str, spread_s: float) -> None:
        super().__init__(daemon=True)
        self._port, self._amount, self._token = port, amount, token
        self._rises_at = [spread_s * (number + 0.5) / amount for number in range(amount)]
        self._ended = threading.Event()
        self._published: dict[int, tuple[int, int]] = {}  # by the number of the message
        self._confirmed: set[int] = set()
        self.acknowledged: dict[str, set[tuple[int, int]]] = {"http": set(), "mqtt": set()}
        self.failed = 0
        self._mqtt = Client(
            CallbackAPIVersion.VERSION2, client_id="b3", clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
        )  # fmt: skip
        self._mqtt.username_pw_set("geogrid", PASSWORD)
        self._mqtt.reconnect_delay_set(1, 2)
        self._mqtt.on_publish = lambda client, data, number, *_: self._confirmed.add(number)
        self._mqtt.connect("127.0.0.1", broker_port)
        self._mqtt.loop_start()

    def run(self) -> None:
        """Speak until stopped. What was not acknowledged over HTTP is not said again."""
        began = time.monotonic()
        while not self._ended.is_set():
            for number in range(self._amount):
                passed_s = time.monotonic() - began
                depth = FLOOD_CM if passed_s >= self._rises_at[number] else CALM_CM
                self._say(number, depth)
            self._ended.wait(EVERY_S)

    def stop(self) -> None:
        """Wait until the broker has everything that is on its way, at most half a minute."""
        self._ended.set()
        self.join(30)
        until = time.monotonic() + 30
        while self._published.keys() - self._confirmed and time.monotonic() < until:
            time.sleep(0.1)
        self._mqtt.disconnect()
        self._mqtt.loop_stop()
        confirmed = self._published.keys() & self._confirmed
        self.acknowledged["mqtt"] = {self._published[number] for number in confirmed}

    def _say(self, number: int, depth: float) -> None:
        at_ms = time.time_ns() // 1_000_000
        at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
        said: dict[str, Any] = {"station": f"B{number}", "datastream": "level", "time": at, "value": depth}
        if number % 2 == 0:
            if self._posted(json.dumps(said)):
                self.acknowledged["http"].add((number, at_ms))
            else:
                self.failed += 1
            return
        told = self._mqtt.publish("geogrid/observations", json.dumps(said), qos=1)
        self._published[told.mid] = (number, at_ms)

    def _posted(self, body: str) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/observations", body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status == 201
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
