"""What the API of terrain takes and shows."""

import math
from typing import Any, Final

import numpy as np
import shapely
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.terrain.checking import HIGHEST_M, LOWEST_M, VerticalUnit
from assets.terrain.inundation import HIGHEST_STAND_M, WIDEST_WINDOW_M, WINDOW_M, Inundation
from assets.terrain.models import Depression, Terrain, TerrainState

FARTHEST_NORTH: Final = 85.0
_DIGITS: Final = 7  # of degrees: a centimetre
MULTIPOLYGON: Final = {
    "type": "object",
    "nullable": True,
    "description": "GeoJSON multipolygon (WGS 84, longitude first)",
    "properties": {
        "type": {"type": "string", "enum": ["MultiPolygon"]},
        "coordinates": {"type": "array", "items": {}},
    },
    "required": ["type", "coordinates"],
}
POINT: Final = {
    "type": "array",
    "description": "Longitude and latitude",
    "items": {"type": "number"},
    "minItems": 2,
    "maxItems": 2,
}


class FiniteField(serializers.FloatField):
    """A number, and no NaN or infinity."""

    def to_internal_value(self, data: Any) -> float:
        said = super().to_internal_value(data)
        if not math.isfinite(said):
            raise serializers.ValidationError("This is no number.")
        return said


class InundationQuery(serializers.Serializer[Any]):
    """A place and how high the water stands there: `level_m` or `depth_cm`."""

    lon = FiniteField(min_value=-180, max_value=180)
    lat = FiniteField(min_value=-FARTHEST_NORTH, max_value=FARTHEST_NORTH)
    level_m = FiniteField(
        required=False,
        min_value=LOWEST_M,
        max_value=HIGHEST_M,
        help_text="Level in the terrain's height system",
    )
    depth_cm = FiniteField(
        required=False, min_value=0, max_value=HIGHEST_STAND_M * 100, help_text="Depth at the place itself"
    )
    window_m = FiniteField(
        required=False,
        default=WINDOW_M,
        min_value=10,
        max_value=WIDEST_WINDOW_M,
        help_text="Side of the square around the place that is looked at",
    )
    inside = serializers.BooleanField(
        required=False, default=True, help_text="Also count what lies inside: buildings, assets, roads"
    )

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if ("level_m" in said) == ("depth_cm" in said):
            raise serializers.ValidationError("Name either level_m or depth_cm. 请给出水位或水深之一。")
        return said


class CountedClass(serializers.Serializer[Any]):
    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    count = serializers.IntegerField()


class Inside(serializers.Serializer[Any]):
    """What an area holds."""

    buildings = serializers.IntegerField()
    dwellings = serializers.IntegerField()
    households = serializers.IntegerField()
    buildings_without_households = serializers.IntegerField(help_text="Of which no number is known")
    households_derived = serializers.BooleanField(help_text="Some were computed from floor area, not counted")
    assets = serializers.IntegerField()
    assets_by_class = CountedClass(many=True)
    road_m = serializers.FloatField(help_text="Metres of street and path on the ellipsoid")
    walkway_m = serializers.FloatField(help_text="Of these, where nobody drives")


class InundationProperties(serializers.Serializer[Any]):
    """Figures of an inundation."""

    terrain = serializers.IntegerField(source="terrain.pk")
    terrain_name = serializers.CharField(source="terrain.name")
    is_simulated = serializers.BooleanField(source="terrain.is_simulated")
    level_m = serializers.FloatField()
    ground_m = serializers.FloatField(help_text="Height of the ground at the place")
    spill_level_m = serializers.FloatField(help_text="Where water here begins to run off")
    above_spill = serializers.BooleanField(help_text="Water would run off: the real area is smaller")
    touches_window = serializers.BooleanField(help_text="It goes on beyond what was looked at")
    area_m2 = serializers.FloatField()
    volume_m3 = serializers.FloatField()
    deepest_m = serializers.FloatField()
    inside = serializers.SerializerMethodField()

    @extend_schema_field(Inside(allow_null=True))
    def get_inside(self, found: Inundation) -> Any:
        return self.context.get("inside")


class InundationFeature(serializers.Serializer[Any]):
    """An inundation as a GeoJSON feature; without geometry when the place stays dry."""

    type = serializers.SerializerMethodField()
    geometry = serializers.SerializerMethodField()
    properties = InundationProperties(source="*")

    @extend_schema_field({"type": "string", "enum": ["Feature"]})
    def get_type(self, found: Inundation) -> str:
        return "Feature"

    @extend_schema_field(MULTIPOLYGON)
    def get_geometry(self, found: Inundation) -> Any:
        return geojson(found.shape) if found.shape is not None else None


