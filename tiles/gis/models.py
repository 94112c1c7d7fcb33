"""Personal database roles of analysts: who has one, for which part of the city, until when."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

KINDS = [("reader", "只读 reader"), ("editor", "编辑 editor")]


class AnalystRoleQuerySet(models.QuerySet["AnalystRole"]):
    """Words for lists of analysts' roles."""

    def standing(self) -> Self:
        """Those whose database role is still there; it may have expired."""
        return self.filter(revoked_at=None)

    def in_force(self, at: datetime) -> Self:
        """Those that can log in."""
        return self.standing().filter(valid_until__gt=at)


class AnalystRole(models.Model):
    """A login to the database of one person (分析员数据库账号), with the units it reaches.

    `prefixes` are beginnings of unit codes; an empty one is the whole city. The row policies read them for
    the login that asks (core.analyst_prefixes), so taking them away here takes effect at once. No password
    and no verifier is kept: only the database has it.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="analyst_roles")
    role_name = models.CharField(max_length=63, db_collation="C")
    kind = models.CharField(max_length=6, choices=KINDS)
    prefixes = ArrayField(models.CharField(max_length=15, blank=True))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_because = models.CharField(max_length=12, blank=True, db_default="")

    objects = AnalystRoleQuerySet.as_manager()

    class Meta:
        db_table = "analyst_role"
        constraints = [
            models.UniqueConstraint(
                name="analyst_role_is_made_once", fields=["role_name"], condition=Q(revoked_at=None)
            ),
            models.UniqueConstraint(
                name="analyst_has_one_role", fields=["user"], condition=Q(revoked_at=None)
            ),
            models.CheckConstraint(
                name="analyst_role_kind_is_known", condition=Q(kind__in=["reader", "editor"])
            ),
            models.CheckConstraint(
                name="analyst_role_is_named_as_one",
                condition=Q(role_name__regex=r"^analyst_[a-z][a-z0-9_]{1,40}$"),
            ),
            models.CheckConstraint(name="analyst_role_reaches_something", condition=~Q(prefixes=[])),
            models.CheckConstraint(
                name="analyst_role_ends_after_it_begins", condition=Q(valid_until__gt=F("made_at"))
            ),
            models.CheckConstraint(
                name="analyst_role_end_has_a_reason",
                condition=Q(revoked_at=None, revoked_because="")
                | Q(
                    revoked_at__isnull=False,
                    revoked_because__in=["by_hand", "renewed", "membership", "expired"],
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.role_name
