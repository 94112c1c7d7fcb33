"""What the API of incidents takes. What it shows stands in `cards.py`."""

import math
import re
from typing import Any

from rest_framework import serializers

from assets.models import Asset
from assets.photos.models import UPLOADED_ROLES, PhotoRole
from geogrid.organisations.models import User
from incidents import known_classes
from incidents.intake import Report
from incidents.workflow import ON_THE_CARD, Move, Stage

KEY = re.compile(r"[\x21-\x7e]{1,100}")


class Degrees(serializers.FloatField):
    """Longitude or latitude (WGS 84). Neither NaN nor infinite, whatever the JSON says."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


def longitude(**how: Any) -> Degrees:
    return Degrees(min_value=-180.0, max_value=180.0, **how)


def latitude(**how: Any) -> Degrees:
    return Degrees(min_value=-85.0, max_value=85.0, **how)


class ContactIn(serializers.Serializer[Any]):
    """How to reach the reporter. Read only with a logged reason."""

    name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")


class ReportIn(serializers.Serializer[Any]):
    """A report. It needs a place or words for it, and a class, an asset or a description."""

    lng = longitude(required=False, allow_null=True, default=None)
    lat = latitude(required=False, allow_null=True, default=None)
    asset_class = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="Code of a class of assets (newest edition), or scheme/version/code",
    )
    event_class = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="Code of a kind of problem (newest edition), or scheme/version/code",
    )
    asset = serializers.CharField(
        max_length=16,
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="Code of the asset",
    )
    description = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    channel = serializers.RegexField(
        r"^[a-z0-9_-]+$",
        max_length=30,
        required=False,
        default="web",
        help_text="web, phone, app, hotline...",
    )
    location_text = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    source_number = serializers.CharField(
        max_length=60, required=False, allow_blank=True, default="", help_text="The number it has elsewhere"
    )
    found_by_patrol = serializers.BooleanField(required=False, default=False)
    contact = ContactIn(required=False, allow_null=True, default=None)

    def validate_asset_class(self, code: str | None) -> int | None:
        return class_id(known_classes.asset_classes, code)

    def validate_event_class(self, code: str | None) -> int | None:
        return class_id(known_classes.event_classes, code)

    def validate_asset(self, code: str | None) -> int | None:
        if not code:
            return None
        found = Asset.objects.filter(code=code).values_list("id", flat=True).first()
        if found is None:
            raise serializers.ValidationError("There is no asset with this code.")
        return found

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        wrong: dict[str, str] = {}
        if (said["lng"] is None) != (said["lat"] is None):
            wrong["lat" if said["lat"] is None else "lng"] = "Give both longitude and latitude, or neither."
        if said["asset_class"] is not None and said["event_class"] is not None:
            wrong["event_class"] = "Give one class: of an asset or of an event."
        has_class = any(said[name] is not None for name in ("asset", "asset_class", "event_class"))
        if not has_class and not said["description"]:
            wrong["description"] = "Say what is wrong, or choose a class."
        if (
            said["lng"] is None
            and said["asset"] is None
            and not (said["description"] or said["location_text"])
        ):
            wrong["location_text"] = "Say where it is."
        if wrong:
            raise serializers.ValidationError(wrong)
        return said


# One form for all requests: making one costs more than filling it, and filling it leaves nothing behind.
_REPORT_FORM = ReportIn()


def report_said(data: Any) -> Report:
    """The report in the body of a request.

    Raises:
        ValidationError: with the fields that are wrong.
    """
    said = _REPORT_FORM.run_validation(data)
    contact = said["contact"] or {}
    return Report(
        channel=said["channel"],
        description=said["description"],
        lng=said["lng"],
        lat=said["lat"],
        location_text=said["location_text"],
        asset_id=said["asset"],
        asset_class_id=said["asset_class"],
        event_class_id=said["event_class"],
        source_number=said["source_number"],
        found_by_patrol=said["found_by_patrol"],
        contact_name=contact.get("name", ""),
        contact_phone=contact.get("phone", ""),
        contact_email=contact.get("email", ""),
    )


def class_id(known: known_classes.KnownClasses, code: str | None) -> int | None:
    if not code:
        return None
    found = known.id_of(code)
    if found is None:
        raise serializers.ValidationError("There is no such class.")
    return found


def idempotency_key(header: str | None) -> str | None:
    """The `Idempotency-Key` of a request, or None without one.

    Raises:
        ValidationError: when it is longer than 100 characters or holds others than visible ASCII.
    """
    if header is None:
        return None
    if not KEY.fullmatch(header):
        raise serializers.ValidationError({"Idempotency-Key": ["1 to 100 visible ASCII characters."]})
    return header


class MoveIn(serializers.Serializer[Any]):
    """A move to make. What it needs besides stands in the list of moves offered."""

    move = serializers.ChoiceField(
        choices=sorted(move.value for move in ON_THE_CARD if move != Move.MOVE_PLACE),
        # Django REST framework would repeat what was sent, and half a character cannot be sent back.
        error_messages={"invalid_choice": "There is no such move."},
    )
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    filing_condition = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    to = serializers.CharField(
        max_length=150,
        required=False,
        allow_blank=True,
        default="",
        help_text="hand_over: user name of the person who takes it",
    )


def person_named(username: str) -> User:
    """The active person with this user name.

    Raises:
        ValidationError: when there is none.
    """
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise serializers.ValidationError({"to": ["There is no such person."]})
    return found


class PlaceIn(serializers.Serializer[Any]):
    """A corrected place, and why."""

    lng = longitude()
    lat = latitude()
    reason = serializers.CharField(max_length=2000)


class ContactReasonIn(serializers.Serializer[Any]):
    """Why the contact is read; kept for good."""

    reason = serializers.CharField(max_length=300)


class PhotoIn(serializers.Serializer[Any]):
    """A photo of the incident."""

    file = serializers.FileField()
    role = serializers.ChoiceField(
        choices=[role.value for role in UPLOADED_ROLES],
        default=PhotoRole.NEAR.value,
        error_messages={"invalid_choice": "near, far, reference, before, after or aerial."},
    )


class EvidenceIn(serializers.Serializer[Any]):
    """A camera whose picture is kept."""

    camera = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Id of the camera")


class ListQuery(serializers.Serializer[Any]):
    """Filters of the list."""

    stage = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="`open`, `all`, or stages divided by commas",
    )
    mine = serializers.BooleanField(required=False, default=False, help_text="Only what I have")
    q = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default="", help_text="Number or words"
    )
    asset = serializers.CharField(
        max_length=16, required=False, allow_blank=True, default="", help_text="Code of an asset"
    )
    unit = serializers.RegexField(
        r"^\d*$", max_length=15, required=False, allow_blank=True, default="", help_text="Code of a unit"
    )
    bbox = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="west,south,east,north in degrees",
    )

    def validate_stage(self, said: str) -> list[str]:
        if said in ("", "all"):
            return []
        stages = said.upper().split(",")
        if stages != ["OPEN"] and not set(stages) <= {stage.value for stage in Stage}:
            raise serializers.ValidationError("`open`, `all`, or stages divided by commas.")
        return stages

    def validate_bbox(self, said: str) -> tuple[float, ...] | None:
        if not said:
            return None
        try:
            box = tuple(float(part) for part in said.split(","))
        except ValueError:
            box = ()
        if len(box) != 4 or not all(math.isfinite(side) and abs(side) <= 180 for side in box):
            raise serializers.ValidationError("Four numbers: west,south,east,north in degrees.")
        return (box[0], max(box[1], -85.0), box[2], min(box[3], 85.0))


class PointQuery(serializers.Serializer[Any]):
    """A point to ask about."""

    lng = longitude()
    lat = latitude()
