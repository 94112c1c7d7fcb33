"""What the API shows of duties, and what it takes."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty
from grid_units.duties.roster import on_duty_all, people_of

Serializer = serializers.Serializer[Any]


class PersonSerializer(Serializer):
    """A person of the staff."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField(source="__str__")
    phone = serializers.CharField(allow_blank=True)


class OnDutySerializer(Serializer):
    """Somebody on duty now. The name is empty for those who may not see people there."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    level = serializers.ChoiceField(choices=["CELL", "COMMUNITY", "STREET", "DISTRICT"])
    unit_code = serializers.CharField()
    is_substitute = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)


class ShiftSerializer(Serializer):
    """A weekly shift in the city's own time; one that ends at or before its start ends the next day."""

    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday")
    starts = serializers.TimeField()
    ends = serializers.TimeField()


class SubstitutionSerializer(Serializer):
    """Somebody stands in, from-to; nobody when `substitute` is null (on leave)."""

    id = serializers.IntegerField()
    substitute = PersonSerializer(allow_null=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)


class DutySerializer(Serializer):
    """A duty with its units, shifts and substitutions."""

    id = serializers.IntegerField()
    user = PersonSerializer()
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    units = serializers.SerializerMethodField()
    shifts = ShiftSerializer(many=True)
    substitutions = SubstitutionSerializer(many=True)

    def get_units(self, duty: Duty) -> list[str]:
        return sorted(area.unit_code for area in duty.areas.all())


class NewDutySerializer(Serializer):
    """What is asked of a new duty."""

    username = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=[role.value for role in Role], default=Role.GRID_WORKER.value)
    units = serializers.ListField(
        child=serializers.RegexField(r"^\d{4,15}$"), allow_empty=False, max_length=2_000
    )
    shifts = ShiftSerializer(many=True, required=False, default=list)
    valid_from = serializers.DateTimeField(required=False, default=timezone.now)
    valid_to = serializers.DateTimeField(required=False, allow_null=True, default=None)
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class EndOfDutySerializer(Serializer):
    """When a duty ends."""

    valid_to = serializers.DateTimeField()


class NewSubstitutionSerializer(Serializer):
    """Who stands in, from-to; without a name the person is on leave and the next level answers."""

    username = serializers.CharField(max_length=150, allow_null=True, required=False, default=None)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    instead_of = serializers.ListField(
        child=serializers.IntegerField(),
        required=False,
        default=list,
        max_length=100,
        help_text="Substitutions of the duty that give way for this time",
    )


def on_duty_rows(unit_code: str, at: datetime, *, names: bool) -> list[dict[str, Any]]:
    """Rows for OnDutySerializer: everybody on duty for a unit, or without `names` only that somebody is."""
    found = on_duty_all(unit_code, at)
    if not names:
        found = found[:1]
    people: dict[int, User] = people_of(found) if names else {}
    rows = []
    for person in found:
        user = people.get(person.user_id)
        rows.append(
            {
                "id": user.pk if user else None,
                "name": str(user) if user else "",
                "phone": user.phone if user else "",
                "role": person.role,
                "level": person.level,
                "unit_code": person.unit_code,
                "is_substitute": person.is_substitute,
                "until": person.until,
            }
        )
    return rows


def duty_rows(duties: list[Duty]) -> Any:
    """The duties as the API shows them."""
    return DutySerializer(duties, many=True).data
