"""What the API of assets takes. What it shows stands in `cards.py`."""

import re
from typing import Any, Final, TypeVar

from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField

from assets.attributes import problems_of
from assets.models import AssetClass, AssetState, Placement
from assets.photos.models import UPLOADED_ROLES, PhotoRole
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import Organisation

MOST_CORNERS: Final = 20_000
FARTHEST_NORTH: Final = 85.06
# Type of GeoJSON to how deep its coordinates are nested.
DEPTHS: Final = {
    "Point": 0,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
DRAWN_AS: Final = {
    "point": ("Point",),
    "line": ("LineString", "MultiLineString"),
    "area": ("Polygon", "MultiPolygon"),
}
GEOMETRY_SCHEMA: Final = {
    "type": "object",
    "description": "GeoJSON of the kind that the class is drawn as: WGS 84, longitude first",
    "properties": {
        "type": {"type": "string", "enum": list(DEPTHS)},
        "coordinates": {"type": "array", "items": {}},
    },
    "required": ["type", "coordinates"],
}
Form = TypeVar("Form", bound=serializers.BaseSerializer[Any])


def checked(form: Form) -> dict[str, Any]:
    """The validated data of a filled form.

    Raises:
        ValidationError: with the fields that are wrong.
    """
    form.is_valid(raise_exception=True)
    said: dict[str, Any] = form.validated_data
    return said


@extend_schema_field(GEOMETRY_SCHEMA)
class ShapeField(GeometryField):  # type: ignore[misc] # the package carries no types
    """Point, line or area as GeoJSON (WGS 84). Finite, on the earth, not crossing itself."""

    def to_internal_value(self, value: Any) -> GEOSGeometry:
        if not isinstance(value, dict) or value.get("type") not in list(DEPTHS):
            raise serializers.ValidationError(f"GeoJSON of one of: {', '.join(DEPTHS)}.")
        plain = {"type": value["type"]}
        plain["coordinates"] = _flat(value.get("coordinates"), DEPTHS[value["type"]])
        try:
            shape: GEOSGeometry = super().to_internal_value(plain)
            reason = shape.valid_reason if shape.num_coords else "it has no corner"
        except (GEOSException, ValueError, TypeError, ValidationError):
            raise serializers.ValidationError("These coordinates draw nothing of this type.") from None
        if shape.num_coords > MOST_CORNERS:
            raise serializers.ValidationError(f"At most {MOST_CORNERS:,} corners.")
        if reason != "Valid Geometry":
            raise serializers.ValidationError(f"This cannot be drawn: {reason}.")
        shape.srid = STORAGE_SRID
        return shape


def _flat(nested: Any, depth: int) -> list[Any]:
    """The same coordinates without heights.

    Raises:
        ValidationError: when the lists are not nested as the type wants, or hold no place on the earth.
    """
    if not isinstance(nested, list):
        raise serializers.ValidationError("Coordinates are lists of numbers.")
    if depth:
        return [_flat(inner, depth - 1) for inner in nested]
    numbers = [n for n in nested if isinstance(n, int | float) and not isinstance(n, bool)]
    if len(numbers) != len(nested) or len(nested) not in (2, 3):
        raise serializers.ValidationError("A corner is two numbers: longitude and latitude.")
    lng, lat = numbers[:2]
    if not (abs(lng) <= 180 and abs(lat) <= FARTHEST_NORTH):  # NaN fails this too
        raise serializers.ValidationError("Longitude and latitude in degrees, longitude first.")
    return [lng, lat]


def class_named(said: str) -> AssetClass:
    """A class in use by its code; a bare code means the newest edition, `scheme/version/code` names one.

    Raises:
        ValidationError: when there is none.
    """
    rows = AssetClass.objects.filter(is_active=True)
    scheme, _, rest = said.partition("/")
    if rest:
        version, _, code = rest.rpartition("/")
        rows = rows.filter(scheme=scheme, version=version, code=code)
    else:
        rows = rows.filter(code=said)
    found = rows.order_by("-version", "-id").first()
    if found is None:
        raise serializers.ValidationError("There is no such class.")
    return found


def unit_named(code: str | None) -> Organisation | None:
    """A unit (organisation) by its code, or None for none.

    Raises:
        ValidationError: when there is no such unit.
    """
    found = Organisation.objects.filter(code=code).first() if code is not None else None
    if found is None and code is not None:
        raise serializers.ValidationError("There is no such unit.")
    return found


def _class(**how: Any) -> serializers.CharField:
    return serializers.CharField(
        max_length=100, help_text="Code (newest edition), or scheme/version/code", **how
    )


def _unit() -> serializers.CharField:
    return serializers.CharField(max_length=40, allow_null=True, required=False, help_text="Code of a unit")


def _text(longest: int, **how: Any) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, allow_blank=True, **how)


