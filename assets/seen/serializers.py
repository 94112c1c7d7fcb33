"""What the API shows of coverage."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.seen.coverage import LEVELS, Coverage
from assets.seen.duties import StreetDuty


class CoverageQuery(serializers.Serializer[None]):
    """Which day, and by which units."""

    day = serializers.DateField(required=False, help_text="Local day of the city; today without it")
    level = serializers.ChoiceField(choices=LEVELS, default="CELL")
    patrol = serializers.UUIDField(required=False, help_text="Only what this patrol passed")


class CoverageSerializer(serializers.Serializer[Coverage]):
    """Coverage of one unit on one day."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    due_m = serializers.FloatField(help_text="Street metres to patrol")
    walked_m = serializers.FloatField(help_text="Of them walked that day, each once")
    driven_m = serializers.FloatField(help_text="Passed above 15 km/h only; no part of walked_m")
    due_m2 = serializers.FloatField(help_text="Ground of cells without streets to patrol")
    seen_m2 = serializers.FloatField(help_text="Of it, in squares of 20 m")
    last_visit_at = serializers.DateTimeField(allow_null=True, help_text="Last on foot, on any day")


class DutyCell(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)


class DecisionSerializer(serializers.Serializer[Any]):
    """What somebody decided of a street. `is_due` null: taken back, its kind decided again."""

    is_due = serializers.BooleanField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    decided_by = serializers.CharField(allow_blank=True, help_text="Empty for who may not see people there")
    decided_at = serializers.DateTimeField(allow_null=True)


class StreetSerializer(serializers.Serializer[Any]):
    """A street with its patrol duty."""

    id = serializers.IntegerField(source="road.pk")
    name = serializers.CharField(source="road.name", allow_blank=True)
    name_en = serializers.CharField(source="road.name_en", allow_blank=True)
    kind = serializers.CharField(source="road.kind")
    drawn_by = serializers.CharField(source="road.source", help_text="Where it was imported from")
    geometry = serializers.SerializerMethodField(help_text="GeoJSON, degrees")
    length_m = serializers.FloatField(help_text="Of its bits")
    cells = DutyCell(many=True)
    is_due = serializers.BooleanField(help_text="Whether it is to be patrolled")
    kind_is_due = serializers.BooleanField(help_text="What its kind says")
    decision = DecisionSerializer(allow_null=True, help_text="Null: its kind decides")
    may_decide = serializers.BooleanField(help_text="Whether the asker may decide")
    history = DecisionSerializer(many=True, help_text="What was decided before, the last first")

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_geometry(self, street: StreetDuty) -> Any:
        return json.loads(street.road.geom.geojson)


class DecideSerializer(serializers.Serializer[Any]):
    """Whether a street is to be patrolled, and why."""

    is_due = serializers.BooleanField()
    reason = serializers.CharField(max_length=200)
