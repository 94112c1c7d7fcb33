"""The doors over HTTP: requests as the apps send them, refusals in words, and a kill at the worst moment."""

import base64
import json
import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from grid_units.patrols.models import Device
from grid_units.patrols.receiving import LARGEST_BYTES, Pace
from tests.asgi.running import CITY, Answered, Server, serving, wait_while_running
from tests.incidents.conftest import MIDDLE, A, People
from tests.patrols import requests_of_apps as apps
from tests.patrols.conftest import Carried, carried_by, rows

FORM = {"Content_Type": "application/x-www-form-urlencoded"}
JSON = {"Content_Type": "application/json"}


def post(server: Server, path: str, said: Any, **headers: str) -> Answered:
    return server.ask("POST", path, json.dumps(said).encode(), **{**JSON, **headers})


def basic(password: str, name: str = "geogrid") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def stored() -> list[tuple[Any, ...]]:
    return rows(
        "SELECT device_id, protocol, extract(epoch FROM at)::bigint, ST_X(point), ST_Y(point),"
        " round(speed_mps::numeric, 3) FROM fix ORDER BY id"
    )


def test_requests_of_every_app_are_stored_right(server: Server, lasting_city: People) -> None:
    phone = carried_by(lasting_city.ann)
    gate = carried_by(None, "gate", kind="forwarder")
    Device.objects.create(
        name="radio", kind="tracker", forwarder=gate.device, external_id="imei-7", made_by=lasting_city.eve
    )
    at = "/positions/osmand"
    ours = {"positions": [{"at": apps.SECONDS + 4, "lng": apps.LNG, "lat": apps.LAT, "speed_mps": 1.25}]}
    owntracks = apps.owntracks() | {"tst": apps.SECONDS + 3}
    older = apps.traccar_client_8(phone.token).replace(str(apps.SECONDS), str(apps.SECONDS + 1))
    newer = apps.traccar_client_9(phone.token)
    newer["location"]["timestamp"] = f"{apps.AT + timedelta(seconds=2):%Y-%m-%dT%H:%M:%S.000Z}"

    answers = [
        server.get(f"{at}?{apps.osmand_app(phone.token)}"),
        server.ask("POST", at, older.encode(), **FORM),
        post(server, at, newer),
        post(server, "/positions/owntracks", owntracks, **basic(phone.token)),
        post(server, "/positions", ours, **phone.bearer()),
        post(server, "/positions/traccar", apps.traccar_server("imei-7"), **gate.bearer()),
        # Traccar Client 8 sends its parameters by POST in the query, too.
        server.ask("POST", f"{at}?{apps.traccar_client_8(phone.token)}"),
    ]  # fmt: skip

    assert [answer.status for answer in answers] == [200] * 7, [answer.body for answer in answers]
    assert answers[3].body == b"[]"
    assert json.loads(answers[4].body) == {"taken": 1, "used": 1, "unused": {}}
    place, second = (apps.LNG, apps.LAT), apps.SECONDS
    radio = Device.objects.get(external_id="imei-7").pk
    assert [(row[1], row[2]) for row in stored()] == [
        ("osmand", second), ("osmand", second + 1), ("osmand", second + 2), ("owntracks", second + 3),
        ("geogrid", second + 4), ("traccar", second), ("osmand", second),
    ]  # fmt: skip
    assert {row[3:5] for row in stored()} == {place}
    assert {float(row[5]) for row in stored()} == {1.25}
    assert [row[0] == radio for row in stored()] == [False] * 5 + [True, False]
    assert rows("SELECT unused_because FROM fix ORDER BY id DESC LIMIT 1") == [("duplicate",)]


POSITION = {"positions": [{"at": apps.SECONDS, "lng": MIDDLE[A][0], "lat": MIDDLE[A][1]}]}
Sent = tuple[str, str, Any, dict[str, str]]
REFUSED: dict[str, tuple[Sent, int, str]] = {
    "no token": (("POST", "/positions", POSITION, JSON), 401, "Authorization: Bearer"),
    "an unknown token": (
        ("POST", "/positions", POSITION, {**JSON, "Authorization": "Bearer ggd_x"}),
        401,
        "Pair the device",
    ),
    "no identifier": (("GET", "/positions/osmand?lat=1&lon=2", None, {}), 401, "id is missing"),
    "an unknown identifier": (
        ("GET", "/positions/osmand?id=x&lat=1&lon=2", None, {}),
        401,
        "Pair the device",
    ),
    "no place": (("GET", "/positions/osmand?id={token}", None, {}), 422, "lon: is missing"),
    "a scanned QR code opened in a browser": (
        ("GET", "/positions/osmand?id={token}&accuracy=highest&interval=10", None, {}),
        422,
        "accuracy",
    ),
    "no JSON": (("POST", "/positions", b'{"positions": [', {"bearer": "yes"}), 400, "no JSON"),
    "half a character": (
        ("POST", "/positions", b'{"positions": "\\ud800"}', {"bearer": "yes"}),
        400,
        "surrogate",
    ),
    "a field that is no number": (
        ("POST", "/positions", {"positions": [{"at": 1, "lng": "x", "lat": 1}]}, {"bearer": "yes"}),
        422,
        "positions[0].lng: 'x' is no number",
    ),
    "too large": (("POST", "/positions", b" " * (LARGEST_BYTES + 1), {"bearer": "yes"}), 413, "fewer"),
    "read": (("GET", "/positions", None, {"bearer": "yes"}), 405, "POST"),
    "no such door": (("POST", "/positions/gpsd", POSITION, {"bearer": "yes"}), 404, "/positions/osmand"),
    "OwnTracks without a password": (
        ("POST", "/positions/owntracks", apps.owntracks(), JSON),
        401,
        "password",
    ),
    "OwnTracks, encrypted": (
        ("POST", "/positions/owntracks", {"_type": "encrypted", "data": "x"}, {**JSON, "basic": "yes"}),
        422,
        "encryption key",
    ),
    "a form that is no text": (("POST", "/positions/osmand", b"id=\xff\xfe", FORM), 422, "UTF-8"),
    "another server's events": (
        ("POST", "/positions/traccar", {"event": {}, "device": {}}, {"bearer": "yes"}),
        422,
        "position",
    ),
}


