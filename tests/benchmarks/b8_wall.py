"""B8: the wall at its largest, and half an hour of it with 5,000 movers: what it keeps of memory.

First the three sizes of the issue are judged as the test of the wall judges two of them (the largest takes
software WebGL too long for `make test`): palette read from pixels, smallest text, nothing critical covered,
legend. Then a small wall watches 5,000 devices move, each a fix every five seconds, and each minute the
memory is read: the page's JavaScript heap after a collection of its garbage, and what the browser's and the
server's processes hold of their own (pages of nobody's file; shared ones counted by part). Their whole PSS
is printed beside it: its part of programs' files grows when another process that uses them ends.

Flat means: over the second half of the minutes (the first fills caches), a line fitted to the figures grows
by less than five per cent of what it begins with, for each of the three. The database is printed but not
judged: it fills its buffers up to the size it was given.

In the environment: B8_MINUTES, another length than 30; B8_PERIOD_S, seconds between two fixes of a device;
B8_ONLY=screens or memory.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from geogrid.embedded.paths import REPOSITORY
from geogrid.embedded.testing import TestDatabase, fresh_database
from tests.benchmarks import b1_positions as b1
from tests.benchmarks.alone_browser import AloneBrowser, alone_browser
from tests.benchmarks.intake_city import parent_of
from tests.benchmarks.positions_load import Phone, Pool, Sent, pace
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.large_wall import SIZES, Desk, faults_of, large_wall
from tests.browser.storm import flood
from tests.conftest import connect
from tests.served_city import ServedCity, free_port, served_demo_city

MOST_GROWTH = 0.05
PATIENCE_MS = 240_000
PICTURES = REPOSITORY / "var" / "pictures"
MIB = 2**20
# The page's own count of the people on its map.
PEOPLE = "() => window.__map.getLayer('overlay:people')?.implementation.count ?? 0"

# Noted by the page itself, and gone if the page is loaded anew.
KEEP_FAULTS = """() => {
  window.faultsOfThisDocument = []
  addEventListener('error', event => window.faultsOfThisDocument.push(event.message))
  addEventListener('unhandledrejection', event => window.faultsOfThisDocument.push(String(event.reason)))
}"""
LIVE = "() => document.querySelector('[data-live]')?.dataset.live ?? 'no wall'"


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    people: b1.Size
    every_s: float
    readings: int
    period_s: float


def full() -> Size:
    minutes = int(os.environ.get("B8_MINUTES", "30"))
    return Size(b1.FULL, 60.0, minutes, float(os.environ.get("B8_PERIOD_S", "5")))


SMALL = Size(b1.Size(30, 4, 3, 0, 0, 0), 0.5, 4, 1.0)


# --- The sizes ---------------------------------------------------------------------------------------------


def judge_screens(browser: Browser) -> list[str]:
    """What is wrong with the wall at each size; a picture of each stays under var/pictures."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    faults = []
    # Without a worker: its history is made here, and then the map comes to rest.
    with served_demo_city(worker=False) as city:
        flood(city)
        for size in SIZES:
            began = time.monotonic()
            page = large_wall(browser, city, Desk(city), size, "en", PATIENCE_MS)
            shot = page.screenshot(path=PICTURES / f"wall-{size}.png", timeout=PATIENCE_MS)
            found = faults_of(page, shot, size)
            page.context.close()
            print(f"{size}: {found or 'as it must be'} ({time.monotonic() - began:.0f} s)", flush=True)
            faults += found
    return faults


# --- The half hour -----------------------------------------------------------------------------------------


