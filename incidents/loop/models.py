"""What the loop keeps beside the incident: filing, work orders, clocks, applications, draws, moves sent."""

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from geogrid.organisations.models import Organisation
from incidents.clocks.clock import Clock, Stop
from incidents.clocks.limits import Limit, LimitKind
from incidents.models import Incident

KIND_VALUES = ["continuous_hour", "continuous_day", "working_hour", "working_day"]


class Filing(models.Model):
    """What was in force when an incident was filed (立案时冻结). Written once; lists may change later."""

    incident = models.OneToOneField(
        Incident, primary_key=True, on_delete=models.PROTECT, related_name="filing"
    )
    filed_at = models.DateTimeField()
    class_scheme = models.CharField(max_length=60, blank=True)
    class_version = models.CharField(max_length=20, blank=True)
    class_code = models.CharField(max_length=20, blank=True)
    class_name = models.CharField(max_length=100, blank=True)
    class_name_en = models.CharField(max_length=100, blank=True)
    condition_id = models.BigIntegerField(null=True, help_text="Filing condition of the duty list (立案条件)")
    condition = models.TextField(blank=True)
    condition_en = models.TextField(blank=True)
    limit_amount = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    limit_kind = models.CharField(max_length=20, blank=True)
    legal_basis = models.TextField(blank=True)
    closing_condition = models.TextField(blank=True)
    photo_roles = ArrayField(models.CharField(max_length=20), default=list)
    is_self_governed = models.BooleanField(default=False)
    unit_ids = ArrayField(
        models.BigIntegerField(), default=list, help_text="The lead first, then co-handlers"
    )
    next_unit_ids = ArrayField(
        models.BigIntegerField(), default=list, help_text="Asked next when it stays unsolved (二次派遣)"
    )
    rule = models.CharField(max_length=300, blank=True, help_text="The rule that fired (派遣规则)")
    why = models.JSONField(default=dict, help_text="What the rule answered, with its reason")

    class Meta:
        db_table = "incident_filing"
        constraints = [
            models.CheckConstraint(
                name="filing_limit_has_amount_and_kind",
                condition=Q(limit_amount=None, limit_kind="")
                | Q(limit_amount__gte=0, limit_kind__in=KIND_VALUES),
            )
        ]

    def __str__(self) -> str:
        return f"{self.class_code} {self.condition}"

    @property
    def limit(self) -> Limit | None:
        """The limit of the total clock, or None where the duty list names none."""
        return limit_of(self.limit_amount, self.limit_kind)


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    """Words for lists of work orders."""

    def at_work(self) -> Self:
        """Still to be done."""
        return self.filter(state__in=["SENT", "ACCEPTED"])


