"""The one reader of the change log in this process: every 100 ms, by snapshot.

By snapshot and not by serial number: a number is taken when a row is written, but the row is seen when its
transaction commits, so a reader by number passes over slow writers. Here a poll takes what the last
snapshot did not see, and remembers the snapshot it was taken in: nothing is missed, nothing comes twice.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg2

from geogrid.embedded.urls import database_url

PERIOD_S = 0.1
RETRY_S = 1.0
KEPT_S = 9 * 60  # rows younger than ten minutes are never trimmed
LOOK_AT_RIGHTS_EVERY = 20  # polls
log = logging.getLogger(__name__)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class ChangeRow:
    """One row of the change log. `box`: west, south, east, north in Web Mercator metres, or None."""

    id: int
    kind: str
    op: str
    refs: tuple[str, ...]
    units_before: tuple[str, ...]
    units_after: tuple[str, ...]
    box: Box | None
    at: str


@dataclass(frozen=True)
class Batch:
    """What one poll found: the rows that came since `before`, all of them seen in `snapshot`.

    `features` holds what the map draws of each row of `kind`, by (kind, ref).
    """

    before: str
    snapshot: str
    rows: tuple[ChangeRow, ...]
    features: dict[tuple[str, str], dict[str, Any]]


_COLUMNS = """
    c.id, c.kind, c.op, c.refs, c.units_before, c.units_after,
    ST_XMin(c.extent), ST_YMin(c.extent), ST_XMax(c.extent), ST_YMax(c.extent),
    to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
"""
_NEW_SINCE = f"""
SELECT {_COLUMNS}
FROM change c
WHERE c.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
    AND c.xid < pg_snapshot_xmax(%(until)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(c.xid, %(seen)s::pg_snapshot)
    AND pg_visible_in_snapshot(c.xid, %(until)s::pg_snapshot)
ORDER BY c.id
LIMIT %(most)s
"""  # noqa: S608 - our own columns
_POLL = f"""
SELECT pg_current_snapshot()::text, {_COLUMNS}
FROM (SELECT 1) one
LEFT JOIN change c
    ON c.xid >= pg_snapshot_xmin(%(seen)s::pg_snapshot)
    AND NOT pg_visible_in_snapshot(c.xid, %(seen)s::pg_snapshot)
ORDER BY c.id
"""  # noqa: S608 - our own columns
_FEATURES = "SELECT kind, ref, feature FROM core.live_features(%s, %s)"
_RIGHTS = "SELECT user_id, epoch FROM core.permission_epochs()"
SHOWN_AT_MOST = 50


def _row(found: tuple[Any, ...]) -> ChangeRow:
    number, kind, op, refs, before, after, west, south, east, north, at = found
    box = None if west is None else (west, south, east, north)
    return ChangeRow(number, kind, op, tuple(refs), tuple(before), tuple(after), box, at)


def changes_between(cursor: Any, seen: str, until: str, most: int) -> list[ChangeRow]:
    """Rows that snapshot `until` sees and `seen` did not, the oldest first; at most `most` of them."""
    cursor.execute(_NEW_SINCE, {"seen": seen, "until": until, "most": most})
    return [_row(found) for found in cursor.fetchall()]


def features_of(cursor: Any, rows: list[ChangeRow]) -> dict[tuple[str, str], dict[str, Any]]:
    """What the map draws of the rows that changed, by (kind, ref). Bulk changes are drawn from tiles."""
    wanted: dict[tuple[str, str], None] = {}
    for row in rows:
        if row.op != "delete" and len(row.refs) <= SHOWN_AT_MOST:
            wanted |= dict.fromkeys((row.kind, ref) for ref in row.refs)
    if not wanted:
        return {}
    kinds, refs = zip(*wanted, strict=True)
    cursor.execute(_FEATURES, [list(kinds), list(refs)])
    return {(kind, ref): feature for kind, ref, feature in cursor.fetchall()}


class Poller:
    """Polls in a thread of its own and tells those who subscribed, in the order they did.

    on_batch: a poll found rows. on_gap: the log may have a hole (another database, or polls failed so long
    that rows were trimmed): forget everything. Both are called in the poller's thread.
    """

    def __init__(self, url: Callable[[], str | None] = lambda: database_url("app")) -> None:
        self._url = url
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._on_batch: list[Callable[[Batch], None]] = []
        self._on_gap: list[Callable[[], None]] = []
        self._after_poll: list[Callable[[Any, Batch], None]] = []
        self._epochs: dict[int, int] = {}
        self._polled_at = float("-inf")
        self.epoch = ""
        self.snapshot = ""

    def subscribe(self, on_batch: Callable[[Batch], None], on_gap: Callable[[], None]) -> None:
        """Be told. Call before `start`."""
        self._on_batch.append(on_batch)
        self._on_gap.append(on_gap)

    def after_each_poll(self, work: Callable[[Any, Batch], None]) -> None:
        """Run `work(cursor, batch)` after each poll, also an empty one. Call before `start`."""
        self._after_poll.append(work)

    def is_outdated(self, user_id: int, epoch: int) -> bool:
        """Whether rights were taken from this user since a token of this epoch; known two seconds later."""
        return epoch < self._epochs.get(user_id, epoch)

    def start(self) -> None:
        """Begin to poll."""
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after the poll that runs."""
        self._stop.set()
        if self._thread:
            self._thread.join(5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._poll_until_it_breaks()
            except psycopg2.Error as error:
                log.warning("the change log cannot be read, trying again: %s", str(error).strip())
            except Exception:  # the thread must outlive a bug in a subscriber
                log.exception("the poller failed")
            self._stop.wait(RETRY_S)

    def _poll_until_it_breaks(self) -> None:
        url = self._url()
        if url is None:
            return
        connection = psycopg2.connect(
            url, application_name="geogrid poller", connect_timeout=10, options="-c jit=off -c timezone=UTC"
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                self._begin(cursor)
                polls = 0
                while not self._stop.wait(PERIOD_S):
                    batch = self._poll(cursor)
                    if batch.rows:
                        for tell in self._on_batch:
                            tell(batch)
                    for work in self._after_poll:
                        work(cursor, batch)
                    if polls % LOOK_AT_RIGHTS_EVERY == 0:
                        cursor.execute(_RIGHTS)
                        self._epochs = dict(cursor.fetchall())
                    polls += 1
        finally:
            connection.close()

    def _begin(self, cursor: Any) -> None:
        """Go on after the last snapshot when the database is the same; else say that there is a gap."""
        cursor.execute("SELECT core.feed_epoch(), pg_current_snapshot()::text")
        epoch, snapshot = cursor.fetchone()
        was_away_s = time.monotonic() - self._polled_at
        if epoch != self.epoch or was_away_s > KEPT_S:
            self.epoch, self.snapshot = epoch, snapshot
            for forget in self._on_gap:
                forget()

    def _poll(self, cursor: Any) -> Batch:
        before = self.snapshot
        cursor.execute(_POLL, {"seen": before})
        found = cursor.fetchall()
        snapshot: str = found[0][0]
        rows = [_row(one[1:]) for one in found if one[1] is not None]
        try:
            features = features_of(cursor, rows)
        except psycopg2.Error:
            if cursor.connection.closed:
                raise  # the same rows are found again by the next connection
            log.exception("what changed is told without what is drawn of it")
            features = {}
        self.snapshot = snapshot
        self._polled_at = time.monotonic()
        return Batch(before, snapshot, tuple(rows), features)
