"""How much of the streets had been walked at a moment of the past (回放)."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from assets.seen.coverage import Coverage, by_unit
from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of

SQL = Path(__file__).parent / "sql"


def coverage_then(*, at: datetime, zone: tzinfo, level: str, viewer: User) -> list[Coverage]:
    """Street metres walked and driven on the local day of `at` up to that moment, by unit of the level.

    What came late counts from when it was so. Ground of cells without streets is not told, nor the last
    visit: both are kept for whole days only.
    """
    asked: dict[str, Any] = {
        "day": at.astimezone(zone).date(),
        "at": at,
        "prefixes": list(scopes_of(viewer).prefixes(Action.SEE_POSITIONS)),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(statement(SQL, "coverage_then"), asked)
        cells = [
            Coverage(code, due_m=due, walked_m=walked, driven_m=driven)
            for code, due, walked, driven in cursor.fetchall()
        ]
    return by_unit(cells, level)
