"""Cameras (摄像机): assets that look somewhere. Where their picture is fetched is kept apart."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.db import models
from django.contrib.gis.geos import Polygon
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from assets.cameras.view import view_of
from assets.models import Asset
from assets.photos.models import Photo
from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of, under


class CameraQuerySet(models.QuerySet["Camera"]):
    """Words for lists of cameras."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those in the parts of the territory in which the person may look through cameras."""
        return self.filter(under(scopes_of(user).prefixes(Action.SEE_CAMERAS), "asset__cell__code"))

    def standing(self) -> Self:
        """All but those whose asset was removed."""
        return self.exclude(asset__state="removed")


class Camera(models.Model):
    """A camera: an asset with a direction. Its place is its asset's."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="camera")
    heading_deg = models.FloatField(help_text="Where it looks, degrees clockwise from north (朝向)")
    field_of_view_deg = models.FloatField(default=70, help_text="How wide it sees, degrees (视场角)")
    reach_m = models.FloatField(default=60, help_text="How far, metres (可视距离)")
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = CameraQuerySet.as_manager()

    class Meta:
        db_table = "camera"
        constraints = [
            models.CheckConstraint(
                name="camera_heading_is_0_to_360", condition=Q(heading_deg__gte=0, heading_deg__lt=360)
            ),
            models.CheckConstraint(
                name="camera_field_of_view_is_up_to_360",
                condition=Q(field_of_view_deg__gt=0, field_of_view_deg__lte=360),
            ),
            models.CheckConstraint(
                name="camera_reach_is_up_to_5_km", condition=Q(reach_m__gt=0, reach_m__lte=5000)
            ),
        ]

    def __str__(self) -> str:
        return str(self.asset)

    @property
    def view(self) -> Polygon:
        """What it sees on the map, in degrees. Made when asked for, so it moves with the asset."""
        lng, lat = self.asset.geom.coords[:2]
        ring = view_of(lng, lat, self.heading_deg, self.field_of_view_deg, self.reach_m)
        return Polygon(ring, srid=STORAGE_SRID)


class CameraSource(models.Model):
    """Where a camera's picture is fetched, and with what. Never shown, never logged, in no history.

    A table of its own, so that no list, view, analyst's grant or history of cameras can carry it along.
    """

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, related_name="source")
    address = models.CharField(max_length=500, help_text="http or https, answers with one JPEG")
    username = models.CharField(max_length=100, blank=True, db_default="")
    password = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "camera_source"
        constraints = [
            models.CheckConstraint(
                name="camera_address_is_http_without_credentials",
                condition=Q(address__regex=r"^https?://[^/?@\s]+([/?]\S*)?$"),
            ),
        ]

    def __str__(self) -> str:
        return f"source of camera {self.camera_id}"


class KeptSnapshot(models.Model):
    """A camera's picture that was kept as evidence."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="kept")
    photo = models.OneToOneField(Photo, on_delete=models.CASCADE, related_name="kept_snapshot")

    class Meta:
        db_table = "kept_snapshot"

    def __str__(self) -> str:
        return f"{self.photo} of camera {self.camera_id}"