class AssetChangesIn(serializers.Serializer[Any]):
    """Fields of an asset to change; those not named stay as they are. `context["asset"]`: the asset."""

    geometry = ShapeField(source="geom", required=False)
    asset_class = _class(required=False)
    name = _text(200)
    state = serializers.ChoiceField(choices=[state.value for state in AssetState], required=False)
    placement = serializers.ChoiceField(
        choices=[place.value for place in Placement], required=False, allow_blank=True
    )
    competent_authority = _unit()
    owner = _unit()
    maintainer = _unit()
    first_date = serializers.DateField(required=False, allow_null=True)
    change_date = serializers.DateField(
        required=False, allow_null=True, help_text="Of the last change; when not given: today"
    )
    location_text = _text(300)
    note = _text(4000)
    shape = _text(40)
    material = _text(40)
    attributes = serializers.JSONField(required=False, help_text="By the schema of the class")
    updated_at = serializers.DateTimeField(
        required=False, help_text="As you saw it: refused (409) when the asset has changed since"
    )

    def to_internal_value(self, data: Any) -> Any:
        said = super().to_internal_value(data)
        if unknown := sorted(set(data) - set(self.fields)):
            # Silence would let somebody believe that a field was kept.
            raise serializers.ValidationError(
                {str(name)[:100]: ["This field cannot be set here."] for name in unknown[:20]}
            )
        return said

    def validate_asset_class(self, said: str) -> AssetClass:
        return class_named(said)

    def validate_competent_authority(self, said: str | None) -> Organisation | None:
        return unit_named(said)

    def validate_owner(self, said: str | None) -> Organisation | None:
        return unit_named(said)

    def validate_maintainer(self, said: str | None) -> Organisation | None:
        return unit_named(said)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        before: Any = self.context.get("asset")
        asset_class = said.get("asset_class") or before.asset_class
        shape = said.get("geom") or before.geom
        drawn = DRAWN_AS[asset_class.geometry_kind]
        wrong: dict[str, list[str]] = {}
        if ("geom" in said or "asset_class" in said) and shape.geom_type not in drawn:
            wrong["geometry"] = [
                f"Class {asset_class.code} ({asset_class.name_en}) is drawn as {asset_class.geometry_kind}."
            ]
        if "attributes" in said or "asset_class" in said:
            attributes = said.get("attributes", before.attributes if before else {})
            if problems := problems_of(attributes, asset_class.attributes_schema):
                wrong["attributes"] = problems
        if wrong:
            raise serializers.ValidationError(wrong)
        return said


class NewAssetIn(AssetChangesIn):
    """A new asset. Its cell follows from its place; without a code it gets the next number of its class."""

    code = serializers.RegexField(r"^[0-9]{16}$", max_length=16, required=False)
    geometry = ShapeField(source="geom")
    asset_class = _class()
    source = _text(100, help_text="Where the data came from")  # type: ignore[assignment] # a field, no option
    source_id = serializers.CharField(max_length=100, required=False, allow_null=True)
    updated_at = None  # type: ignore[assignment] # how a field is taken away


class AssetListQuery(serializers.Serializer[Any]):
    """Filters of the list of assets."""

    q = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="Words of code, name, class or location; all must fit",
    )
    asset_class = serializers.RegexField(
        r"^[0-9]*$", max_length=6, required=False, allow_blank=True, default="", help_text="Code of a class"
    )
    cell = serializers.RegexField(
        r"^[0-9]*$",
        max_length=15,
        required=False,
        allow_blank=True,
        default="",
        help_text="Code of a cell, community, street or district",
    )
    state = serializers.ChoiceField(
        choices=[state.value for state in AssetState], required=False, allow_blank=True, default=""
    )


class AssetPhotoIn(serializers.Serializer[Any]):
    """A photo of an asset."""

    file = serializers.FileField()
    role = serializers.ChoiceField(
        choices=[role.value for role in UPLOADED_ROLES], default=PhotoRole.NEAR.value
    )


CODE: Final = re.compile(r"[0-9]{16}")
