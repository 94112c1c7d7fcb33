"""Photos of assets and incidents. The picture lies in storage under its SHA-256; the row says what it is."""

import uuid
from enum import StrEnum

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone

from assets.models import Asset
from geogrid.core.geo import STORAGE_SRID


class PhotoRole(StrEnum):
    """What a photo shows."""

    NEAR = "near"  # 近景
    FAR = "far"  # 远景
    REFERENCE = "reference"  # 参照
    BEFORE = "before"  # 处置前
    AFTER = "after"  # 处置后
    SNAPSHOT = "snapshot"  # 监控截图, kept of a camera
    AERIAL = "aerial"  # 航拍, of a drone


# What somebody who uploads may say; a camera's picture is fetched by the server itself, and by nobody else.
UPLOADED_ROLES = tuple(role for role in PhotoRole if role is not PhotoRole.SNAPSHOT)


class Photo(models.Model):
    """One photo. EXIF is taken off what is shown; place and time were read from it first."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    role = models.CharField(max_length=10, choices=[(v.value, v.value) for v in PhotoRole], default="near")
    taken_at = models.DateTimeField(null=True, blank=True)
    place = models.PointField(srid=STORAGE_SRID, null=True, blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    uploaded_at = models.DateTimeField(default=timezone.now)
    asset = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.CASCADE, related_name="photos")

    class Meta:
        app_label = "assets"
        db_table = "photo"
        indexes = [models.Index(fields=["sha256"], name="photo_by_sha256")]
        constraints = [
            models.CheckConstraint(
                name="photo_role_is_known",
                condition=Q(role__in=["near", "far", "reference", "before", "after", "snapshot", "aerial"]),
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)
