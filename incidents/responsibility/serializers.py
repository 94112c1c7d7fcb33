"""What the API shows of responsibility, and what it is asked."""

from typing import Any

from rest_framework import serializers

from geogrid.organisations.models import Organisation
from incidents.cards import TwoTongues
from incidents.responsibility.deciding import MIDNIGHT
from incidents.responsibility.models import LEVELS, ManagedArea, ResponsibilityRule, every_day
from incidents.responsibility.ordering import LEAST, MOST

KINDS = ["asset", "event"]
HANDLES = "handling_unit"
EFFECTS = ["permit", "notice", "override"]


def a_unit(**how: Any) -> Any:
    """An active unit, by its id."""
    return serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.filter(is_active=True), **how)


def some_weekdays() -> Any:
    return serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        default=every_day,
        min_length=1,
        max_length=7,
    )


class SimulateQuery(serializers.Serializer[Any]):
    """A class, a place and a moment; an asset by its public id where one is meant."""

    kind = serializers.ChoiceField(choices=KINDS)
    code = serializers.RegexField(
        r"^(?:[a-z0-9-]+/[a-z0-9.-]+/)?\d{4,5}$", help_text="Code, or scheme/version/code"
    )
    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    at = serializers.DateTimeField(required=False, help_text="Now without it")
    level = serializers.ChoiceField(choices=LEVELS, default="COMMUNITY")
    asset = serializers.UUIDField(required=False)


class UnitOut(serializers.Serializer[Organisation]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)


class HandlingUnitOut(UnitOut):
    """A unit that can be named in a rule."""

    code = serializers.CharField()
    handles = serializers.SerializerMethodField(help_text="Whether it takes work orders")

    def get_handles(self, unit: Organisation) -> bool:
        return HANDLES in unit.kinds


class ConsideredOut(serializers.Serializer[Any]):
    """A rule about the class, and which of its columns did not hold."""

    name = serializers.CharField()
    priority = serializers.IntegerField()
    matches = serializers.BooleanField()
    misses = serializers.ListField(child=serializers.CharField())


class AreaOut(serializers.Serializer[ManagedArea]):
    """A managed area, as a GeoJSON geometry with what holds there."""

    id = serializers.IntegerField(source="pk")
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField(allow_blank=True)
    effect = serializers.ChoiceField(choices=EFFECTS)
    unit_code = serializers.CharField()
    class_kind = serializers.ChoiceField(choices=KINDS)
    class_codes = serializers.ListField(child=serializers.CharField())
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(allow_null=True)
    weekdays = serializers.ListField(child=serializers.IntegerField())
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    most_db = serializers.IntegerField(allow_null=True)
    unit = UnitOut(allow_null=True)
    text_zh = serializers.CharField(source="text", allow_blank=True)
    text_en = serializers.CharField(allow_blank=True)
    ring = serializers.SerializerMethodField(help_text="[longitude, latitude], closed")

    def get_ring(self, area: ManagedArea) -> list[list[float]]:
        return [[x, y] for x, y, *_ in area.geom[0].coords]


class SimulatedOut(serializers.Serializer[Any]):
    """Which rule fires, and why."""

    source = serializers.ChoiceField(  # type: ignore[assignment] # the metaclass takes it off
        choices=["area", "asset", "table", "place", "gap"]
    )
    rule = serializers.CharField(allow_blank=True)
    edition = serializers.IntegerField()
    place_code = serializers.CharField(
        allow_blank=True, help_text="Cell, or the city's code outside the grid"
    )
    lead = UnitOut(allow_null=True)
    co_handlers = UnitOut(many=True)
    next_units = UnitOut(many=True, help_text="Asked one after the other while it stays unsolved")
    why = TwoTongues()
    considered = ConsideredOut(many=True)
    areas = AreaOut(many=True)


class GapOut(serializers.Serializer[Any]):
    """A class that no rule answers at these places in these hours."""

    kind = serializers.ChoiceField(choices=KINDS)
    scheme = serializers.CharField()
    code = serializers.CharField()
    places = serializers.ListField(child=serializers.CharField(), help_text="Codes of communities")
    hours = serializers.ListField(
        child=serializers.CharField(), help_text="Weekday (0: Monday) and clock times"
    )


class IdleOut(serializers.Serializer[Any]):
    """A rule that never fires."""

    name = serializers.CharField()
    reason = serializers.ChoiceField(
        choices=["class", "place", "hours", "covered"],
        help_text="About no class in use, no place, no hour; or always behind other rules",
    )
    by = serializers.ListField(child=serializers.CharField(), help_text="Rules that always come first")


class GapsOut(serializers.Serializer[Any]):
    edition = serializers.IntegerField()
    rules = serializers.IntegerField()
    count = serializers.IntegerField()
    gaps = GapOut(many=True)
    idle = IdleOut(many=True, help_text="Rules that never fire in a plain week")
    places_without_unit = serializers.ListField(
        child=serializers.CharField(), help_text="Communities where not even the place names a unit"
    )


