"""What the API of duplicates takes and shows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.models import Asset, AssetClass
from incidents import cards, known_classes
from incidents.duplicates.candidates import Like
from incidents.models import EventClass
from incidents.serializers import ContactIn, latitude, longitude
from incidents.viewer import Viewer
from incidents.workflow import Stage


class LikeQuery(serializers.Serializer[Any]):
    """A place and a class, as a report would name them."""

    lng = longitude()
    lat = latitude()
    asset_class = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="As in a report"
    )
    event_class = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="As in a report"
    )
    asset = serializers.CharField(
        max_length=16, required=False, allow_blank=True, default="", help_text="Code of the asset"
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        """With `of_class` and `asset_id`."""
        asset = Asset.objects.filter(code=said["asset"]).first() if said["asset"] else None
        if said["asset"] and asset is None:
            raise serializers.ValidationError({"asset": "There is no asset with this code."})
        found: AssetClass | EventClass | None = None
        if said["event_class"]:
            pk = known_classes.event_classes.id_of(said["event_class"])
            found = EventClass.objects.filter(pk=pk).first() if pk else None
        elif said["asset_class"]:
            pk = known_classes.asset_classes.id_of(said["asset_class"])
            found = AssetClass.objects.filter(pk=pk).first() if pk else None
        elif asset is not None:
            found = asset.asset_class
        else:
            raise serializers.ValidationError({"event_class": "Name a class or an asset."})
        if found is None:
            named = "event_class" if said["event_class"] else "asset_class"
            raise serializers.ValidationError({named: "There is no such class."})
        return said | {"of_class": found, "asset_id": asset.pk if asset else None}


class LikeOut(serializers.Serializer[Like]):
    """An incident that could be the same problem."""

    incident = serializers.SerializerMethodField()
    score = serializers.FloatField(help_text="0 to 1; 1: the same asset")
    same_asset = serializers.BooleanField()
    asset_code = serializers.SerializerMethodField()
    distance_m = serializers.FloatField(allow_null=True)
    is_open = serializers.BooleanField(help_text="False: closed a short while ago, so this is a recurrence")
    closed_at = serializers.DateTimeField(source="incident.closed_at", allow_null=True)
    told_by = serializers.IntegerField(help_text="How many others told of it already")
    photos = serializers.SerializerMethodField()

    @property
    def viewer(self) -> Viewer:
        viewer = self.context["viewer"]
        assert isinstance(viewer, Viewer)  # noqa: S101  for the type checker
        return viewer

    @extend_schema_field(cards.IncidentRowOut)
    def get_incident(self, like: Like) -> Any:
        return cards.IncidentRowOut(like.incident, context=self.context).data

    def get_asset_code(self, like: Like) -> str:
        return like.incident.asset.code if like.incident.asset else ""

    @extend_schema_field(cards.IncidentPhotoOut(many=True))
    def get_photos(self, like: Like) -> Any:
        if not self.viewer.reads_words(like.incident):
            return []
        return cards.IncidentPhotoOut(like.photos, many=True).data  # type: ignore[arg-type]


class LikesOut(serializers.Serializer[Any]):
    radius_m = serializers.FloatField(help_text="How far was looked, in metres")
    within_h = serializers.FloatField(help_text="How far back, in hours")
    results = LikeOut(many=True)


class FollowIn(serializers.Serializer[Any]):
    """What somebody else says of the same problem."""

    words = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    channel = serializers.RegexField(r"^[a-z0-9_-]+$", max_length=30, required=False, default="web")
    lng = longitude(required=False, allow_null=True, default=None)
    lat = latitude(required=False, allow_null=True, default=None)
    contact = ContactIn(required=False, allow_null=True, default=None)
    for_self = serializers.BooleanField(
        default=False, help_text="Whether the person who sends this follows; else somebody was written down"
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if (said["lng"] is None) != (said["lat"] is None):
            missing = "lat" if said["lat"] is None else "lng"
            raise serializers.ValidationError({missing: "Give both longitude and latitude, or neither."})
        return said


class ReasonIn(serializers.Serializer[Any]):
    """Why the contacts are read; kept for good."""

    reason = serializers.CharField(max_length=300)


class FollowerContactOut(serializers.Serializer[Any]):
    nth = serializers.IntegerField(source="follower.nth")
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)


class MergeIn(serializers.Serializer[Any]):
    """Which other incident is the same problem. The later of the two becomes the duplicate."""

    into = serializers.CharField(max_length=24, help_text="Number of the other incident")
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class SplitIn(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=2000)


class FollowerOut(serializers.Serializer[Any]):
    """Who follows, without a name: contacts are read with a reason."""

    nth = serializers.IntegerField()
    added_at = serializers.DateTimeField()
    channel = serializers.CharField()
    words = serializers.CharField(allow_blank=True)
    has_contact = serializers.BooleanField()


class MergedOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    stage = serializers.ChoiceField(choices=[stage.value for stage in Stage])
    merged_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)


class SameOut(serializers.Serializer[Any]):
    """All that is known of one problem around an incident."""

    into = MergedOut(allow_null=True, help_text="The incident that this one is a duplicate of")
    merged = MergedOut(many=True, help_text="Duplicates of this one")
    followers = FollowerOut(many=True)
    told_by = serializers.IntegerField()
    candidates = LikeOut(many=True, help_text="Others that could be the same; empty when it is over")
    may_merge = serializers.BooleanField()
    may_split = serializers.BooleanField()
    may_read_contacts = serializers.BooleanField()


class MergeOut(serializers.Serializer[Any]):
    """What came of it. `waits`: a second person approves the closing first."""

    duplicate = serializers.CharField()
    into = serializers.CharField()
    waits = serializers.BooleanField()
