"""B1: 5,000 devices, one fix each five seconds: OsmAnd requests and batches mixed, 100 live connections.

Half of the devices send every fix alone, half of them four at once; the time from sending to the event in a
client is measured on all of them. Processor time is that of the server and PostgreSQL (the worker's clock and
the load generator stand apart). Afterwards every acknowledged fix is looked for in the table. Then the
devices send as fast as they are answered. B1_SECONDS in the environment: another length than the ten minutes.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2

from geogrid.core.sql import statement
from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import fresh_database
from tests.benchmarks.a8_intake import percentile, server
from tests.benchmarks.intake_city import HERE, cpu_seconds, durable_database, parent_of
from tests.benchmarks.positions_load import Listener, Phone, Pool, Sent, pace, push
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

LATENCY_S, CORES = 2.0, 1.5
TOKEN = "ggd_b1-benchmark-device-"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    devices: int
    columns: int
    rows: int
    listeners: int
    seconds: float
    pushed_s: float


FULL = Size(5_000, 40, 30, 100, float(os.environ.get("B1_SECONDS", "600")), 20.0)
SMALL = Size(300, 6, 5, 10, 4.0, 0.0)


@contextmanager
def database(small: bool) -> Iterator[tuple[dict[str, str], Any]]:
    """(environment, superuser's connection): the tests' own when small, else one that waits for its disk."""
    if not small:
        with durable_database() as found:
            yield found
        return
    with fresh_database() as made:
        connection: Any = psycopg2.connect(made.superuser.url())
        connection.autocommit = True
        yield {**os.environ, **made.environment(), "DJANGO_SETTINGS_MODULE": "geogrid.settings"}, connection
        connection.close()


def people(connection: Any, size: Size) -> list[Phone]:
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        fill(cursor, made_up_city(size.columns, size.rows))
        cursor.execute("COMMIT")
        cursor.execute(
            statement(HERE, "positions_people"), {"county": COUNTY, "devices": size.devices, "token": TOKEN}
        )
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT d.id, c.n, ST_X(ST_PointOnSurface(c.geom)), ST_Y(ST_PointOnSurface(c.geom))"
            " FROM device AS d JOIN carried AS c ON c.user_id = d.made_by_id ORDER BY d.id"
        )
        return [Phone(id_, f"{TOKEN}{n}", lng, lat) for id_, n, lng, lat in cursor.fetchall()]


def missing(connection: Any, sent: Sent) -> int:
    """Acknowledged fixes that the table does not hold as often as they were acknowledged."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT device_id, round(extract(epoch FROM at) * 1000)::bigint FROM fix")
        there = Counter(cursor.fetchall())
    told = Counter((device, round(at * 1000)) for device, at in sent.acknowledged)
    return sum((told - there).values())


@dataclass
class Measured:
    """What a run showed."""

    sent: Sent
    fixes: int
    rate: float
    p50_s: float
    p95_s: float
    unheard: int
    cores: dict[str, float]
    pushed_rate: float


