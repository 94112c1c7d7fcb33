"""Facts of each incident, roll-ups of a day and a month, what is left to do, and schemes.

Facts and counts are derived from incidents and their steps: they may be thrown away and are built anew by
the clock (`keeping.py`). Schemes are not.
"""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from incidents.evaluation.indicators import Indicator, Scheme
from incidents.models import Incident


class Fact(models.Model):
    """What counts of one incident, told by its steps, clocks and judgement: one row each, days in the city's
    time.

    `place_was` is the cell of then (as-was), `place_is` the cell that holds its point today (as-is).
    """

    incident = models.OneToOneField(Incident, primary_key=True, on_delete=models.CASCADE, related_name="+")
    reported_day = models.DateField()
    filed_day = models.DateField(null=True)
    due_day = models.DateField(null=True)
    handle_due_day = models.DateField(null=True)
    arrive_due_day = models.DateField(null=True)
    verify_due_day = models.DateField(null=True)
    rated_day = models.DateField(null=True)
    place_was = models.CharField(max_length=15, blank=True)
    place_is = models.CharField(max_length=15, blank=True)
    community_was = models.CharField(max_length=15, blank=True)
    community_is = models.CharField(max_length=15, blank=True)
    unit_key = models.CharField(max_length=20, blank=True, help_text="Id of the responsible unit")
    person_key = models.CharField(max_length=20, blank=True, help_text="Id of the cell worker")
    class_key = models.CharField(
        max_length=20, blank=True, help_text="A and E: id of an asset or event class"
    )
    channel_key = models.CharField(max_length=30, blank=True)
    is_filed = models.BooleanField()
    is_valid = models.BooleanField()
    is_closed = models.BooleanField()
    is_on_time = models.BooleanField()
    is_handled_on_time = models.BooleanField()
    is_reworked = models.BooleanField()
    is_missed = models.BooleanField()
    is_suspended = models.BooleanField()
    is_exempt = models.BooleanField()
    was_suspended = models.BooleanField()
    was_extended = models.BooleanField()
    was_returned = models.BooleanField()
    is_dispatched = models.BooleanField()
    took_second_unit = models.BooleanField()
    found_by_patrol = models.BooleanField()
    is_arrived_on_time = models.BooleanField()
    is_verified_on_time = models.BooleanField()
    is_satisfied = models.BooleanField()

    class Meta:
        db_table = "evaluation_fact"
        indexes = [
            models.Index(fields=["reported_day"], name="evaluation_fact_reported"),
            models.Index(fields=["filed_day"], name="evaluation_fact_filed"),
            models.Index(fields=["due_day"], name="evaluation_fact_due"),
            models.Index(fields=["handle_due_day"], name="evaluation_fact_handle_due"),
            models.Index(
                fields=["arrive_due_day"],
                name="evaluation_fact_arrive_due",
                condition=Q(arrive_due_day__isnull=False),
            ),
            models.Index(
                fields=["verify_due_day"],
                name="evaluation_fact_verify_due",
                condition=Q(verify_due_day__isnull=False),
            ),
            models.Index(
                fields=["rated_day"], name="evaluation_fact_rated", condition=Q(rated_day__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return str(self.incident_id)


class Counts(models.Model):
    """The measures (`measures.py`) of one span of time, place and key.

    by: cell, unit, person, class or channel. Of cells the places are cells and the key is empty; of the
    others the places are communities.
    """

    by = models.CharField(max_length=8)
    place_was = models.CharField(max_length=15, blank=True)
    place_is = models.CharField(max_length=15, blank=True)
    key = models.CharField(max_length=30, blank=True)
    received = models.IntegerField(default=0)
    received_filed = models.IntegerField(default=0)
    patrol = models.IntegerField(default=0)
    patrol_valid = models.IntegerField(default=0)
    filed = models.IntegerField(default=0)
    filed_closed = models.IntegerField(default=0)
    filed_on_time = models.IntegerField(default=0)
    filed_handled = models.IntegerField(default=0)
    filed_reworked = models.IntegerField(default=0)
    filed_missed = models.IntegerField(default=0)
    filed_suspended = models.IntegerField(default=0)
    filed_extended = models.IntegerField(default=0)
    filed_returned = models.IntegerField(default=0)
    dispatched = models.IntegerField(default=0)
    dispatched_right = models.IntegerField(default=0)
    due = models.IntegerField(default=0)
    due_closed = models.IntegerField(default=0)
    due_on_time = models.IntegerField(default=0)
    due_reworked = models.IntegerField(default=0)
    left_out_suspended = models.IntegerField(default=0)
    left_out_exempt = models.IntegerField(default=0)
    to_handle = models.IntegerField(default=0)
    handled_on_time = models.IntegerField(default=0)
    to_arrive = models.IntegerField(default=0)
    arrived_on_time = models.IntegerField(default=0)
    to_verify = models.IntegerField(default=0)
    verified_on_time = models.IntegerField(default=0)
    rated = models.IntegerField(default=0)
    satisfied = models.IntegerField(default=0)

    class Meta:
        abstract = True


class DayCounts(Counts):
    """Counts of one local day."""

    day = models.DateField()

    class Meta:
        db_table = "evaluation_day"
        constraints = [
            models.UniqueConstraint(
                name="evaluation_day_is_counted_once", fields=["by", "day", "place_was", "place_is", "key"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.by} {self.place_was} {self.key}"


class MonthCounts(Counts):
    """The sum of the days of a month; `day` is its first."""

    day = models.DateField()

    class Meta:
        db_table = "evaluation_month"
        constraints = [
            models.UniqueConstraint(
                name="evaluation_month_is_counted_once", fields=["by", "day", "place_was", "place_is", "key"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m} {self.by} {self.place_was} {self.key}"


class Pending(models.Model):
    """An incident whose fact is older than its steps."""

    incident_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "evaluation_pending"

    def __str__(self) -> str:
        return str(self.incident_id)


class StaleDay(models.Model):
    """A day whose counts are older than the facts."""

    day = models.DateField(primary_key=True)

    class Meta:
        db_table = "evaluation_stale_day"

    def __str__(self) -> str:
        return str(self.day)


class Mark(models.Model):
    """How far steps, judgements and the grid have been followed."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    seen = models.TextField(help_text="Snapshot of the last look: transactions outside of it are new")
    last_step = models.BigIntegerField(help_text="Last id of a step given out at that look")
    low_step = models.BigIntegerField(help_text="No step with a lower id can still be new")
    built_to = models.BigIntegerField(help_text="Incidents up to this id were put in line at the beginning")
    ends_at = models.BigIntegerField(help_text="The last one of the beginning")
    judged_to = models.DateTimeField(help_text="Judgements of patrols before this were followed")
    version_to = models.BigIntegerField(help_text="Versions of cells up to this id were followed")

    class Meta:
        db_table = "evaluation_mark"
        constraints = [models.CheckConstraint(name="there_is_one_evaluation_mark", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.last_step)


class IndicatorScheme(models.Model):
    """A named way of counting in one version (考核口径). Added to, never edited."""

    name = models.CharField(max_length=40)
    version = models.CharField(max_length=20)
    definitions = models.JSONField(help_text="Indicators: numerator, denominator, words")
    measures = ArrayField(models.CharField(max_length=30), help_text="The measures that it counts with")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "indicator_scheme"
        constraints = [
            models.UniqueConstraint(name="indicator_scheme_has_one_of_a_version", fields=["name", "version"])
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def value(self) -> Scheme:
        """The scheme, to compute with."""
        rows: list[dict[str, Any]] = self.definitions
        return Scheme(self.name, self.version, tuple(Indicator(**row) for row in rows))
