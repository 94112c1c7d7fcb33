"""What the clock does for measuring: days made ahead and dropped, roll-ups trimmed, silence noted."""

from datetime import datetime, timedelta
from pathlib import Path

from django.db import OperationalError, connection
from django.utils import timezone

from assets.sensors.checks import BEHIND_AT_MOST
from assets.sensors.models import RefusedMessage
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
DAYS_AHEAD = 3
KEEP_MINUTES = timedelta(days=35)
KEEP_REFUSED = timedelta(days=30)
LOCK_NOT_HAD = "55P03"


def note_silence(at: datetime) -> int:
    """Mark datastreams offline that were not heard for too long. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "note_silence"), {"at": at})
        return int(cursor.rowcount)


def make_observation_days(at: datetime) -> int:
    """Make the partitions that are missing, also for days of which values have come already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.observation_days_to_make(%s, %s)", [at, DAYS_AHEAD])
        days = [day for (day,) in cursor.fetchall()]
        made = 0
        for day in days:  # each in a transaction of its own, so that locks are held for a moment only
            cursor.execute("SELECT core.make_observation_day(%s)", [day])
            made += bool(cursor.fetchone()[0])
    return made


def keep_observation_days(at: datetime) -> int:
    """Make partitions ahead and drop those that are too old. One that is in use waits for the next time."""
    try:
        made = make_observation_days(at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT core.drop_observation_days(%s)", [at - BEHIND_AT_MOST])
            return made + int(cursor.fetchone()[0])
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == LOCK_NOT_HAD:
            return 0
        raise


def trim_roll_ups(at: datetime) -> int:
    """Forget minutes and refused messages that nobody asks for any more; hours are kept."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observation_minute WHERE at < %s", [at - KEEP_MINUTES])
        trimmed = int(cursor.rowcount)
    old = RefusedMessage.objects.filter(received_at__lt=min(at, timezone.now()) - KEEP_REFUSED)
    return trimmed + old.delete()[0]