@pytest.fixture
def phone(lasting_city: People) -> Carried:
    return carried_by(lasting_city.ann)


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_what_where_and_what_to_do(server: Server, phone: Carried, case: str) -> None:
    (method, path, said, headers), status, words = REFUSED[case]
    headers = dict(headers)
    if headers.pop("bearer", None):
        headers |= phone.bearer()
    if headers.pop("basic", None):
        headers |= basic(phone.token)
    body = said if isinstance(said, bytes | None) else json.dumps(said).encode()

    answer = server.ask(method, path.format(token=quote(phone.token)), body, **headers)

    told = json.loads(answer.body)
    assert (answer.status, set(told) - {"fields"}) == (status, {"code", "detail"}), told
    assert words in json.dumps(told, ensure_ascii=False), told
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert rows("SELECT count(*) FROM fix") == [(0,)]


def test_a_revoked_phone_is_refused_at_once(server: Server, phone: Carried) -> None:
    assert post(server, "/positions", POSITION, **phone.bearer()).status == 200

    Device.objects.filter(pk=phone.device.pk).update(revoked_at="2026-01-01T00:00:00Z")

    answer = post(server, "/positions", POSITION, **phone.bearer())
    assert (answer.status, "revoked" in json.loads(answer.body)["detail"]) == (403, True)


def test_messages_without_a_position_are_thanked_for(server: Server, phone: Carried) -> None:
    for said in (b"", b'{"_type": "lwt", "tst": 1}'):
        answer = server.ask("POST", "/positions/owntracks", said, **JSON, **basic(phone.token))
        assert (answer.status, answer.body) == (200, b"[]")


def test_who_sends_too_much_is_asked_to_wait() -> None:
    now = [0.0]
    pace = Pace(burst=100, per_s=10, clock=lambda: now[0])

    assert pace.wait_s("a", 100) == 0
    assert pace.wait_s("a", 20) == 2.0
    assert pace.wait_s("b", 20) == 0
    now[0] = 2.0
    assert pace.wait_s("a", 20) == 0


def test_without_the_database_everybody_is_asked_to_come_again() -> None:
    with serving(CITY, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}) as server:
        answer = post(server, "/positions", POSITION, Authorization="Bearer ggd_x")

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_nothing_acknowledged_is_lost_when_the_server_is_killed_between_writing_and_answering(
    lasting_city: People, superuser: Any
) -> None:
    """Sixteen phones send on; the server is killed while the database holds its gathering back. What was
    acknowledged is there, and what was not may be sent again without harm."""
    phones = [carried_by(lasting_city.ann, f"phone-{n}") for n in range(16)]
    acknowledged: list[list[int]] = [[] for _ in phones]
    held = threading.Event()

    def send(number: int, server: Server) -> None:
        second = 0
        try:
            while True:
                told = {"positions": [{"at": apps.SECONDS + second, "lng": apps.LNG, "lat": apps.LAT}]}
                if post(server, "/positions", told, **phones[number].bearer()).status != 200:
                    return
                acknowledged[number].append(apps.SECONDS + second)
                second += 1
                if second == 3:
                    held.set()
        except OSError:
            return

    with serving(CITY) as server:
        threads = [threading.Thread(target=send, args=[n, server]) for n in range(len(phones))]
        for thread in threads:
            thread.start()
        assert held.wait(30)
        # With this lock a gathering writes its fixes, then waits with its commit; then the whole server goes.
        with superuser.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE last_position IN SHARE MODE")

            def is_waiting() -> bool:
                cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                return bool(cursor.fetchone()[0])

            wait_while_running(server.process, is_waiting)
            for pid in (*children_of(server.process.pid), server.process.pid):
                os.kill(pid, signal.SIGKILL)
            cursor.execute("COMMIT")
        for thread in threads:
            thread.join()

    there = set(rows("SELECT device_id, extract(epoch FROM at)::bigint FROM fix"))
    said = {
        (phone.device.pk, second) for phone, all_ in zip(phones, acknowledged, strict=True) for second in all_
    }
    assert len(said) >= 16
    assert said <= there
