"""Downloads that people asked for: what, how far, and for how long the file is kept."""

import uuid
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tiles.downloads.formats import WRITINGS, Format

KEPT: Final = timedelta(days=1)


class DownloadState(StrEnum):
    """How far a download is."""

    WAITING = "waiting"  # 等待处理
    WORKING = "working"  # 处理中
    READY = "ready"  # 可下载
    CANCELLED = "cancelled"  # 已取消
    REFUSED = "refused"  # 未完成


class DownloadQuerySet(models.QuerySet["Download"]):
    """Words for lists of downloads."""

    def unfinished(self) -> Self:
        """Those that the worker has, or will have."""
        return self.filter(state__in=["waiting", "working"])

    def over(self, at: object) -> Self:
        """Those whose file is no longer kept."""
        return self.filter(expires_at__lte=at)


class Download(models.Model):
    """A layer as a file (下载), for the one person who asked.

    `granted` is what that person could see when they asked, `permission_epoch` of then: when their rights
    have changed since, neither is the file made nor handed out.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    permission_epoch = models.BigIntegerField()
    granted = models.JSONField()
    layer = models.CharField(max_length=60)
    format = models.CharField(max_length=8, choices=[(v.value, v.value) for v in Format])
    query = models.JSONField(default=dict, help_text="bbox, bbox-crs, datetime, filter, filter-crs")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in DownloadState], default="waiting"
    )
    rows_expected = models.BigIntegerField(null=True)
    rows_written = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(null=True)
    problem = models.TextField(blank=True, default="")
    asked_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    objects = DownloadQuerySet.as_manager()

    class Meta:
        db_table = "download"
        indexes = [models.Index(fields=["asked_by", "-id"], name="download_of_person")]
        constraints = [
            models.CheckConstraint(
                name="download_state_is_known",
                condition=Q(state__in=["waiting", "working", "ready", "cancelled", "refused"]),
            ),
            models.CheckConstraint(
                name="download_format_is_known",
                condition=Q(format__in=["gpkg", "fgb", "shp", "csv", "xlsx", "geojson"]),
            ),
            models.CheckConstraint(
                name="download_is_ready_with_its_size",
                condition=~Q(state="ready") | Q(bytes__isnull=False, ready_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.layer}.{self.format} {self.state}"

    @property
    def path(self) -> Path:
        """Where the file lies, or will."""
        return folder() / f"{self.public_id}.{WRITINGS[Format(self.format)].suffix}"


def folder() -> Path:
    """The folder of the files; nobody else on the machine reads it."""
    place = Path(settings.VAR_DIR) / "downloads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place