class WorkOrder(models.Model):
    """A unit's piece of work in an incident (工单): as lead (主办) or co-handler (协办)."""

    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="work_orders", db_index=False
    )
    nth = models.SmallIntegerField(help_text="Counted within the incident")
    round = models.SmallIntegerField()
    unit = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="work_orders", db_index=False
    )
    role = models.CharField(max_length=4, choices=[("lead", "主办 lead"), ("co", "协办 co-handler")])
    is_mandatory = models.BooleanField(default=True, help_text="The lead cannot hand in before it is done")
    is_accountable = models.BooleanField(
        default=False, help_text="Was asked first and stays accountable until another unit accepts"
    )
    state = models.CharField(max_length=9, default="SENT")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    sent_at = models.DateTimeField()
    meeting_at = models.DateTimeField(null=True, help_text="Summoned to this time (吹哨)")
    meeting_place = models.CharField(max_length=300, blank=True)
    accepted_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="Done, returned or withdrawn")
    result = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why it was returned or withdrawn")
    suggested_unit = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    rework = models.SmallIntegerField(default=0, help_text="How often it was sent back by verification")

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        db_table = "work_order"
        indexes = [
            models.Index(fields=["unit", "state", "-sent_at"], name="work_order_of_unit"),
        ]
        constraints = [
            models.UniqueConstraint(name="work_order_is_counted_once", fields=["incident", "nth"]),
            models.UniqueConstraint(
                name="incident_has_one_lead_at_work",
                fields=["incident"],
                condition=Q(role="lead", state__in=["SENT", "ACCEPTED"]),
            ),
            models.UniqueConstraint(
                name="unit_has_one_work_order_at_work",
                fields=["incident", "unit"],
                condition=Q(state__in=["SENT", "ACCEPTED"]),
            ),
            models.CheckConstraint(name="work_order_role_is_known", condition=Q(role__in=["lead", "co"])),
            models.CheckConstraint(
                name="work_order_state_is_known",
                condition=Q(state__in=["SENT", "ACCEPTED", "DONE", "RETURNED", "WITHDRAWN"]),
            ),
            models.CheckConstraint(
                name="work_order_ends_when_it_is_over",
                condition=Q(state__in=["SENT", "ACCEPTED"], ended_at=None)
                | Q(state__in=["DONE", "RETURNED", "WITHDRAWN"], ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id}-{self.nth} {self.unit}"


class IncidentClockQuerySet(models.QuerySet["IncidentClock"]):
    """Words for lists of clocks."""

    def running(self) -> Self:
        """Not ended; one that is suspended still counts as running."""
        return self.filter(ended_at=None)


class IncidentClock(models.Model):
    """One clock of an incident (计时), with the deadline that its limit, policy and calendar made.

    span: total, stage, level or order (of a work order). what: the stage, the level, or the order's number.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    work_order = models.ForeignKey(
        WorkOrder, null=True, on_delete=models.PROTECT, related_name="clocks", db_index=False
    )
    span = models.CharField(max_length=5)
    what = models.CharField(max_length=20)
    round = models.SmallIntegerField()
    started_at = models.DateTimeField()
    limit_amount = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    limit_kind = models.CharField(max_length=20, blank=True)
    stopped_at = models.DateTimeField(null=True)
    stopped_until = models.DateTimeField(null=True)
    extended_at = ArrayField(models.DateTimeField(), default=list)
    ended_at = models.DateTimeField(null=True)
    is_exempt = models.BooleanField(default=False)
    warn_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True, help_text="When the clock noted that the limit had passed")
    policy = models.JSONField(default=dict, help_text="What made the deadline: policy, calendar, share")

    objects = IncidentClockQuerySet.as_manager()

    class Meta:
        db_table = "incident_clock"
        indexes = [
            models.Index(fields=["incident", "id"], name="incident_clock_of_incident"),
            models.Index(
                fields=["due_at"],
                name="incident_clock_falls_due",
                condition=Q(ended_at=None, overdue_at=None, due_at__isnull=False),
            ),
            models.Index(
                fields=["warn_at"],
                name="incident_clock_warns",
                condition=Q(ended_at=None, warned_at=None, overdue_at=None, warn_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="incident_clock_span_is_known",
                condition=Q(span__in=["total", "stage", "level", "order"]),
            ),
            models.CheckConstraint(
                name="incident_clock_is_never_negative",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
            ),
            models.CheckConstraint(
                name="incident_clock_stops_within_a_year",
                condition=Q(stopped_at=None, stopped_until=None)
                | Q(stopped_at__gte=F("started_at"), stopped_until__gt=F("stopped_at")),
            ),
            models.CheckConstraint(
                name="incident_clock_is_extended_twice_at_most", condition=Q(extended_at__len__lte=2)
            ),
            models.CheckConstraint(
                name="incident_clock_limit_has_amount_and_kind",
                condition=Q(limit_amount=None, limit_kind="", due_at=None)
                | Q(limit_amount__gte=0, limit_kind__in=KIND_VALUES, due_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="incident_has_one_running_clock_of_each",
                fields=["incident", "span", "what"],
                condition=Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.span} {self.what}"

    @property
    def value(self) -> Clock:
        """The clock as a value, to compute with."""
        stops = (Stop(self.stopped_at, self.stopped_until),) if self.stopped_at and self.stopped_until else ()
        return Clock(
            start=self.started_at,
            limit=limit_of(self.limit_amount, self.limit_kind),
            stops=stops,
            extensions=tuple(self.extended_at),
            ended_at=self.ended_at,
            is_exempt=self.is_exempt,
        )


class Application(models.Model):
    """Somebody asks for a move that a second person approves or refuses (申请审批)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="applications")
    move = models.CharField(max_length=20)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.DateTimeField()
    reason = models.TextField()
    details = models.JSONField(default=dict)
    verdict = models.CharField(max_length=8, default="pending")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)
    nth = models.SmallIntegerField(null=True, help_text="Which approved one of its kind it is")

    class Meta:
        db_table = "incident_application"
        constraints = [
            models.CheckConstraint(
                name="application_is_for_a_move_of_two",
                condition=Q(move__in=["suspend", "extend", "exempt", "close_with_code", "void"]),
            ),
            models.CheckConstraint(
                name="application_is_decided_by_somebody_else",
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
            ),
            models.CheckConstraint(
                name="application_is_decided_as_a_whole",
                condition=Q(verdict="pending", decided_by=None, decided_at=None, nth=None)
                | Q(verdict="refused", decided_by__isnull=False, decided_at__isnull=False, nth=None)
                | Q(verdict="approved", decided_by__isnull=False, decided_at__isnull=False, nth__gte=1)
                | Q(verdict="lapsed", decided_by=None, decided_at__isnull=False, nth=None),
            ),
            models.UniqueConstraint(
                name="one_application_of_a_kind_waits",
                fields=["incident", "move"],
                condition=Q(verdict="pending"),
            ),
            models.UniqueConstraint(
                name="application_is_approved_once_each", fields=["incident", "move", "nth"]
            ),
            models.CheckConstraint(
                name="suspended_and_exempted_once_extended_twice",
                condition=Q(nth=None)
                | ~Q(move__in=["suspend", "exempt", "extend"])
                | Q(move__in=["suspend", "exempt"], nth=1)
                | Q(move="extend", nth__lte=2),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.verdict}"


class Verification(models.Model):
    """Who was drawn to verify a result (核查), and what they found. The draw can be done again from its
    seed.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="verifications")
    round = models.SmallIntegerField()
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verifications"
    )
    drawn_at = models.DateTimeField()
    seed = models.CharField(max_length=32)
    candidates = ArrayField(models.BigIntegerField(), help_text="Ids of the people drawn from, ascending")
    verdict = models.CharField(max_length=8, default="waiting")
    mark = models.SmallIntegerField(null=True, help_text="1 to 5, of the work")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "verification"
        constraints = [
            models.UniqueConstraint(
                name="one_verification_waits", fields=["incident"], condition=Q(verdict="waiting")
            ),
            models.CheckConstraint(
                name="verification_verdict_is_known",
                condition=Q(verdict__in=["waiting", "passed", "failed", "replaced"]),
            ),
            models.CheckConstraint(
                name="verification_mark_is_1_to_5", condition=Q(mark=None) | Q(mark__range=(1, 5))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.verdict}"


class SentMove(models.Model):
    """A move that came with an idempotency key: sent again, it is answered and not made again."""

    client = models.CharField(max_length=60)
    idempotency_key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "sent_move"
        constraints = [
            models.UniqueConstraint(name="move_is_sent_once", fields=["client", "idempotency_key"])
        ]

    def __str__(self) -> str:
        return self.idempotency_key


class FileClockMark(models.Model):
    """Up to when reports have been looked at for their filing clocks: intake itself writes none."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    reported_to = models.DateTimeField()

    class Meta:
        db_table = "file_clock_mark"
        constraints = [models.CheckConstraint(name="there_is_one_file_clock_mark", condition=Q(id=1))]

    def __str__(self) -> str:
        return str(self.reported_to)


def limit_of(amount: Decimal | None, kind: str) -> Limit | None:
    """A limit as two columns keep it."""
    return Limit(amount.normalize() + Decimal(0), LimitKind(kind)) if amount is not None else None


def limit_columns(limit: Limit | None) -> dict[str, Any]:
    """The two columns of a limit."""
    if limit is None:
        return {"limit_amount": None, "limit_kind": ""}
    return {"limit_amount": limit.amount, "limit_kind": limit.kind.value}
