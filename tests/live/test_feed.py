"""What the feed says to whom, and how it ends: without a server."""

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geogrid.changes.announcing import QgisAnnouncer
from geogrid.changes.feed import Position, events_for, position_of
from geogrid.changes.live import QUEUE, LiveFeed
from geogrid.changes.passes import Pass, issue
from geogrid.changes.poller import Batch, ChangeRow
from geogrid.core.raw import Message

A, B = "910101001001001", "910101002001001"
OF_A = Pass(1, 0, prefixes=("910101001",))


def row(
    kind: str = "incident", *refs: str, before: tuple[str, ...] = (), after: tuple[str, ...] = (A,)
) -> ChangeRow:
    return ChangeRow(1, kind, "update", refs, before, after, None, "2026-01-14T08:00:00.000Z")


def incident(unit: str, **more: Any) -> dict[str, Any]:
    shown = {
        "unit": unit,
        "near": [],
        "organisations": [],
        "users": [9],
        "worker": "Ann",
        "lng": 1.0,
        "lat": 2.0,
    }
    return {**shown, "properties": {"number": "I1"}, **more}


def heard(seen_by: Pass, change: ChangeRow, feature: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    features = {(change.kind, ref): feature for ref in change.refs} if feature else {}
    return events_for(seen_by, [change], features)


@pytest.mark.parametrize(
    ("seen_by", "feature", "is_told"),
    [
        (OF_A, incident(A), True),
        (OF_A, incident(B), False),
        (OF_A, incident(B, near=[A]), True),
        (OF_A, incident(""), False),
        (Pass(1, 0, prefixes=("910101001",), unplaced=True), incident(""), True),
        (Pass(9, 0), incident(B), True),
        (Pass(1, 0, organisations=(5,)), incident(B, organisations=[5]), True),
        (Pass(1, 0, organisations=(6,)), incident(B, organisations=[5]), False),
        (Pass(1, 0, everywhere=True), incident(B), True),
        (Pass(1, 0), incident(A), False),
    ],
)
def test_an_incident_is_told_to_those_who_may_see_it(seen_by: Pass, feature: dict[str, Any], is_told: bool):
    assert bool(heard(seen_by, row("incident", "I1", after=(feature["unit"],)), feature)) == is_told


def test_nothing_that_decides_who_may_see_travels():
    told = json.dumps(heard(Pass(1, 0, everywhere=True), row("incident", "I1"), incident(A, organisation=77)))

    for secret in ("users", "organisations", "Ann", "near", "77"):
        assert secret not in told


def test_of_many_at_once_only_the_fact_is_told():
    many = row("incident", *(f"I{n}" for n in range(120)))

    [told] = heard(Pass(1, 0), many)

    assert (told["ref"], told["units"]) == (None, [])
    assert "feature" not in told


def test_public_things_are_told_to_everyone_with_their_units():
    [told] = heard(Pass(1, 0), row("cell", A, before=(A,), after=(A,)))

    assert (told["kind"], told["ref"], told["units"]) == ("cell", A, [A])


@given(st.integers(0, 2**40), st.integers(1, 2**60), st.lists(st.integers(0, 50), max_size=6, unique=True))
def test_a_position_is_read_as_it_was_written(at: int, low: int, running: list[int]):
    ids = sorted({low, *(low + one for one in running)})
    position = Position("abc123", at, f"{low}:{low + 51}:{','.join(map(str, ids))}")

    if at < 10**12:
        assert position_of(str(position)) == position


@given(st.text(max_size=60))
def test_nonsense_is_no_position(text: str):
    assert position_of(text) is None or ":" in text


class Quiet:
    """A poller that says nothing."""

    def is_outdated(self, user_id: int, epoch: int) -> bool:
        return False


class Ear:
    """The other end of one connection; `stuck` when it takes nothing any more."""

    def __init__(self) -> None:
        self.got = ""
        self.has_ended = asyncio.Event()
        self.may_take = asyncio.Event()
        self.may_take.set()
        self.has_begun = asyncio.Event()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.got += message["body"].decode()
            if "hello" in self.got:
                self.has_begun.set()
            if not message["more_body"]:
                self.has_ended.set()
            await self.may_take.wait()

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


def scope(token: str, last: str = "") -> dict[str, Any]:
    headers = [(b"last-event-id", last.encode())] if last else []
    return {"type": "http", "method": "GET", "query_string": f"token={token}".encode(), "headers": headers}


def batch(*rows: ChangeRow) -> Batch:
    return Batch("1:1:", "2:2:", rows, {})


async def connected(feed: LiveFeed, seen_by: Pass) -> tuple[Ear, asyncio.Task[None]]:
    ear = Ear()
    task = asyncio.create_task(feed(scope(issue(seen_by)), ear.receive, ear.send))
    await asyncio.wait_for(ear.has_begun.wait(), 5)
    return ear, task


def test_a_client_that_takes_nothing_is_let_go_and_the_others_hear_on():
    async def story() -> tuple[bool, int]:
        feed = LiveFeed(Quiet())  # type: ignore[arg-type]
        feed.begin("abc", "1:1:")
        slow, slow_task = await connected(feed, OF_A)
        quick, quick_task = await connected(feed, OF_A)
        slow.may_take.clear()
        for number in range(QUEUE + 10):
            feed.publish(batch(row("asset", f"{number:016}")))
            await asyncio.sleep(0)
        slow.may_take.set()
        await asyncio.wait_for(slow.has_ended.wait(), 5)
        feed.close()
        await asyncio.wait_for(asyncio.gather(slow_task, quick_task), 5)
        return slow.has_ended.is_set(), quick.got.count("event: change")

    assert asyncio.run(story()) == (True, QUEUE + 10)


def test_who_comes_back_is_told_what_moved_meanwhile_as_far_as_it_may_know():
    async def story() -> tuple[str, str]:
        now = [1000.0]
        feed = LiveFeed(Quiet(), clock=lambda: now[0])  # type: ignore[arg-type]
        feed.begin("abc", "1:1:")

        def move(number: int) -> None:
            text = f"event: moved\ndata: {number}\n\n"
            feed.tell(lambda seen_by, wanted: text if seen_by.positions else "")

        for number in range(1, 21):  # for twenty seconds, and nobody listens
            now[0] += 1
            move(number)
        seer, seer_task = await connected(feed, Pass(1, 0, positions=("",)))
        other, other_task = await connected(feed, OF_A)
        feed.begin("def", "7:7:")
        late, late_task = await connected(feed, Pass(1, 0, positions=("",)))
        feed.close()
        await asyncio.wait_for(asyncio.gather(seer_task, other_task, late_task), 5)
        return seer.got, other.got + late.got

    seen, unseen = asyncio.run(story())

    assert [
        int(line[6:]) for line in seen.splitlines() if line.startswith("data: ") and line[6:].isdigit()
    ] == [*range(10, 21)]
    assert "event: moved" not in unseen


def test_when_the_log_begins_anew_everyone_reloads():
    async def story() -> str:
        feed = LiveFeed(Quiet())  # type: ignore[arg-type]
        feed.begin("abc", "1:1:")
        ear, task = await connected(feed, OF_A)
        feed.begin("def", "7:7:")
        feed.close()
        await asyncio.wait_for(task, 5)
        return ear.got

    got = asyncio.run(story())

    assert "event: reload" in got
    assert "id: def:" in got


def test_the_heart_beats_only_while_the_log_is_read():
    async def story() -> tuple[str, str]:
        now = time.time()
        feed = LiveFeed(Quiet(), clock=lambda: now)  # type: ignore[arg-type]
        feed.begin("abc", "1:1:")
        ear, task = await connected(feed, Pass(1, 0, expires_at=0))
        before = ear.got
        feed.heard("2:2:")
        feed.close()
        await asyncio.wait_for(task, 5)
        return before, ear.got

    before, after = asyncio.run(story())

    assert ": all is well" not in before
    assert ": all is well" in after


class Told:
    """A cursor that writes down what is notified."""

    def __init__(self, leads: bool = True) -> None:
        self.connection = object()
        self.leads = leads
        self.kinds: list[str] = []

    def execute(self, sql: str, values: list[str] | None = None) -> None:
        if values:
            self.kinds.append(values[1])

    def fetchone(self) -> tuple[bool]:
        return (self.leads,)


def test_qgis_is_told_of_a_layer_four_times_a_second_at_most():
    now = [0.0]
    announcer, cursor = QgisAnnouncer(clock=lambda: now[0]), Told()

    for poll in range(21):
        now[0] = poll * 0.1
        announcer(cursor, batch(row("asset", "1"), row("cell", "2")) if poll < 15 else batch())

    assert cursor.kinds.count("asset") == cursor.kinds.count("cell") == 6


def test_only_one_process_tells_qgis():
    announcer, cursor = QgisAnnouncer(clock=lambda: 100.0), Told(leads=False)

    announcer(cursor, batch(row("asset", "1")))

    assert cursor.kinds == []


@pytest.mark.parametrize(
    ("here", "there", "is_covered"),
    [
        ("5:9:", "5:9:", True),
        ("5:9:", "5:7:", True),
        ("5:7:", "5:9:", False),
        ("5:7:", "5:9:7,8", True),  # 7 and 8 had begun there, but were not seen
        ("5:9:6", "5:9:6", True),
        ("5:9:6", "7:9:", False),
        ("7:9:", "5:9:6", True),
        ("5:9:6", "5:6:", True),
        ("1:2:", f"1:{2**40}:", False),
    ],
)
def test_one_position_covers_another_when_it_has_seen_all_that_the_other_saw(
    here: str, there: str, is_covered: bool
):
    assert Position("a", 0, here).covers(Position("a", 0, there)) == is_covered
