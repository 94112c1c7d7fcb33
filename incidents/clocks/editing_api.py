"""The calendar over HTTP, to be kept: days, office hours, years."""

from datetime import date
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, answering
from geogrid.core.errors import Invalid, NotFound
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from incidents.api import checked, signed_in
from incidents.clocks import serializers as shown
from incidents.clocks.actions import drop_day, keep_day, load_holidays, mark_year, set_windows
from incidents.clocks.api import calendar_of
from incidents.clocks.models import CalendarDay

DAY = OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH)
YEARS = range(1900, 2201)


def _keeper(request: Request) -> User:
    actor = signed_in(request)
    require(actor, Action.KEEP_RULES)
    return actor


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("没有这一天。There is no such day.") from error
    if found.year not in YEARS:
        raise NotFound("没有这一天。There is no such day.")
    return found


class OneDay(APIView):
    """A day that differs from the week."""

    @extend_schema(
        operation_id="keepCalendarDay",
        parameters=[DAY],
        request=shown.DayIn,
        responses=answering({200: shown.CalendarOut}, *BODY_REFUSED, 404),
    )
    def put(self, request: Request, day: str) -> Response:
        """Make it a holiday or a working day; the answer is its year."""
        actor, found = _keeper(request), _day(day)
        keep_day(day=found, actor=actor, **checked(shown.DayIn, request.data).validated_data)
        return Response(calendar_of(found.year))

    @extend_schema(
        operation_id="dropCalendarDay", parameters=[DAY], responses=answering({200: shown.CalendarOut}, 404)
    )
    def delete(self, request: Request, day: str) -> Response:
        """It is as its weekday again."""
        found = _day(day)
        if not CalendarDay.objects.filter(day=found).exists():
            raise NotFound("这一天没有特别安排。That day does not differ from the week.")
        drop_day(day=found, actor=_keeper(request))
        return Response(calendar_of(found.year))


class OneYear(APIView):
    """Whether the holidays of a year are known."""

    @extend_schema(
        operation_id="keepCalendarYear",
        request=shown.YearIn,
        responses=answering({200: shown.CalendarOut}, *BODY_REFUSED, 404),
    )
    def put(self, request: Request, year: int) -> Response:
        """Bring the holidays in from the packages, or say that they were entered by hand."""
        actor = _keeper(request)
        asked: dict[str, Any] = checked(shown.YearIn, request.data).validated_data
        if year not in YEARS:
            raise NotFound("没有这一年。There is no such year.")
        if asked["by_hand"]:
            mark_year(year=year, actor=actor)
        elif year not in load_holidays(years=[year], actor=actor, at=timezone.now()):
            raise Invalid(
                f"{year} 年的节假日尚无数据包，请手工录入。"
                f"No package knows the holidays of {year} yet: enter them by hand."
            )
        return Response(calendar_of(year))


class Windows(APIView):
    """Office hours."""

    @extend_schema(
        operation_id="setOfficeWindows",
        request=shown.WindowsIn,
        responses=answering({200: shown.CalendarOut}, *BODY_REFUSED),
    )
    def put(self, request: Request) -> Response:
        """Office hours from a day on. What held before holds until then."""
        actor = _keeper(request)
        asked = checked(shown.WindowsIn, request.data).validated_data
        windows = [(one["weekday"], one["opens"], one["closes"]) for one in asked["windows"]]
        set_windows(from_day=asked["from_day"], windows=windows, actor=actor)
        return Response(calendar_of(asked["from_day"].year))
