"""Which class by which channel is filed without a person, and how far the reports were looked at."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from incidents.duty_list.models import FilingCondition


class TrustQuerySet(models.QuerySet["Trust"]):
    """Words for the table."""

    def at(self, moment: datetime) -> Self:
        """The lines in force at a moment."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gt=moment), valid_from__lte=moment)


class Trust(models.Model):
    """One line: a class that is filed at once when it comes by a channel (自动立案规则).

    Never changed: it ends, and another takes its place. A new city has none: nothing is filed without a
    person until somebody says so.
    """

    kind = models.CharField(max_length=5, choices=[("asset", "部件 asset"), ("event", "事件 event")])
    code = models.CharField(max_length=6, help_text="小类代码或其开头 a class or its beginning")
    channel = models.CharField(max_length=30, help_text="渠道 sensor, app, hotline...")
    condition = models.ForeignKey(
        FilingCondition,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="立案条件；空为该类别唯一的一条 empty: the only one of the class",
    )
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True, help_text="The end excluded; empty: until further")
    made_by = models.CharField(max_length=150)
    note = models.CharField(max_length=300, blank=True)

    objects = TrustQuerySet.as_manager()

    class Meta:
        db_table = "automatic_filing"
        verbose_name = "automatic filing"
        verbose_name_plural = "automatic filings"
        constraints = [
            models.CheckConstraint(
                name="automatic_filing_kind_is_known", condition=Q(kind__in=["asset", "event"])
            ),
            models.CheckConstraint(
                name="automatic_filing_names_a_class_and_a_channel",
                condition=Q(code__regex=r"^\d{2,6}$") & ~Q(channel=""),
            ),
            models.CheckConstraint(
                name="automatic_filing_ends_after_it_begins",
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
            models.UniqueConstraint(
                name="automatic_filing_is_listed_once",
                fields=["kind", "code", "channel"],
                condition=Q(valid_to=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.channel}"


class Mark(models.Model):
    """Up to when the reports were looked at: one row, as the filing clocks have theirs."""

    id = models.IntegerField(primary_key=True, default=1)
    reported_to = models.DateTimeField()

    class Meta:
        db_table = "automatic_filing_mark"
        constraints = [models.CheckConstraint(name="there_is_one_automatic_filing_mark", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.reported_to)
