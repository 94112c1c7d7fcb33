"""Waterlogging points as they were, over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from assets.sensors.models import WaterloggingPoint, seen_by
from assets.sensors.replay import courses_then, water_then
from assets.sensors.serializers import WaterloggingFeature
from assets.sensors.waterlogging import cells_of
from assets.serializers import checked
from geogrid.core.documented import JSON, answering
from geogrid.core.moments import MomentQuery
from geogrid.organisations.api import owner_of as signed_in


class WaterThenFeature(WaterloggingFeature):
    """A waterlogging point as it was. `context`: also the courses by the point's id."""

    course_cm = serializers.SerializerMethodField(
        help_text="Depths of the three hours before in 36 steps; null where nothing was measured"
    )

    class Meta(WaterloggingFeature.Meta):
        fields = (*WaterloggingFeature.Meta.fields, "course_cm")  # type: ignore[assignment] # one more

    @extend_schema_field({"type": "array", "items": {"type": "number", "nullable": True}})
    def get_course_cm(self, point: WaterloggingPoint) -> Any:
        return self.context["courses"][point.pk]


class WaterThen(APIView):
    """Waterlogging points as they were."""

    @extend_schema(
        operation_id="replayWaterlogging",
        parameters=[MomentQuery],
        responses=answering({(200, JSON): WaterThenFeature(many=True)}, 422),
    )
    def get(self, request: Request) -> Response:
        """All points with their water at a moment of the last thirty days; bands are those of now."""
        at = checked(MomentQuery(data=request.query_params))["at"]
        active = WaterloggingPoint.objects.filter(is_active=True).defer("catchment")
        points = list(seen_by(signed_in(request), active).order_by("code"))
        told = {
            "water": water_then(points, at),
            "cells": cells_of(points),
            "courses": courses_then(points, at),
        }
        return Response(WaterThenFeature(points, many=True, context=told).data)
