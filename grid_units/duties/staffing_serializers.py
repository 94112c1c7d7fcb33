"""What the API shows of a unit's staffing in a week, and what it takes."""

from typing import Any

from rest_framework import serializers

from geogrid.organisations.roles import Role
from grid_units.duties.serializers import ShiftSerializer, SubstitutionSerializer

Serializer = serializers.Serializer[Any]
ROLES = [role.value for role in Role]
LEVELS = ["CELL", "COMMUNITY", "STREET", "DISTRICT"]
CODE = r"^\d{4,15}$"


class WeekQuery(Serializer):
    """A unit of any level, and a day of the week that is asked for."""

    unit = serializers.RegexField(CODE, help_text="Code of a cell, community, street or district")
    week = serializers.DateField(
        required=False, default=None, help_text="Any day of the week; today's if empty"
    )


class BoardUnitSerializer(Serializer):
    """The unit that is looked at."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=LEVELS)
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)


class FormulaPartSerializer(Serializer):
    """One part of the cell formula 1+1+1+N."""

    key = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    at_least = serializers.IntegerField()


class BoardRowSerializer(BoardUnitSerializer):
    """A place of the board. `found`: people of each part of the formula, in its order; empty above cells.

    `complete` of `cells` cells have all of them.
    """

    households = serializers.IntegerField(allow_null=True)
    found = serializers.ListField(child=serializers.IntegerField())
    complete = serializers.IntegerField()
    cells = serializers.IntegerField()


class BoardPersonSerializer(Serializer):
    """Somebody whom the board names by id."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    name = serializers.CharField()


class BoardShiftSerializer(Serializer):
    """The same hours on some weekdays (0 is Monday). An end at or before the start is of the next day."""

    starts = serializers.TimeField()
    ends = serializers.TimeField()
    weekdays = serializers.ListField(child=serializers.IntegerField())


class StandInSerializer(Serializer):
    """A substitution. `user` is null for a leave without anybody."""

    id = serializers.IntegerField()
    user = serializers.IntegerField(allow_null=True)
    is_there = serializers.BooleanField(help_text="False when nobody comes")
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True, help_text="Empty where the duty is not yours to change")


class BoardDutySerializer(Serializer):
    """A duty on the board. `elsewhere`: units that lie outside the board; `yours`: you may change it."""

    id = serializers.IntegerField()
    user = serializers.IntegerField()
    role = serializers.ChoiceField(choices=ROLES)
    units = serializers.ListField(child=serializers.CharField())
    elsewhere = serializers.IntegerField()
    shifts = BoardShiftSerializer(many=True)
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    is_there = serializers.BooleanField(help_text="False when the person can no longer log in")
    stand_ins = StandInSerializer(many=True)
    yours = serializers.BooleanField()


class BoardSerializer(Serializer):
    """Who is meant to be where in a week, by unit."""

    unit = BoardUnitSerializer()
    week = serializers.DateField(help_text="Its Monday, in the city's time")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    may_staff = serializers.BooleanField()
    formula = FormulaPartSerializer(many=True)
    rows = BoardRowSerializer(many=True)
    people = BoardPersonSerializer(many=True)
    duties = BoardDutySerializer(many=True)


class HourOfGapsSerializer(Serializer):
    """Cells at some time of an hour: without their own worker (`own`), without anybody at any level."""

    starts_at = serializers.DateTimeField()
    own = serializers.IntegerField()
    nobody = serializers.IntegerField()


class HoleSerializer(Serializer):
    """Cells that miss somebody at the same times; spans are [start, end]."""

    cells = serializers.ListField(child=serializers.CharField())
    own = serializers.ListField(child=serializers.ListField(child=serializers.DateTimeField()))
    nobody = serializers.ListField(child=serializers.ListField(child=serializers.DateTimeField()))


class GapsSerializer(Serializer):
    """When somebody is missing for cells of a unit."""

    unit = BoardUnitSerializer()
    hours = HourOfGapsSerializer(many=True)
    holes = HoleSerializer(many=True)


class LoadSerializer(BoardPersonSerializer):
    """What the cells of a person add up to. Incidents are of the last 28 days, hours of the week."""

    role = serializers.ChoiceField(choices=ROLES)
    cells = serializers.IntegerField()
    households = serializers.IntegerField()
    incidents = serializers.IntegerField()
    street_m = serializers.FloatField()
    hours = serializers.FloatField()


class CandidateRoleSerializer(Serializer):
    """A role of a person, and the unit it is for (empty: everywhere)."""

    role = serializers.ChoiceField(choices=ROLES)
    unit = serializers.CharField(allow_blank=True)


class CandidateSerializer(BoardPersonSerializer):
    """Somebody who can be put on duty."""

    roles = CandidateRoleSerializer(many=True)


class DutyChangeSerializer(Serializer):
    """How a duty goes on from a moment (now when not given)."""

    at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    leaves = serializers.ListField(
        child=serializers.RegexField(CODE), required=False, default=list, max_length=2_000
    )
    takes = serializers.ListField(
        child=serializers.RegexField(CODE), required=False, default=list, max_length=2_000
    )
    username = serializers.CharField(max_length=150, required=False, allow_null=True, default=None)
    shifts = ShiftSerializer(many=True, required=False, allow_null=True, default=None)


class LeaveSerializer(Serializer):
    """Who is away from all their duties from-to, and who stands in."""

    person = serializers.CharField(max_length=150, help_text="Log-in name")
    username = serializers.CharField(
        max_length=150,
        required=False,
        allow_null=True,
        default=None,
        help_text="Log-in name of the substitute",
    )
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class LeaveNotedSerializer(Serializer):
    """What was noted; `others`: duties of the person that you do not staff."""

    noted = SubstitutionSerializer(many=True)
    others = serializers.IntegerField()
