"""Terrain models that were brought in, and the depressions found in them."""

from enum import StrEnum
from pathlib import Path
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils import timezone

from assets.terrain.checking import VerticalUnit
from assets.terrain.grids import Grid, grid_of
from assets.terrain.store import Store
from geogrid.core.geo import STORAGE_SRID


class TerrainState(StrEnum):
    """How far the work on a terrain is."""

    WAITING = "waiting"  # 等待处理
    WORKING = "working"  # 处理中
    READY = "ready"  # 可用
    CANCELLED = "cancelled"  # 已取消
    REFUSED = "refused"  # 不合格


class TerrainQuerySet(models.QuerySet["Terrain"]):
    """Words for lists of terrains."""

    def ready(self) -> Self:
        """Those that can be asked."""
        return self.filter(state="ready")

    def at(self, lng: float, lat: float) -> Self:
        """Those that hold a place in degrees, the finest and newest first."""
        place = Point(lng, lat, srid=STORAGE_SRID)
        return self.filter(outline__covers=place).order_by("pixel_m", "-id")


class Terrain(models.Model):
    """A terrain model (地形模型): heights of the ground on a grid of its own.

    Heights are metres in the system they were measured in; files lie in a folder named after the id.
    """

    name = models.CharField(max_length=100)
    source = models.CharField(max_length=300, blank=True, db_default="", help_text="Who measured it, when")
    vertical_unit = models.CharField(
        max_length=14, choices=[(unit.value, unit.value) for unit in VerticalUnit]
    )
    crs = models.TextField(help_text="Coordinate system of the grid: EPSG:n or WKT")
    transform = ArrayField(models.FloatField(), size=6, help_text="a b c d e f: pixels to coordinates")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    nodata = models.FloatField(null=True, blank=True)
    pixel_m = models.FloatField(help_text="The shorter side of a pixel in metres")
    outline = models.PolygonField(srid=STORAGE_SRID)
    lowest_m = models.FloatField(null=True, blank=True)
    highest_m = models.FloatField(null=True, blank=True)
    is_simulated = models.BooleanField(default=False, db_default=False)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in TerrainState], default="waiting"
    )
    problem = models.TextField(blank=True, db_default="")
    converted = models.FloatField(default=0, db_default=0, help_text="Part converted to metres, 0 to 1")
    pieces_done = models.PositiveIntegerField(default=0, db_default=0)
    pieces = models.PositiveIntegerField(help_text="Pieces that the search for depressions has")
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    registered_at = models.DateTimeField(default=timezone.now)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = TerrainQuerySet.as_manager()

    class Meta:
        db_table = "terrain"
        constraints = [
            models.CheckConstraint(
                name="terrain_vertical_unit_is_known",
                condition=Q(vertical_unit__in=["metre", "foot", "us_survey_foot"]),
            ),
            models.CheckConstraint(
                name="terrain_state_is_known",
                condition=Q(state__in=["waiting", "working", "ready", "cancelled", "refused"]),
            ),
            models.CheckConstraint(
                name="terrain_ready_at_only_when_ready",
                condition=Q(state="ready", ready_at__isnull=False) | (~Q(state="ready") & Q(ready_at=None)),
            ),
            models.CheckConstraint(
                name="terrain_has_pixels", condition=Q(width__gte=3, height__gte=3, pixel_m__gt=0)
            ),
            models.CheckConstraint(
                name="terrain_pieces_done_are_not_more_than_there_are",
                condition=Q(pieces_done__lte=F("pieces"), pieces__gte=1),
            ),
            models.CheckConstraint(
                name="terrain_problem_is_said_when_refused", condition=~Q(state="refused") | ~Q(problem="")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def grid(self) -> Grid:
        return grid_of(self.crs, tuple(self.transform), self.width, self.height)

    @property
    def store(self) -> Store:
        return Store(Path(settings.TERRAIN_DIR) / str(self.pk))

    @property
    def progress(self) -> float:
        """What part of the work is done, 0 to 1; converting counts as a fifth."""
        return round(0.2 * self.converted + 0.8 * self.pieces_done / self.pieces, 3)


class DepressionQuerySet(models.QuerySet["Depression"]):
    """Words for lists of depressions."""

    def in_use(self) -> Self:
        """Those of terrains that can be asked."""
        return self.filter(terrain__state="ready")


class Depression(models.Model):
    """A depression (洼地): water stands here up to `spill_level_m` before it runs off."""

    terrain = models.ForeignKey(Terrain, on_delete=models.CASCADE, related_name="depressions")
    piece = models.PositiveIntegerField(help_text="Number of the piece it was found in")
    geom = models.MultiPolygonField(srid=STORAGE_SRID)
    deepest = models.PointField(srid=STORAGE_SRID, spatial_index=False, help_text="Its deepest place")
    area_m2 = models.FloatField()
    volume_m3 = models.FloatField()
    depth_m = models.FloatField(help_text="At the deepest place, when full")
    deepest_level_m = models.FloatField()
    spill_level_m = models.FloatField()
    at_edge = models.BooleanField(help_text="At the edge of what is known: may be larger, or none at all")

    objects = DepressionQuerySet.as_manager()

    class Meta:
        db_table = "depression"
        indexes = [models.Index(fields=["terrain", "-volume_m3"], name="depression_by_volume")]
        constraints = [
            models.CheckConstraint(
                name="depression_holds_water",
                condition=Q(area_m2__gt=0, volume_m3__gt=0, depth_m__gt=0)
                & Q(spill_level_m__gt=F("deepest_level_m")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.depth_m:.2f} m, {self.volume_m3:.0f} m3"
