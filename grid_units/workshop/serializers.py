"""What the workshop's API reads and shows. Grids are sent as plain compact JSON (grid.as_json)."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

Serializer = serializers.Serializer[Any]
KEY = r"^(c[1-9]\d{0,17}|n\d{1,18})$"


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        },
    }
)
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
    extent = ExtentSerializer(required=False, allow_null=True)


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


class DraftConflictSerializer(Serializer):
    """A cell of a draft that others changed in the grid in force."""

    key = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    by = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField(allow_null=True)
    is_gone = serializers.BooleanField()
    is_conflict = serializers.BooleanField(help_text="False: both changes can stand together")


class OneDraftSerializer(DraftSerializer):
    """A draft with what others published since it was based."""

    is_behind = serializers.BooleanField(help_text="Another edition is in force than the draft is based on")
    people = DraftPersonSerializer(many=True)
    conflicts = DraftConflictSerializer(many=True)


class NoteSerializer(Serializer):
    """A word to the others."""

    note = serializers.CharField(max_length=5000, allow_blank=True, default="")


class ReasonSerializer(Serializer):
    """Why."""

    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class PublishSerializer(ReasonSerializer):
    """When and why."""

    at = serializers.DateTimeField(allow_null=True, default=None, help_text="Empty: now")


class DropSerializer(Serializer):
    """Changes to give up."""

    drop = serializers.ListField(child=serializers.RegexField(KEY), max_length=10_000, default=list)


class GivenUpSerializer(Serializer):
    """Cells whose changes were given up."""

    given_up = serializers.ListField(child=serializers.CharField())


class CorrectedCellSerializer(Serializer):
    """A cell after a correction; without code and version when it vanished."""

    id = serializers.IntegerField()
    code = serializers.CharField(allow_null=True)
    version = serializers.IntegerField(allow_null=True)


class CorrectedSerializer(Serializer):
    """What became of a correction."""

    edition = serializers.IntegerField()
    cells = serializers.DictField(child=CorrectedCellSerializer())


class EditionSerializer(WorkshopEditionSerializer):
    """An edition in the list."""

    author = serializers.CharField()
    is_automatic = serializers.BooleanField()
    is_in_force = serializers.SerializerMethodField()

    def get_is_in_force(self, edition: Any) -> bool:
        """Whether the grid stands in it now."""
        return bool(edition.stage == "in_force")


class LineageSerializer(Serializer):
    """Where a cell comes from."""

    kind = serializers.CharField()
    from_code = serializers.CharField()
    to_code = serializers.CharField()


class DutyNoticeSerializer(LineageSerializer):
    """What an edition did to a duty."""

    duty_id = serializers.IntegerField()


class RegriddedSerializer(Serializer):
    """One thing that changed its cell."""

    kind = serializers.CharField()
    ref = serializers.IntegerField()
    code_before = serializers.CharField(allow_blank=True)
    code_after = serializers.CharField(allow_blank=True)


class RegridSerializer(Serializer):
    """What an edition changed."""

    lineage = LineageSerializer(many=True)
    duties = DutyNoticeSerializer(many=True)
    ground = serializers.IntegerField(help_text="Pieces of ground that changed hands")
    waiting = serializers.IntegerField(help_text="Pieces of them whose things have not followed yet")
    counts = serializers.DictField(child=serializers.IntegerField())
    list = RegriddedSerializer(many=True)


class FiguresSerializer(Serializer):
    """Figures of a cell, or of all cells of a worker."""

    households = serializers.IntegerField(allow_null=True, help_text="As the cell is told to have")
    counted_households = serializers.IntegerField(help_text="Of the buildings inside")
    buildings = serializers.IntegerField()
    assets = serializers.IntegerField()
    assets_by_class = serializers.DictField(child=serializers.IntegerField())
    incidents_a_week = serializers.FloatField(help_text="Mean of the last year")
    street_m = serializers.FloatField(help_text="Streets to be patrolled")
    walking_min = serializers.FloatField(help_text="To walk them once at 4 km/h")
    area_m2 = serializers.FloatField()


class ComparedCellSerializer(Serializer):
    """A cell before and after; new without before, vanished without after."""

    key = serializers.CharField()
    code = serializers.CharField(allow_blank=True)
    before = FiguresSerializer(allow_null=True)
    after = FiguresSerializer(allow_null=True)


class ComparedWorkerSerializer(Serializer):
    """A worker before and after."""

    user_id = serializers.IntegerField()
    name = serializers.CharField()
    before = FiguresSerializer()
    after = FiguresSerializer()


class BalanceSerializer(Serializer):
    """How evenly work lies: 100 when all have the same."""

    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class BalancesSerializer(Serializer):
    """Balance over the cells and over the workers shown."""

    cells = BalanceSerializer()
    workers = BalanceSerializer()


class DescentSerializer(Serializer):
    """Which cell will come from which."""

    kind = serializers.CharField()
    from_key = serializers.CharField()
    to_key = serializers.CharField()


class ComparisonSerializer(Serializer):
    """What a draft changes."""

    cells = ComparedCellSerializer(many=True)
    workers = ComparedWorkerSerializer(many=True)
    balance = BalancesSerializer()
    lineage = DescentSerializer(many=True)


class OutlineSerializer(Serializer):
    """An outline that is just being drawn."""

    key = serializers.RegexField(KEY)
    rings = RingsField()


class OutlinesSerializer(Serializer):
    """Outlines to measure."""

    cells = OutlineSerializer(many=True)


class FiguresByKeySerializer(Serializer):
    """Figures by key."""

    figures = serializers.DictField(child=FiguresSerializer())
