"""Who is on duty for a unit now, and who is meant to be when: lists for cards and staffing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q

from geogrid.organisations.models import User
from grid_units.duties.models import Duty, DutyQuerySet


@dataclass(frozen=True)
class OnDuty:
    """Somebody on duty for a unit at a moment. `level` and `unit_code` are those of the duty; `until` is
    when this answer ends by itself, None when no end is known."""

    user_id: int
    duty_id: int
    unit_code: str
    level: str
    role: str
    is_substitute: bool
    until: datetime | None


def on_duty_all(unit_code: str, at: datetime) -> list[OnDuty]:
    """Everybody on duty for a unit and for those above it, nearest first, who answers before who helps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id, duty_id, unit_code, level, role, is_substitute, until "
            "FROM core.on_duty_all(%s, %s)",
            [unit_code, at],
        )
        return [OnDuty(*row) for row in cursor.fetchall()]


def who_answers(unit_code: str, at: datetime) -> OnDuty | None:
    """The one who answers for a unit at a moment, or None when nobody is on duty at any level."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT found.user_id, found.duty_id, found.unit_code, found.level, duty.role, "
            "found.is_substitute, found.until "
            "FROM core.on_duty(%s, %s) found JOIN duty ON duty.id = found.duty_id",
            [unit_code, at],
        )
        row = cursor.fetchone()
    return OnDuty(*row) if row else None


def cells_without_anybody(at: datetime) -> int:
    """Number of cells for which nobody at any level is on duty at a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cell WHERE NOT EXISTS (SELECT FROM core.on_duty(cell.code, %s))",
            [at],
        )
        return int(cursor.fetchone()[0])


def people_of(found: Sequence[OnDuty]) -> dict[int, User]:
    """The users behind a list, by id, with one query."""
    return User.objects.in_bulk([person.user_id for person in found])


def duties_of(unit_code: str, at: datetime) -> DutyQuerySet:
    """Duties that name exactly this unit and have not ended at `at`, with all that a list shows."""
    return (
        Duty.objects.filter(Q(valid_to=None) | Q(valid_to__gt=at), areas__unit_code=unit_code)
        .select_related("user")
        .prefetch_related("areas", "shifts", "substitutions__substitute")
        .order_by("id")
    )
