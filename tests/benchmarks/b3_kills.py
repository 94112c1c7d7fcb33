"""B3: kill -9 of web, worker, the MQTT reader, PostgreSQL and the broker in turn, under load.

The city is run as the product runs it, by `geogrid up`, with a private cluster of its own: what is killed is
started again by it; the broker, which is not ours, by this program. Phones of B1 and gauges over HTTP and
MQTT go on meanwhile, each gauge opens one alarm, and a wall is open in a real browser. Afterwards every fix
and every value that was acknowledged must be in the database, each alarm must have opened exactly one
incident, and the wall must show what is so now in the same document.

The load is a part of B1's, since browser and generator run on the same two cores: 500 devices (100 fixes/s),
20 gauges (20 values/s). Small: no browser, and PostgreSQL, which other tests use, is left alone.
"""

import asyncio
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, sync_playwright

from geogrid.embedded.cluster import SUPERUSER, Cluster
from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import fresh_database
from tests.benchmarks import b1_positions as b1
from tests.benchmarks.b8_wall import PEOPLE, below
from tests.benchmarks.intake_city import parent_of
from tests.benchmarks.kills_load import Gauges, make_gauges
from tests.benchmarks.positions_load import BATCH, PERIOD_S, Phone, Pool, Sent, pace
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.sensors.broker import PASSWORD, Mosquitto
from tests.served_city import free_port

UP_WITHIN_S = 180.0
BACK_WITHIN_S = 240.0
PATIENCE_MS = 180_000


@dataclass(frozen=True)
class Size:
    """How much is sent, how long before each kill, and what is killed."""

    people: b1.Size
    gauges: int
    calm_s: float
    victims: tuple[str, ...]
    has_wall: bool


FULL = Size(
    b1.Size(500, 20, 10, 0, 0, 0), 20, 15.0, ("web", "worker", "mqtt", "postgres", "broker", "web"), True
)
SMALL = Size(b1.Size(20, 3, 3, 0, 0, 0), 4, 1.0, ("web", "worker", "mqtt", "broker"), False)


