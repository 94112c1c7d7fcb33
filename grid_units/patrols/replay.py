"""Where people were at a moment of the past (回放): read from their fixes, by the clocks of their devices."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from grid_units.patrols.cards import SQL
from grid_units.patrols.states import DWELL

LOOKS_BACK = timedelta(days=1)
# No device's clock is further ahead of ours: such a fix is not used (fixes.py).
AHEAD = timedelta(minutes=10)
FRESH, SILENT = "fresh", "silent"


def positions_then(viewer: User, at: datetime) -> list[dict[str, Any]]:
    """Everybody on duty at `at` whom `viewer` may see, with their newest fix up to then (degrees, WGS 84).

    `state`: silent when the fix was older than what is called silent live, else fresh. Fixes that came late
    count; those that are not used do not. Who may see whom is decided by the units of now.
    """
    since = at - LOOKS_BACK
    asked: dict[str, Any] = {
        "at": at,
        "since": since,
        "received_from": since - AHEAD,
        "viewer": viewer.pk,
        "prefixes": list(scopes_of(viewer).prefixes(Action.SEE_POSITIONS)),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling what each of a month's partitions is asked takes a hundred times as long as asking.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement(SQL, "positions_then"), asked)
        columns = [column.name for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return [row | {"state": SILENT if at - row["at"] > DWELL.silent_after else FRESH} for row in rows]
