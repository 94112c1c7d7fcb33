"""The clock: a loop under an advisory lock, one tick a second. Of however many workers, one ticks."""

import logging
import threading
import time
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from geogrid.clock.due import DUE, Due

log = logging.getLogger(__name__)

LOCK = (72101, 2)
TICK_S = 1.0


class Clock:
    """Does what is due. It keeps only when each thing is due next, so any process can take over."""

    def __init__(self, due: tuple[Due, ...] = DUE) -> None:
        self._next: dict[Due, datetime | None] = dict.fromkeys(due)

    def tick(self, at: datetime) -> dict[str, int]:
        """Do what is due at this moment. Returns the rows changed, by what changed them.

        What fails is logged and tried again when it is due next; the rest is done all the same.

        Raises:
            OperationalError, InterfaceError: the database is gone.
        """
        done: dict[str, int] = {}
        for due, not_before in self._next.items():
            if not_before is not None and at < not_before:
                continue
            began = time.monotonic()
            try:
                done[_name(due)] = due.do(at)
            except Exception as error:
                if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
                    raise
                log.exception("The clock could not do %s", _name(due))
            took_s = time.monotonic() - began
            self._next[due] = at + max(due.every, timedelta(seconds=took_s / due.most_of_the_time))
        return done


def _name(due: Due) -> str:
    return getattr(due.do, "__name__", type(due.do).__name__)


def tick(at: datetime) -> dict[str, int]:
    """Everything that the clock does, once, as if it were `at`."""
    return Clock().tick(at)


def run(stop: threading.Event, due: tuple[Due, ...] = DUE) -> None:
    """Tick until `stop` is set.

    While another process has the lock, wait to take over. A lost database is waited for.
    """
    while not stop.is_set():
        try:
            if _has_lock():
                _tick_until(stop, due)
        except (OperationalError, InterfaceError) as error:
            log.warning("The clock lost the database: %s", error)
            connection.close()
        stop.wait(TICK_S)
    connection.close()


def _has_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", LOCK)
        return bool(cursor.fetchone()[0])


def _session() -> int:
    """The database's number of this connection: the lock is its own, and ends with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _tick_until(stop: threading.Event, due: tuple[Due, ...]) -> None:
    """Tick as long as the connection that has the lock lives."""
    clock, session = Clock(due), _session()
    while not stop.is_set() and _session() == session:
        began = time.monotonic()
        clock.tick(timezone.now())
        stop.wait(max(0.0, TICK_S - (time.monotonic() - began)))
