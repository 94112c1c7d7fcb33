"""What the API of cameras takes and shows. Addresses and log-ins go in, and never come out."""

import math
from typing import Any, Final

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assets.cameras.models import Camera
from assets.cameras.snapshots import PictureState, Snapshot
from assets.cameras.view import FARTHEST_M, WIDEST_DEG
from assets.serializers import CODE

_DIGITS: Final = 7
POLYGON: Final = {
    "type": "object",
    "description": "GeoJSON polygon of what it sees (WGS 84)",
    "properties": {
        "type": {"type": "string", "enum": ["Polygon"]},
        "coordinates": {"type": "array", "items": {}},
    },
    "required": ["type", "coordinates"],
}


class Amount(serializers.FloatField):
    """A finite number."""

    def to_internal_value(self, data: Any) -> float:
        said = super().to_internal_value(data)
        if not math.isfinite(said):
            raise serializers.ValidationError("This is no number.")
        return said


class CameraChangesIn(serializers.Serializer[Any]):
    """What can be changed of a camera. The last three are for those who run the city, and are never shown."""

    heading_deg = Amount(required=False, min_value=0, max_value=360, help_text="Clockwise from north")
    field_of_view_deg = Amount(required=False, min_value=1, max_value=WIDEST_DEG)
    reach_m = Amount(required=False, min_value=1, max_value=FARTHEST_M)
    address = serializers.CharField(
        required=False, allow_blank=True, max_length=500, write_only=True, help_text="Answers with one JPEG"
    )
    username = serializers.CharField(required=False, allow_blank=True, max_length=100, write_only=True)
    password = serializers.CharField(
        required=False, allow_blank=True, max_length=200, write_only=True, trim_whitespace=False
    )

    def validate_heading_deg(self, said: float) -> float:
        return said % 360


class NewCameraIn(CameraChangesIn):
    """An asset that becomes a camera."""

    asset = serializers.CharField(max_length=16, help_text="Code of the asset")
    heading_deg = Amount(min_value=0, max_value=360, help_text="Clockwise from north")

    def validate_asset(self, said: str) -> str:
        if not CODE.fullmatch(said):
            raise serializers.ValidationError("A code has 16 digits.")
        return said


class CameraQuery(serializers.Serializer[Any]):
    """Which cameras."""

    unit = serializers.RegexField(
        r"^\d*$", max_length=15, required=False, allow_blank=True, default="", help_text="Code of a unit"
    )
    lng = Amount(required=False, min_value=-180, max_value=180, help_text="With lat: those that see a place")
    lat = Amount(required=False, min_value=-85, max_value=85)


class PictureOut(serializers.Serializer[Snapshot]):
    """How a camera's picture stands."""

    state = serializers.ChoiceField(choices=[state.value for state in PictureState])
    state_zh = serializers.SerializerMethodField()
    state_en = serializers.SerializerMethodField()
    taken_at = serializers.DateTimeField(allow_null=True)

    def get_state_zh(self, snapshot: Snapshot) -> str:
        return snapshot.words()[0]

    def get_state_en(self, snapshot: Snapshot) -> str:
        return snapshot.words()[1]


class CameraProperties(serializers.Serializer[Camera]):
    asset = serializers.CharField(source="asset.code")
    name = serializers.CharField(source="asset.name", allow_blank=True)
    location_text = serializers.CharField(source="asset.location_text", allow_blank=True)
    asset_state = serializers.CharField(source="asset.state")
    cell = serializers.CharField(source="asset.cell.code", default=None, allow_null=True)
    lng = serializers.SerializerMethodField()
    lat = serializers.SerializerMethodField()
    heading_deg = serializers.FloatField()
    field_of_view_deg = serializers.FloatField()
    reach_m = serializers.FloatField()
    has_picture = serializers.SerializerMethodField(help_text="Whether a snapshot address is entered")
    is_simulated = serializers.SerializerMethodField()

    def get_lng(self, camera: Camera) -> float:
        return float(camera.asset.geom.coords[0])

    def get_lat(self, camera: Camera) -> float:
        return float(camera.asset.geom.coords[1])

    def get_has_picture(self, camera: Camera) -> bool:
        return hasattr(camera, "source")

    def get_is_simulated(self, camera: Camera) -> bool:
        return bool(camera.asset.simulated_fields)


class CameraFeature(serializers.Serializer[Camera]):
    """A camera as a GeoJSON feature: what it sees."""

    type = serializers.SerializerMethodField()
    id = serializers.IntegerField()
    geometry = serializers.SerializerMethodField()
    properties = CameraProperties(source="*")

    @extend_schema_field({"type": "string", "enum": ["Feature"]})
    def get_type(self, camera: Camera) -> str:
        return "Feature"

    @extend_schema_field(POLYGON)
    def get_geometry(self, camera: Camera) -> Any:
        ring = [[round(lng, _DIGITS), round(lat, _DIGITS)] for lng, lat in camera.view.coords[0]]
        return {"type": "Polygon", "coordinates": [ring]}


class CameraCard(CameraFeature):
    """One camera, with how its picture stood when it was last asked for."""

    picture = serializers.SerializerMethodField()

    @extend_schema_field(PictureOut)
    def get_picture(self, camera: Camera) -> Any:
        return PictureOut(self.context["picture"]).data


class CameraCollection(serializers.Serializer[Any]):
    """Cameras as a GeoJSON feature collection."""

    type = serializers.SerializerMethodField()
    features = CameraFeature(many=True)

    @extend_schema_field({"type": "string", "enum": ["FeatureCollection"]})
    def get_type(self, found: Any) -> str:
        return "FeatureCollection"
