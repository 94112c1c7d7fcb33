"""What the API shows and takes of stations, alarms and waterlogging points."""

from datetime import datetime, timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from assets.sensors.models import LEVELS, Alarm, Datastream, Station, WaterloggingPoint
from assets.sensors.series import LONGEST, MOST_POINTS, Series
from assets.sensors.waterlogging import Water


class BandOut(serializers.Serializer[Any]):
    """A level and where it begins."""

    level = serializers.ChoiceField(choices=LEVELS)

    # `from` is a word of Python.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"from": serializers.FloatField(help_text="In the unit of the value")}


class WaterOut(serializers.Serializer[Water]):
    """The water as it stands. Everything is null or empty when no gauge has said anything yet."""

    depth_cm = serializers.FloatField(allow_null=True)
    band = serializers.ChoiceField(choices=LEVELS, allow_blank=True)
    measured_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField(help_text="The last value is older than some expected intervals")
    flag = serializers.CharField(allow_blank=True, help_text="gap, stuck, or nothing")
    cm_per_10min = serializers.FloatField(allow_null=True, help_text="Rise over the last ten minutes or so")
    next_band = serializers.ChoiceField(choices=LEVELS, allow_blank=True)
    next_band_at = serializers.DateTimeField(allow_null=True, help_text="If it goes on rising as it does")
    station = serializers.CharField(allow_blank=True)
    datastream = serializers.IntegerField(allow_null=True)


class WaterloggingFeature(GeoFeatureModelSerializer):  # type: ignore[misc] # the package carries no types
    """A waterlogging point (内涝点) as a GeoJSON feature. `context`: water and cells by the point's id."""

    cell = serializers.SerializerMethodField(help_text="Code of its cell")
    bands = BandOut(many=True)
    water = serializers.SerializerMethodField()

    class Meta:
        model = WaterloggingPoint
        geo_field = "place"
        id_field = "code"
        fields = ("code", "place", "name", "name_en", "cell", "bands", "water", "is_simulated")

    def get_cell(self, point: WaterloggingPoint) -> str:
        return str(self.context["cells"].get(point.pk, ""))

    @extend_schema_field(WaterOut)
    def get_water(self, point: WaterloggingPoint) -> Any:
        return WaterOut(self.context["water"][point.pk]).data


class RainOut(serializers.Serializer[Any]):
    """A rain gauge nearby."""

    datastream_id = serializers.IntegerField()
    station = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    distance_m = serializers.FloatField()
    last_hour = serializers.FloatField(allow_null=True, help_text="What fell in the last hour")
    unit = serializers.CharField()
    last_at = serializers.DateTimeField(allow_null=True)
    is_stale = serializers.BooleanField()


class DatastreamOut(serializers.ModelSerializer[Datastream]):
    """A datastream with its last value."""

    last_at = serializers.DateTimeField(source="state.last_at", allow_null=True)
    last_value = serializers.FloatField(source="state.last_value", allow_null=True)
    last_flag = serializers.CharField(source="state.last_flag", allow_blank=True)
    silent_since = serializers.DateTimeField(
        source="state.silent_since", allow_null=True, help_text="Offline since"
    )
    alarm_level = serializers.CharField(source="state.alarm_level", allow_blank=True)

    class Meta:
        model = Datastream
        fields = (
            "id", "code", "phenomenon", "name", "name_en", "unit_symbol", "expected_interval_s",
            "thresholds", "event_code", "is_active",
            "last_at", "last_value", "last_flag", "silent_since", "alarm_level",
        )  # fmt: skip


class StationOut(serializers.ModelSerializer[Station]):
    """A station with what it measures."""

    asset = serializers.CharField(source="asset.code")
    cell = serializers.CharField(source="asset.cell.code", default="", allow_blank=True)
    lng = serializers.FloatField(source="asset.geom.centroid.x")
    lat = serializers.FloatField(source="asset.geom.centroid.y")
    datastreams = DatastreamOut(many=True)

    class Meta:
        model = Station
        fields = ("code", "name", "name_en", "asset", "cell", "lng", "lat", "is_simulated", "datastreams")


