"""What the API shows of coverage."""

from rest_framework import serializers

from assets.seen.coverage import LEVELS, Coverage


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
