"""Followers of an incident, what was merged into it, and how far duplicates are looked for."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import F, Q

from geogrid.core.geo import STORAGE_SRID
from incidents.duplicates.likeness import Reach
from incidents.models import Incident


class DuplicateReach(models.Model):
    """How far and how long reports of a class are taken for the same problem (查重范围).

    The rows that come with the product are ours; a city changes them. The longest beginning of a class code
    counts, the empty one stands for all classes of its kind.
    """

    kind = models.CharField(max_length=5, choices=[("asset", "部件 asset"), ("event", "事件 event")])
    code = models.CharField(
        max_length=6, blank=True, help_text="小类代码或其开头，空为全部 a class or its beginning"
    )
    radius_m = models.FloatField(help_text="米 metres")
    within_h = models.FloatField(help_text="小时 hours between the two reports")
    recurs_within_days = models.FloatField(
        help_text="结案后多少天内再报算复发 days after closing that count as recurrence"
    )
    is_ours = models.BooleanField(default=False, help_text="产品默认值 the product's default, not the city's")

    class Meta:
        db_table = "duplicate_reach"
        verbose_name_plural = "duplicate reaches"
        constraints = [
            models.UniqueConstraint(name="duplicate_reach_is_listed_once", fields=["kind", "code"]),
            models.CheckConstraint(
                name="duplicate_reach_kind_is_known", condition=Q(kind__in=["asset", "event"])
            ),
            models.CheckConstraint(name="duplicate_reach_code_is_digits", condition=Q(code__regex=r"^\d*$")),
            models.CheckConstraint(
                name="duplicate_reach_is_up_to_500_m", condition=Q(radius_m__gt=0, radius_m__lte=500)
            ),
            models.CheckConstraint(
                name="duplicate_reach_is_up_to_a_year",
                condition=Q(within_h__gt=0, within_h__lte=8784)
                & Q(recurs_within_days__gte=0, recurs_within_days__lte=366),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code or '*'}: {self.radius_m:g} m, {self.within_h:g} h"

    def as_reach(self) -> Reach:
        return Reach(
            self.kind,
            self.code,
            self.radius_m,
            timedelta(hours=self.within_h),
            timedelta(days=self.recurs_within_days),
        )


class Follower(models.Model):
    """Somebody who told of a problem that was known already (跟进人). Appended, never edited."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="followers")
    nth = models.SmallIntegerField(help_text="Counted in the incident")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="Who follows, when it is somebody who can log in; told of the outcome",
    )
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    added_at = models.DateTimeField()
    channel = models.CharField(max_length=30)
    words = models.TextField(blank=True)
    point = models.PointField(srid=STORAGE_SRID, null=True, spatial_index=False)

    class Meta:
        db_table = "incident_follower"
        constraints = [
            models.UniqueConstraint(name="incident_follower_is_counted_once", fields=["incident", "nth"]),
            models.UniqueConstraint(
                name="incident_is_followed_once_by_a_user",
                fields=["incident", "user"],
                condition=Q(user__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.nth} {self.added_at}"


class FollowerContact(models.Model):
    """How to reach a follower. Kept apart: every reading is logged with its reason (ContactRead)."""

    follower = models.OneToOneField(Follower, on_delete=models.CASCADE, related_name="contact")
    name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)

    class Meta:
        db_table = "incident_follower_contact"

    def __str__(self) -> str:
        return f"contact of follower {self.follower_id}"


class MergeQuerySet(models.QuerySet["Merge"]):
    """Words for merges."""

    def standing(self) -> Self:
        """Not split again."""
        return self.filter(ended_at=None)


class Merge(models.Model):
    """One incident turned out to be the same problem as an earlier one (并案). Both keep their numbers.

    Never edited but for its end, when it is split again.
    """

    duplicate = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="merged")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merged_at = models.DateTimeField()
    note = models.TextField(blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    ended_at = models.DateTimeField(null=True)
    why_ended = models.TextField(blank=True)

    objects = MergeQuerySet.as_manager()

    class Meta:
        db_table = "incident_merge"
        constraints = [
            models.UniqueConstraint(
                name="incident_is_the_duplicate_of_one", fields=["duplicate"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="incident_is_no_duplicate_of_itself", condition=~Q(duplicate=F("into"))
            ),
            models.CheckConstraint(
                name="merge_ends_after_it_began",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("merged_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} > {self.into_id}"