def geojson(shape: Any) -> dict[str, Any]:
    """GeoJSON of a shapely geometry in degrees, to the centimetre."""
    rounded = shapely.transform(shape, lambda corners: np.round(corners, _DIGITS))
    return dict(shapely.geometry.mapping(rounded))


class DepressionQuery(serializers.Serializer[Any]):
    """Which depressions: in a box, at least so deep."""

    bbox = serializers.CharField(max_length=200, help_text="west,south,east,north in degrees")
    min_depth_m = FiniteField(required=False, default=0.0, min_value=0, max_value=1000)

    def validate_bbox(self, said: str) -> tuple[float, float, float, float]:
        try:
            west, south, east, north = (float(part) for part in said.split(","))
        except ValueError:
            raise serializers.ValidationError("Four numbers: west,south,east,north in degrees.") from None
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise serializers.ValidationError("Four numbers: west,south,east,north in degrees.")
        return west, south, east, north


class DepressionProperties(serializers.Serializer[Any]):
    terrain = serializers.IntegerField(source="terrain_id")
    is_simulated = serializers.BooleanField(source="terrain.is_simulated")
    area_m2 = serializers.FloatField()
    volume_m3 = serializers.FloatField()
    depth_m = serializers.FloatField(help_text="At the deepest place, when full")
    deepest_level_m = serializers.FloatField()
    spill_level_m = serializers.FloatField()
    at_edge = serializers.BooleanField(help_text="At the edge of what is known: may be larger, or none")
    deepest = serializers.SerializerMethodField()

    @extend_schema_field(POINT)
    def get_deepest(self, one: Depression) -> list[float]:
        return [round(degrees, _DIGITS) for degrees in one.deepest.coords]


class DepressionFeature(serializers.Serializer[Any]):
    """A depression as a GeoJSON feature."""

    type = serializers.SerializerMethodField()
    id = serializers.IntegerField()
    geometry = serializers.SerializerMethodField()
    properties = DepressionProperties(source="*")

    @extend_schema_field({"type": "string", "enum": ["Feature"]})
    def get_type(self, one: Depression) -> str:
        return "Feature"

    @extend_schema_field(MULTIPOLYGON)
    def get_geometry(self, one: Depression) -> Any:
        return geojson(shapely.from_wkb(bytes(one.geom.wkb)))


class DepressionCollection(serializers.Serializer[Any]):
    """Depressions as a GeoJSON feature collection, those that hold most water first."""

    type = serializers.SerializerMethodField()
    whole = serializers.BooleanField(help_text="False: there are more in this box; look closer")
    features = DepressionFeature(many=True)

    @extend_schema_field({"type": "string", "enum": ["FeatureCollection"]})
    def get_type(self, found: Any) -> str:
        return "FeatureCollection"


class NewTerrainIn(serializers.Serializer[Any]):
    """A terrain model to bring in: the file itself, or its name in the server's inbox."""

    file = serializers.FileField(required=False)
    path = serializers.CharField(required=False, max_length=300, help_text="Name in the server's inbox")
    name = serializers.CharField(max_length=100)
    source = serializers.CharField(  # type: ignore[assignment] # a field, no option
        required=False, allow_blank=True, default="", max_length=300
    )
    vertical_unit = serializers.ChoiceField(
        choices=[unit.value for unit in VerticalUnit], help_text="What the heights are counted in"
    )
    crs = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=20, help_text="EPSG:n, if the file says none"
    )
    nodata = FiniteField(required=False, allow_null=True, default=None)

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if ("file" in said) == ("path" in said):
            raise serializers.ValidationError("Send a file, or name one on the server. 请上传或指定文件。")
        return said


class TerrainOut(serializers.ModelSerializer[Terrain]):
    """A terrain model and how far the work on it is."""

    state = serializers.ChoiceField(choices=[state.value for state in TerrainState])
    progress = serializers.FloatField(help_text="What part of the work is done, 0 to 1")
    depressions = serializers.SerializerMethodField()
    bbox = serializers.SerializerMethodField()

    class Meta:
        model = Terrain
        fields = (
            "id",
            "name",
            "source",
            "is_simulated",
            "state",
            "problem",
            "progress",
            "vertical_unit",
            "width",
            "height",
            "pixel_m",
            "lowest_m",
            "highest_m",
            "bbox",
            "depressions",
            "registered_at",
            "ready_at",
        )
        read_only_fields = fields

    def get_depressions(self, terrain: Terrain) -> int:
        return terrain.depressions.count()

    @extend_schema_field({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4})
    def get_bbox(self, terrain: Terrain) -> list[float]:
        return [round(side, _DIGITS) for side in terrain.outline.extent]
