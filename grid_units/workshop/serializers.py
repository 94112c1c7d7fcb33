"""What the workshop's API reads and shows. Grids are sent as plain compact JSON (grid.as_json)."""

from typing import Any

from rest_framework import serializers

Serializer = serializers.Serializer[Any]
KEY = r"^(c[1-9]\d{0,17}|n\d{1,18})$"


class RingsField(serializers.Field):  # type: ignore[type-arg]
    """Rings of pairs of whole numbers: checked at once, since a border may have thousands of corners."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and all(isinstance(ring, list) for ring in data):
            pairs = (corner for ring in data for corner in ring)
            if all(
                isinstance(c, list) and len(c) == 2 and type(c[0]) is int and type(c[1]) is int for c in pairs
            ):
                return data
        raise serializers.ValidationError("Rings of [x, y] pairs of whole numbers (steps of 2^-27 degree).")

    def to_representation(self, value: Any) -> Any:
        return value


class ExtentSerializer(Serializer):
    """Leave to move the outer border."""

    reason = serializers.CharField(max_length=500)


class PutSerializer(Serializer):
    """A cell as it shall be."""

    key = serializers.RegexField(KEY, help_text="c<id> of a cell in force, n<number> for a new one")
    version = serializers.IntegerField(min_value=0, max_value=2**62)
    community_id = serializers.IntegerField(min_value=1, max_value=2**62)
    kind = serializers.ChoiceField(choices=["GENERAL", "EXCLUSIVE"], default="GENERAL")
    name = serializers.CharField(max_length=100, allow_blank=True, default="")
    households = serializers.IntegerField(min_value=0, max_value=1_000_000, allow_null=True, default=None)
    rings = RingsField()
    extent = ExtentSerializer(required=False, allow_null=True)

    def get_fields(self) -> Any:
        """`from` is a word of Python, so it cannot be declared as an attribute."""
        came = serializers.ListField(
            child=serializers.IntegerField(min_value=1, max_value=2**62), max_length=100, default=list
        )
        return super().get_fields() | {"from": came}


class RemoveSerializer(Serializer):
    """A cell that shall go."""

    key = serializers.RegexField(KEY)
    version = serializers.IntegerField(min_value=0, max_value=2**62)


class EditSerializer(Serializer):
    """One edit of the editor."""

    idempotency_key = serializers.CharField(max_length=80)
    title = serializers.CharField(max_length=200, allow_blank=True, default="")
    puts = PutSerializer(many=True, default=list)
    removes = RemoveSerializer(many=True, default=list)


class SavedSerializer(Serializer):
    """What became of an edit."""

    number = serializers.IntegerField()
    versions = serializers.DictField(child=serializers.IntegerField())


class NewDraftSerializer(Serializer):
    """A draft to be made."""

    name = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=5000, allow_blank=True, default="")
    unit = serializers.RegexField(r"^\d{0,15}$", default="", allow_blank=True)


class WorkshopEditionSerializer(Serializer):
    """An edition, by name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    opened_at = serializers.DateTimeField()


class DraftPersonSerializer(Serializer):
    """Somebody who worked on a draft."""

    username = serializers.CharField()
    display_name = serializers.CharField()


class DraftSerializer(Serializer):
    """A draft in the list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    unit_code = serializers.CharField(allow_blank=True)
    stage = serializers.ChoiceField(choices=["DRAFT", "IN_REVIEW", "APPROVED", "PUBLISHED", "DISCARDED"])
    base = WorkshopEditionSerializer()
    made_by = DraftPersonSerializer()
    made_at = serializers.DateTimeField()
    edits_made = serializers.IntegerField()
    approved_by = DraftPersonSerializer(allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    review_note = serializers.CharField(allow_blank=True)
    publish_at = serializers.DateTimeField(allow_null=True)
    publish_reason = serializers.CharField(allow_blank=True)
    refused = serializers.CharField(allow_blank=True)
    published = WorkshopEditionSerializer(allow_null=True)


class FeedEntrySerializer(Serializer):
    """A saved edit, as the other open editors hear of it."""

    number = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    by = serializers.CharField()
    username = serializers.CharField()
    at = serializers.DateTimeField()
    keys = serializers.ListField(child=serializers.CharField())
    versions = serializers.DictField(child=serializers.IntegerField())
