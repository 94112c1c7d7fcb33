"""What the workshop's check and tables read besides the grid: responsibility grids, and incidents by cell."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from grid_units.duties.models import Duty
from grid_units.workshop.models import CheckRules


def the_rules() -> CheckRules:
    """The rules of the check; the defaults while nobody has kept any."""
    return CheckRules.objects.first() or CheckRules()


def responsibility_grids(prefixes: tuple[str, ...], at: datetime | None = None) -> list[list[str]]:
    """Unit codes of each responsibility grid (责任网格): what one worker answers for now, whatever the hour.

    Two duties with the same cells are one grid. Only those that lie under one of the prefixes; no names.
    """
    now = at or timezone.now()
    duties = Duty.objects.in_force(now).filter(role="grid_worker").prefetch_related("areas")
    found = {tuple(sorted(area.unit_code for area in duty.areas.all())) for duty in duties}
    return [list(codes) for codes in sorted(found) if codes and all(c.startswith(prefixes) for c in codes)]


def incidents_by_cell(
    since: datetime, until: datetime, prefixes: tuple[str, ...], *, as_is: bool
) -> list[dict[str, Any]]:
    """Incidents reported from `since` to before `until`, by cell: received, filed, closed so far.

    as_is: counted into the cells of today; else into the cell that each happened in, as it was called then.
    Without a code: those on ground that no cell has; only for who sees the whole city.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, received, filed, closed FROM core.incidents_by_cell(%s, %s, %s)",
            [since, until, as_is],
        )
        rows = cursor.fetchall()
    return [
        {"code": code, "received": received, "filed": filed, "closed": closed}
        for code, received, filed, closed in _under(rows, prefixes)
    ]


def _under(rows: Iterable[Any], prefixes: tuple[str, ...]) -> list[Any]:
    return [row for row in rows if row[0].startswith(prefixes)]
