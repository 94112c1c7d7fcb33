"""What is asked of the evaluation over HTTP, and what it answers."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from geogrid.core.models import the_city
from incidents.evaluation.asking import By, View

USUAL = timedelta(days=30)
LONGEST = timedelta(days=3700)


def local_today() -> date:
    """Today by the city's clock."""
    city = the_city()
    return timezone.localtime(timezone.now(), city.timezone if city else None).date()


class FiguresQuery(serializers.Serializer[Any]):
    """Figures by what, of which days (both included; the thirty before today), of which place or key."""

    scheme = serializers.CharField(default="geogrid", max_length=40)
    version = serializers.CharField(default="", max_length=20, help_text="The newest without it")
    by = serializers.ChoiceField(choices=[one.value for one in By], default=By.COMMUNITY.value)
    start = serializers.DateField(required=False)
    end = serializers.DateField(required=False)
    view = serializers.ChoiceField(
        choices=[one.value for one in View],
        default=View.WAS.value,
        help_text="was: cell and unit of then; is: today's grid by the point",
    )
    under = serializers.RegexField(r"^\d{0,15}$", default="", help_text="Code of a unit, or its beginning")
    unit = serializers.RegexField(r"^\d{0,18}$", default="", help_text="Id of a responsible unit")
    person = serializers.RegexField(r"^\d{0,18}$", default="", help_text="Id of a cell worker")
    klass = serializers.RegexField(r"^([AE]\d{1,18})?$", default="", help_text="A12: asset class, E5: event")
    channel = serializers.CharField(default="", allow_blank=True, max_length=30)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        said["end"] = said.get("end") or local_today() - timedelta(days=1)
        said["start"] = said.get("start") or said["end"] - USUAL + timedelta(days=1)
        if said["start"] > said["end"]:
            words = "开始不得晚于结束。The start must not be after the end."
            raise serializers.ValidationError({"start": words})
        if said["end"] - said["start"] > LONGEST or said["start"].year < 1980 or said["end"].year > 2200:
            words = "日期超出范围（最多十年）。Out of range: at most ten years."
            raise serializers.ValidationError({"start": words})
        return said


class SeriesQuery(FiguresQuery):
    """One indicator over time, of some keys."""

    indicator = serializers.CharField(max_length=40)
    keys = serializers.CharField(help_text="At most 24, with commas between them", max_length=800)

    def validate_keys(self, said: str) -> list[str]:
        keys = said.split(",")
        if len(keys) > 24:
            raise serializers.ValidationError("最多 24 个。At most 24.")
        return keys


class ReceiptQuery(FiguresQuery):
    """The receipt of one figure; without a key of the total."""

    indicator = serializers.CharField(max_length=40)
    key = serializers.CharField(default="", allow_blank=True, max_length=30)


class ReceiptListQuery(ReceiptQuery):
    """A list of a receipt."""

    list = serializers.CharField(default="denominator", max_length=30)


class IndicatorDefinition(serializers.Serializer[Any]):
    key = serializers.CharField()
    numerator = serializers.CharField(help_text="A measure")
    denominator = serializers.CharField(help_text="A measure")
    zh = serializers.CharField()
    en = serializers.CharField()
    formula_zh = serializers.CharField()
    formula_en = serializers.CharField()
    more_is_better = serializers.BooleanField(allow_null=True)


class SchemeOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()
    indicators = IndicatorDefinition(many=True)


class Rate(serializers.Serializer[Any]):
    """A share: numerator and denominator, and their quotient unless the denominator is nothing."""

    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)


