"""Letters about an incident that are issued under a number and kept as they were."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from geogrid.organisations.models import Organisation
from incidents.models import Incident, StepTaken


class Letter(models.Model):
    """A reminder letter (提醒函) or a supervision notice (督办单) to the unit at work, in time.

    Appended, never edited: the database refuses both. The PDF is made from the row whenever it is asked for.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="letters")
    step = models.OneToOneField(StepTaken, on_delete=models.PROTECT, related_name="letter")
    kind = models.CharField(max_length=9)
    year = models.SmallIntegerField()
    nth = models.IntegerField(help_text="Counted by kind and year")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", db_index=False)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    due_at = models.DateTimeField(help_text="The limit that it reminds of")
    text = models.TextField()
    said = models.JSONField(help_text="What it names of the incident, as it was then")

    class Meta:
        db_table = "incident_letter"
        constraints = [
            models.CheckConstraint(
                name="letter_kind_is_known", condition=Q(kind__in=["remind", "supervise"])
            ),
            models.UniqueConstraint(name="letter_has_its_own_number", fields=["kind", "year", "nth"]),
            models.CheckConstraint(
                name="letter_is_issued_before_the_limit_passes", condition=Q(due_at__gt=F("issued_at"))
            ),
            models.CheckConstraint(name="letter_says_something", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """As it is printed: 提〔2026〕12号, 督〔2026〕3号."""
        return number_of(self.kind, self.year, self.nth)


def number_of(kind: str, year: int, nth: int) -> str:
    return f"{'提' if kind == 'remind' else '督'}〔{year}〕{nth}号"
