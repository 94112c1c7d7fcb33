"""Moving points in the live feed: what is sent, to whom, and how soon."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geogrid.changes.feed import events_for
from geogrid.changes.passes import Pass, issue
from geogrid.changes.poller import ChangeRow
from geogrid.organisations.roles import Role
from grid_units.patrols.models import Device, PatrolWatch
from grid_units.patrols.ticker import RECORD, Carrier, Carriers, Frame, Tick, Ticker, packed
from tests.asgi.running import Server
from tests.incidents.conftest import MORNING, A, B, People
from tests.live.stream import Stream
from tests.patrols import requests_of_apps as apps
from tests.patrols.conftest import Carried, carried_by

Open = Callable[..., Stream]


def unpacked(points: str, origin: list[float], step: float) -> dict[int, tuple[float, float]]:
    """Records read back as a page reads them."""
    records = np.frombuffer(base64.b64decode(points), RECORD)
    return {
        int(record["id"]): (origin[0] + record["dx"] * step, origin[1] + record["dy"] * step)
        for record in records
    }


@given(
    st.lists(st.tuples(st.floats(24.8, 25.3), st.floats(60.0, 60.4)), max_size=20),
    st.tuples(st.floats(-180, 180), st.floats(-90, 90)),
)
def test_places_come_back_to_within_a_metre_and_far_ones_exactly(
    places: list[tuple[float, float]], far_away: tuple[float, float]
) -> None:
    frame = Frame.around(24.9, 60.1, 25.2, 60.3)
    ids = list(range(1, len(places) + 2))

    points, far = packed(ids, [*places, far_away], frame)

    back = unpacked(points, [frame.lng, frame.lat], frame.step)
    beyond = {int(device): (lng, lat) for device, lng, lat in far}
    assert len(back) + len(beyond) == len(ids)
    for device, place in zip(ids, [*places, far_away], strict=True):
        if device in beyond:
            assert beyond[device] == place
        else:
            assert max(abs(back[device][0] - place[0]), abs(back[device][1] - place[1])) <= frame.step / 2
    assert frame.step * 111_320 < 1.0
    assert np.log2(frame.step) % 1 == 0  # the same bits in every language


def test_a_record_is_eight_bytes() -> None:
    points, _ = packed([7, 8], [(24.9, 60.1), (25.0, 60.2)], Frame.around(24.9, 60.1, 25.2, 60.3))

    assert RECORD.itemsize == 8 and len(base64.b64decode(points)) == 16


def told(carriers: dict[int, Carrier], *positions: str, wanted: tuple[str, ...] = ()) -> set[int]:
    """The devices of which a holder of these prefixes is told."""
    tick = Tick("now", Frame(), Carriers(carriers), [*carriers], [(24.9, 60.1)] * len(carriers))
    text = tick.as_event(Pass(1, 0, positions=positions), wanted)
    if not text:
        return set()
    data = json.loads(text.partition("data: ")[2])
    return set(unpacked(data["points"], data["origin"], data["step"]))


def test_positions_are_for_those_whose_units_they_are() -> None:
    street, other = "910101001", "910101002"
    carriers = {
        1: Carrier(11, (A,)),
        2: Carrier(12, (f"{other}001001",)),
        3: Carrier(13, (B, f"{other}001001")),
        4: Carrier(None, ()),
    }

    assert told(carriers, street) == {1, 3}
    assert told(carriers, other) == {2, 3}
    assert told(carriers, "") == {1, 2, 3, 4}
    assert told(carriers, A, other) == {1, 2, 3}
    assert told(carriers) == set()
    assert told(carriers, "", wanted=(street,)) == {1, 3}


def test_an_alarm_is_told_to_those_who_see_positions_there_and_to_nobody_else() -> None:
    row = ChangeRow(1, "absence", "insert", ("7",), (), (A,), None, "now")

    def told_to(**may: Any) -> list[str]:
        return [change["ref"] for change in events_for(Pass(1, 0, **may), [row], {})]

    assert told_to(positions=("910101001",)) == told_to(positions=("",)) == ["7"]
    assert told_to(everywhere=True, people=("",)) == told_to(positions=("910101002",)) == []


@pytest.fixture
def listen(server: Server) -> Iterator[Open]:
    opened: list[Stream] = []

    def open_stream(*positions: str) -> Stream:
        opened.append(Stream(server, issue(Pass(len(opened) + 1, 0, positions=positions))))
        opened[-1].until("hello")
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.close()


def post(server: Server, phone: Carried, lng: float, lat: float, seconds: float = 0) -> None:
    said = {"positions": [{"at": apps.SECONDS + seconds, "lng": lng, "lat": lat}]}
    answer = server.ask("POST", "/positions", json.dumps(said).encode(), **phone.bearer())
    assert answer.status == 200, answer.body


def next_with(stream: Stream, device: Device) -> dict[str, Any]:
    """The next event that has this device, and nothing of others before."""
    while True:
        event = stream.next()
        if event.name != "positions":
            continue
        places = unpacked(event.data["points"], event.data["origin"], event.data["step"])
        places |= {int(id_): (lng, lat) for id_, lng, lat in event.data["far"]}
        if device.pk in places:
            return {**event.data, "place": places[device.pk], "ids": set(places)}


def test_who_may_see_it_is_told_within_seconds_and_nobody_else(
    server: Server, lasting_city: People, listen: Open
) -> None:
    mine, other = carried_by(lasting_city.ann), carried_by(lasting_city.cai, "radio")
    all_of_it, only_a = listen("910101"), listen(A)
    post(server, other, apps.LNG, apps.LAT)
    post(server, mine, apps.LNG, apps.LAT + 1e-4)
    assert next_with(all_of_it, mine.device)["ids"] <= {mine.device.pk, other.device.pk}

    post(server, other, apps.LNG, apps.LAT + 1e-4, 1)
    post(server, mine, apps.LNG, apps.LAT, 1)

    first, second = next_with(only_a, mine.device), next_with(only_a, mine.device)
    assert first["ids"] == second["ids"] == {mine.device.pk}
    assert second["place"] == pytest.approx((apps.LNG, apps.LAT), abs=3e-5)


def test_states_are_told_with_the_devices(
    owner: psycopg2.extensions.connection, lasting_city: People
) -> None:
    """By the ticker itself, on a connection of its own: one look sees what was committed since the last."""
    phone = carried_by(lasting_city.ann)
    now = [0.0]
    said: list[str] = []
    holder = Pass(1, 0, positions=("910101",))
    ticker = Ticker(lambda render: said.append(render(holder, ())), clock=lambda: now[0])
    with owner.cursor() as cursor:
        ticker(cursor, None)
        PatrolWatch.objects.create(worker=lasting_city.ann, state="on_patrol", since=MORNING)
        with owner.cursor() as writer:
            writer.execute("UPDATE patrol_watch SET written_in = pg_current_xact_id()::text::bigint")
        ticker(cursor, None)
        assert said == []  # a second has not passed

        now[0] = 1.0
        ticker(cursor, None)
        now[0] = 2.0
        ticker(cursor, None)

    [text] = said
    assert json.loads(text.partition("data: ")[2])["states"] == [[phone.device.pk, "on_patrol"]]


def test_a_slow_transaction_is_neither_missed_nor_told_twice(
    superuser: psycopg2.extensions.connection, owner: psycopg2.extensions.connection, lasting_city: People
) -> None:
    phone = carried_by(lasting_city.ann)
    now = [0.0]
    told_ids: list[list[int]] = []

    def tell(render: Any) -> None:
        told_ids.append(list(render.__self__.ids))

    ticker = Ticker(tell, clock=lambda: now[0])
    move = (
        "UPDATE last_position SET at = coalesce(at, now()) + interval '1 second',"
        " point = 'SRID=4326;POINT(24.9 60.1)', written_in = pg_current_xact_id()::text::bigint"
    )
    with owner.cursor() as cursor, superuser.cursor() as slow:
        ticker(cursor, None)
        slow.execute("BEGIN")
        slow.execute(move)
        for second in (1.0, 2.0):
            now[0] = second
            ticker(cursor, None)
        assert told_ids == []
        slow.execute("COMMIT")
        for second in (3.0, 4.0):
            now[0] = second
            ticker(cursor, None)

    assert told_ids == [[phone.device.pk]]


def test_roles_that_see_positions_are_in_the_pass(city: People, give_role: Callable[..., Any]) -> None:
    from tiles.granting import pass_of

    assert pass_of(give_role("street", Role.SUPERVISOR, "910101001")).positions == ("910101001",)
    assert pass_of(give_role("chief", Role.COMMANDER, "")).positions == ("",)
    assert pass_of(give_role("worker", Role.GRID_WORKER, A)).positions == ()
    assert pass_of(give_role("analyst", Role.ANALYST, "")).positions == ()