class Load(threading.Thread):
    """All phones walk until stopped, in a thread with a loop of its own."""

    def __init__(self, port: int, phones: list[Phone], period_s: float) -> None:
        super().__init__(daemon=True)
        self._port, self._phones, self._period_s = port, phones, period_s
        self._ended = threading.Event()
        self.fixes = self.refused = 0

    def run(self) -> None:
        asyncio.run(self._walk())

    async def _walk(self) -> None:
        sent = Sent()
        pool = Pool(self._port, 32, sent)
        while not self._ended.is_set():
            await pace(pool, self._phones, 4 * self._period_s, self._period_s)
            self.fixes += len(sent.acknowledged)
            self.refused += len(sent.refused)
            # Nobody listens to each of them here: what was sent is counted and forgotten.
            for kept in (sent.acknowledged, sent.refused, sent.answered_s, sent.waiting):
                kept.clear()
        for task in pool.tasks:
            task.cancel()

    def stop(self) -> None:
        """Return when the last round has been sent."""
        self._ended.set()
        self.join(60)


@dataclass
class Series:
    """MiB of something, a figure for each reading."""

    name: str
    is_judged: bool = True
    mib: list[float] = field(default_factory=list)

    def growth(self) -> float:
        """By what part of itself a line through the second half of the figures grows over that half."""
        half = self.mib[len(self.mib) // 2 :]
        middle, mean = (len(half) - 1) / 2, sum(half) / len(half)
        spread = sum((n - middle) ** 2 for n in range(len(half)))
        slope = sum((n - middle) * (one - mean) for n, one in enumerate(half)) / spread if spread else 0.0
        begin = mean - slope * middle
        return slope * (len(half) - 1) / begin

    def told(self) -> str:
        return f"{self.name} {self.mib[0]:.0f} > {self.mib[-1]:.0f} MiB, second half {self.growth():+.1%}"


def below(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(path.name)] = parent_of(int(path.name))
        except (OSError, IndexError, ValueError):
            continue  # it has ended since
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


@dataclass(frozen=True)
class Held:
    """MiB that processes hold in memory: of their own, and with the files that they have mapped."""

    own: float
    whole: float


def held_by(pids: set[int]) -> Held:
    """What processes hold; pages that several share are counted by part."""
    own_kb = whole_kb = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines[1:])}
        own_kb += found["Pss_Anon"] + found["Pss_Shmem"]
        whole_kb += found["Pss"]
    return Held(own_kb / 1024, whole_kb / 1024)


@contextmanager
def served(database: TestDatabase, folder: str) -> Iterator[ServedCity]:
    """The server and the worker in front of a database that is filled already."""
    environment = {
        **os.environ,
        **database.environment(),
        "DJANGO_SETTINGS_MODULE": "geogrid.settings",
        "GEOGRID_DB_ROLE": "app",
        "GEOGRID_VAR": folder,
        "GEOGRID_MEDIA": f"{folder}/media",
    }
    city = ServedCity(free_port(), database, environment)
    try:
        city.serve()
        city.start("-m", "geogrid", "worker")
        yield city
    finally:
        for process in city.processes:
            process.terminate()
        for process in city.processes:
            process.wait(60)


PAIR = """
import django; django.setup()
from django.utils import timezone
from geogrid.organisations.displays import ask_to_pair
from geogrid.organisations.models import User
from grid_units.duties import displays
from grid_units.duties.models import Membership
boss = User.objects.create(username="b8-commander")
Membership.objects.create(user=boss, role="commander", unit_prefix="", valid_from="2020-01-01T00:00:00Z")
waiting, key = ask_to_pair(address="", at=timezone.now())
displays.confirm(code=waiting.code, name="B8", unit=None, hides_people=False, actor=boss, at=timezone.now())
print(key)
"""