class WaterloggingDetail(WaterloggingFeature):
    """With its stations, the rain nearby and its catchment."""

    stations = StationOut(many=True)
    rain = serializers.SerializerMethodField()
    catchment = serializers.SerializerMethodField()

    class Meta(WaterloggingFeature.Meta):
        fields = (  # type: ignore[assignment] # more of them
            *WaterloggingFeature.Meta.fields, "note", "stations", "rain", "catchment",
        )  # fmt: skip

    @extend_schema_field(RainOut(many=True))
    def get_rain(self, point: WaterloggingPoint) -> Any:
        return RainOut(self.context["rain"], many=True).data

    @extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
    def get_catchment(self, point: WaterloggingPoint) -> Any:
        return GeometryField().to_representation(point.catchment) if point.catchment else None


class SeriesOut(serializers.Serializer[Series]):
    """The course of one datastream: columns of equal length, for a plot."""

    datastream_id = serializers.IntegerField(source="datastream.id")
    station = serializers.CharField(source="datastream.station.code")
    name = serializers.CharField(source="datastream.name")
    name_en = serializers.CharField(source="datastream.name_en", allow_blank=True)
    unit = serializers.CharField(source="datastream.unit_symbol")
    step_s = serializers.IntegerField()
    times = serializers.ListField(child=serializers.IntegerField(), help_text="Unix seconds")
    lowest = serializers.ListField(child=serializers.FloatField())
    highest = serializers.ListField(child=serializers.FloatField())
    mean = serializers.ListField(child=serializers.FloatField())
    last = serializers.ListField(child=serializers.FloatField())


class WindowQuery(serializers.Serializer[Any]):
    """A window of time; by default the day before now."""

    begin = serializers.DateTimeField(required=False, default=None, allow_null=True)
    end = serializers.DateTimeField(required=False, default=None, allow_null=True)
    points = serializers.IntegerField(required=False, default=300, min_value=1, max_value=MOST_POINTS)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        now: datetime = self.context["now"]
        end = said["end"] or now
        try:
            begin = said["begin"] or end - timedelta(days=1)
            is_right = timedelta(0) < end - begin <= LONGEST
        except OverflowError:
            is_right = False
        if not is_right:
            raise serializers.ValidationError(
                {"begin": [f"A window ends after it begins, and is {LONGEST.days} days at most."]}
            )
        return said | {"begin": begin, "end": end}


class PointsQuery(serializers.Serializer[Any]):
    """Which points, and when."""

    unit = serializers.RegexField(
        r"^\d*$", max_length=15, required=False, allow_blank=True, default="", help_text="Code of a unit"
    )
    at = serializers.DateTimeField(
        required=False, default=None, allow_null=True, help_text="As it was at that moment; else as it is"
    )


class AlarmOut(serializers.ModelSerializer[Alarm]):
    """An alarm (报警)."""

    datastream = serializers.IntegerField(source="datastream_id")
    station = serializers.CharField(source="datastream.station.code")
    station_name = serializers.CharField(source="datastream.station.name")
    station_name_en = serializers.CharField(source="datastream.station.name_en", allow_blank=True)
    phenomenon = serializers.CharField(source="datastream.phenomenon")
    unit = serializers.CharField(source="datastream.unit_symbol")
    level = serializers.ChoiceField(choices=LEVELS)

    class Meta:
        model = Alarm
        fields = (
            "id", "datastream", "station", "station_name", "station_name_en", "phenomenon", "unit", "level",
            "worst_value", "opened_at", "raised_at", "falling_at", "closed_at",
        )  # fmt: skip


class NewTokenIn(serializers.Serializer[Any]):
    """A token to make."""

    name = serializers.CharField(max_length=100)
    expires_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class NewTokenOut(serializers.Serializer[Any]):
    """A token, shown this once."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    token = serializers.CharField()
