"""A8: reports over HTTP, DRF and database together: 8 clients, 3,000 cells, a million incidents in the table.

Sustained: the clients send at a fixed pace, and the time of a report counts from the moment at which it was
due, so a server that falls behind is seen. Saturation: each client sends the next report as soon as it has
the answer. Afterwards every answer is looked for in the table, and some reports are sent again with the same
key. The disk is waited for (synchronous_commit on, a cluster of its own). For comparison the same number of
clients insert rows into a bare table.
"""

import http.client
import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from time import process_time
from typing import Any

import psycopg2

from geogrid.embedded.paths import REPOSITORY
from tests.asgi.running import wait_while_running
from tests.benchmarks.intake_city import (
    CLIENTS,
    cpu_seconds,
    durable_database,
    fill_city,
    parent_of,
    token_of,
)
from tests.grid_units.made_up_city import METRES_PER_DEGREE, SOUTH, WEST

SUSTAINED_PER_S, P95_MS, SATURATED_PER_S = 200.0, 50.0, 350.0
CELL_M = 200.0


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    columns: int
    rows: int
    incidents: int
    seconds: float
    pace_per_s: float


FULL = Size(60, 50, 1_000_000, 30.0, 205.0)
SMALL = Size(15, 10, 10_000, 4.0, 40.0)