@dataclass
class Running:
    """A city that `geogrid up` runs, and the way to its database that outlives a kill."""

    process: "subprocess.Popen[bytes]"
    port: int
    environment: dict[str, str]
    broker: Mosquitto
    superuser_url: Callable[[], str]
    back_s: list[tuple[str, float]] = field(default_factory=list)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg2.connect(self.superuser_url()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def part(self, name: str) -> int | None:
        """Process id of a part that `geogrid up` started."""
        words = {"web": "geogrid.web", "worker": "worker", "mqtt": "mqtt"}[name]
        for pid in sorted(below(self.process.pid) - {self.process.pid}):
            arguments = arguments_of(pid)
            if words in arguments and parent_is(pid, self.process.pid):
                return pid
        return None

    def is_whole(self) -> bool:
        """Whether everything answers, or runs."""
        return answers(self.port) and None not in (self.part("worker"), self.part("mqtt"))


def arguments_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def parent_is(pid: int, parent: int) -> bool:
    try:
        return parent_of(pid) == parent
    except (OSError, IndexError):
        return False


def answers(port: int) -> bool:
    """Whether the server answers with its database behind it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/welcome")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until(is_so: Callable[[], bool], within_s: float, what: str) -> float:
    """Seconds until it was so.

    Raises:
        TimeoutError: when it does not become so.
    """
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > within_s:
            raise TimeoutError(f"{what}: not within {within_s:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - began


@contextmanager
def running(small: bool) -> Iterator[Running]:
    """A city with an empty database of its own, run by `geogrid up` beside a broker of its own."""
    with tempfile.TemporaryDirectory(prefix="geogrid-b3-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "broker").mkdir()
        broker = Mosquitto(folder / "broker")
        port = free_port()
        own = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE")}
        own |= {
            "DJANGO_SETTINGS_MODULE": "geogrid.settings",
            "GEOGRID_VAR": str(folder / "var"),
            "GEOGRID_MEDIA": str(folder / "media"),
            "GEOGRID_MQTT_HOST": "127.0.0.1",
            "GEOGRID_MQTT_PORT": str(broker.port),
            "GEOGRID_MQTT_USER": "geogrid",
            "GEOGRID_MQTT_PASSWORD": PASSWORD,
        }
        (folder / "var").mkdir(mode=0o755)
        cluster = Cluster(folder / "var" / "pg")
        database = fresh_database() if small else None
        made = database.__enter__() if database else None
        if made:
            own |= made.environment()
        with (folder / "log").open("wb") as log:
            up = [sys.executable, "-m", "geogrid", "up", "--port", str(port)]
            process = subprocess.Popen(up, cwd=REPOSITORY, env=own, stdout=log, stderr=log)
            city = Running(
                process, port, own | {"GEOGRID_DB_ROLE": "app"}, broker,
                lambda: made.superuser.url() if made else cluster.login(SUPERUSER, "geogrid").url(),
            )  # fmt: skip
            try:
                wait_until(lambda: city.is_whole() or process.poll() is not None, UP_WITHIN_S, "geogrid up")
                assert process.poll() is None, "geogrid up has ended"
                yield city
            finally:
                process.terminate()
                process.wait(60)
                broker.stop()
                if database:
                    database.__exit__(None, None, None)
                else:
                    cluster.stop()
                print("".join(f"  {line}\n" for line in told(folder / "log")), end="")


def told(log: Path) -> list[str]:
    """What the operator was told of ends and beginnings."""
    return [line for line in log.read_text(errors="replace").splitlines() if "starting it again" in line]


def kill(city: Running, victim: str) -> None:
    """SIGKILL to a part and whatever it has started, all at once, and wait until the city is whole again."""
    if victim == "broker":
        city.broker.kill()
        city.broker.start_again()
        city.back_s.append((victim, 0.0))
        return
    if victim == "postgres":
        [(backend,)] = city.sql("SELECT pg_backend_pid()")
        data = city.sql("SHOW data_directory")[0][0]
        main = int((Path(data) / "postmaster.pid").read_text().splitlines()[0])
        assert backend != main
        os.kill(main, signal.SIGKILL)
    else:
        main = city.part(victim) or 0
        for pid in sorted(below(main)):
            os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    if victim == "postgres":
        wait_until(lambda: not Path(f"/proc/{main}").exists(), BACK_WITHIN_S, "the end of PostgreSQL")
    else:
        wait_until(lambda: city.part(victim) not in (main, None), BACK_WITHIN_S, victim)
    wait_until(city.is_whole, BACK_WITHIN_S, f"the city after {victim}")
    city.back_s.append((victim, time.monotonic() - began))


class Phones(threading.Thread):
    """The phones of B1 walk until stopped; a request that finds nobody is not sent again."""

    def __init__(self, port: int, phones: list[Phone]) -> None:
        super().__init__(daemon=True)
        self._port, self._phones = port, phones
        self._ended = threading.Event()
        self.sent = Sent()

    def run(self) -> None:
        asyncio.run(self._walk())

    async def _walk(self) -> None:
        pool = Pool(self._port, 16, self.sent)
        while not self._ended.is_set():
            # A round in which every phone has its turn.
            await pace(pool, self._phones, PERIOD_S * BATCH)
        await pool.drained()
        for task in pool.tasks:
            task.cancel()

    def stop(self) -> None:
        self._ended.set()
        self.join(90)


@dataclass
class Found:
    """What the database says afterwards."""

    fixes: int
    lost_fixes: int
    values: dict[str, int]
    lost_values: dict[str, int]
    alarms: int
    wrong_alarms: int
    wall: str = ""

    @property
    def faults(self) -> int:
        lost = self.lost_fixes + sum(self.lost_values.values())
        return lost + self.wrong_alarms + bool(self.wall)


def look(city: Running, phones: Phones, gauges: Gauges, streams: list[int]) -> Found:
    """Compare what was acknowledged with what is there."""
    with psycopg2.connect(city.superuser_url()) as connection:
        lost_fixes = b1.missing(connection, phones.sent)
    said = "SELECT datastream_id, round(extract(epoch FROM phenomenon_at) * 1000)::bigint FROM observation"
    there = set(city.sql(said))
    lost_values = {
        way: sum((streams[number], at_ms) not in there for number, at_ms in acknowledged)
        for way, acknowledged in gauges.acknowledged.items()
    }
    alarms = city.sql(
        "SELECT a.datastream_id, count(DISTINCT i.incident_id) FROM alarm AS a"
        " LEFT JOIN incident_alarm AS i ON i.alarm_id = a.id GROUP BY a.id, a.datastream_id"
    )
    of_stream = Counter(stream for stream, _ in alarms)
    wrong = sum(of_stream[stream] != 1 for stream in streams) + sum(opened != 1 for _, opened in alarms)
    [(incidents,)] = city.sql("SELECT count(*) FROM incident WHERE channel = 'sensor'")
    wrong += incidents != len(streams)
    return Found(
        len(phones.sent.acknowledged), lost_fixes,
        {way: len(acknowledged) for way, acknowledged in gauges.acknowledged.items()}, lost_values,
        len(alarms), wrong,
    )  # fmt: skip


def wall_caught_up(page: Page, city: Running, phones: int) -> str:
    """What the wall does not show though it is so; empty when it has caught up, in the same document."""
    [(open_now,)] = city.sql(
        "SELECT count(*) FROM incident WHERE stage NOT IN ('CLOSED', 'REJECTED', 'VOID', 'EVALUATED')"
    )
    try:
        page.wait_for_function(
            f"""([incidents, people]) => window.sameDocument
                 && document.querySelector('[data-live=live]')
                 && document.querySelector('[data-stale=false]')
                 && document.querySelector('[data-panel=incidents] .note').textContent
                   .startsWith(incidents + ' ')
                 && ({PEOPLE})() >= people""",
            arg=[str(open_now), phones],
            timeout=PATIENCE_MS,
        )
    except PlaywrightError:
        shown = page.evaluate(
            f"""() => [window.sameDocument, document.querySelector('[data-live]')?.dataset.live,
                 document.querySelector('[data-panel=incidents] .note')?.textContent, ({PEOPLE})()]"""
        )
        return f"the wall shows {shown}, {open_now} incidents are open"
    return ""


@contextmanager
def wall_of(city: Running, key: str, is_wanted: bool) -> Iterator[Page | None]:
    """A paired wall in a real browser."""
    if not is_wanted:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        url = f"http://127.0.0.1:{city.port}"
        context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 720}, locale="en-GB")
        context.add_cookies([{"name": "geogrid_display", "value": key, "url": url}])
        page = context.new_page()
        page.goto("/wall?still&test", timeout=PATIENCE_MS)
        page.wait_for_selector("body[data-ready]", timeout=PATIENCE_MS)
        page.evaluate("() => { window.sameDocument = true }")
        yield page
        browser.close()


def main(small: bool) -> int:
    """Kill and count; the figure is what is lost, doubled or not shown."""
    size = SMALL if small else FULL
    with running(small) as city:
        with psycopg2.connect(city.superuser_url()) as connection:
            connection.autocommit = True
            walkers = b1.people(connection, size.people)
        streams, token, key = make_gauges(city.environment, size.gauges)
        with wall_of(city, key, size.has_wall) as page:
            phones = Phones(city.port, walkers)
            spread_s = size.calm_s * (len(size.victims) + 1)
            gauges = Gauges(city.port, city.broker.port, size.gauges, token, spread_s)
            phones.start()
            gauges.start()
            for victim in size.victims:
                pause(page, size.calm_s)
                kill(city, victim)
            pause(page, size.calm_s)
            gauges.stop()
            phones.stop()
            # What the kills have held up is worked off: by the clock, and by the reader of the broker.
            until = time.monotonic() + BACK_WITHIN_S
            while (found := look(city, phones, gauges, streams)).faults and time.monotonic() < until:
                time.sleep(1.0)
            if page:
                heard_of = len({device for device, _ in phones.sent.acknowledged})
                found.wall = wall_caught_up(page, city, heard_of)
    back = ", ".join(f"{victim} {seconds:.1f} s" for victim, seconds in city.back_s if seconds)
    print(f"killed in turn: {', '.join(size.victims)}; whole again after: {back}")
    refused = len(phones.sent.refused)
    print(f"fixes acknowledged {found.fixes}, lost {found.lost_fixes}; not acknowledged {refused}")
    print(f"values acknowledged {found.values}, lost {found.lost_values}; not acknowledged {gauges.failed}")
    print(
        f"alarms {found.alarms} of {size.gauges} gauges, not with exactly one incident {found.wrong_alarms}"
    )
    print(f"the wall: {found.wall or ('caught up by itself' if size.has_wall else 'not asked')}")
    counted = min(found.fixes, *found.values.values()) > 0
    is_met = found.faults == 0 and counted
    print(f"B3 {found.faults} lost, doubled or not shown <= 0 {'ok' if is_met else 'short'}")
    return 0 if is_met else 1


def pause(page: Page | None, seconds: float) -> None:
    """Let it all go on; the browser's driver must be heard meanwhile."""
    if page:
        page.wait_for_timeout(seconds * 1000)
    else:
        time.sleep(seconds)


if __name__ == "__main__":
    sys.exit(main("--small" in sys.argv))
