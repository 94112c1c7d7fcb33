"""Positions as they were, over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import JSON, answering
from geogrid.core.moments import MomentQuery
from geogrid.organisations.api import owner_of
from grid_units.patrols.replay import FRESH, SILENT, positions_then


class PositionThenSerializer(serializers.Serializer[Any]):
    """Where a person was."""

    worker_id = serializers.IntegerField()
    worker_name = serializers.CharField()
    state = serializers.ChoiceField(
        choices=[FRESH, SILENT], help_text="silent: nothing of the five minutes before"
    )
    at = serializers.DateTimeField(help_text="Of the fix, by the device's clock")
    lng = serializers.FloatField()
    lat = serializers.FloatField()
    is_driven = serializers.BooleanField()
    is_simulated = serializers.BooleanField()


class PositionsThenSerializer(serializers.Serializer[Any]):
    """Where people were at a moment."""

    at = serializers.DateTimeField()
    results = PositionThenSerializer(many=True)


class PositionsThen(APIView):
    """Positions as they were."""

    @extend_schema(
        operation_id="replayPositions",
        parameters=[MomentQuery],
        responses=answering({(200, JSON): PositionsThenSerializer}, 422),
    )
    def get(self, request: Request) -> Response:
        """Who was on duty at a moment of the last thirty days and where, as far as you may see people."""
        asked = MomentQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at = asked.validated_data["at"]
        shown = {"at": at, "results": positions_then(owner_of(request), at)}
        return Response(PositionsThenSerializer(shown).data)
