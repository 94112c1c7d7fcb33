"""Who is on duty for a unit now, and who is meant to be when: lists for cards and staffing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q

from geogrid.core.models import the_city
from geogrid.organisations.models import User
from geogrid.organisations.roles import ANSWERS
from grid_units.duties.gaps import Gaps, PlannedDuty, Span, gaps, merged
from grid_units.duties.models import Duty, DutyArea, DutyQuerySet, unknown_units
from grid_units.models import Cell

EVER: Span = (datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))


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


def planned_duties(span: Span) -> list[PlannedDuty]:
    """Duties of roles that answer for a place and that touch a span, as the rules of gaps need them."""
    duties = (
        Duty.objects.filter(Q(valid_to=None) | Q(valid_to__gt=span[0]), valid_from__lt=span[1])
        .filter(role__in=[role.value for role in ANSWERS])
        .select_related("user")
        .prefetch_related("areas", "shifts", "substitutions__substitute")
    )
    return [_planned(duty) for duty in duties]


def _planned(duty: Duty) -> PlannedDuty:
    away = [
        (one.valid_from, one.valid_to)
        for one in duty.substitutions.all()
        if one.substitute is None or not one.substitute.is_active
    ]
    if not duty.user.is_active:
        stands_in = merged(
            (one.valid_from, one.valid_to)
            for one in duty.substitutions.all()
            if one.substitute is not None and one.substitute.is_active
        )
        edges = [EVER[0], *(edge for span in stands_in for edge in span), EVER[1]]
        away = list(zip(edges[::2], edges[1::2], strict=True))
    return PlannedDuty(
        units=tuple(area.unit_code for area in duty.areas.all()),
        valid_from=duty.valid_from,
        valid_to=duty.valid_to,
        shifts=tuple((shift.weekday, shift.starts, shift.ends) for shift in duty.shifts.all()),
        away=tuple(away),
    )


def gaps_of_the_city(span: Span) -> Gaps:
    """Cells for which nobody at any level answers at some time of a span."""
    city = the_city()
    zone = city.timezone if city else ZoneInfo("UTC")
    segments = city.code_segments if city else [6, 3, 3, 3]
    cells = Cell.objects.order_by("code").values_list("code", flat=True)
    return gaps(planned_duties(span), cells, span, zone, segments)


def units_that_are_gone(at: datetime) -> list[str]:
    """Codes that duties in force name and that no cell or unit has any more (merged, deleted)."""
    named = DutyArea.objects.filter(duty__in=Duty.objects.in_force(at)).values_list("unit_code", flat=True)
    return unknown_units(named.distinct())
