"""Partitions of fixes: made ahead, dropped by age. Called by the clock."""

from datetime import datetime

from django.conf import settings
from django.db import connection

DAYS_AHEAD = 3


def keep_partitions(at: datetime) -> int:
    """Make the partitions of today and the next days, drop those past KEEP_FIXES_DAYS. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT core.keep_fix_partitions(%s, %s, %s)", [at, DAYS_AHEAD, settings.KEEP_FIXES_DAYS]
        )
        return int(cursor.fetchone()[0])
