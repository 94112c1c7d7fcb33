"""The staffing of a unit over HTTP: board of a week, gaps by hour, load, candidates; changes and leaves."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.organisations.api import owner_of
from geogrid.organisations.roles import Action
from grid_units.duties import board, changing
from grid_units.duties.access import require
from grid_units.duties.actions import person_named
from grid_units.duties.api import staffed_by
from grid_units.duties.serializers import DutySerializer, SubstitutionSerializer
from grid_units.duties.staffing_serializers import (
    BoardSerializer,
    CandidateSerializer,
    DutyChangeSerializer,
    GapsSerializer,
    LeaveNotedSerializer,
    LeaveSerializer,
    LoadSerializer,
    WeekQuery,
)


def asked_week(request: Request, action: Action) -> board.Week:
    """The unit and week of a request, for those who may do `action` in the unit."""
    asked = WeekQuery(data=request.query_params)
    asked.is_valid(raise_exception=True)
    unit = asked.validated_data["unit"]
    require(owner_of(request), action, unit)
    return board.week_of(unit, asked.validated_data["week"])


# The rows are plain data in the very shape of their serializers, which would take seconds for a district.
class Board(APIView):
    """Who is meant to be where in a week."""

    @extend_schema(
        parameters=[WeekQuery],
        responses=answering({(200, JSON): BoardSerializer}, 404, 422),
        operation_id="staffingBoard",
    )
    def get(self, request: Request) -> Response:
        return Response(board.board(asked_week(request, Action.SEE_PEOPLE), owner_of(request)))


class GapsByHour(APIView):
    """When somebody is missing for cells of a unit."""

    @extend_schema(
        parameters=[WeekQuery],
        responses=answering({(200, JSON): GapsSerializer}, 404, 422),
        operation_id="staffingGaps",
    )
    def get(self, request: Request) -> Response:
        return Response(board.gaps_in(asked_week(request, Action.SEE_PEOPLE)))


class Loads(APIView):
    """What each person on duty within a unit has to look after."""

    @extend_schema(
        parameters=[WeekQuery],
        responses=answering({(200, JSON): LoadSerializer(many=True)}, 404, 422),
        operation_id="staffingLoad",
    )
    def get(self, request: Request) -> Response:
        return Response(board.loads_in(asked_week(request, Action.STAFF_CELLS)))


class Candidates(APIView):
    """People who can be put on duty in a unit."""

    @extend_schema(
        parameters=[WeekQuery],
        responses=answering({(200, JSON): CandidateSerializer(many=True)}, 404, 422),
        operation_id="staffingPeople",
    )
    def get(self, request: Request) -> Response:
        week = asked_week(request, Action.STAFF_CELLS)
        return Response(board.people_for(week.unit, owner_of(request)))


class DutyChanges(APIView):
    """A duty that goes on otherwise."""

    @extend_schema(
        request={JSON: DutyChangeSerializer},
        responses=answering({(201, JSON): DutySerializer, 204: None}, *BODY_REFUSED, 404, 409),
        operation_id="changeDuty",
    )
    def post(self, request: Request, duty_id: int) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        duty = get_object_or_404(staffed_by(owner_of(request)), pk=duty_id)
        asked: dict[str, Any] = _read(DutyChangeSerializer(data=request.data))
        now = timezone.now()
        at = asked.pop("at") or now
        after = changing.change_duty(actor=owner_of(request), duty=duty, at=at, now=now, **asked)
        return Response(DutySerializer(after).data, status=201) if after else Response(status=204)


class Leaves(APIView):
    """Somebody is away from all their duties."""

    @extend_schema(
        request={JSON: LeaveSerializer},
        responses=answering({(201, JSON): LeaveNotedSerializer}, *BODY_REFUSED, 409),
        operation_id="takeLeave",
    )
    def post(self, request: Request) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        asked = _read(LeaveSerializer(data=request.data))
        person = person_named(asked.pop("person"))
        noted, others = changing.take_leave(actor=owner_of(request), person=person, **asked)
        return Response(
            {"noted": SubstitutionSerializer(noted, many=True).data, "others": others}, status=201
        )


def _read(asked: Any) -> dict[str, Any]:
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
