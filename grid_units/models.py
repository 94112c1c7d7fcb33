"""The territory in nested levels. Only cells have edited geometry; the database keeps the rest."""

from enum import StrEnum
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import DateTimeRangeField
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.organisations.models import Organisation


class Level(StrEnum):
    """Levels of the territory, from the largest down."""

    DISTRICT = "DISTRICT"  # 区县
    STREET = "STREET"  # 街道
    COMMUNITY = "COMMUNITY"  # 社区
    CELL = "CELL"  # 单元网格


class CellKind(StrEnum):
    """Whose ground a cell is."""

    GENERAL = "GENERAL"  # 综合网格
    EXCLUSIVE = "EXCLUSIVE"  # 专属网格: of one owner (compound, park, hospital, school)


class GridUnit(models.Model):
    """A district, street or community (区县/街道/社区). Its outline is the union of its cells."""

    code = models.CharField(max_length=15, unique=True)
    level = models.CharField(max_length=10, choices=[(v.value, v.value) for v in Level if v != Level.CELL])
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="grid_units"
    )
    is_simulated = models.BooleanField(default=False)
    geom = models.MultiPolygonField(srid=STORAGE_SRID, null=True, editable=False)
    geom_3857 = models.MultiPolygonField(srid=TILE_SRID, null=True, editable=False)

    class Meta:
        db_table = "grid_unit"
        constraints = [
            models.CheckConstraint(
                name="grid_unit_level_is_known", condition=Q(level__in=["DISTRICT", "STREET", "COMMUNITY"])
            ),
            models.CheckConstraint(
                name="grid_unit_below_the_district_has_a_parent",
                condition=Q(level="DISTRICT", parent=None) | (~Q(level="DISTRICT") & Q(parent__isnull=False)),
            ),
            models.CheckConstraint(name="grid_unit_code_is_digits", condition=Q(code__regex=r"^\d+$")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CellQuerySet(models.QuerySet["Cell"]):
    """Words for lists of cells."""

    def within(self, unit_code: str) -> Self:
        """Cells of a unit of any level, by the prefix of its code."""
        return self.filter(code__startswith=unit_code)


class Cell(models.Model):
    """The smallest unit with a code (单元网格). The guard keeps all of them one seamless coverage."""

    code = models.CharField(max_length=15, unique=True, blank=True)
    community = models.ForeignKey(GridUnit, on_delete=models.PROTECT, related_name="cells")
    name = models.CharField(max_length=100, blank=True, db_default="")
    name_en = models.CharField(max_length=100, blank=True, db_default="")
    kind = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in CellKind], default="GENERAL", db_default="GENERAL"
    )
    use = models.CharField(
        max_length=40, blank=True, db_default="", help_text="What an exclusive grid is: park, rail, school..."
    )
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_cells"
    )
    maintainer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="maintained_cells"
    )
    households = models.PositiveIntegerField(null=True, blank=True)
    source = models.CharField(max_length=100, blank=True, db_default="")
    is_derived = models.BooleanField(
        default=False, db_default=False, help_text="Outline and households were computed, not surveyed"
    )
    geom = models.PolygonField(srid=STORAGE_SRID)
    geom_3857 = models.PolygonField(srid=TILE_SRID, null=True, editable=False)
    area_m2 = models.FloatField(null=True, editable=False, help_text="On the ellipsoid")
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = CellQuerySet.as_manager()

    class Meta:
        db_table = "cell"
        constraints = [
            models.CheckConstraint(name="cell_kind_is_known", condition=Q(kind__in=["GENERAL", "EXCLUSIVE"])),
            models.CheckConstraint(name="cell_code_is_digits", condition=Q(code__regex=r"^\d+$")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class EditionStage(StrEnum):
    """Life of an edition of the grid."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"


class Edition(models.Model):
    """An edition of the grid (版本): a publish, or the edits of one author outside the workshop."""

    name = models.CharField(max_length=200)
    stage = models.CharField(max_length=10, default="in_force", db_default="in_force")
    is_automatic = models.BooleanField(default=False, db_default=False)
    author = models.TextField()
    opened_at = models.DateTimeField(default=timezone.now, db_default=Now())

    class Meta:
        db_table = "edition"
        constraints = [
            models.CheckConstraint(
                name="edition_stage_is_known", condition=Q(stage__in=["draft", "in_force", "retired"])
            )
        ]

    def __str__(self) -> str:
        return self.name


class CellVersion(models.Model):
    """What a cell was during `valid`. Written by triggers; an incident keeps the version it happened in."""

    cell_id = models.BigIntegerField()
    code = models.CharField(max_length=15)
    community = models.ForeignKey(GridUnit, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, blank=True, db_default="")
    kind = models.CharField(max_length=10)
    owner = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    maintainer = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    households = models.PositiveIntegerField(null=True)
    geom = models.PolygonField(srid=STORAGE_SRID)
    valid = DateTimeRangeField()
    edition = models.ForeignKey(Edition, null=True, on_delete=models.PROTECT, related_name="versions")
    actor = models.TextField()

    class Meta:
        db_table = "cell_version"
        indexes = [models.Index(fields=["code"], name="cell_version_by_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.valid}"


class Concordance(models.Model):
    """Old code to new code of a cell (编码对照): by renumbering, or by its move to another community.

    Written by the database only, so that no code ever changes without a line here.
    """

    cell_id = models.BigIntegerField(db_index=True)
    old_code = models.CharField(max_length=15, db_index=True)
    new_code = models.CharField(max_length=15)
    reason = models.TextField()
    actor = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "concordance"

    def __str__(self) -> str:
        return f"{self.old_code} > {self.new_code}"
