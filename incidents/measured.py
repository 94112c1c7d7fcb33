"""What sensors say of an incident: words of a turn, and whether it is offered to close."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.sensors.models import Alarm
from incidents.models import Incident

LEVEL_WORDS: dict[str, tuple[str, str]] = {
    "notice": ("提示", "notice"),
    "watch": ("关注", "watch"),
    "serious": ("较重", "serious"),
    "critical": ("严重", "critical"),
}
TURN_WORDS: dict[str, tuple[str, str]] = {
    "opened": ("再次报警", "Alarm again"),
    "raised": ("升级", "Raised"),
    "falling": ("已回落，可以结案", "Has fallen; it can be closed"),
    "rising": ("又上升", "Rises again"),
    "closed": ("已恢复正常，可以结案", "Back to normal; it can be closed"),
}


def sentence(details: dict[str, Any]) -> dict[str, str]:
    """`{"zh", "en"}` of a turn as it stands in the details of its step."""
    zh, en = TURN_WORDS[details["turn"]]
    level_zh, level_en = LEVEL_WORDS[details["level"]]
    value = f"{details['value']:g} {details['unit']}"
    return {
        "zh": f"{details['name']} {value}（{level_zh}）：{zh}",
        "en": f"{details['name_en'] or details['name']} {value} ({level_en}): {en}",
    }


class MeasuredOut(serializers.Serializer[Any]):
    """The newest alarm of an incident."""

    alarm = serializers.IntegerField()
    station = serializers.CharField(help_text="Code of the station")
    datastream = serializers.CharField(help_text="Code of the datastream")
    phenomenon = serializers.CharField()
    level = serializers.ChoiceField(choices=list(LEVEL_WORDS), help_text="The worst it has reached")
    worst_value = serializers.FloatField()
    unit = serializers.CharField()
    opened_at = serializers.DateTimeField()
    falling_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    offers_close = serializers.BooleanField(help_text="All its alarms have fallen below their thresholds")


class MeasuredPart(serializers.Serializer[Any]):
    """The part of an incident's card that sensors fill."""

    measured = serializers.SerializerMethodField(help_text="Null when no sensor has to do with it")

    @extend_schema_field(MeasuredOut(allow_null=True))
    def get_measured(self, incident: Incident) -> dict[str, Any] | None:
        links = incident.alarm_links.select_related("alarm__datastream__station").order_by("-alarm_id")
        alarms = [link.alarm for link in links]
        return _measured(alarms) if alarms else None


def _measured(alarms: list[Alarm]) -> dict[str, Any]:
    newest = alarms[0]
    return {
        "alarm": newest.pk,
        "station": newest.datastream.station.code,
        "datastream": newest.datastream.code,
        "phenomenon": newest.datastream.phenomenon,
        "level": newest.level,
        "worst_value": newest.worst_value,
        "unit": newest.datastream.unit_symbol,
        "opened_at": newest.opened_at,
        "falling_at": newest.falling_at,
        "closed_at": newest.closed_at,
        "offers_close": all(one.falling_at is not None or one.closed_at is not None for one in alarms),
    }
