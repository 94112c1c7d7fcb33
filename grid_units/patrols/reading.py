"""Reading fixes as they come, missing none: for coverage and whoever else works through all of them once.

By snapshot, as the poller of the change log: a fix gets its number when it is written, but it is seen when
its transaction commits, so a reader by number or time passes over slow writers. A reader keeps a `Bookmark`
in the transaction of what it made of the fixes; then a kill loses and doubles nothing. (After a backup was
restored into another cluster a fix may be read once more: its transaction is counted anew.)

    bookmark = Bookmark.from_text(kept) or start(received_from)
    fixes, bookmark = read_on(bookmark)
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
MOST = 20_000
BEGINNING = "1:1:"  # a snapshot that has seen nothing


@dataclass(frozen=True)
class Bookmark:
    """How far somebody has read: all that `seen` sees, and of what `until` sees besides all up to the
    transaction `after`. `received_from` leaves older partitions out. In another database (`epoch`) it is
    void."""

    epoch: str
    seen: str
    received_from: str
    until: str | None = None
    after: int = 0

    def as_text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> "Bookmark | None":
        """A bookmark read back; None when it is of another database (a restored backup): start again then."""
        if not text:
            return None
        kept = cls(**json.loads(text))
        return kept if kept.epoch == _epoch() else None


@dataclass(frozen=True)
class ReadFix:
    """A fix with its flags; longitude and latitude in degrees."""

    id: int
    device_id: int
    worker_id: int | None
    at: datetime
    received_at: datetime
    lng: float
    lat: float
    accuracy_m: float | None
    unused_because: str
    is_late: bool
    is_driven: bool


def start(received_from: datetime) -> Bookmark:
    """Before everything that was received since a moment."""
    return Bookmark(_epoch(), BEGINNING, received_from.isoformat())


def read_on(bookmark: Bookmark, most: int = MOST) -> tuple[list[ReadFix], Bookmark]:
    """The next fixes in the order of their transactions, at least `most` when there are so many (no
    transaction is torn), and the bookmark after them. With none, all has been read."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement(SQL, "fixes_since"),
            {
                "seen": bookmark.seen,
                "beginning": BEGINNING,
                "until": bookmark.until,
                "after": bookmark.after,
                "received_from": bookmark.received_from,
                "most": most,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    until = rows[0][0]
    found = [(row[1], ReadFix(*row[2:])) for row in rows if row[1] is not None]
    fixes = [fix for _, fix in found]
    newest = max((fix.received_at for fix in fixes), default=None)
    received_from = max(bookmark.received_from, newest.isoformat()) if newest else bookmark.received_from
    if len(fixes) < most:
        return fixes, Bookmark(bookmark.epoch, until, received_from)
    return fixes, Bookmark(bookmark.epoch, bookmark.seen, bookmark.received_from, until, found[-1][0])


def _epoch() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.feed_epoch()")
        return str(cursor.fetchone()[0])
