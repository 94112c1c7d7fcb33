"""Draws among closed incidents, and what was found where they were looked at again."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from assets.photos.models import Photo
from incidents.models import Incident

VERDICTS = ["upheld", "not_solved", "not_told"]


class SpotDraw(models.Model):
    """One draw (抽签): what was drawn from, by which seed, what came out. Never changed."""

    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    area = models.CharField(max_length=15, blank=True, help_text="Code of the unit, or empty: the whole city")
    closed_from = models.DateTimeField()
    closed_to = models.DateTimeField(help_text="The end excluded")
    seed = models.CharField(max_length=100)
    is_seed_given = models.BooleanField(help_text="By a person, as from a public draw; else by the machine")
    list_hash = models.CharField(max_length=64)
    pool = ArrayField(models.CharField(max_length=24), help_text="Numbers drawn from, ascending")
    numbers = ArrayField(models.CharField(max_length=24), help_text="Numbers drawn, in the order of the draw")

    class Meta:
        db_table = "spot_draw"
        constraints = [
            models.CheckConstraint(name="spot_draw_has_a_seed", condition=~Q(seed="")),
            models.CheckConstraint(
                name="spot_draw_is_of_a_period", condition=Q(closed_to__gt=F("closed_from"))
            ),
            models.CheckConstraint(
                name="spot_draw_draws_from_its_pool",
                condition=Q(pool__contains=F("numbers")) & ~Q(numbers=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.list_hash[:12]}"


class SpotCheck(models.Model):
    """One drawn incident, and what the superintendent found there. A finding stands."""

    draw = models.ForeignKey(SpotDraw, on_delete=models.PROTECT, related_name="checks")
    nth = models.SmallIntegerField(help_text="Place in the draw")
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="spot_checks", db_index=False
    )
    verdict = models.CharField(max_length=10, blank=True, help_text="Empty while it waits")
    finding = models.TextField(blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    found_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "spot_check"
        constraints = [
            models.UniqueConstraint(name="spot_check_has_its_place", fields=["draw", "nth"]),
            models.UniqueConstraint(name="spot_check_is_drawn_once_a_draw", fields=["draw", "incident"]),
            models.CheckConstraint(
                name="spot_check_is_found_as_a_whole",
                condition=Q(verdict="", found_by=None, found_at=None, finding="")
                | Q(verdict__in=VERDICTS, found_by__isnull=False, found_at__isnull=False) & ~Q(finding=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id}-{self.nth} {self.verdict}"


class SpotCheckPhoto(models.Model):
    """A photo of a spot check. It belongs to no incident: those who handled it do not see it."""

    check_of = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, related_name="photo_links")
    photo = models.OneToOneField(Photo, on_delete=models.PROTECT, related_name="spot_check_link")

    class Meta:
        db_table = "spot_check_photo"

    def __str__(self) -> str:
        return str(self.photo)
