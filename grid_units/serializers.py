"""What the API shows of cells and of the units above them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField

from geogrid.organisations.roles import Role
from grid_units.duties.serializers import DutySerializer, OnDutySerializer

Serializer = serializers.Serializer[Any]


@extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
class OutlineField(GeometryField):  # type: ignore[misc] # the package carries no types
    """An outline as GeoJSON, in degrees."""


class UnitAboveSerializer(Serializer):
    """A unit above the cells, by name."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=["DISTRICT", "STREET", "COMMUNITY"])
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)


class UnitInChargeSerializer(Serializer):
    """An organisation, by name."""

    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class AssetCountSerializer(Serializer):
    """How many assets of a class stand in a unit."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    icon = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()


class PlaceSerializer(Serializer):
    """What every card of a unit of any level has."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    households = serializers.IntegerField(allow_null=True)
    area_m2 = serializers.FloatField(allow_null=True)
    lng = serializers.FloatField(allow_null=True, help_text="Of a point inside, degrees")
    lat = serializers.FloatField(allow_null=True)
    bbox = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="west, south, east, north in degrees"
    )
    geometry = OutlineField(allow_null=True)
    on_duty = OnDutySerializer(many=True)
    roster = DutySerializer(many=True, help_text="Duties of this very unit, for those who may see people")
    assets = AssetCountSerializer(many=True)


class CellCardSerializer(PlaceSerializer):
    """Everything about one cell that its viewer may see."""

    kind = serializers.ChoiceField(choices=["GENERAL", "EXCLUSIVE"])
    use = serializers.CharField(allow_blank=True)
    community = UnitAboveSerializer(allow_null=True)
    street = UnitAboveSerializer(allow_null=True)
    district = UnitAboveSerializer(allow_null=True)
    owner = UnitInChargeSerializer(allow_null=True)
    maintainer = UnitInChargeSerializer(allow_null=True)
    is_derived = serializers.BooleanField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class UnitCardSerializer(PlaceSerializer):
    """Everything about one district, street or community that its viewer may see."""

    level = serializers.ChoiceField(choices=["DISTRICT", "STREET", "COMMUNITY"])
    parents = UnitAboveSerializer(many=True)
    organisation = UnitInChargeSerializer(allow_null=True)
    cells = serializers.IntegerField()
    is_simulated = serializers.BooleanField()


class OfficeSerializer(Serializer):
    """An organisation of a place, and how to reach its office."""

    kind = serializers.ChoiceField(choices=["office", "owner", "maintainer"])
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)


class ContactPersonSerializer(Serializer):
    """Somebody on duty at a level; without a name for those who may not see people there."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=[role.value for role in Role])
    is_substitute = serializers.BooleanField()
    until = serializers.DateTimeField(allow_null=True)
    is_answering = serializers.BooleanField(help_text="The one who gets what is reported here now")


class ContactLevelSerializer(Serializer):
    """One level of the contact card of a place."""

    level = serializers.ChoiceField(choices=["CELL", "COMMUNITY", "STREET", "DISTRICT"])
    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    offices = OfficeSerializer(many=True)
    on_duty = ContactPersonSerializer(many=True)


class SurroundingSerializer(Serializer):
    """Something that a printed map of a cell draws. `sort`: kind of cell or street, code of a class."""

    kind = serializers.ChoiceField(choices=["cell", "neighbour", "other", "building", "road", "asset"])
    ref = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    sort = serializers.CharField(allow_blank=True)
    geometry = serializers.DictField(help_text="GeoJSON, degrees")
    lng = serializers.FloatField(allow_null=True, help_text="Where a name of it goes, on the paper")
    lat = serializers.FloatField(allow_null=True)


class CellRowSerializer(Serializer):
    """A cell in a list."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    community = serializers.CharField(source="community.name")
    households = serializers.IntegerField(allow_null=True)
    area_m2 = serializers.FloatField(allow_null=True)


class PageOfCellsSerializer(Serializer):
    """A page of the list of cells."""

    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = CellRowSerializer(many=True)


class UnitRowSerializer(UnitAboveSerializer):
    """A unit above the cells in the tree of units."""

    parent = serializers.CharField(  # type: ignore[assignment]
        source="parent.code", allow_null=True, default=None
    )
