"""Coverage as it was, over HTTP."""

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.seen.coverage import LEVELS, Coverage
from assets.seen.replay import coverage_then
from geogrid.core.documented import JSON, answering
from geogrid.core.models import the_city
from geogrid.core.moments import MomentQuery
from geogrid.organisations.api import owner_of
from geogrid.organisations.roles import Action
from grid_units.duties.access import require


class CoverageThenQuery(MomentQuery):
    """When, and by which units."""

    level = serializers.ChoiceField(choices=LEVELS, default="STREET")


class CoverageThenOfUnit(serializers.Serializer[Coverage]):
    """Coverage of the streets of one unit, from the beginning of the local day to the moment."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    due_m = serializers.FloatField(help_text="Street metres to patrol, as of now")
    walked_m = serializers.FloatField(help_text="Of them walked up to then, each once")
    driven_m = serializers.FloatField(help_text="Passed above 15 km/h only; no part of walked_m")


class CoverageThenSerializer(serializers.Serializer[Any]):
    """Coverage at a moment."""

    at = serializers.DateTimeField()
    results = CoverageThenOfUnit(many=True)


class CoverageThen(APIView):
    """Coverage as it was."""

    @extend_schema(
        operation_id="replayCoverage",
        parameters=[CoverageThenQuery],
        responses=answering({(200, JSON): CoverageThenSerializer}, 422),
    )
    def get(self, request: Request) -> Response:
        """What had been walked of the day at a moment of the last thirty days, as far as you may see it."""
        viewer = owner_of(request)
        require(viewer, Action.SEE_POSITIONS)
        asked = CoverageThenQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        city = the_city()
        zone = city.timezone if city else UTC
        found = coverage_then(at=said["at"], zone=zone, level=said["level"], viewer=viewer)
        return Response(CoverageThenSerializer({"at": said["at"], "results": found}).data)
