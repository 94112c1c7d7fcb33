"""Values over HTTP, at a real server: the plain form and SensorThings, who may, what is refused and how."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import frost_sta_client as fsc
import pytest

from assets.sensors.models import Alarm, Observation, StationToken
from assets.sensors.speaking import make_token
from geogrid.changes.passes import Pass, issue
from tests.asgi.running import CITY, Server, serving
from tests.incidents.conftest import MIDDLE, A, B
from tests.live.stream import Stream
from tests.sensors.conftest import Gauge, depth_of, station_at

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="module")
def server(test_database: object, django_db_setup: None) -> Iterator[Server]:
    with serving(CITY) as running:
        yield running


def z(minutes: float = 0) -> str:
    return (NOW + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def send(server: Server, token: str, body: Any, path: str = "/observations") -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.ask("POST", path, raw, Authorization=f"Bearer {token}", Content_Type="application/json")
    return answer.status, json.loads(answer.body)


def one(**how: Any) -> dict[str, Any]:
    return {"station": "S1", "datastream": "level", "time": z(), "value": 12.5} | how


@pytest.fixture
def token(lasting_gauge: Gauge) -> str:
    return make_token(name="S1", stations=[lasting_gauge.station])[1]


def test_values_are_kept_when_the_answer_is_there(server: Server, lasting_gauge: Gauge, token: str):
    status, said = send(server, token, {"observations": [one(), one(time=z(-5), value=11), one()]})

    assert (status, said) == (201, {"kept": 2, "known": 1, "refused": [], "flagged": []})
    assert sorted(Observation.objects.values_list("value", flat=True)) == [11, 12.5]


def test_what_is_wrong_with_one_does_not_hold_up_the_others(server: Server, lasting_gauge: Gauge, token: str):
    wrong: list[Any] = [
        one(value="12"),
        one(value=True),
        one(time="yesterday"),
        one(time="2026-01-14T10:00:00"),
        one(station="S9"),
        one(datastream="x" * 61),
        one(unit="m"),
        {"value": 1},
        7,
    ]

    status, said = send(server, token, [*wrong, one(), one(time=z(-1), value=900)])

    assert status == 201
    assert said["kept"] == 2
    assert [refused["index"] for refused in said["refused"]] == list(range(len(wrong)))
    assert said["flagged"] == [{"index": len(wrong) + 1, "flag": "range"}]
    sentences = " ".join(refused["detail"] for refused in said["refused"])
    for words in ("without quotes", "with its zone", "no datastream S9/level", "measured in cm, not in m"):
        assert words in sentences


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 422, "no JSON"),
        (b'{"value": NaN}', 422, "no JSON"),
        (b"12", 422, "Send one observation"),
        (b"[" * 100_000, 422, "nested too deep"),
        (json.dumps([one(value=1e999)]).encode(), 422, ""),
        (json.dumps([one(station="S9")]).encode(), 422, "Nothing could be taken"),
        (json.dumps([one()] * 5_001).encode(), 422, "At most 5,000"),
        (b"[]", 201, ""),
    ],
    ids=["half", "NaN", "number", "nested", "infinite", "all refused", "too many", "none"],
)
def test_a_body_that_cannot_be_read_is_answered_in_words(
    server: Server, lasting_gauge: Gauge, token: str, body: bytes, status: int, words: str
):
    answered, said = send(server, token, body)

    assert answered == status
    assert words in json.dumps(said)
    assert not Observation.objects.exists()


@pytest.mark.parametrize("shown", ["", "ggs_nobody", "ggt_user", "revoked", "over"])
def test_only_the_token_of_a_station_lets_values_in(
    server: Server, lasting_gauge: Gauge, token: str, shown: str
):
    changed = {
        "revoked": {"revoked_at": NOW - timedelta(hours=1)},
        "over": {"expires_at": NOW - timedelta(hours=1)},
    }
    if shown in changed:
        StationToken.objects.update(**changed[shown])

    status, said = send(server, token if shown in changed else shown, one())

    assert (status, said["code"]) == (401, "not_authenticated")
    assert not Observation.objects.exists()


def test_a_token_is_kept_as_its_digest_only(lasting_gauge: Gauge, token: str):
    row = StationToken.objects.values().get()

    assert token not in json.dumps(row, default=str)
    assert row["prefix"] == token[:12]


def test_a_token_speaks_for_its_own_stations_only(server: Server, lasting_gauge: Gauge, token: str):
    other = depth_of(station_at("S2", MIDDLE[B]))

    status, said = send(server, token, [one(station="S2"), {"datastream_id": other.pk, "value": 1}, one()])

    assert (status, said["kept"], len(said["refused"])) == (201, 1, 2)
    assert not Observation.objects.filter(datastream=other).exists()


def test_many_senders_at_once_lose_and_double_nothing(server: Server, lasting_gauge: Gauge, token: str):
    """Twenty clients send overlapping values of one rising flood; one alarm opens."""
    start = threading.Barrier(20)
    answers: list[tuple[int, Any]] = []

    def client(number: int) -> None:
        start.wait()
        for step in range(5):
            nr = number * 5 + step
            body = [one(time=z(-nr), value=20 + nr / 10), one(time=z(-(nr // 2)), value=20 + (nr // 2) / 10)]
            answers.append(send(server, token, body))

    threads = [threading.Thread(target=client, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {status for status, _ in answers} == {201}
    assert sum(said["kept"] for _, said in answers) == 100 == Observation.objects.count()
    assert Alarm.objects.filter(closed_at=None).count() <= 1


def test_without_the_database_the_sender_is_asked_to_come_again():
    with serving(CITY, {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}) as alone:
        status, said = send(alone, "ggs_x", one())

    assert (status, said["code"]) == (503, "unavailable")


def test_who_listens_hears_of_the_water_within_two_seconds(server: Server, lasting_gauge: Gauge, token: str):
    stream = Stream(server, issue(Pass(user_id=0, epoch=0)))
    stream.until("hello")

    began = time.monotonic()
    send(server, token, one(value=35))
    alarm = stream.until("change", kind="alarm", op="insert").data
    told = stream.until("change", kind="waterlogging", op="update", ref="W1").data
    took_s = time.monotonic() - began
    stream.close()

    assert took_s < 2
    water = told["feature"]["properties"]
    assert (water["depth_cm"], water["band"], told["units"]) == (35, "serious", [A])
    assert alarm["feature"]["properties"]["level"] == "serious"


# SensorThings --------------------------------------------------------------------------------------------
def service_of(server: Server, token: str) -> fsc.SensorThingsService:
    url = f"http://127.0.0.1:{server.port}/sta/v1.1"
    return fsc.SensorThingsService(url, auth_handler=fsc.AuthHandler("station", token))


def test_a_client_nobody_here_wrote_posts_and_reads_back(server: Server, lasting_gauge: Gauge, token: str):
    service = service_of(server, token)
    datastream = service.datastreams().find(lasting_gauge.depth.pk)

    posted = fsc.Observation(
        result=17.25, phenomenon_time=z(-1), result_time=z(), datastream=fsc.Datastream(id=datastream.id)
    )
    service.create(posted)

    read = service.observations().find(posted.id)
    kept = Observation.objects.get()
    assert (kept.id, kept.value, kept.phenomenon_at) == (posted.id, 17.25, NOW - timedelta(minutes=1))
    assert kept.result_at == NOW
    assert (read.result, read.phenomenon_time) == (17.25, z(-1))
    assert datastream.unit_of_measurement.symbol == "cm"


def test_that_client_reads_every_page_in_order(server: Server, lasting_gauge: Gauge, token: str):
    send(server, token, [one(time=z(-nr), value=nr / 100) for nr in range(250)])
    service = service_of(server, token)
    things = service.things().query().expand("Datastreams").list()

    [thing] = list(things)
    [datastream] = list(thing.datastreams)
    found = (
        datastream.get_observations()
        .query()
        .filter(f"phenomenonTime gt {z(-200)} and phenomenonTime le {z(-3)}")
        .orderby("phenomenonTime", "asc")
        .count()
        .top(40)
        .list()
    )

    assert found.count == 197
    assert [entity.result for entity in found] == [nr / 100 for nr in range(199, 2, -1)]


def test_an_observation_sent_again_is_the_same_one(server: Server, lasting_gauge: Gauge, token: str):
    path = f"/sta/v1.1/Datastreams({lasting_gauge.depth.pk})/Observations"
    body = {"phenomenonTime": f"{z(-2)}/{z(-1)}", "result": 3}

    first, again = send(server, token, body, path), send(server, token, body, path)

    assert first == again and first[0] == 201
    assert Observation.objects.get().phenomenon_at == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"result": 1}, "Say of which Datastream"),
        ({"result": "high", "Datastream": {"@iot.id": 1}}, "result is a number"),
        ({"result": 1, "Datastream": {"@iot.id": 999_999}}, "no datastream Datastreams(999999)"),
        ({"result": 1, "Datastream": {"name": "x"}}, "Datastream/@iot.id"),
        ({"result": 1, "phenomenonTime": "now", "Datastream": {"@iot.id": 1}}, "phenomenonTime is a time"),
        ([], "JSON object"),
    ],
    ids=str,
)
def test_an_observation_that_cannot_be_taken_is_refused_in_words(
    server: Server, lasting_gauge: Gauge, token: str, body: Any, words: str
):
    status, said = send(server, token, body, "/sta/v1.1/Observations")

    assert status == 422
    assert words in said["message"]


def test_basic_and_bearer_are_the_same_and_others_are_asked_in(
    server: Server, lasting_gauge: Gauge, token: str
):
    basic = base64.b64encode(f"station:{token}".encode()).decode()

    assert server.get("/sta/v1.1/Things", Authorization=f"Basic {basic}").status == 200
    assert server.get("/sta/v1.1/Things", Authorization=f"Bearer {token}").status == 200
    assert server.get("/sta/v1.1/Things", Authorization="Bearer ggs_x").status == 401
    assert server.get("/sta/v1.1/Things").status == 401