@dataclass
class Sent:
    """What one client sent and was answered."""

    answers: dict[str, str] = field(default_factory=dict)  # idempotency key: number
    bodies: dict[str, bytes] = field(default_factory=dict)
    ms: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Client:
    """One client with one connection kept open."""

    def __init__(self, number: int, port: int, size: Size, phase: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {
            "Authorization": f"Bearer {token_of(number)}",
            "Content-Type": "application/json",
        }
        self._chance = random.Random(f"{phase}-{number}")
        self._name = f"{phase}-{number}"
        self._size = size
        self.sent = Sent()

    def send(self, due: float) -> None:
        """Send one more report and note the milliseconds since `due` (time.perf_counter)."""
        key = f"{self._name}-{len(self.sent.bodies)}"
        body = json.dumps(self._report()).encode()
        self.sent.bodies[key] = body
        status, said = self.post(key, body)
        self.sent.ms.append((time.perf_counter() - due) * 1000)
        if status == 201:
            self.sent.answers[key] = said["number"]
        else:
            self.sent.wrong.append(f"{status} {said}")

    def connect_anew(self) -> None:
        """The server lets go of a connection that has been idle through the phases after this client's."""
        self._connection.close()  # http.client opens it again with the next request

    def post(self, key: str, body: bytes) -> tuple[int, Any]:
        headers = {**self._headers, "Idempotency-Key": key}
        self._connection.request("POST", "/api/incidents", body, headers)
        response = self._connection.getresponse()
        return response.status, json.loads(response.read())

    def _report(self) -> dict[str, Any]:
        east, north = METRES_PER_DEGREE
        chance, size = self._chance, self._size
        report: dict[str, Any] = {
            "lng": WEST + chance.uniform(0.05, 0.95) * size.columns * CELL_M / east,
            "lat": SOUTH + chance.uniform(0.05, 0.95) * size.rows * CELL_M / north,
            "description": "井盖破损，有车辆绕行，请尽快处理。",
            "channel": "app",
            "location_text": "路口东南角",
        }
        report |= {"asset_class": "0101"} if chance.random() < 0.5 else {"event_class": "0506"}
        if chance.random() < 0.1:
            report["contact"] = {"name": "测试", "phone": "000"}
        return report


def sustained(port: int, size: Size) -> tuple[list[Client], float]:
    """Reports at a fixed pace; the clients and the rate reached per second."""
    each = int(size.seconds * size.pace_per_s / CLIENTS)
    began = time.perf_counter() + 0.2

    def run(client: Client, number: int) -> None:
        for step in range(each):
            due = began + (step + number / CLIENTS) * CLIENTS / size.pace_per_s
            time.sleep(max(0.0, due - time.perf_counter()))
            client.send(due)

    return _together(port, size, "sustained", run, began)


def saturated(port: int, size: Size) -> tuple[list[Client], float]:
    """Reports as fast as they are answered; the clients and the rate per second."""
    began = time.perf_counter()

    def run(client: Client, number: int) -> None:
        while time.perf_counter() < began + size.seconds:
            client.send(time.perf_counter())

    return _together(port, size, "saturated", run, began)


def _together(port: int, size: Size, phase: str, run: Any, began: float) -> tuple[list[Client], float]:
    clients = [Client(number, port, size, phase) for number in range(CLIENTS)]
    threads = [threading.Thread(target=run, args=[client, n]) for n, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answered = sum(len(client.sent.answers) for client in clients)
    return clients, answered / (time.perf_counter() - began)


def bare_inserts(url: str, seconds: float) -> float:
    """Rows per second of the same number of clients into a table without an index, a commit each."""
    counts = [0] * CLIENTS
    until = time.perf_counter() + seconds

    def run(number: int) -> None:
        with closing(psycopg2.connect(url)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()
            while time.perf_counter() < until:
                cursor.execute(
                    "INSERT INTO bare (at, said, point)"
                    " VALUES (now(), %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
                    ["井盖破损，有车辆绕行，请尽快处理。", WEST, SOUTH],
                )
                counts[number] += 1

    threads = [threading.Thread(target=run, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def lost(connection: Any, clients: list[Client]) -> list[str]:
    """Answers that the table does not bear out, and rows that nobody was answered for."""
    told = {key: number for client in clients for key, number in client.sent.answers.items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT idempotency_key, number FROM incident WHERE idempotency_key IS NOT NULL")
        kept = dict(cursor.fetchall())
        cursor.execute(
            "SELECT count(*) FROM incident AS i LEFT JOIN step_taken AS s ON s.incident_id = i.id"
            " WHERE i.idempotency_key IS NOT NULL AND (i.unit_code = '' OR s.id IS NULL)"
        )
        (without_cell_or_step,) = cursor.fetchone()
    wrong = [key for key in told.keys() | kept.keys() if told.get(key) != kept.get(key)]
    if len(set(told.values())) != len(told):
        wrong.append("a number was given twice")
    if without_cell_or_step:
        wrong.append(f"{without_cell_or_step} without cell or step")
    return wrong


def doubled(clients: list[Client]) -> list[str]:
    """Keys whose repetition was answered with another number or another status than 200."""
    wrong = []
    for client in clients:
        client.connect_anew()
        for key in list(client.sent.answers)[:20]:
            status, said = client.post(key, client.sent.bodies[key])
            if (status, said["number"]) != (200, client.sent.answers[key]):
                wrong.append(key)
    return wrong


@contextmanager
def server(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The server on a free port, as many workers as there are cores: (port, process id)."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "geogrid.web", "--port", str(port)],
        cwd=REPOSITORY,
        env={**environment, "GEOGRID_HOSTS": "127.0.0.1"},
    )
    try:
        wait_while_running(process, lambda: _answers(port), within_s=60)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def main(small: bool) -> int:
    """Measure; the figure is the sustained rate. Small: that nothing is lost, whatever the rate."""
    size = SMALL if small else FULL
    with durable_database() as (environment, connection):
        fill_city(environment, connection, columns=size.columns, rows=size.rows, incidents=size.incidents)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bare (id bigserial, at timestamptz, said text, point geometry)")
            cursor.execute("SELECT pg_backend_pid()")
            postmaster = parent_of(cursor.fetchone()[0])
            cursor.execute("GRANT ALL ON bare, bare_id_seq TO geogrid_app")
        with server(environment) as (port, server_pid):
            warm, _ = _together(port, size, "warm", _warm_up, 0.0)
            paced, rate = sustained(port, size)
            used = [cpu_seconds(server_pid), cpu_seconds(postmaster), process_time()]
            pushed, most = saturated(port, size)
            used = [
                now - then
                for now, then in zip(
                    [cpu_seconds(server_pid), cpu_seconds(postmaster), process_time()], used, strict=True
                )
            ]
            everyone = [*warm, *paced, *pushed]
            again = doubled(everyone)
        bare = bare_inserts(environment["DATABASE_URL"], min(size.seconds, 10.0))
        gone = lost(connection, everyone)
    wrong = [said for client in everyone for said in client.sent.wrong]
    waits = [ms for client in paced for ms in client.sent.ms]
    crowded = [ms for client in pushed for ms in client.sent.ms]
    p95 = percentile(waits, 0.95)
    print(f"sustained: {rate:.0f}/s, p50 {percentile(waits, 0.5):.1f} ms, p95 {p95:.1f} ms (<= {P95_MS:.0f})")
    print(f"saturated: {most:.0f}/s (>= {SATURATED_PER_S:.0f}), p95 {percentile(crowded, 0.95):.1f} ms")
    each = [1000 * seconds / max(1, len(crowded)) for seconds in used]
    print("processor ms a report: server {:.2f}, database {:.2f}, clients {:.2f}".format(*each))
    print(f"bare INSERT: {bare:.0f}/s, {bare / most:.1f} times as many")
    print(f"refused {len(wrong)} {wrong[:2]}, lost {len(gone)} {gone[:3]}, doubled {len(again)} {again[:3]}")
    faults = len(wrong) + len(gone) + len(again)
    if small:
        print(f"A8 {faults} lost, doubled or refused <= 0 {'short' if faults else 'ok'}")
        return 1 if faults else 0
    good = not faults and rate >= SUSTAINED_PER_S and p95 <= P95_MS and most >= SATURATED_PER_S
    print(f"A8 {rate:.0f}/s >= {SUSTAINED_PER_S:.0f}/s {'ok' if good else 'short'}")
    return 0 if good else 1


def _warm_up(client: Client, number: int) -> None:
    """Connections, plans and caches, as they are after the first minute."""
    for _ in range(25):
        client.send(time.perf_counter())
