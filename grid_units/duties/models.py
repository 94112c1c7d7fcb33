"""Who may do what where (Membership), and who answers for which cells when (Duty)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import ROLE_NAMES_ZH, Role
from grid_units.models import Cell, GridUnit

ROLE_CHOICES = [(role.value, f"{ROLE_NAMES_ZH[role]} {role.value}") for role in Role]


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Words for lists of memberships."""

    def in_force(self, at: datetime | None = None) -> Self:
        """Those whose period holds `at` (now when not given); the end is excluded."""
        now = at or timezone.now()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=now), valid_from__lte=now)

    def administrators(self) -> Self:
        """Those that make somebody who may log in an administrator of the whole city."""
        return self.filter(role="administrator", unit_prefix="", user__is_active=True)


class Membership(models.Model):
    """A person's role in a part of the territory (by unit-code prefix) and, if named, a unit."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES)
    unit_prefix = models.CharField(
        max_length=15,
        blank=True,
        help_text="Code of a cell, community, street or district; empty: everywhere",
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    valid_from = models.DateTimeField(default=timezone.now)
    valid_to = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "membership"
        constraints = [
            models.CheckConstraint(
                name="membership_prefix_is_digits", condition=Q(unit_prefix__regex=r"^\d*$")
            ),
            models.CheckConstraint(
                name="membership_ends_after_it_starts",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.CheckConstraint(
                name="membership_of_a_handler_names_the_unit",
                condition=~Q(role="handler") | Q(organisation__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} {self.unit_prefix or '*'}"


def has_administrator() -> bool:
    """Whether anybody was ever made administrator; until then the first-run page is open.

    One who was deactivated or whose period is over still counts: a running city is never up for grabs.
    """
    made = Membership.objects.filter(role="administrator", unit_prefix="")
    return made.exists() or User.objects.filter(is_superuser=True).exists()


def unknown_units(codes: Iterable[str]) -> list[str]:
    """Those of the codes that are neither of a cell nor of a unit above."""
    asked = set(codes)
    known = set(Cell.objects.filter(code__in=asked).values_list("code", flat=True))
    known |= set(GridUnit.objects.filter(code__in=asked - known).values_list("code", flat=True))
    return sorted(asked - known)


class DutyQuerySet(models.QuerySet["Duty"]):
    """Words for lists of duties."""

    def in_force(self, at: datetime | None = None) -> Self:
        """Those whose period holds `at` (now when not given); the end is excluded."""
        now = at or timezone.now()
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=now), valid_from__lte=now)


class Duty(models.Model):
    """A person answers for a set of units in a role, from-to (责任网格). Without shifts: day and night."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="duties")
    role = models.CharField(max_length=20, choices=ROLE_CHOICES, default="grid_worker")
    valid_from = models.DateTimeField(default=timezone.now)
    valid_to = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True, db_default="")

    objects = DutyQuerySet.as_manager()

    class Meta:
        db_table = "duty"
        verbose_name_plural = "duties"
        constraints = [
            models.CheckConstraint(
                name="duty_ends_after_it_starts", condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"


class DutyArea(models.Model):
    """One unit of a duty, by its code: usually a cell; a community, street or district for those above."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="areas")
    unit_code = models.CharField(max_length=15)

    class Meta:
        db_table = "duty_area"
        constraints = [
            models.UniqueConstraint(name="duty_names_a_unit_once", fields=["unit_code", "duty"]),
            models.CheckConstraint(name="duty_area_code_is_digits", condition=Q(unit_code__regex=r"^\d+$")),
        ]

    def __str__(self) -> str:
        return self.unit_code


class DutyShift(models.Model):
    """A weekly shift in the city's own time. One that ends at or before its start ends the next day."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.SmallIntegerField(
        choices=list(
            enumerate(["周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun"])
        )
    )
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        db_table = "duty_shift"
        constraints = [
            models.UniqueConstraint(name="duty_shift_is_listed_once", fields=["duty", "weekday", "starts"]),
            models.CheckConstraint(name="duty_shift_weekday_is_0_to_6", condition=Q(weekday__range=(0, 6))),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.starts}-{self.ends}"


class Substitution(models.Model):
    """Somebody stands in for the person of a duty, from-to; nobody when `substitute` is empty (on leave)."""

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="substitutions")
    substitute = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="stands_in"
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        db_table = "substitution"
        constraints = [
            models.CheckConstraint(
                name="substitution_ends_after_it_starts", condition=Q(valid_to__gt=F("valid_from"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.substitute or '—'} for {self.duty}"
