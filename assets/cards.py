"""What the API shows of assets, buildings and their classes. Public: the same for every signed-in user."""

from typing import Any, Final

from django.contrib.gis.geos import GEOSGeometry, Point
from drf_spectacular.contrib.rest_framework_gis import GeoFeatureModelSerializerExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework_gis.fields import GeometryField
from rest_framework_gis.serializers import GeoFeatureModelSerializer

from assets.models import Asset, AssetClass, AssetState, Building, GeometryKind
from assets.photos.actions import url_of
from assets.photos.models import Photo, PhotoRole
from assets.serializers import GEOMETRY_SCHEMA

SHOWN_WITH: Final = ("asset_class", "cell", "competent_authority", "owner", "maintainer")
POINT_SCHEMA: Final = {"type": "number", "format": "double", "description": "Degrees (WGS 84)"}


@extend_schema_field({**GEOMETRY_SCHEMA, "description": "GeoJSON (WGS 84)"})
class ShapeOut(GeometryField):  # type: ignore[misc] # the package carries no types
    """A shape as GeoJSON."""


class AssetClassName(serializers.Serializer[AssetClass]):
    """A class of assets by name."""

    scheme = serializers.CharField()
    version = serializers.CharField()
    code = serializers.CharField()
    major_zh = serializers.CharField(source="major_name")
    major_en = serializers.CharField(source="major_name_en")
    name_zh = serializers.CharField(source="name")
    name_en = serializers.CharField()
    icon = serializers.CharField(allow_blank=True)
    geometry_kind = serializers.ChoiceField(choices=[kind.value for kind in GeometryKind])
    origin = serializers.CharField(help_text="standard, local, or ours")


class AssetClassEntry(AssetClassName):
    """A class of assets in the catalogue."""

    attributes_schema = serializers.JSONField(help_text="JSON Schema of the attributes")


class UnitOfAsset(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()
    name_en = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    is_simulated = serializers.BooleanField()


class CellOfAsset(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)


def point_in(shape: GEOSGeometry) -> Point:
    """The point at which to stand for a shape: itself, or one inside of it."""
    return shape if isinstance(shape, Point) else shape.point_on_surface


class Placed(serializers.Serializer[Any]):
    """Longitude and latitude of something with a `geom`."""

    lng = serializers.SerializerMethodField()
    lat = serializers.SerializerMethodField()

    @extend_schema_field(POINT_SCHEMA)
    def get_lng(self, thing: Asset | Building) -> float:
        return float(point_in(thing.geom).coords[0])

    @extend_schema_field(POINT_SCHEMA)
    def get_lat(self, thing: Asset | Building) -> float:
        return float(point_in(thing.geom).coords[1])


class AssetRow(Placed):
    """An asset in a list."""

    code = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=[state.value for state in AssetState])
    cell = CellOfAsset(allow_null=True)
    location_text = serializers.CharField(allow_blank=True)
    updated_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return super().get_fields() | {"class": AssetClassName(source="asset_class")}


class PageOfAssets(serializers.Serializer[Any]):
    """A page of the list."""

    count = serializers.IntegerField(help_text="At most 10,000 are counted")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    results = AssetRow(many=True)


class AssetPhoto(serializers.Serializer[Photo]):
    """A photo of an asset. The addresses work for a few minutes."""

    public_id = serializers.UUIDField()
    role = serializers.ChoiceField(choices=[role.value for role in PhotoRole])
    taken_at = serializers.DateTimeField(allow_null=True)
    uploaded_at = serializers.DateTimeField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    url = serializers.SerializerMethodField()
    small_url = serializers.SerializerMethodField()

    def get_url(self, photo: Photo) -> str:
        return url_of(photo)

    def get_small_url(self, photo: Photo) -> str:
        return url_of(photo, "small")


def photos_of(asset: Asset) -> Any:
    """The asset's photos, as they are shown."""
    return AssetPhoto(list(asset.photos.order_by("id")), many=True).data  # type: ignore[arg-type]


