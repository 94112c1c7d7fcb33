"""The calendar and the limits of stages over HTTP, to read; and what a limit would come to."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.errors import Invalid
from incidents.api import checked
from incidents.clocks import serializers as shown
from incidents.clocks.actions import city_calendar, needed_years, policy_at
from incidents.clocks.calendar import CalendarError
from incidents.clocks.clock import Clock
from incidents.clocks.models import CalendarDay


def warning_of(years: list[int]) -> dict[str, str] | None:
    """What is to be said when holidays are not known."""
    if not years:
        return None
    said = ", ".join(str(year) for year in years)
    return {
        "zh": f"{said} 年的节假日尚未维护，只扣除了周末。",
        "en": f"The holidays of {said} are not known yet: only weekends were left out.",
    }


def calendar_of(year: int | None) -> Any:
    """The calendar of a year, of the current one without it, as the API shows it."""
    calendar, now = city_calendar(), timezone.now()
    year = year or now.astimezone(calendar.zone).year
    missing = [one for one in needed_years(now, calendar.zone) if one not in calendar.covered_years]
    is_covered = year in calendar.covered_years
    found: dict[str, Any] = {
        "year": year,
        "zone": str(calendar.zone),
        "is_covered": is_covered,
        "warning": None if is_covered else warning_of([year]),
        "missing_years": missing,
        "missing_warning": warning_of(missing),
        "covered_years": sorted(calendar.covered_years),
        "windows": sorted(calendar.windows, key=lambda one: (one.weekday, one.opens)),
        "days": CalendarDay.objects.filter(day__year=year).order_by("day"),
    }
    return shown.CalendarOut(found).data


class CalendarOfYear(APIView):
    """The calendar of one year."""

    @extend_schema(
        operation_id="getCalendar",
        parameters=[shown.YearQuery],
        responses=answering({200: shown.CalendarOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """Office windows, days that differ from the week, and whether the year's holidays are known."""
        asked = checked(shown.YearQuery, request.query_params).validated_data
        return Response(calendar_of(asked.get("year")))


class Deadline(APIView):
    """What a limit comes to."""

    @extend_schema(
        operation_id="getDeadline",
        parameters=[shown.DeadlineQuery],
        responses=answering({200: shown.DeadlineOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """When a limit that starts at a moment passes, and from when on it is yellow."""
        asked = checked(shown.DeadlineQuery, request.query_params).validated_data
        start: datetime = asked["start"]
        calendar, clock = city_calendar(), Clock(start, asked["limit"])
        try:
            due_at, warn_at = clock.due_at(calendar), clock.warn_at(calendar)
        except (CalendarError, OverflowError) as error:
            raise Invalid(str(error), {"start": [str(error)]}) from error
        uncovered = calendar.uncovered(start, due_at or start) if clock.kind.is_working else []
        found = {
            "limit": clock.limit,
            "warn_at": warn_at,
            "due_at": due_at,
            "uncovered_years": uncovered,
            "warning": warning_of(uncovered),
        }
        return Response(shown.DeadlineOut(found).data)


class PolicyNow(APIView):
    """The limits of stages."""

    @extend_schema(operation_id="getClockPolicy", responses=answering({200: shown.PolicyOut}, 404))
    def get(self, request: Request) -> Response:
        """The version in force now."""
        policy = policy_at(timezone.now())
        limits = [{"stage": stage.value, "limit": limit} for stage, limit in policy.limits.items()]
        found = {"version": policy.version, "warn_share": policy.warn_share, "limits": limits}
        return Response(shown.PolicyOut(found).data)
