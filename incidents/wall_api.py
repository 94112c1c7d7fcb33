"""HTTP of what a wall shows of incidents: as they were, how many came when, figures with their formulas."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from geogrid.core.documented import answering
from geogrid.core.models import the_city
from geogrid.core.moments import MomentQuery
from grid_units.duties.access import scopes_of
from incidents import replay
from incidents.api import checked, signed_in
from incidents.indicators import indicators
from incidents.models import Incident
from incidents.workflow import Stage

PERIOD = timedelta(days=30)


class IncidentThenOut(serializers.Serializer[Any]):
    """An incident as it was. Class and deadline are those of now."""

    number = serializers.CharField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    lng = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    location_text = serializers.CharField(allow_blank=True)
    class_zh = serializers.CharField(allow_blank=True)
    class_en = serializers.CharField(allow_blank=True)
    class_code = serializers.CharField(allow_blank=True)
    reported_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    is_simulated = serializers.BooleanField()


class IncidentsThenOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    whole = serializers.BooleanField(help_text="False: there were more than are listed")
    results = IncidentThenOut(many=True)


class BarsQuery(serializers.Serializer[Any]):
    hours = serializers.IntegerField(min_value=1, max_value=24 * 30, required=False, default=24)


class BarsOut(serializers.Serializer[Any]):
    """How many incidents were reported in equal parts of a period."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    reported = serializers.ListField(child=serializers.IntegerField())


class IndicatorOut(serializers.Serializer[Any]):
    """A figure with what it is made of."""

    key = serializers.CharField()
    value = serializers.FloatField(allow_null=True, help_text="A count, or a share from 0 to 1")
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField(allow_null=True, help_text="None: the figure is a count")
    scheme = serializers.CharField(help_text="Name of the formula")


class IndicatorsOut(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    day = serializers.DateTimeField(help_text="When the local day began")
    at = serializers.DateTimeField()
    results = IndicatorOut(many=True)


class IncidentsThen(APIView):
    """Incidents as they were."""

    @extend_schema(
        operation_id="replayIncidents",
        parameters=[MomentQuery],
        responses=answering({200: IncidentsThenOut}, 422),
    )
    def get(self, request: Request) -> Response:
        """What was open at a moment of the last thirty days: stage and place of then."""
        at = checked(MomentQuery, request.query_params).validated_data["at"]
        viewer = signed_in(request)
        rows = replay.open_at(Incident.objects.visible_to(viewer), at)
        if not scopes_of(viewer).reads_words:
            rows = [row | {"location_text": ""} for row in rows]
        whole = len(rows) <= replay.MOST_SHOWN
        shown = {"at": at, "whole": whole, "results": rows[: replay.MOST_SHOWN]}
        return Response(IncidentsThenOut(shown).data)


class IncidentBars(APIView):
    """How many incidents came when."""

    @extend_schema(
        operation_id="countReported", parameters=[BarsQuery], responses=answering({200: BarsOut}, 422)
    )
    def get(self, request: Request) -> Response:
        """Reports in equal parts of the last hours."""
        hours = checked(BarsQuery, request.query_params).validated_data["hours"]
        end = timezone.now()
        start = end - timedelta(hours=hours)
        counts = replay.reported_by_bar(Incident.objects.visible_to(signed_in(request)), start, end)
        return Response(BarsOut({"start": start, "end": end, "reported": counts}).data)


class Indicators(APIView):
    """Figures with their formulas."""

    @extend_schema(operation_id="listIndicators", responses=answering({200: IndicatorsOut}))
    def get(self, request: Request) -> Response:
        """The figures of the last thirty days, of today and of now, over what you may see."""
        now = timezone.now()
        city = the_city()
        local = now.astimezone(city.timezone) if city else now
        day = local.replace(hour=0, minute=0, second=0, microsecond=0)
        start = now - PERIOD
        seen = Incident.objects.visible_to(signed_in(request))
        rows = indicators(seen, start=start, day=day, now=now)
        return Response(IndicatorsOut({"start": start, "day": day, "at": now, "results": rows}).data)
