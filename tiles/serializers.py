"""What the API of tiles shows."""

from rest_framework import serializers


class FeedTokenSerializer(serializers.Serializer[dict[str, object]]):
    """The signed token of tiles and live feed."""

    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class CitySerializer(serializers.Serializer[dict[str, object]]):
    """The city as the map needs it. `bbox`: west, south, east, north in degrees."""

    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4, allow_null=True)
    center = serializers.ListField(
        child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True
    )
    zone = serializers.CharField(allow_blank=True)
    county_code = serializers.CharField(allow_blank=True)
    code_segments = serializers.ListField(child=serializers.IntegerField())
    is_demo = serializers.BooleanField()
    attribution = serializers.CharField(allow_blank=True)


class LegendEntrySerializer(serializers.Serializer[dict[str, object]]):
    """One value of a legend, with its colour, icon or shape."""

    value = serializers.CharField()
    label_zh = serializers.CharField(allow_blank=True)
    label_en = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField(allow_null=True, help_text="Null: not counted")
    color = serializers.CharField(allow_null=True, help_text="In the dark style")
    color_light = serializers.CharField(allow_null=True, help_text="In the light style")
    icon = serializers.CharField(allow_null=True)
    shape = serializers.CharField(allow_null=True)


class LayerSerializer(serializers.Serializer[dict[str, object]]):
    """One published layer."""

    id = serializers.CharField()
    kind = serializers.CharField()
    title_zh = serializers.CharField()
    title_en = serializers.CharField()
    group = serializers.CharField()
    count = serializers.IntegerField(allow_null=True, help_text="Null: not counted")
    minzoom = serializers.IntegerField()
    geometry = serializers.CharField()
    legend = LegendEntrySerializer(many=True)
    shown_at_first = serializers.BooleanField(help_text="Whether a map begins with it")
    fresh_s = serializers.FloatField(
        allow_null=True, help_text="Ask its tiles again after so many seconds; null: the live feed tells"
    )


class FoundSerializer(serializers.Serializer[dict[str, object]]):
    """One thing that search found. An incident whose place is not known has no lng and lat."""

    kind = serializers.ChoiceField(choices=["asset", "cell", "unit", "street", "incident"])
    ref = serializers.CharField()
    title = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    lng = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    bbox = serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4, allow_null=True)


class FoundListSerializer(serializers.Serializer[dict[str, object]]):
    """What search found, the best first."""

    results = FoundSerializer(many=True)
