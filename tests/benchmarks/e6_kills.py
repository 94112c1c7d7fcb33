"""E6: the worker and PostgreSQL killed with -9 in the middle of escalation and sending.

`geogrid up` runs a city with a cluster of its own. Incidents with limits of seconds fall due while messages
go to a receiver of webhooks; worker and PostgreSQL are killed in turn. Afterwards each clock was warned of
and noted once, each incident was dispatched a second time once, and the receiver got every message at least
once, each under one key. Small: PostgreSQL, which other tests use, is left alone.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg2

from tests.benchmarks.b3_kills import kill, running, wait_until

INCIDENTS = {True: 12, False: 150}
VICTIMS: dict[bool, tuple[str, ...]] = {
    True: ("worker",),
    False: ("worker", "postgres", "worker", "postgres"),
}

SEED = """
import sys, django
django.setup()
from datetime import timedelta
from decimal import Decimal
from django.utils import timezone
from incidents import actions
from incidents.clocks.limits import Limit, LimitKind
from incidents.loop import handling
from incidents.loop.freezing import Terms
from incidents.messages.models import UnitChannel
from tests.loop.conftest import make_loop, reported, lead
count, address = int(sys.argv[1]), sys.argv[2]
loop = make_loop()
for unit in (loop.roads, loop.water):
    UnitChannel.objects.create(unit=unit, channel="webhook", address=address, secret="s")
for nr in range(count):
    at = timezone.now()
    incident = reported(loop.people.oona, at)
    limit = Limit(Decimal(20 + 40 * nr / count) / 3600, LimitKind.CONTINUOUS_HOUR)
    terms = Terms(condition="x", limit=limit, unit_ids=(loop.roads.pk,), next_unit_ids=(loop.water.pk,))
    actions.file(incident=incident, actor=loop.people.oona, at=at, terms=terms)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=at)
print("seeded", count)
"""


class Receiver(BaseHTTPRequestHandler):
    """Keeps the keys that it was sent; a little slow, so that some are killed on the way."""

    got: Counter[str] = Counter()
    bodies: dict[str, set[bytes]] = {}
    lock = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = str(self.headers["Idempotency-Key"])
        with Receiver.lock:
            Receiver.got[key] += 1
            Receiver.bodies.setdefault(key, set()).add(body)
        time.sleep(0.02)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Silent."""


def main(small: bool) -> int:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["GEOGRID_WEBHOOK_HOSTS"] = "127.0.0.1:*"
    try:
        with running(small) as city:
            return kill_and_look(city, small, f"http://127.0.0.1:{server.server_port}/hook")
    finally:
        server.shutdown()


def kill_and_look(city: Any, small: bool, address: str) -> int:
    count = INCIDENTS[small]
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(SEED)
        script.flush()
        subprocess.run(
            [sys.executable, script.name, str(count), address],
            env={**city.environment, "PYTHONPATH": str(Path.cwd())},
            check=True,
        )
    for victim in VICTIMS[small]:
        # In the middle: some more was done since the last kill, and it goes on.
        before = under_way(city)
        wait_until(partial(has_gone_on, city, before, count), 120, "work under way")
        kill(city, victim)
        print(f"{victim} killed with -9, back after {city.back_s[-1][1]:.0f} s", flush=True)
    wait_until(lambda: done(city, count), 300, "everything that was due")
    doubled = city.sql(
        "SELECT count(*) FROM (SELECT 1 FROM step_taken WHERE move IN ('warn', 'overdue')"
        " GROUP BY incident_id, move, details ->> 'clock' HAVING count(*) > 1) AS d"
    )[0][0]
    missed = city.sql(
        "SELECT count(*) FROM incident_clock AS c WHERE c.overdue_at IS NOT NULL AND NOT EXISTS ("
        "SELECT FROM step_taken AS s WHERE s.incident_id = c.incident_id AND s.move = 'overdue'"
        " AND s.details ->> 'clock' = c.id::text)"
    )[0][0]
    seconds = city.sql(
        "SELECT count(*), count(DISTINCT incident_id) FROM step_taken WHERE move = 'second_dispatch'"
    )[0]
    keys = {str(row[0]) for row in city.sql("SELECT key FROM loop_message WHERE channel = 'webhook'")}
    lost = keys - set(Receiver.got)
    unknown = set(Receiver.got) - keys
    changed = [key for key, bodies in Receiver.bodies.items() if len(bodies) > 1]
    [(steps, fault)] = city.sql("SELECT steps, fault FROM core.verify_steps(0, 1000000)")
    print(
        json.dumps(
            {
                "incidents": count,
                "messages": len(keys),
                "arrivals": sum(Receiver.got.values()),
                "sent_again": sum(1 for key in keys if Receiver.got[key] > 1),
                "lost": len(lost),
                "unknown": len(unknown),
                "changed": len(changed),
                "doubled": doubled,
                "missed": missed,
                "second_dispatches": seconds,
                "chained_steps": steps,
                "chain_fault": fault,
            }
        )
    )
    wrong = len(lost) + len(unknown) + len(changed) + doubled + missed + int(fault is not None)
    wrong += int(tuple(seconds) != (count, count))
    print(f"E6 {wrong} wrong of {count} incidents and {len(keys)} messages 0 {'short' if wrong else 'ok'}")
    return 1 if wrong else 0


def under_way(city: Any) -> int:
    """How much has been done: steps of the clock, and messages that arrived."""
    try:
        [(steps,)] = city.sql(
            "SELECT count(*) FROM step_taken WHERE move IN ('warn', 'overdue', 'second_dispatch')"
        )
    except psycopg2.Error:  # not back yet
        return 0
    return int(steps) + sum(Receiver.got.values())


def has_gone_on(city: Any, before: int, count: int) -> bool:
    return under_way(city) > before or done(city, count)


def done(city: Any, count: int) -> bool:
    try:
        [(sent,)] = city.sql(
            "SELECT count(DISTINCT incident_id) FROM step_taken WHERE move = 'second_dispatch'"
        )
        [(waiting,)] = city.sql("SELECT count(*) FROM loop_message WHERE state = 'waiting'")
    except psycopg2.Error:
        return False
    return bool(sent >= count and waiting == 0)
