"""Drafts of the grid: what supervisors prepare together before it is published as an edition.

A draft lies over the grid as it was in its base edition. Only what it changes is stored, a row per cell;
every saved edit is kept besides, so that nothing anybody did is lost.
"""

from enum import StrEnum
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.utils import timezone

from geogrid.core.geo import STORAGE_SRID, TILE_SRID
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from grid_units.models import Edition, GridUnit


class Stage(StrEnum):
    """Life of a draft."""

    DRAFT = "DRAFT"  # 草稿
    IN_REVIEW = "IN_REVIEW"  # 审核中
    APPROVED = "APPROVED"  # 已批准
    PUBLISHED = "PUBLISHED"  # 已发布
    DISCARDED = "DISCARDED"  # 已放弃


class DraftQuerySet(models.QuerySet["Draft"]):
    """Words for lists of drafts."""

    def visible_to(self, user: User) -> Self:
        """Drafts about ground that `user` edits, or that `user` may approve."""
        scopes = scopes_of(user)
        prefixes = {*scopes.prefixes(Action.EDIT_GRID), *scopes.prefixes(Action.APPROVE_GRID)}
        lies = Q(pk__in=[])
        for prefix in prefixes:
            if not prefix:
                return self.all()
            lies |= Q(unit_code__startswith=prefix)
            lies |= Q(unit_code__in=[prefix[:length] for length in range(len(prefix) + 1)])
        return self.filter(lies)


