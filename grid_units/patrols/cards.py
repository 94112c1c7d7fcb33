"""What the API shows of positions, patrols and absences, and to whom."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from geogrid.core.errors import NotFound
from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import EVERYWHERE, scopes_of
from grid_units.patrols.models import Absence, Patrol

SQL = Path(__file__).parent / "sql"


def last_positions(viewer: User) -> list[dict[str, Any]]:
    """Where the devices are that `viewer` may see: those of people of their units, and their own."""
    prefixes = list(scopes_of(viewer).prefixes(Action.SEE_POSITIONS))
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "last_positions"), {"prefixes": prefixes, "viewer": viewer.pk})
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def people_seen_by(viewer: User) -> QuerySet[User]:
    """The people whose positions `viewer` may see: of their units, and themself."""
    prefixes = scopes_of(viewer).prefixes(Action.SEE_POSITIONS)
    if EVERYWHERE in prefixes:
        return User.objects.all()
    theirs = RawSQL(statement(SQL, "people_of_units"), [list(prefixes)])  # noqa: S611 - a file of ours
    return User.objects.filter(Q(pk__in=theirs) | Q(pk=viewer.pk))


def patrols_seen_by(viewer: User) -> QuerySet[Patrol]:
    """The patrols of people whose positions `viewer` may see."""
    seen = people_seen_by(viewer).values("pk")
    return Patrol.objects.filter(worker_id__in=seen).select_related("worker")


def absences_seen_by(viewer: User) -> QuerySet[Absence]:
    """The alarms about people whose positions `viewer` may see."""
    seen = people_seen_by(viewer).values("pk")
    return Absence.objects.filter(worker_id__in=seen).select_related("worker").order_by("-raised_at")


def track(patrol: Patrol, at: datetime) -> dict[str, Any]:
    """The way of a patrol: parts of [longitude, latitude, Unix seconds], and metres; if it runs until now.

    Raises:
        NotFound: when the patrol is gone.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "track"), {"patrol": patrol.pk, "at": at})
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such patrol.")
    parts, length_m, driven_m, fixes = row
    parts = json.loads(parts) if isinstance(parts, str) else parts
    return {"parts": parts or [], "length_m": length_m, "driven_m": driven_m, "fixes": fixes}