class AssetCard(AssetRow):
    """Everything about one asset but its history."""

    public_id = serializers.UUIDField()
    competent_authority = UnitOfAsset(allow_null=True)
    owner = UnitOfAsset(allow_null=True)
    maintainer = UnitOfAsset(allow_null=True)
    placement = serializers.CharField(allow_blank=True)
    first_date = serializers.DateField(allow_null=True)
    change_date = serializers.DateField(allow_null=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment] # a field, no option
    source_id = serializers.SerializerMethodField()
    note = serializers.CharField(allow_blank=True)
    shape = serializers.CharField(allow_blank=True)
    material = serializers.CharField(allow_blank=True)
    attributes = serializers.JSONField()
    simulated_fields = serializers.ListField(
        child=serializers.CharField(), help_text="Fields whose value was invented for a demonstration"
    )
    photos = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    geometry = ShapeOut(source="geom")

    def get_source_id(self, asset: Asset) -> str:
        return asset.source_id or ""

    @extend_schema_field(AssetPhoto(many=True))
    def get_photos(self, asset: Asset) -> Any:
        return photos_of(asset)


class AssetFeature(GeoFeatureModelSerializer):  # type: ignore[misc] # the package carries no types
    """An asset as a GeoJSON feature, for programs that read those."""

    asset_class = serializers.CharField(source="asset_class.code")
    class_zh = serializers.CharField(source="asset_class.name")
    class_en = serializers.CharField(source="asset_class.name_en")
    cell = serializers.CharField(source="cell.code", default=None, allow_null=True)
    competent_authority = serializers.CharField(
        source="competent_authority.code", default=None, allow_null=True
    )
    owner = serializers.CharField(source="owner.code", default=None, allow_null=True)
    maintainer = serializers.CharField(source="maintainer.code", default=None, allow_null=True)
    attributes = serializers.JSONField()

    class Meta:
        model = Asset
        geo_field = "geom"
        id_field = "code"
        fields = (
            "code",
            "geom",
            "asset_class",
            "class_zh",
            "class_en",
            "name",
            "state",
            "placement",
            "cell",
            "competent_authority",
            "owner",
            "maintainer",
            "first_date",
            "change_date",
            "source",
            "source_id",
            "location_text",
            "note",
            "shape",
            "material",
            "attributes",
            "simulated_fields",
            "created_at",
            "updated_at",
        )


class AssetFeatureInTheDocument(GeoFeatureModelSerializerExtension):  # type: ignore[no-untyped-call]
    """The document of the package knows no lines and areas in several parts."""

    target_class = "assets.cards.AssetFeature"
    priority = 1

    def map_serializer(self, auto_schema: Any, direction: Any) -> Any:
        feature: Any = super().map_serializer(auto_schema, direction)  # type: ignore[no-untyped-call]
        feature["properties"]["geometry"] = GEOMETRY_SCHEMA
        return feature


class AssetChange(serializers.Serializer[Any]):
    """One field that changed."""

    field = serializers.CharField(help_text="Name of the field; `attributes.<name>` for an attribute")
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class AssetHistoryEntry(serializers.Serializer[Any]):
    """Who changed what, when. The first entry is the creation."""

    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True, help_text="Empty where the viewer may not see people")
    op = serializers.ChoiceField(choices=["insert", "update"])
    changes = AssetChange(many=True)


class BuildingCard(Placed):
    """A building and who lives in it, by number."""

    id = serializers.IntegerField()
    code = serializers.CharField(source="source_id")
    name = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    kind = serializers.CharField(allow_blank=True)
    levels = serializers.FloatField(allow_null=True)
    height_m = serializers.FloatField(allow_null=True)
    dwellings = serializers.IntegerField(allow_null=True)
    households = serializers.IntegerField(allow_null=True)
    households_derived = serializers.BooleanField(help_text="Computed from floor area, not counted")
    cell = CellOfAsset(allow_null=True)
    attributes = serializers.JSONField()
    source = serializers.CharField()  # type: ignore[assignment] # a field, no option
    geometry = ShapeOut(source="geom")
