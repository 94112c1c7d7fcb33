"""Ten-minute presence: how it is counted, and what came of it last."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone

from geogrid.core.geo import TILE_SRID


class PresenceRule(models.Model):
    """How presence is counted (十分钟到达规则); one row. An older position than `fresh_minutes` is none."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    minutes = models.FloatField(default=10)
    walking_m_per_min = models.FloatField(
        default=80, help_text="4.8 km/h, the pace that property advertisements in Japan must reckon with"
    )
    fresh_minutes = models.FloatField(default=5)

    class Meta:
        db_table = "presence_rule"
        constraints = [
            models.CheckConstraint(name="there_is_one_presence_rule", condition=Q(id=1)),
            models.CheckConstraint(
                name="presence_rule_is_about_walking",
                condition=Q(minutes__gt=0, minutes__lte=60)
                & Q(walking_m_per_min__gte=20, walking_m_per_min__lte=150)
                & Q(fresh_minutes__gt=0, fresh_minutes__lte=120),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.minutes:g} min, {self.walking_m_per_min:g} m/min"


class PresenceRun(models.Model):
    """The last time that presence was counted; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(default=timezone.now)
    people = models.IntegerField(help_text="On duty with a fresh position")
    minutes = models.FloatField()
    walking_m_per_min = models.FloatField()
    took_ms = models.IntegerField()

    class Meta:
        db_table = "presence_run"
        constraints = [models.CheckConstraint(name="there_is_one_presence_run", condition=Q(id=1))]

    def __str__(self) -> str:
        return f"{self.at}: {self.people}"


class PresenceOfCell(models.Model):
    """What of one cell is reached. `cell_id` is derived and has no foreign key: the clock follows the grid.

    Metres of streets on which people walk; households by their building's nearest street. `gaps`: the streets
    that nobody reaches.
    """

    cell_id = models.BigIntegerField(primary_key=True)
    unit_code = models.CharField(max_length=15, db_index=True)
    street_m = models.FloatField()
    reached_m = models.FloatField()
    households = models.IntegerField()
    reached_households = models.IntegerField()
    gaps = models.MultiLineStringField(srid=TILE_SRID, null=True)

    class Meta:
        db_table = "presence_of_cell"
        constraints = [
            models.CheckConstraint(
                name="presence_is_a_part",
                condition=Q(reached_m__gte=0, reached_m__lte=models.F("street_m") + 0.01)
                & Q(reached_households__gte=0, reached_households__lte=models.F("households")),
            )
        ]

    def __str__(self) -> str:
        return self.unit_code