class FigureRow(serializers.Serializer[Any]):
    """Rates of one key, in the order of the scheme's indicators; counts besides."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    is_gone = serializers.BooleanField(help_text="No longer in the grid")
    received = serializers.IntegerField()
    filed = serializers.IntegerField()
    due = serializers.IntegerField()
    closed = serializers.IntegerField(help_text="Of those due")
    left_out = serializers.IntegerField(help_text="Due, but suspended or exempt")
    rates = Rate(many=True)


class FiguresOut(serializers.Serializer[Any]):
    start = serializers.DateField()
    end = serializers.DateField()
    by = serializers.ChoiceField(choices=[one.value for one in By])
    view = serializers.ChoiceField(choices=[one.value for one in View])
    scheme = serializers.CharField()
    version = serializers.CharField()
    is_running = serializers.BooleanField(help_text="The last day is not over")
    is_behind = serializers.BooleanField(help_text="Some incidents are not counted anew yet")
    has_simulated = serializers.BooleanField(help_text="A demonstration: most of it is made up")
    indicators = IndicatorDefinition(many=True)
    total = FigureRow()
    rows = FigureRow(many=True)


class SchemesOut(serializers.Serializer[Any]):
    schemes = SchemeOut(many=True)
    today = serializers.DateField()
    first = serializers.DateField(allow_null=True, help_text="The first day that has anything")
    by = serializers.ListField(child=serializers.CharField(), help_text="What this person may ask by")


class PointInTime(serializers.Serializer[Any]):
    day = serializers.DateField()
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)


class Line(serializers.Serializer[Any]):
    key = serializers.CharField(allow_blank=True)
    points = PointInTime(many=True)


class RateSeriesOut(serializers.Serializer[Any]):
    grain = serializers.ChoiceField(choices=["day", "week", "month"])
    lines = Line(many=True)


class ReceiptPart(serializers.Serializer[Any]):
    name = serializers.CharField()
    count = serializers.IntegerField()
    hash = serializers.CharField(help_text="SHA-256 over the numbers, one a line")


class FigureReceiptOut(serializers.Serializer[Any]):
    """A figure with what it is made of. `head` and the hashes of the lists make the hash."""

    head = serializers.DictField()
    indicator = IndicatorDefinition()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    rate = Rate()
    lists = ReceiptPart(many=True)
    hash = serializers.CharField()


class ReceiptCase(serializers.Serializer[Any]):
    number = serializers.CharField()
    stage = serializers.CharField()
    waiting = serializers.CharField(allow_blank=True)
    reported_at = serializers.DateTimeField()
    deadline_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    class_zh = serializers.CharField(allow_blank=True)
    class_en = serializers.CharField(allow_blank=True)
    is_visible = serializers.BooleanField(help_text="Whether its card may be opened")


class ReceiptCases(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = ReceiptCase(many=True)


class OutlinesQuery(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=["CELL", "COMMUNITY", "STREET", "DISTRICT"], default="COMMUNITY")


class HotSpotsQuery(FiguresQuery):
    """Places where incidents of a class come again and again."""

    reach_m = serializers.FloatField(default=50.0, min_value=1, max_value=1000, help_text="Metres")
    least = serializers.IntegerField(default=3, min_value=2, max_value=1000, help_text="Incidents of a place")


class HotSpotOut(serializers.Serializer[Any]):
    """A place. `share` is of all that came in its community in the period, whatever its class."""

    class_key = serializers.CharField()
    class_code = serializers.CharField(allow_blank=True)
    class_kind = serializers.ChoiceField(choices=["asset", "event"])
    class_zh = serializers.CharField(allow_blank=True)
    class_en = serializers.CharField(allow_blank=True)
    lng = serializers.FloatField()
    lat = serializers.FloatField()
    radius_m = serializers.FloatField()
    count = serializers.IntegerField()
    before = serializers.IntegerField(help_text="There in the period before, as long")
    growth = serializers.FloatField(
        allow_null=True, help_text="Against the period before; None: nothing then"
    )
    closed = serializers.IntegerField(help_text="How many of them were closed")
    open = serializers.IntegerField()
    community = serializers.CharField(allow_blank=True)
    community_zh = serializers.CharField(allow_blank=True)
    community_en = serializers.CharField(allow_blank=True)
    in_community = serializers.IntegerField(help_text="How many of them lie in that community")
    community_count = serializers.IntegerField(help_text="All that came there in the period")
    share = serializers.FloatField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    numbers = serializers.ListField(child=serializers.CharField(), help_text="At most twenty, newest first")


class ClassShareOut(serializers.Serializer[Any]):
    """A class of the places asked under: its share of what came, and its growth."""

    class_key = serializers.CharField(allow_blank=True)
    class_zh = serializers.CharField(allow_blank=True)
    class_en = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    before = serializers.IntegerField()
    growth = serializers.FloatField(allow_null=True)
    share = serializers.FloatField()


class HotSpotsOut(serializers.Serializer[Any]):
    start = serializers.DateField()
    end = serializers.DateField()
    reach_m = serializers.FloatField()
    least = serializers.IntegerField()
    places = HotSpotOut(many=True)
    classes = ClassShareOut(many=True)