class RuleOut(serializers.Serializer[ResponsibilityRule]):
    """One line of the table in force."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    priority = serializers.IntegerField()
    kind = serializers.CharField(allow_blank=True)
    scheme = serializers.CharField(allow_blank=True)
    code = serializers.CharField(allow_blank=True)
    level = serializers.CharField(allow_blank=True)
    place_code = serializers.CharField(allow_blank=True)
    asset_unit = UnitOut(allow_null=True)
    weekdays = serializers.ListField(child=serializers.IntegerField())
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    office = serializers.BooleanField(allow_null=True)
    lead = UnitOut()
    co_handlers = UnitOut(source="co_handlers.all", many=True)
    next_unit_ids = serializers.ListField(child=serializers.IntegerField())
    edition_from = serializers.IntegerField(source="edition_from_id")
    edition_to = serializers.IntegerField(source="edition_to_id", allow_null=True)


class RulesQuery(serializers.Serializer[Any]):
    """Which lines; without anything, all in force."""

    q = serializers.CharField(
        required=False, max_length=100, help_text="Words: rule, unit, class or place, in Chinese or English"
    )
    edition = serializers.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, help_text="The table as it was in this edition"
    )


class RuleIn(serializers.Serializer[Any]):
    """One line to write."""

    name = serializers.CharField(max_length=100)
    priority = serializers.IntegerField(default=0, min_value=LEAST, max_value=MOST)
    kind = serializers.ChoiceField(choices=["", *KINDS], default="", allow_blank=True)
    scheme = serializers.RegexField(r"^[a-z0-9-]{0,60}$", default="", allow_blank=True)
    code = serializers.RegexField(r"^\d{0,6}$", default="", allow_blank=True)
    level = serializers.ChoiceField(choices=["", *LEVELS], default="", allow_blank=True)
    place_code = serializers.RegexField(r"^\d{0,15}$", default="", allow_blank=True)
    asset_unit = a_unit(required=False, allow_null=True, default=None)
    weekdays = some_weekdays()
    starts = serializers.TimeField(default=MIDNIGHT)
    ends = serializers.TimeField(default=MIDNIGHT, help_text="Not later than the start: over midnight")
    office = serializers.BooleanField(allow_null=True, default=None)
    lead = a_unit()
    co_handlers = a_unit(many=True, default=list)
    next_units = a_unit(many=True, default=list, help_text="In the order in which they are asked")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        afterwards = [unit.pk for unit in said.pop("next_units")]
        if said["lead"].pk in afterwards or len(set(afterwards)) < len(afterwards):
            raise serializers.ValidationError(
                {"next_units": ["Each once, and not the lead. 每个单位一次，且不是主办单位。"]}
            )
        return said | {"next_unit_ids": afterwards}


class OrderIn(serializers.Serializer[Any]):
    """Which rule is to be asked just before which other."""

    rule = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    before = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, allow_null=True, help_text="null: last of all"
    )


class OrderOut(serializers.Serializer[Any]):
    changed = serializers.ListField(child=serializers.CharField(), help_text="Rules whose priority changed")
    rules = RuleOut(many=True)


class TableEditionOut(serializers.Serializer[Any]):
    """One change of the table."""

    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    actor = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    began = serializers.ListField(child=serializers.CharField())
    ended = serializers.ListField(child=serializers.CharField())


class ToldQuery(serializers.Serializer[Any]):
    """A class and a point."""

    kind = serializers.ChoiceField(choices=KINDS)
    code = serializers.RegexField(r"^\d{4,6}$")
    lng = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)


class AreasQuery(serializers.Serializer[Any]):
    """Which areas; without anything, those that are valid now or later."""

    unit = serializers.RegexField(r"^\d{1,15}$", required=False, help_text="Code of a unit, or its beginning")


class AreaIn(serializers.Serializer[Any]):
    """A managed area to keep."""

    name = serializers.CharField(max_length=200)
    name_en = serializers.CharField(max_length=200, default="", allow_blank=True)
    effect = serializers.ChoiceField(choices=EFFECTS)
    unit_code = serializers.RegexField(r"^\d{1,15}$")
    ring = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=-180, max_value=180), min_length=2, max_length=2
        ),
        min_length=4,
        max_length=2000,
        help_text="[longitude, latitude], the last as the first",
    )
    class_kind = serializers.ChoiceField(choices=KINDS)
    class_codes = serializers.ListField(
        child=serializers.RegexField(r"^\d{1,6}$"), min_length=1, max_length=100
    )
    valid_from = serializers.DateTimeField()
    valid_to = serializers.DateTimeField(required=False, allow_null=True)
    weekdays = some_weekdays()
    starts = serializers.TimeField(default=MIDNIGHT)
    ends = serializers.TimeField(default=MIDNIGHT, help_text="Not later than the start: over midnight")
    most_db = serializers.IntegerField(required=False, allow_null=True, min_value=30, max_value=120)
    unit = a_unit(required=False, allow_null=True)
    text = serializers.CharField(max_length=500, default="", allow_blank=True)
    text_en = serializers.CharField(max_length=500, default="", allow_blank=True)
