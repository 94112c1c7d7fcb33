"""Staffing over HTTP: duties of a unit, new ones, their end, and who stands in."""

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import BODY_REFUSED, JSON, answering
from geogrid.core.errors import Invalid
from geogrid.organisations.api import owner_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties import actions
from grid_units.duties.access import require, scopes_of, under
from grid_units.duties.models import Duty, DutyArea, DutyQuerySet, Substitution
from grid_units.duties.roster import duties_of
from grid_units.duties.serializers import (
    DutySerializer,
    EndOfDutySerializer,
    NewDutySerializer,
    NewSubstitutionSerializer,
    SubstitutionSerializer,
)


def staffed_by(user: User) -> DutyQuerySet:
    """The duties that name a unit in which `user` staffs."""
    prefixes = scopes_of(user).prefixes(Action.STAFF_CELLS)
    theirs = DutyArea.objects.filter(under(prefixes, "unit_code"), duty=OuterRef("pk"))
    return Duty.objects.filter(Exists(theirs))


class Duties(APIView):
    """Duties of one unit; new duties."""

    @extend_schema(
        parameters=[OpenApiParameter("unit", str, required=True, description="Code of a cell or unit")],
        responses=answering({(200, JSON): DutySerializer(many=True)}, 422),
        operation_id="listDuties",
    )
    def get(self, request: Request) -> Response:
        code = request.query_params.get("unit", "")
        if not code.isascii() or not code.isdecimal():
            raise Invalid("Name the unit: ?unit=<code>.", {"unit": ["The code of a cell or unit."]})
        require(owner_of(request), Action.SEE_PEOPLE, code)
        return Response(DutySerializer(list(duties_of(code, timezone.now())), many=True).data)

    @extend_schema(
        request={JSON: NewDutySerializer},
        responses=answering({(201, JSON): DutySerializer}, *BODY_REFUSED, 409),
        operation_id="makeDuty",
    )
    def post(self, request: Request) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        asked = NewDutySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        duty = actions.make_duty(actor=owner_of(request), **asked.validated_data)
        return Response(DutySerializer(duty).data, status=201)


class OneDuty(APIView):
    """The end of a duty."""

    @extend_schema(
        request={JSON: EndOfDutySerializer},
        responses=answering({(200, JSON): DutySerializer}, *BODY_REFUSED, 404, 409),
        operation_id="endDuty",
    )
    def patch(self, request: Request, duty_id: int) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        duty = get_object_or_404(staffed_by(owner_of(request)), pk=duty_id)
        asked = EndOfDutySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        actions.end_duty(actor=owner_of(request), duty=duty, valid_to=asked.validated_data["valid_to"])
        duty.refresh_from_db()
        return Response(DutySerializer(duty).data)


class Substitutions(APIView):
    """Who stands in for the person of a duty."""

    @extend_schema(
        request={JSON: NewSubstitutionSerializer},
        responses=answering({(201, JSON): SubstitutionSerializer}, *BODY_REFUSED, 404, 409),
        operation_id="makeSubstitution",
    )
    def post(self, request: Request, duty_id: int) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        duty = get_object_or_404(staffed_by(owner_of(request)), pk=duty_id)
        asked = NewSubstitutionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = actions.substitute(actor=owner_of(request), duty=duty, **asked.validated_data)
        return Response(SubstitutionSerializer(made).data, status=201)


class OneSubstitution(APIView):
    """One substitution, to be taken back."""

    @extend_schema(responses=answering({204: None}, 404), operation_id="cancelSubstitution")
    def delete(self, request: Request, duty_id: int, substitution_id: int) -> Response:
        require(owner_of(request), Action.STAFF_CELLS)
        duty = get_object_or_404(staffed_by(owner_of(request)), pk=duty_id)
        found = get_object_or_404(Substitution.objects.filter(duty=duty), pk=substitution_id)
        actions.cancel_substitution(actor=owner_of(request), substitution=found)
        return Response(status=204)
