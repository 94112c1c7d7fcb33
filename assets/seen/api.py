"""Coverage of streets over HTTP."""

from datetime import UTC
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.seen.coverage import coverage
from assets.seen.serializers import CoverageQuery, CoverageSerializer
from geogrid.core.documented import JSON, answering
from geogrid.core.models import the_city
from geogrid.organisations.api import owner_of
from geogrid.organisations.roles import Action
from grid_units.duties.access import require
from grid_units.patrols.cards import patrols_seen_by


class CoverageOfUnits(APIView):
    """How much of the streets was walked on a day."""

    @extend_schema(
        operation_id="getCoverage",
        parameters=[CoverageQuery],
        responses=answering({(200, JSON): CoverageSerializer(many=True)}, 404, 422),
    )
    def get(self, request: Request) -> Response:
        """By cell, community, street or district, as far as you may see where people walked."""
        viewer = owner_of(request)
        require(viewer, Action.SEE_POSITIONS)
        asked = CoverageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        patrol_id = None
        if "patrol" in said:
            patrol_id = get_object_or_404(patrols_seen_by(viewer), public_id=said["patrol"]).pk
        city = the_city()
        day = said.get("day") or timezone.localdate(timezone=city.timezone if city else UTC)
        found: Any = coverage(day=day, level=said["level"], viewer=viewer, patrol_id=patrol_id)
        return Response(CoverageSerializer(found, many=True).data)
