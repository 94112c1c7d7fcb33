"""NOTIFY for QGIS: layers that refresh themselves listen on the channel `qgis`.

In a transaction of its own (a NOTIFY in a writing transaction makes all writers wait for each other), at most
once per layer and 250 ms, and by one process only.
"""

import time
from collections.abc import Callable
from typing import Any

from geogrid.changes.poller import Batch

CHANNEL = "qgis"
PERIOD_S = 0.25
_LOCK = "SELECT pg_try_advisory_lock(72101, 3)"


class QgisAnnouncer:
    """Called after each poll with the poller's cursor, whose connection commits each statement."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: set[str] = set()
        self._told_at: dict[str, float] = {}
        self._leads_on: Any = None
        self._asked_at = float("-inf")

    def __call__(self, cursor: Any, batch: Batch) -> None:
        self._due |= {row.kind for row in batch.rows}
        if not self._due or not self._leads(cursor):
            return
        now = self._clock()
        for kind in sorted(self._due):
            if now - self._told_at.get(kind, float("-inf")) >= PERIOD_S:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, kind])
                self._told_at[kind] = now
                self._due.discard(kind)

    def _leads(self, cursor: Any) -> bool:
        """Whether this process is the one that announces; the others look every five seconds."""
        if self._leads_on is cursor.connection:
            return True
        now = self._clock()
        if now - self._asked_at < 5:
            self._due.clear()
            return False
        self._asked_at = now
        cursor.execute(_LOCK)
        [leads] = cursor.fetchone()
        self._leads_on = cursor.connection if leads else None
        return bool(leads)
