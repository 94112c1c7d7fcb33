"""Public objects (管理部件) with place, units and state; buildings and streets."""

import uuid
from enum import StrEnum
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length, Now
from django.db.models.lookups import Exact
from django.utils import timezone

from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.organisations.models import Organisation
from grid_units.models import Cell


class GeometryKind(StrEnum):
    """What a class of assets is drawn as."""

    POINT = "point"
    LINE = "line"
    AREA = "area"


class AssetState(StrEnum):
    """State of an asset (状态)."""

    INTACT = "intact"  # 完好
    DAMAGED = "damaged"  # 破损
    MISSING = "missing"  # 丢失
    ABANDONED = "abandoned"  # 废弃
    REMOVED = "removed"  # 移除


class Placement(StrEnum):
    """Where on the street an asset stands (放置位置)."""

    PAVEMENT = "pavement"  # 人行道
    CARRIAGEWAY = "carriageway"  # 车行道
    GREEN = "green"  # 绿地


class AssetClass(models.Model):
    """A class of assets in one edition of one scheme; a bare code is ambiguous between editions."""

    scheme = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    code = models.CharField(max_length=6)
    major_name = models.CharField(max_length=60)
    major_name_en = models.CharField(max_length=60)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    geometry_kind = models.CharField(max_length=5, choices=[(v.value, v.value) for v in GeometryKind])
    attributes_schema = models.JSONField(default=dict, blank=True, help_text="JSON Schema of the attributes")
    icon = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=10, help_text="standard, local, or ours")
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "asset_class"
        verbose_name_plural = "asset classes"
        constraints = [
            models.UniqueConstraint(name="asset_class_is_listed_once", fields=["scheme", "version", "code"]),
            models.CheckConstraint(
                name="asset_class_geometry_kind_is_known",
                condition=Q(geometry_kind__in=["point", "line", "area"]),
            ),
            models.CheckConstraint(name="asset_class_code_is_digits", condition=Q(code__regex=r"^\d{4,5}$")),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AssetQuerySet(models.QuerySet["Asset"]):
    """Words for lists of assets."""

    def within(self, unit_code: str) -> Self:
        """Assets in the cells of a unit of any level."""
        return self.filter(cell__code__startswith=unit_code)

    def standing(self) -> Self:
        """All but those that were removed."""
        return self.exclude(state="removed")


class Asset(models.Model):
    """One public object. Its cell is derived by the database from its place on every change."""

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    # Codes and ids are compared byte by byte: their indexes are read and written a third faster so.
    code = models.CharField(
        max_length=16,
        blank=True,
        db_collation="C",
        help_text="16 digits; empty: the next number of the class (标识码)",
    )
    asset_class = models.ForeignKey(AssetClass, on_delete=models.PROTECT, related_name="assets")
    name = models.CharField(max_length=200, blank=True, db_default="")
    # One spatial index is enough: searches by place go over geom_3857, which the tiles need anyway.
    geom = models.GeometryField(srid=STORAGE_SRID, spatial_index=False)
    geom_3857 = models.GeometryField(srid=TILE_SRID, null=True, editable=False)
    cell = models.ForeignKey(
        Cell, null=True, editable=False, on_delete=models.DO_NOTHING, related_name="assets"
    )
    competent_authority = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    owner = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    maintainer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    state = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in AssetState], default="intact", db_default="intact"
    )
    placement = models.CharField(
        max_length=12, blank=True, db_default="", choices=[(v.value, v.value) for v in Placement]
    )
    first_date = models.DateField(null=True, blank=True)
    change_date = models.DateField(null=True, blank=True)
    source = models.CharField(
        max_length=100, blank=True, db_default="", db_collation="C", help_text="Data source (数据来源)"
    )
    source_id = models.CharField(max_length=100, null=True, blank=True, db_collation="C")
    source_digest = models.UUIDField(
        null=True, editable=False, help_text="MD5 of the source's row as it was last imported"
    )
    location_text = models.CharField(max_length=300, blank=True, db_default="")
    note = models.TextField(blank=True, db_default="")
    shape = models.CharField(max_length=40, blank=True, db_default="")
    material = models.CharField(max_length=40, blank=True, db_default="")
    attributes = models.JSONField(default=dict, blank=True, db_default={})
    simulated_fields = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        db_default=[],
        help_text="Fields whose value was invented for a demonstration",
    )
    created_by = models.TextField(
        db_default=models.Func(function="core.actor", output_field=models.TextField()),
        editable=False,
        help_text="Signed by the database",
    )
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    objects = AssetQuerySet.as_manager()

    class Meta:
        db_table = "asset"
        indexes = [
            models.Index(fields=["name"], name="asset_by_name", condition=~Q(name="")),
        ]
        constraints = [
            models.UniqueConstraint(name="asset_code_is_unique", fields=["code"]),
            models.UniqueConstraint(name="asset_source_id_is_unique", fields=["source", "source_id"]),
            models.CheckConstraint(
                name="asset_state_is_known",
                condition=Q(state__in=["intact", "damaged", "missing", "abandoned", "removed"]),
            ),
            models.CheckConstraint(
                name="asset_placement_is_known",
                condition=Q(placement__in=["", "pavement", "carriageway", "green"]),
            ),
            # Reading digits off an end is twice as fast as a pattern, and is asked a million times in a load.
            models.CheckConstraint(
                name="asset_code_is_16_digits",
                condition=Q(
                    Exact(Length("code"), 16),
                    Exact(
                        Func(
                            F("code"), Value("0123456789"), function="ltrim", output_field=models.CharField()
                        ),
                        "",
                    ),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class AssetCodeCounter(models.Model):
    """The last number given in a county and class. One row each, so that no number is given twice."""

    prefix = models.CharField(max_length=12, primary_key=True)
    last_number = models.PositiveIntegerField()

    class Meta:
        db_table = "asset_code_counter"

    def __str__(self) -> str:
        return f"{self.prefix} {self.last_number}"


class AssetLabelQuerySet(models.QuerySet["AssetLabel"]):
    """Words for lists of labels."""

    def in_use(self) -> Self:
        """Those that were not revoked."""
        return self.filter(revoked_at=None)


class AssetLabel(models.Model):
    """The QR label of an asset: a random code that hangs in the street for 20 years, and can be revoked."""

    code = models.CharField(max_length=10, primary_key=True)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="labels")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = AssetLabelQuerySet.as_manager()

    class Meta:
        db_table = "asset_label"
        constraints = [
            models.UniqueConstraint(
                name="asset_has_one_label_in_use", fields=["asset"], condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                name="asset_label_is_10_crockford_characters",
                condition=Q(code__regex=r"^[0-9A-HJKMNP-TV-Z]{10}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Building(models.Model):
    """A building with what stands in it: levels, dwellings, households."""

    source = models.CharField(max_length=100)
    source_id = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True, db_default="")
    address = models.CharField(max_length=200, blank=True, db_default="")
    kind = models.CharField(max_length=40, blank=True, db_default="")
    geom = models.MultiPolygonField(srid=STORAGE_SRID)
    geom_3857 = models.MultiPolygonField(srid=TILE_SRID, null=True, editable=False)
    cell = models.ForeignKey(
        Cell, null=True, editable=False, on_delete=models.DO_NOTHING, related_name="buildings"
    )
    levels = models.FloatField(null=True, blank=True)
    height_m = models.FloatField(null=True, blank=True)
    dwellings = models.PositiveIntegerField(null=True, blank=True)
    households = models.PositiveIntegerField(null=True, blank=True)
    households_derived = models.BooleanField(default=False, db_default=False)
    attributes = models.JSONField(default=dict, blank=True, db_default={})
    source_digest = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "building"
        constraints = [
            models.UniqueConstraint(name="building_source_id_is_unique", fields=["source", "source_id"])
        ]

    def __str__(self) -> str:
        return self.name or self.address or self.source_id


class Road(models.Model):
    """A piece of street, path or rail as its source draws it."""

    source = models.CharField(max_length=100)
    source_id = models.CharField(max_length=100)
    name = models.CharField(max_length=200, blank=True, db_default="")
    name_en = models.CharField(max_length=200, blank=True, db_default="")
    kind = models.CharField(max_length=40)
    geom = models.MultiLineStringField(srid=STORAGE_SRID)
    geom_3857 = models.MultiLineStringField(srid=TILE_SRID, null=True, editable=False)
    attributes = models.JSONField(default=dict, blank=True, db_default={})
    source_digest = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)
    updated_at = models.DateTimeField(default=timezone.now, db_default=Now(), editable=False)

    class Meta:
        db_table = "road"
        indexes = [models.Index(fields=["name"], name="road_by_name")]
        constraints = [
            models.UniqueConstraint(name="road_source_id_is_unique", fields=["source", "source_id"])
        ]

    def __str__(self) -> str:
        return self.name or self.source_id
