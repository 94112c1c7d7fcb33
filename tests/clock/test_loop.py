"""However many clocks run, one ticks; when it dies another goes on, and nothing is done by halves."""

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from typing import Any

from geogrid.clock.due import Due
from geogrid.clock.loop import Clock, run, tick
from incidents.intake import Report, report
from incidents.models import Incident
from tests.incidents.conftest import EVENING, MIDDLE, MORNING, A, People

SOON = 30  # seconds until a test gives up waiting


class Ticks:
    """Something due all the time, which notes the thread that did it."""

    def __init__(self) -> None:
        self.threads: list[str] = []
        self.ticked = threading.Event()

    def __call__(self, at: datetime) -> int:
        self.threads.append(threading.current_thread().name)
        self.ticked.set()
        return 0

    def due(self) -> tuple[Due, ...]:
        return (Due(self, timedelta(0)),)


def test_of_two_clocks_one_ticks_and_the_other_takes_over(transactional_db: None, superuser: Any) -> None:
    ticks, stops = Ticks(), [threading.Event(), threading.Event()]
    clocks = [
        threading.Thread(target=run, args=[stop, ticks.due()], name=f"clock {n}", daemon=True)
        for n, stop in enumerate(stops)
    ]
    for clock in clocks:
        clock.start()
    assert ticks.ticked.wait(SOON)
    first = ticks.threads[0]
    stops[clocks.index(next(clock for clock in clocks if clock.name == first))].set()
    ticks.ticked.clear()

    took_over = ticks.ticked.wait(SOON)
    while took_over and ticks.threads[-1] == first:
        ticks.ticked.clear()
        took_over = ticks.ticked.wait(SOON)
    for stop, clock in zip(stops, clocks, strict=True):
        stop.set()
        clock.join(SOON)

    assert took_over
    assert set(ticks.threads) == {"clock 0", "clock 1"}
    changes = sum(a != b for a, b in zip(ticks.threads, ticks.threads[1:], strict=False))
    assert changes == 1


def test_a_clock_survives_that_its_connection_is_cut(transactional_db: None, superuser: Any) -> None:
    ticks, stop = Ticks(), threading.Event()
    clock = threading.Thread(target=run, args=[stop, ticks.due()], name="clock", daemon=True)
    clock.start()
    assert ticks.ticked.wait(SOON)

    with superuser.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks"
            " WHERE locktype = 'advisory' AND classid = 72101 AND objid = 2"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone()[0] == 1
    ticks.ticked.clear()
    goes_on = ticks.ticked.wait(SOON)
    stop.set()
    clock.join(SOON)

    assert goes_on


def test_what_fails_does_not_keep_the_rest_from_being_done() -> None:
    ticks = Ticks()

    def fails(at: datetime) -> int:
        raise RuntimeError("broken")

    done = Clock((Due(fails, timedelta(0)), *ticks.due())).tick(MORNING)

    assert len(ticks.threads) == 1
    assert "fails" not in done


def test_each_thing_is_done_as_often_as_it_says() -> None:
    ticks = Ticks()
    clock = Clock((Due(ticks, timedelta(minutes=1)),))

    for seconds in (0, 30, 59, 61, 90, 125):
        clock.tick(MORNING + timedelta(seconds=seconds))

    assert len(ticks.threads) == 3


def test_a_clock_killed_in_the_middle_of_a_hand_over_loses_and_doubles_nothing(
    lasting_city: People, test_database: Any
) -> None:
    said = Report("web", "积水", *MIDDLE[A])
    number = report(said=said, actor=lasting_city.oona, at=MORNING).answer["number"]
    script = f"""
import os, signal, django
django.setup()
from datetime import datetime
from django.db import transaction
from geogrid.clock.due import hand_over
with transaction.atomic():
    assert hand_over(datetime.fromisoformat("{EVENING.isoformat()}")) == 1
    os.kill(os.getpid(), signal.SIGKILL)
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "geogrid.settings"}
    died = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=False)
    incident = Incident.objects.get(number=number)
    after_death = incident.cell_worker

    handed = [tick(EVENING)["hand_over"], tick(EVENING)["hand_over"]]

    incident.refresh_from_db()
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert (after_death, incident.cell_worker) == (lasting_city.ann, lasting_city.bo)
    assert handed == [1, 0]
    assert incident.steps_taken.count() == 2
