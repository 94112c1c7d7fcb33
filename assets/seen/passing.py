"""What the clock does for coverage: cut streets, follow the grid, and note what was passed."""

import json
import time
from datetime import datetime, timedelta
from math import inf

from django.conf import settings
from django.db import connection, transaction

from assets.seen.models import LatePassed, Progress
from grid_units.patrols.reading import Bookmark, ReadFix, read_on, start

ROADS_AT_ONCE = 2_000
GROUND_AT_ONCE = 200
FIXES_AT_ONCE = 10_000
SOME_AT_ONCE, SOME_S = 1_000, 1.0
# A reader that has never read, or has a bookmark of another database, begins so far back.
LOOKS_BACK = timedelta(days=30)


def keep_bits(at: datetime) -> int:
    """Cut roads that have come or were drawn anew, and follow the cells. Returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.cut_roads(%s) + core.recell_bits(%s)", [ROADS_AT_ONCE, GROUND_AT_ONCE])
        return int(cursor.fetchone()[0])


def note_some_passed(at: datetime) -> int:
    """`note_passed` for a moment: the clock has other things to do when the fixes of days come at once."""
    return note_passed(at, at_once=SOME_AT_ONCE, longest_s=SOME_S)


def note_passed(at: datetime, *, at_once: int = FIXES_AT_ONCE, longest_s: float = inf) -> int:
    """Read the fixes that have come and note what they passed. Returns how many fixes were read.

    Goes on until all are read, or `longest_s` seconds are over.

    The bookmark is kept in the same transaction, so a kill loses and doubles nothing. While streets are
    still to be cut it waits: what is passed now would be missed in them.
    """
    read, began = 0, time.monotonic()
    while True:
        with transaction.atomic():
            progress, _ = Progress.objects.select_for_update().get_or_create(id=1)
            if _streets_are_missing():
                return read
            bookmark = Bookmark.from_text(progress.bookmark) or start(at - LOOKS_BACK)
            fixes, bookmark = read_on(bookmark, at_once)
            _see(fixes)
            _tell_late(fixes)
            progress.bookmark = bookmark.as_text()
            progress.save(update_fields=["bookmark"])
        read += len(fixes)
        if len(fixes) < at_once or time.monotonic() - began > longest_s:
            return read


def forget_passed(at: datetime) -> int:
    """Drop what was passed longer ago than fixes are kept. Returns how many rows went."""
    oldest = (at - timedelta(days=settings.KEEP_FIXES_DAYS)).date()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM bit_seen WHERE day < %s", [oldest])
        gone = cursor.rowcount
        cursor.execute("DELETE FROM square_seen WHERE day < %s", [oldest])
        return int(gone + cursor.rowcount)


def _streets_are_missing() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM road AS r"
            " WHERE NOT EXISTS (SELECT FROM road_cut AS c WHERE c.road_id = r.id))"
        )
        return bool(cursor.fetchone()[0])


def _see(fixes: list[ReadFix]) -> None:
    used = [
        {
            "d": fix.device_id,
            "w": fix.worker_id,
            "t": fix.at.isoformat(),
            "x": fix.lng,
            "y": fix.lat,
            "v": fix.is_driven,
        }
        for fix in fixes
        if not fix.unused_because and fix.worker_id is not None
    ]
    if used:
        with connection.cursor() as cursor:
            cursor.execute("SELECT core.see(%s)", [json.dumps(used)])


def _tell_late(fixes: list[ReadFix]) -> None:
    """One row for each person and gathering of late fixes: where and when they change what was known."""
    late: dict[int, list[ReadFix]] = {}
    for fix in fixes:
        if fix.is_late and not fix.unused_because and fix.worker_id is not None:
            late.setdefault(fix.worker_id, []).append(fix)
    LatePassed.objects.bulk_create(
        LatePassed(
            worker_id=worker_id,
            from_at=min(fix.at for fix in theirs),
            to_at=max(fix.at for fix in theirs),
            west=min(fix.lng for fix in theirs),
            south=min(fix.lat for fix in theirs),
            east=max(fix.lng for fix in theirs),
            north=max(fix.lat for fix in theirs),
        )
        for worker_id, theirs in late.items()
    )
