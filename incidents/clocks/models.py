"""The calendar and the limits of stages as data, kept by the city."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from incidents.clocks.limits import Limit, LimitError, parse
from incidents.clocks.stages import DEFAULTS, StageClock

WEEKDAYS = [
    (0, "周一 Monday"),
    (1, "周二 Tuesday"),
    (2, "周三 Wednesday"),
    (3, "周四 Thursday"),
    (4, "周五 Friday"),
    (5, "周六 Saturday"),
    (6, "周日 Sunday"),
]


def readable_limit(text: str) -> None:
    """Refuse a limit that cannot be read."""
    try:
        parse(text)
    except LimitError as error:
        raise ValidationError(str(error)) from error


def limit_field(stage: StageClock) -> models.CharField[str, str]:
    """A limit in words, such as 4工作时 or 30 minutes; the default is ours."""
    return models.CharField(max_length=40, default=DEFAULTS[stage].zh, validators=[readable_limit])


class OfficeWindow(models.Model):
    """Office hours of one weekday (办公时段), in the city's clock time; no end means midnight."""

    weekday = models.SmallIntegerField(choices=WEEKDAYS)
    opens = models.TimeField()
    closes = models.TimeField(null=True, blank=True, help_text="空 = 24:00。Empty: midnight")
    valid_from = models.DateField(null=True, blank=True, help_text="空 = 一直。Empty: always")
    valid_to = models.DateField(null=True, blank=True, help_text="不含当日。The day itself excluded")

    class Meta:
        db_table = "office_window"
        constraints = [
            models.CheckConstraint(
                name="office_window_is_on_a_weekday", condition=Q(weekday__gte=0, weekday__lte=6)
            ),
            models.CheckConstraint(
                name="office_window_closes_after_it_opens",
                condition=Q(closes=None) | Q(closes__gt=F("opens")),
            ),
            models.CheckConstraint(
                name="office_window_ends_after_it_begins",
                condition=Q(valid_from=None) | Q(valid_to=None) | Q(valid_to__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        closes = f"{self.closes:%H:%M}" if self.closes else "24:00"
        return f"{dict(WEEKDAYS)[self.weekday]} {self.opens:%H:%M}-{closes}"


class CalendarDay(models.Model):
    """A day that differs from the week: a holiday, or a make-up working day (调休)."""

    day = models.DateField(primary_key=True)
    is_working = models.BooleanField(default=False)
    works_as = models.SmallIntegerField(
        choices=WEEKDAYS,
        null=True,
        blank=True,
        help_text="补班按周几的时段；空 = 周一。Whose windows it keeps",
    )
    name = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=60, default="hand", help_text="hand: 手工录入，载入时不覆盖")

    class Meta:
        db_table = "calendar_day"
        constraints = [
            models.CheckConstraint(
                name="calendar_day_off_keeps_no_windows", condition=Q(is_working=True) | Q(works_as=None)
            ),
            models.CheckConstraint(
                name="calendar_day_works_as_a_weekday",
                condition=Q(works_as=None) | Q(works_as__gte=0, works_as__lte=6),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class CalendarYear(models.Model):
    """A year whose holidays are known. In others only weekends are left out, and every answer says so."""

    year = models.SmallIntegerField(primary_key=True)
    source = models.CharField(max_length=60, default="hand")

    class Meta:
        db_table = "calendar_year"

    def __str__(self) -> str:
        return str(self.year)


class ClockPolicy(models.Model):
    """One version of the limits that stand in no duty list (环节时限方案). Once in force it stays."""

    version = models.AutoField(primary_key=True)
    in_force_from = models.DateTimeField()
    warn_share = models.DecimalField(max_digits=3, decimal_places=2, default=Decimal("0.80"))
    file_limit = limit_field(StageClock.FILE)
    dispatch_limit = limit_field(StageClock.DISPATCH)
    accept_limit = limit_field(StageClock.ACCEPT)
    arrive_limit = limit_field(StageClock.ARRIVE)
    verify_limit = limit_field(StageClock.VERIFY)
    close_limit = limit_field(StageClock.CLOSE)
    community_phase_limit = limit_field(StageClock.COMMUNITY_PHASE)
    joint_phase_limit = limit_field(StageClock.JOINT_PHASE)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "clock_policy"
        verbose_name_plural = "clock policies"
        constraints = [
            models.UniqueConstraint(name="clock_policy_begins_at_its_own_time", fields=["in_force_from"]),
            models.CheckConstraint(
                name="clock_policy_warns_before_the_limit",
                condition=Q(warn_share__gt=0, warn_share__lte=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} ({self.in_force_from:%Y-%m-%d})"

    @property
    def limits(self) -> dict[StageClock, Limit]:
        """How long each stage may take."""
        return {stage: parse(getattr(self, f"{stage.value}_limit")) for stage in StageClock}