async def measure(port: int, pids: dict[str, int], phones: list[Phone], size: Size) -> Measured:
    from geogrid.changes.passes import Pass, issue

    def token() -> str:
        return issue(Pass(1, 0, positions=("",), everywhere=True))

    sent = Sent()
    listeners = [Listener(port, token, sent if n == 0 else None) for n in range(size.listeners)]
    tasks = [asyncio.create_task(listener.run()) for listener in listeners]
    await asyncio.gather(*(asyncio.wait_for(one.is_listening.wait(), 30) for one in listeners))
    pool = Pool(port, 16 if size is SMALL else 200, sent)
    await asyncio.sleep(
        6.0 if size is not SMALL else 1.0
    )  # the ticker learns of new devices every five seconds
    used = {name: cpu_seconds(pid) for name, pid in pids.items()}
    began = time.monotonic()
    fixes = await pace(pool, phones, size.seconds)
    took = time.monotonic() - began
    cores = {name: (cpu_seconds(pid) - used[name]) / took for name, pid in pids.items()}
    await pool.drained()
    print(
        f"p95 by minute: {by_minute(listeners[0])}; the listener connected {listeners[0].connections} times"
    )
    waits = sorted(listeners[0].latencies_s)
    unheard = sum(len(line) for line in sent.waiting.values())
    acknowledged = len(sent.acknowledged)
    pushed_rate = 0.0
    if size.pushed_s:
        began = time.monotonic()
        await push(pool, phones, size.pushed_s, 200)
        pushed_rate = (len(sent.acknowledged) - acknowledged) / (time.monotonic() - began)
        await pool.drained()
    for task in (*tasks, *pool.tasks):
        task.cancel()
    return Measured(
        sent, fixes, acknowledged / took, percentile(waits, 0.5) if waits else 0.0,
        percentile(waits, 0.95) if waits else float("inf"), unheard, cores, pushed_rate,
    )  # fmt: skip


def by_minute(heard: Listener) -> str:
    """The 95th percentile from sending to the event (s), for the fixes of each minute."""
    minutes: dict[int, list[float]] = {}
    for at, wait in zip(heard.sent_at, heard.latencies_s, strict=True):
        minutes.setdefault(int((at - heard.sent_at[0]) // 60), []).append(wait)
    return " ".join(f"{percentile(sorted(waits), 0.95):.2f}" for _, waits in sorted(minutes.items()))


def main(small: bool) -> int:
    """Measure; the figure is the p95 from sending to the event. Small: that nothing is lost."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geogrid.settings")
    size = SMALL if small else FULL
    with database(small) as (environment, connection):
        phones = people(connection, size)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            postmaster = parent_of(cursor.fetchone()[0])
        with server(environment) as (port, server_pid):
            worker = subprocess.Popen(
                [sys.executable, "-m", "geogrid", "worker"],
                cwd=REPOSITORY,
                env={**environment, "GEOGRID_DB_ROLE": "app"},
            )
            try:
                pids = {"server": server_pid, "database": postmaster, "worker": worker.pid}
                found = asyncio.run(measure(port, pids, phones, size))
            finally:
                worker.terminate()
                worker.wait(20)
        lost = missing(connection, found.sent)
    cores = found.cores["server"] + found.cores["database"]
    answered = sorted(found.sent.answered_s)
    print(
        f"{found.fixes} fixes of {size.devices} devices in {size.seconds:.0f} s ({found.rate:.0f}/s), "
        f"{size.listeners} listeners; answered p95 {percentile(answered, 0.95) * 1000:.0f} ms"
    )
    print(
        f"sent to event: p50 {found.p50_s:.2f} s, p95 {found.p95_s:.2f} s (<= {LATENCY_S:.0f}); "
        f"not heard of {found.unheard}"
    )
    print(
        f"cores: server {found.cores['server']:.2f} + database {found.cores['database']:.2f} = {cores:.2f} "
        f"(<= {CORES}); worker {found.cores['worker']:.2f}"
    )
    print(
        f"pushed: {found.pushed_rate:.0f} fixes/s; refused {len(found.sent.refused)} {found.sent.refused[:2]}"
    )
    faults = lost + len(found.sent.refused)
    if small:
        is_met = faults == 0 and bool(found.sent.acknowledged)
        print(f"B1 {faults} lost or refused <= 0 {'ok' if is_met else 'short'}")
        return 0 if is_met else 1
    is_met = faults == 0 and found.p95_s <= LATENCY_S and cores <= CORES and found.unheard == 0
    figure = f"p95 {found.p95_s:.2f} s, {lost} lost, {cores:.2f} cores"
    print(f"B1 {figure} <= {LATENCY_S} s, 0, {CORES} {'ok' if is_met else 'short'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main("--small" in sys.argv))