class Draft(models.Model):
    """A named draft (草稿) of the grid, based on an edition."""

    name = models.CharField(max_length=200)
    note = models.TextField(blank=True, default="")
    unit_code = models.CharField(max_length=15, blank=True, default="", help_text="Ground that it is about")
    base = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=[(v.value, v.value) for v in Stage], default="DRAFT")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    edits_made = models.PositiveIntegerField(default=0)
    approved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    review_note = models.TextField(blank=True, default="")
    publish_at = models.DateTimeField(null=True)
    publish_reason = models.TextField(blank=True, default="")
    publish_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    refused = models.TextField(blank=True, default="", help_text="Why it could not be published at its time")
    published = models.ForeignKey(Edition, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DraftQuerySet.as_manager()

    class Meta:
        db_table = "draft"
        constraints = [
            models.CheckConstraint(
                name="draft_stage_is_known",
                condition=Q(stage__in=["DRAFT", "IN_REVIEW", "APPROVED", "PUBLISHED", "DISCARDED"]),
            ),
            models.CheckConstraint(
                name="draft_is_approved_by_somebody",
                condition=Q(approved_by__isnull=False, approved_at__isnull=False)
                | ~Q(stage__in=["APPROVED", "PUBLISHED"]),
            ),
            models.CheckConstraint(
                name="draft_published_has_its_edition",
                condition=Q(stage="PUBLISHED", published__isnull=False)
                | (~Q(stage="PUBLISHED") & Q(published=None)),
            ),
            models.CheckConstraint(
                name="draft_with_a_date_is_approved",
                condition=Q(publish_at=None)
                | Q(stage__in=["APPROVED", "PUBLISHED"], publish_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DraftCell(models.Model):
    """A cell as a draft has it. `version` grows with each saved change of the cell in this draft."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="cells")
    key = models.CharField(max_length=24, help_text="c<id> of a cell in force, n<number> of a new one")
    cell_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField()
    is_removed = models.BooleanField(default=False)
    community = models.ForeignKey(GridUnit, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100, blank=True, default="")
    kind = models.CharField(max_length=10, default="GENERAL")
    households = models.PositiveIntegerField(null=True)
    comes_from = ArrayField(
        models.BigIntegerField(), default=list, help_text="Ids of the cells it is split from"
    )
    geom = models.PolygonField(srid=STORAGE_SRID, null=True, spatial_index=False)
    extent_reason = models.TextField(blank=True, default="")
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "draft_cell"
        constraints = [
            models.UniqueConstraint(name="draft_has_a_cell_once", fields=["draft", "key"]),
            models.CheckConstraint(
                name="draft_cell_has_an_outline_or_is_removed",
                condition=Q(is_removed=False, geom__isnull=False) | Q(is_removed=True),
            ),
            models.CheckConstraint(
                name="draft_cell_kind_is_known", condition=Q(kind__in=["GENERAL", "EXCLUSIVE"])
            ),
        ]

    def __str__(self) -> str:
        return self.key


class DraftEdit(models.Model):
    """One saved edit of a draft, as it was sent. Only ever added."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField()
    idempotency_key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    keys = ArrayField(models.CharField(max_length=24))
    sent = models.JSONField()
    answer = models.JSONField()

    class Meta:
        db_table = "draft_edit"
        constraints = [
            models.UniqueConstraint(name="draft_edit_is_saved_once", fields=["author", "idempotency_key"]),
            models.UniqueConstraint(name="draft_edits_are_numbered", fields=["draft", "number"]),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id}/{self.number}"


class DirectEdit(models.Model):
    """One small correction outside a draft, so that the same request is done once."""

    idempotency_key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    title = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    edition = models.ForeignKey(Edition, null=True, on_delete=models.PROTECT, related_name="+")
    answer = models.JSONField()

    class Meta:
        db_table = "direct_edit"
        constraints = [
            models.UniqueConstraint(name="direct_edit_is_saved_once", fields=["author", "idempotency_key"])
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class Lineage(models.Model):
    """What a cell of an edition comes from (沿革): split from, merged into, come back. Only ever added."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="lineage")
    kind = models.CharField(max_length=8)
    from_cell_id = models.BigIntegerField(db_index=True)
    from_code = models.CharField(max_length=15)
    to_cell_id = models.BigIntegerField(db_index=True)
    to_code = models.CharField(max_length=15)

    class Meta:
        db_table = "cell_lineage"
        constraints = [
            models.UniqueConstraint(
                name="lineage_is_told_once", fields=["edition", "from_cell_id", "to_cell_id"]
            ),
            models.CheckConstraint(name="lineage_kind_is_known", condition=Q(kind__in=["split", "merged"])),
            models.CheckConstraint(
                name="lineage_joins_two_cells", condition=~Q(from_cell_id=F("to_cell_id"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_code} {self.kind} {self.to_code}"


class Restoration(models.Model):
    """An edition that brought the grid back to an earlier one."""

    edition = models.OneToOneField(Edition, on_delete=models.PROTECT, primary_key=True, related_name="+")
    restores = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "restoration"

    def __str__(self) -> str:
        return f"{self.edition_id} restores {self.restores_id}"


class DutyNotice(models.Model):
    """What an edition did to a duty, for the supervisor to look at: areas added and taken."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="duty_notices")
    duty = models.ForeignKey("duties.Duty", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8)
    from_code = models.CharField(max_length=15)
    to_code = models.CharField(max_length=15)

    class Meta:
        db_table = "duty_notice"
        constraints = [
            models.UniqueConstraint(
                name="duty_notice_is_told_once", fields=["edition", "duty", "from_code", "to_code"]
            ),
            models.CheckConstraint(
                name="duty_notice_kind_is_known", condition=Q(kind__in=["split", "merged"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.from_code} {self.kind} {self.to_code}"


class RegridGround(models.Model):
    """Ground whose cell changed with an edition; what stands on it gets its cell anew, batch by batch.

    `whole` ground (3857) changed hands; other ground only got another code, which concerns incidents alone.
    """

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="ground")
    box = models.PolygonField(srid=TILE_SRID)
    changed_hands = models.BooleanField(default=True)
    assets_done_at = models.DateTimeField(null=True)
    incidents_done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "regrid_ground"
        indexes = [
            models.Index(fields=["id"], name="regrid_ground_assets", condition=Q(assets_done_at=None)),
            models.Index(fields=["id"], name="regrid_ground_incidents", condition=Q(incidents_done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}: {self.pk}"


class Regridded(models.Model):
    """One thing that changed its cell with an edition: the exact list. Only ever added."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="regridded")
    kind = models.CharField(max_length=8)
    ref = models.BigIntegerField()
    code_before = models.CharField(max_length=15, blank=True)
    code_after = models.CharField(max_length=15, blank=True)
    version_before = models.BigIntegerField(null=True, help_text="Of an incident: cell_version before")
    at = models.DateTimeField()

    class Meta:
        db_table = "regridded"
        indexes = [models.Index(fields=["kind", "ref"], name="regridded_by_ref")]
        constraints = [
            models.CheckConstraint(
                name="regridded_kind_is_known", condition=Q(kind__in=["asset", "building", "incident"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}: {self.code_before} > {self.code_after}"


class CheckRules(models.Model):
    """What the city wishes of its cells: bounds of the check while drawing (检查规则). At most one row.

    They refuse nothing, the check only remarks; what is refused is kept by the grid's guard. Compactness is
    4 pi area / border squared: 1 for a circle, 0.785 for a square.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    least_households = models.PositiveIntegerField(
        default=300, help_text="Of a responsibility grid 责任网格户数下限"
    )
    most_households = models.PositiveIntegerField(
        default=500, help_text="Of a responsibility grid 责任网格户数上限"
    )
    least_area_m2 = models.FloatField(default=1000, help_text="Square metres of a cell 最小面积")
    least_width_m = models.FloatField(default=15, help_text="Twice the area by the border 最小宽度")
    least_compactness = models.FloatField(default=0.2, help_text="0 to 1 最小紧凑度")
    street_within_m = models.FloatField(
        default=15, help_text="So near, a border runs along a street 沿路距离"
    )
    least_street_share = models.FloatField(default=0.5, help_text="Share of the borders, 0 to 1 沿路边界比例")

    class Meta:
        db_table = "check_rules"
        verbose_name = "rules of the check"
        verbose_name_plural = "rules of the check"
        constraints = [
            models.CheckConstraint(name="there_is_one_set_of_check_rules", condition=Q(id=1)),
            models.CheckConstraint(
                name="fewest_households_are_not_more_than_most",
                condition=Q(least_households__lte=F("most_households")),
            ),
            models.CheckConstraint(
                name="check_lengths_and_areas_are_not_negative",
                condition=Q(least_area_m2__gte=0, least_width_m__gte=0, street_within_m__gte=0),
            ),
            models.CheckConstraint(
                name="check_shares_are_from_0_to_1",
                condition=Q(least_compactness__range=(0, 1), least_street_share__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return "Rules of the check"
