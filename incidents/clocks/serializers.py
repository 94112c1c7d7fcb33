"""What the API shows of the calendar, and what it is asked."""

from typing import Any

from rest_framework import serializers

from incidents.cards import TwoTongues
from incidents.clocks.limits import LimitError, LimitKind, parse


class LimitOut(serializers.Serializer[Any]):
    """A time limit: a number, one of four kinds, and the words."""

    amount = serializers.DecimalField(
        max_digits=12, decimal_places=6, normalize_output=True, help_text="0 continuous hours: at once"
    )
    kind = serializers.ChoiceField(choices=[kind.value for kind in LimitKind])
    zh = serializers.CharField()
    en = serializers.CharField()


class YearQuery(serializers.Serializer[Any]):
    """Which year; without one, the current year of the city."""

    year = serializers.IntegerField(required=False, min_value=1900, max_value=2200)


class OfficeWindowOut(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(help_text="0: Monday")
    opens = serializers.TimeField()
    closes = serializers.TimeField(allow_null=True, help_text="null: midnight")
    valid_from = serializers.DateField(allow_null=True)
    valid_to = serializers.DateField(allow_null=True, help_text="The day itself excluded")


class CalendarDayOut(serializers.Serializer[Any]):
    """A day that differs from the week."""

    day = serializers.DateField()
    is_working = serializers.BooleanField()
    works_as = serializers.IntegerField(
        allow_null=True, help_text="Weekday whose windows it keeps; 0: Monday"
    )
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    source = serializers.CharField()  # type: ignore[assignment] # the metaclass takes it off


class CalendarOut(serializers.Serializer[Any]):
    year = serializers.IntegerField()
    zone = serializers.CharField()
    is_covered = serializers.BooleanField(
        help_text="Whether the holidays of the year are known; if not, only weekends are left out"
    )
    warning = TwoTongues(allow_null=True)
    missing_years = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Years that limits of now need or will need within two months, and that are not known",
    )
    missing_warning = TwoTongues(allow_null=True)
    covered_years = serializers.ListField(child=serializers.IntegerField())
    windows = OfficeWindowOut(many=True)
    days = CalendarDayOut(many=True)


class DeadlineQuery(serializers.Serializer[Any]):
    """A start and a limit in words, such as 4工作时 or 2 working days."""

    start = serializers.DateTimeField()
    limit = serializers.CharField(max_length=60)

    def validate_limit(self, text: str) -> Any:
        try:
            return parse(text)
        except LimitError as error:
            raise serializers.ValidationError(str(error)) from error


class DeadlineOut(serializers.Serializer[Any]):
    limit = LimitOut()
    warn_at = serializers.DateTimeField(help_text="When the light turns yellow")
    due_at = serializers.DateTimeField()
    uncovered_years = serializers.ListField(child=serializers.IntegerField())
    warning = TwoTongues(allow_null=True)


class StageLimitOut(serializers.Serializer[Any]):
    stage = serializers.CharField()
    limit = LimitOut()


class PolicyOut(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    warn_share = serializers.FloatField()
    limits = StageLimitOut(many=True)


class DayIn(serializers.Serializer[Any]):
    """How a day differs from the week."""

    is_working = serializers.BooleanField()
    works_as = serializers.IntegerField(min_value=0, max_value=6, allow_null=True, default=None)
    name = serializers.CharField(max_length=200, default="", allow_blank=True)
    name_en = serializers.CharField(max_length=200, default="", allow_blank=True)


class WindowIn(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(min_value=0, max_value=6)
    opens = serializers.TimeField()
    closes = serializers.TimeField(allow_null=True, help_text="null: midnight")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["closes"] is not None and said["closes"] <= said["opens"]:
            raise serializers.ValidationError({"closes": ["Later than it opens. 须晚于开始时间。"]})
        return said


class WindowsIn(serializers.Serializer[Any]):
    """Office hours from a day on."""

    from_day = serializers.DateField()
    windows = WindowIn(many=True, allow_empty=False)


class YearIn(serializers.Serializer[Any]):
    """Bring a year in from the packages, or say that it was entered by hand."""

    by_hand = serializers.BooleanField(default=False)
