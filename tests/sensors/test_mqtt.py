"""A real broker, published to by mosquitto's own client, and our reader: nothing lost, nothing twice."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from assets.sensors.models import Observation, RefusedMessage
from assets.sensors.mqtt import Broker, broker_of_environment
from tests.sensors.broker import PASSWORD, Mosquitto, wait_until
from tests.sensors.conftest import Gauge

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    running = Mosquitto(tmp_path_factory.mktemp("mosquitto"))
    yield running
    running.stop()


@contextmanager
def reading(broker: Mosquitto, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """`geogrid mqtt`, which has said that it reads."""
    environment = {
        **os.environ,
        "GEOGRID_MQTT_HOST": "127.0.0.1",
        "GEOGRID_MQTT_PORT": str(broker.port),
        "GEOGRID_MQTT_USER": "geogrid",
        "GEOGRID_MQTT_PASSWORD": PASSWORD,
    }
    with log.open("ab") as out:
        before = log.stat().st_size
        process = subprocess.Popen(
            [sys.executable, "-m", "geogrid", "mqtt"], env=environment, stdout=out, stderr=out
        )
        try:
            wait_until(lambda: b"Reading the broker" in log.read_bytes()[before:], process, within_s=60)
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(20)


def said(value: float, minutes: float = 0, **how: Any) -> str:
    at = (NOW + timedelta(minutes=minutes)).isoformat()
    return json.dumps({"station": "S1", "datastream": "level", "time": at, "value": value} | how)


def test_both_kinds_of_topics_are_kept_and_what_cannot_be_read_is_kept_with_its_reason(
    broker: Mosquitto, lasting_gauge: Gauge, tmp_path: Path
):
    log = tmp_path / "log"
    with reading(broker, log) as process:
        depth = lasting_gauge.depth.pk
        result = json.dumps({"result": 3, "phenomenonTime": (NOW - timedelta(minutes=1)).isoformat()})
        linked = json.dumps({"result": 4, "resultTime": NOW.isoformat(), "Datastream": {"@iot.id": depth}})
        broker.publish(f"v1.1/Datastreams({depth})/Observations", result, "{")
        broker.publish("v1.1/Observations", linked)
        broker.publish("geogrid/observations", said(1, -3), f"[{said(2, -2)}, {said(9, station='S9')}]")
        own = json.dumps({"datastream": "level", "time": NOW.isoformat(), "value": 5})
        broker.publish("geogrid/stations/S1/observations", own, said(1, 0, station="S2"))
        wait_until(lambda: Observation.objects.count() == 5 and RefusedMessage.objects.count() == 3, process)

    assert sorted(Observation.objects.values_list("value", flat=True)) == [1, 2, 3, 4, 5]
    reasons = " ".join(RefusedMessage.objects.values_list("reason", flat=True))
    for words in ("no JSON", "no datastream S9/level", "cannot speak for another"):
        assert words in reasons
    assert PASSWORD.encode() not in log.read_bytes()


def test_nothing_is_lost_or_doubled_when_the_reader_is_killed_or_away(
    broker: Mosquitto, lasting_gauge: Gauge, tmp_path: Path
):
    lines = [said(nr / 10, -nr) for nr in range(400)]
    log = tmp_path / "log"
    with reading(broker, log) as process:
        broker.publish("geogrid/observations", *lines[:100])
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    broker.publish("geogrid/observations", *lines[100:300])

    with reading(broker, log) as process:
        broker.publish("geogrid/observations", *lines[300:], *lines[:5])
        wait_until(lambda: Observation.objects.count() >= 400, process)

    assert Observation.objects.count() == 400
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(samples) FROM observation_hour")
        assert cursor.fetchone() == (400,)


def test_a_broker_that_was_restarted_is_found_again(broker: Mosquitto, lasting_gauge: Gauge, tmp_path: Path):
    log = tmp_path / "log"
    with reading(broker, log) as process:
        broker.stop()
        broker.start_again()
        broker.publish("geogrid/observations", said(1))
        wait_until(lambda: Observation.objects.count() == 1, process)

    assert b"Looking for it" in log.read_bytes()


def test_without_the_database_nothing_is_acknowledged_and_nothing_lost(
    broker: Mosquitto, lasting_gauge: Gauge, tmp_path: Path, superuser: Any
):
    log = tmp_path / "log"
    name = connection.settings_dict["NAME"]
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND pid <> pg_backend_pid() AND pid <> %s AND usename = 'geogrid_app'"
    )
    with reading(broker, log) as process:
        broker.publish("geogrid/observations", said(1, -1))
        wait_until(lambda: Observation.objects.count() == 1, process)
        with connection.cursor() as mine, superuser.cursor() as cursor:
            mine.execute("SELECT pg_backend_pid()")
            [own] = mine.fetchone()
            cursor.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0')
            try:
                cursor.execute(others, [name, own])
                broker.publish("geogrid/observations", said(2))
                wait_until(lambda: b"wait for the database" in log.read_bytes(), process)
            finally:
                cursor.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT -1')
        wait_until(lambda: Observation.objects.count() == 2, process)


def test_the_broker_is_named_by_the_environment_and_its_password_never_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEOGRID_MQTT_PASSWORD", PASSWORD)
    assert broker_of_environment() is None

    monkeypatch.setenv("GEOGRID_MQTT_HOST", "broker.example.org")
    far = broker_of_environment()
    monkeypatch.setenv("GEOGRID_MQTT_HOST", "127.0.0.1")
    near = broker_of_environment()

    assert far is not None and (far.tls, far.port, far.password) == (True, 8883, PASSWORD)
    assert near is not None and (near.tls, near.port) == (False, 1883)
    assert PASSWORD not in repr(near)
    assert near == Broker("127.0.0.1", password=PASSWORD)
