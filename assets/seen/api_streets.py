"""Streets and their patrol duty over HTTP."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.models import Road
from assets.seen import duties
from assets.seen.serializers import DecideSerializer, StreetSerializer
from geogrid.core.documented import BODY_REFUSED, answering
from geogrid.core.errors import NotFound
from geogrid.organisations.api import owner_of


def road_for(text: str) -> Road:
    """The street of an address. Raises NotFound when it is none."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise NotFound("There is no such street. 没有这条道路。")
    return duties.road_of(int(text))


class Street(APIView):
    """One street."""

    @extend_schema(operation_id="getStreet", responses=answering({200: StreetSerializer}, 404))
    def get(self, request: Request, road_id: str) -> Response:
        """A street, whether it is to be patrolled and why, and what was decided before."""
        found = duties.duty_of(road_for(road_id), owner_of(request))
        return Response(StreetSerializer(found).data)


class DutyOfStreet(APIView):
    """What somebody decides of one street."""

    @extend_schema(
        operation_id="decidePatrolDuty",
        request=DecideSerializer,
        responses=answering({200: StreetSerializer}, 404, *BODY_REFUSED),
    )
    def put(self, request: Request, road_id: str) -> Response:
        """Say whether it is to be patrolled, whatever its kind; for who staffs all its cells."""
        viewer = owner_of(request)
        road = road_for(road_id)
        asked = DecideSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        duties.decide(
            road=road, is_due=said["is_due"], reason=said["reason"], actor=viewer, at=timezone.now()
        )
        return Response(StreetSerializer(duties.duty_of(road, viewer)).data)

    @extend_schema(operation_id="leavePatrolDutyToKind", responses=answering({200: StreetSerializer}, 404))
    def delete(self, request: Request, road_id: str) -> Response:
        """Take back what was decided: its kind decides again."""
        viewer = owner_of(request)
        road = road_for(road_id)
        duties.leave_to_kind(road=road, actor=viewer)
        return Response(StreetSerializer(duties.duty_of(road, viewer)).data)
