"""What the API shows of spot checks, and what it is asked."""

from typing import Any

from rest_framework import serializers

from assets.photos.actions import url_of
from incidents.models import Incident
from incidents.spot_checks.models import VERDICTS, SpotCheck


class DrawIn(serializers.Serializer[Any]):
    """What to draw from, and how many."""

    area = serializers.RegexField(r"^\d{0,15}$", default="", allow_blank=True, help_text="Code of a unit")
    closed_from = serializers.DateTimeField()
    closed_to = serializers.DateTimeField()
    count = serializers.IntegerField(min_value=1, max_value=200)
    seed = serializers.RegexField(
        r"^[\w .:/-]{0,100}$",
        default="",
        allow_blank=True,
        help_text="From a public draw; else the machine's",
    )


class DrawOut(serializers.Serializer[Any]):
    """A draw with all that is needed to repeat it: hash of "seed|number", the smallest are drawn."""

    id = serializers.IntegerField(source="pk")
    drawn_at = serializers.DateTimeField()
    drawn_by = serializers.CharField()
    area = serializers.CharField(allow_blank=True)
    closed_from = serializers.DateTimeField()
    closed_to = serializers.DateTimeField()
    seed = serializers.CharField()
    is_seed_given = serializers.BooleanField()
    list_hash = serializers.CharField(help_text="SHA-256 of the numbers drawn from, ascending, one a line")
    pool_size = serializers.IntegerField()
    numbers = serializers.ListField(child=serializers.CharField())
    found = serializers.IntegerField(help_text="How many have a result")
    not_solved = serializers.IntegerField()


class PoolOut(serializers.Serializer[Any]):
    seed = serializers.CharField()
    list_hash = serializers.CharField()
    pool = serializers.ListField(child=serializers.CharField())
    numbers = serializers.ListField(child=serializers.CharField())


class SpotPhotoOut(serializers.Serializer[Any]):
    """A photo. `url` is short-lived."""

    url = serializers.SerializerMethodField()

    def get_url(self, link: Any) -> str:
        return url_of(link.photo)


class SpotCheckOut(serializers.Serializer[SpotCheck]):
    """One drawn incident and what was found."""

    id = serializers.IntegerField(source="pk")
    draw = serializers.IntegerField(source="draw_id")
    nth = serializers.IntegerField()
    number = serializers.CharField(source="incident.number")
    class_zh = serializers.SerializerMethodField()
    class_en = serializers.SerializerMethodField()
    location_text = serializers.CharField(source="incident.location_text", allow_blank=True)
    unit_code = serializers.CharField(source="incident.unit_code", allow_blank=True)
    closed_at = serializers.DateTimeField(source="incident.closed_at", allow_null=True)
    verdict = serializers.ChoiceField(choices=["", *VERDICTS], allow_blank=True)
    finding = serializers.CharField(allow_blank=True)
    found_by = serializers.SerializerMethodField()
    found_at = serializers.DateTimeField(allow_null=True)
    photos = SpotPhotoOut(source="photo_links.all", many=True)

    def _class(self, incident: Incident) -> Any:
        return incident.asset_class or incident.event_class

    def get_class_zh(self, check: SpotCheck) -> str:
        return getattr(self._class(check.incident), "name", "")

    def get_class_en(self, check: SpotCheck) -> str:
        return getattr(self._class(check.incident), "name_en", "")

    def get_found_by(self, check: SpotCheck) -> str:
        return str(check.found_by) if check.found_by else ""


class ChecksQuery(serializers.Serializer[Any]):
    """Which checks."""

    draw = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    state = serializers.ChoiceField(choices=["waiting", "found", "not_solved", "all"], default="all")


class FindingIn(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=VERDICTS)
    finding = serializers.CharField(max_length=2000)


class SpotPhotoIn(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=False, max_length=200)
