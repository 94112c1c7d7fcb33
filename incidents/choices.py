"""What the API shows beside incidents: offered moves, classes of events, who answers for a point."""

from typing import Any

from rest_framework import serializers

from incidents.cards import NamedCell, NamedUnit, TwoTongues, WorkerUntilOut


class OfferedMoveOut(serializers.Serializer[Any]):
    """A move that starts here and that the viewer's role makes."""

    move = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = TwoTongues(allow_null=True, help_text="Why it is not allowed yet")
    needs = serializers.ListField(child=serializers.CharField())


class EventClassOut(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    version = serializers.CharField()
    code = serializers.CharField()
    major_zh = serializers.CharField(source="major_name")
    major_en = serializers.CharField(source="major_name_en")
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField()
    icon = serializers.CharField(allow_blank=True)
    origin = serializers.CharField()


class AnswersOut(serializers.Serializer[Any]):
    """Who answers for a point, and why."""

    cell = NamedCell(allow_null=True)
    units = NamedUnit(many=True)
    worker = WorkerUntilOut()
    why = TwoTongues(many=True)
    border_cells = NamedCell(many=True)