class OpenWall:
    """A paired wall of a moderate size in a real browser, gliding as it does in use.

    Nobody looks on between two readings: while developer tools are attached, Chromium keeps for them what
    the page receives, which no wall in use does.
    """

    def __init__(self, browser: AloneBrowser, city: ServedCity, people: int) -> None:
        self._browser, self._people = browser, people
        self.heap, self.processes = Series("page heap"), Series("browser")
        key = subprocess.run(
            [sys.executable, "-c", PAIR], env=city.environment, capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        with browser.page() as page:
            page.send("Network.setCookie", name="geogrid_display", value=key, url=city.url)
            page.send("Page.navigate", url=f"{city.url}/wall?test")
            page.wait_for("document.body?.hasAttribute('data-ready')", PATIENCE_MS / 1000)
            page.wait_for(f"({PEOPLE})() >= {people}", PATIENCE_MS / 1000)
            page.value(f"({KEEP_FAULTS})()")

    def read(self) -> str:
        """Note what it holds; how it does besides, in words."""
        held = held_by(below(self._browser.pid))
        self.processes.mib.append(held.own)
        with self._browser.page() as page:
            page.send("HeapProfiler.collectGarbage")
            self.heap.mib.append(page.send("Runtime.getHeapUsage")["usedSize"] / MIB)
            movers, live = page.value(f"({PEOPLE})()"), page.value(f"({LIVE})()")
            return f"(whole {held.whole:.0f})  movers {movers}  {live}"

    def close(self) -> list[str]:
        """What went wrong."""
        with self._browser.page() as page:
            faults: list[str] | None = page.value("window.faultsOfThisDocument ?? null")
            if faults is None:
                return ["the page was loaded anew"]
            if page.value(f"({PEOPLE})()") < self._people:
                faults.append("not all movers are on the map")
            return faults


def watch(
    open_wall: Callable[[ServedCity, int], OpenWall] | None, size: Size, folder: str
) -> tuple[list[Series], str]:
    """The series, and what went wrong besides (empty: nothing). Without a browser: those of the server."""
    with fresh_database() as database:
        connection = connect(database.superuser)
        connection.autocommit = True
        phones = b1.people(connection, size.people)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            postmaster = parent_of(cursor.fetchone()[0])
        with served(database, folder) as city:
            load = Load(city.port, phones, size.period_s)
            load.start()
            wall = open_wall(city, len(phones)) if open_wall else None
            server, worker = (process.pid for process in city.processes)
            own = [
                (Series("server"), server),
                (Series("worker"), worker),
                (Series("database", is_judged=False), postmaster),
            ]
            series = [*([wall.heap, wall.processes] if wall else []), *(one for one, _ in own)]
            began = time.monotonic()
            for number in range(1, size.readings + 1):
                time.sleep(max(0.0, began + number * size.every_s - time.monotonic()))
                said = wall.read() if wall else ""
                for one, pid in own:
                    one.mib.append(held_by(below(pid)).own)
                figures = "  ".join(f"{one.name} {one.mib[-1]:.1f}" for one in series)
                minutes = (time.monotonic() - began) / 60
                print(f"{minutes:5.1f} min  {figures}  fixes {load.fixes}  {said}", flush=True)
            broken = wall.close() if wall else []
            load.stop()
            if load.refused or not load.fixes:
                broken.append(f"{load.refused} refused of {load.fixes} fixes")
        connection.close()
    return series, "; ".join(broken)


def main(small: bool) -> int:
    """Judge and measure; the figure is the worst growth. Small: that it runs, without a browser."""
    size, only = SMALL if small else full(), os.environ.get("B8_ONLY", "")
    faults: list[str] = []
    series: list[Series] = []
    wrong = ""
    with tempfile.TemporaryDirectory(prefix="geogrid-b8-") as folder:
        if small:
            series, wrong = watch(None, size, folder)
        else:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                if only != "memory":
                    faults = judge_screens(browser)
                browser.close()
                if only != "screens":
                    with alone_browser(folder) as alone:
                        series, wrong = watch(partial(OpenWall, alone), size, folder)
    for one in series:
        print(one.told())
    worst = max((one.growth() for one in series if one.is_judged), default=0.0)
    is_met = not faults and not wrong and (small or worst < MOST_GROWTH)
    if wrong or faults:
        print(f"wrong: {wrong} {faults}")
    print(
        f"B8 growth {worst:+.1%}, {len(faults)} faults of the screens < {MOST_GROWTH:.0%}, 0 "
        f"{'ok' if is_met else 'short'}"
    )
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main("--small" in sys.argv))
