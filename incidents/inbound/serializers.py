"""What the API of other systems' reports takes and shows."""

from typing import Any

from rest_framework import serializers

from assets.models import AssetClass
from incidents import known_classes
from incidents.models import EventClass


class TakenOut(serializers.Serializer[Any]):
    """The receipt: our number beside theirs."""

    number = serializers.CharField()
    outside_number = serializers.CharField()
    stage = serializers.CharField()
    lacks = serializers.ListField(
        child=serializers.ChoiceField(choices=["class", "place"]),
        help_text="What a person here has to add before it is filed",
    )


class OriginalOut(serializers.Serializer[Any]):
    """What another system sent, without the contacts in it."""

    system = serializers.CharField(source="source.name")
    system_en = serializers.CharField(source="source.name_en", allow_blank=True)
    outside_number = serializers.CharField()
    received_at = serializers.DateTimeField()
    their_class = serializers.CharField(allow_blank=True)
    lacks = serializers.ListField(child=serializers.CharField())
    original = serializers.JSONField()


class ClassIn(serializers.Serializer[Any]):
    """The class that a report is about; one of the two."""

    asset_class = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    event_class = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    seen_step = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2**63 - 1
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """With `of_class`."""
        if bool(said["asset_class"]) == bool(said["event_class"]):
            raise serializers.ValidationError({"event_class": "Name one class: of an asset or of an event."})
        found: AssetClass | EventClass | None
        if said["event_class"]:
            pk = known_classes.event_classes.id_of(said["event_class"])
            found = EventClass.objects.filter(pk=pk).first() if pk else None
        else:
            pk = known_classes.asset_classes.id_of(said["asset_class"])
            found = AssetClass.objects.filter(pk=pk).first() if pk else None
        if found is None:
            named = "event_class" if said["event_class"] else "asset_class"
            raise serializers.ValidationError({named: "There is no such class."})
        return said | {"of_class": found}
