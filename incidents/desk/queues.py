"""The desk's queues as queries over what is open and may be seen."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db import connection
from django.db.models import (
    Case,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    When,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual

from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from incidents.clocks.actions import policy_at
from incidents.clocks.stages import StageClock
from incidents.desk.rules import Queue, begins_with, queues_of
from incidents.loop.models import Application, IncidentClock, WorkOrder
from incidents.loop.people import units_of
from incidents.models import UNFINISHED_VALUES, Incident, IncidentQuerySet
from incidents.workflow import Stage

_BY_STAGE = {
    Queue.TO_FILE: Stage.REPORTED,
    Queue.TO_DISPATCH: Stage.FILED,
    Queue.TO_VERIFY: Stage.HANDLED,
    Queue.TO_CLOSE: Stage.VERIFIED,
}
_BY_ORDER = {Queue.UNIT_NEW: "SENT", Queue.UNIT_AT_WORK: "ACCEPTED"}

_WITH_CLOCKS = """WITH lit AS MATERIALIZED (
  SELECT incident_id, bool_or(due_at < %s) AS is_red
  FROM incident_clock
  WHERE ended_at IS NULL AND (warn_at <= %s OR due_at < %s)
  GROUP BY incident_id
)"""
_LIT = {
    Queue.OVERDUE: "i.is_red_so OR lit.is_red",
    Queue.NEAR_LIMIT: "NOT (i.is_red_so OR coalesce(lit.is_red, false))"
    " AND (i.is_warned_so OR lit.incident_id IS NOT NULL)",
}


@dataclass(frozen=True)
class Desk:
    """One person's desk at one moment."""

    user: User
    at: datetime

    @cached_property
    def units(self) -> set[int]:
        """Ids of the units that the person handles for."""
        return units_of(self.user)

    @cached_property
    def queues(self) -> list[Queue]:
        """The queues of this person, those of their own work first."""
        return queues_of(scopes_of(self.user).actions, is_of_a_unit=bool(self.units))

    @property
    def first(self) -> Queue | None:
        """The queue that the page opens with."""
        return begins_with(scopes_of(self.user).actions, self.queues)

    def open(self) -> IncidentQuerySet:
        """What is open and may be seen. Said by its values, as the partial indexes ask for."""
        return Incident.objects.visible_to(self.user).filter(stage__in=UNFINISHED_VALUES)

    def counts(self) -> dict[Queue, int]:
        """How many incidents each queue holds, all of them in one pass that reads the running clocks once."""
        if not self.queues:
            return {}
        by_clock = {Queue.OVERDUE, Queue.NEAR_LIMIT} & set(self.queues)
        flags = {queue.value: self.holds(queue) for queue in self.queues if queue not in by_clock}
        flags |= {"red_so": self._is_red_without_clock, "warned_so": self._is_warned_without_clock}
        open_ones = self.open().annotate(
            **{f"is_{name}": Case(When(which, then=True), default=False) for name, which in flags.items()}
        )
        sql, values = open_ones.values("id", *(f"is_{name}" for name in flags)).query.sql_with_params()
        counted = {queue: f"i.is_{queue.value}" for queue in self.queues if queue not in by_clock}
        counted |= {queue: _LIT[queue] for queue in self.queues if queue in by_clock}
        sums = ", ".join(f"count(*) FILTER (WHERE {when})" for when in counted.values())
        whole = f"{_WITH_CLOCKS} SELECT {sums} FROM ({sql}) AS i LEFT JOIN lit ON lit.incident_id = i.id"  # noqa: S608 - our own words
        with connection.cursor() as cursor:
            cursor.execute(whole, [self.at, self.at, self.at, *values])
            row = cursor.fetchone()
        return dict(zip(counted, map(int, row), strict=True))

    def holds(self, queue: Queue) -> Q:
        """Which open incidents lie in the queue."""
        if queue in _BY_STAGE:
            return Q(stage=_BY_STAGE[queue].value)
        if queue in _BY_ORDER:
            own = WorkOrder.objects.filter(unit_id__in=self.units, state=_BY_ORDER[queue])
            return Q(pk__in=own.values("incident_id"))
        match queue:
            case Queue.TRAY:
                unclassed = Q(event_class=None, asset_class=None)
                return Q(stage=Stage.REPORTED.value) & (Q(unit_code="") | unclassed)
            case Queue.RETURNED:
                same_round = Q(incident=OuterRef("pk"), round=OuterRef("round"))
                back = WorkOrder.objects.filter(same_round, state="RETURNED")
                return Q(stage=Stage.FILED.value) & Q(Exists(back))
            case Queue.TO_APPROVE:
                asked = Application.objects.filter(verdict="pending").exclude(asked_by=self.user)
                return Q(pk__in=asked.values("incident_id"))
            case Queue.OVERDUE:
                return self._is_red
            case Queue.NEAR_LIMIT:
                return self._is_warned & ~self._is_red
            case Queue.MINE:
                return Q(holder_id=self.user.pk) | Q(cell_worker_id=self.user.pk)
            case Queue.BORDER:
                return ~Q(border_unit_codes=[])
        return ~Q(pk=None)

    @cached_property
    def file_limit(self) -> tuple[timedelta, timedelta]:
        """How long a report waits to be filed until the light is yellow, and red: intake starts no clock,
        the city's clock does a moment later."""
        policy = policy_at(self.at)
        whole = timedelta(hours=float(policy.limits[StageClock.FILE].amount))
        return whole * policy.warn_share, whole

    def limits_without_clock(self, incident: Incident) -> list[tuple[datetime | None, datetime | None]]:
        """(warn_at, due_at) of what no row of a clock says: the filing of a report that came a moment ago,
        and the deadline (made-up incidents of a demonstration have no clocks)."""
        found: list[tuple[datetime | None, datetime | None]] = []
        if incident.stage == Stage.REPORTED:
            warned, whole = self.file_limit
            found.append((incident.reported_at + warned, incident.reported_at + whole))
        if (due_at := incident.deadline_at) is not None:
            begun = incident.filed_at or incident.reported_at
            found.append((due_at - (due_at - begun) / 5 if incident.is_simulated else None, due_at))
        return found

    @cached_property
    def _is_red(self) -> Q:
        late = IncidentClock.objects.running().filter(due_at__lt=self.at)
        return Q(pk__in=late.values("incident_id")) | self._is_red_without_clock

    @cached_property
    def _is_red_without_clock(self) -> Q:
        unfiled = Q(stage=Stage.REPORTED.value, reported_at__lt=self.at - self.file_limit[1])
        return Q(deadline_at__lt=self.at) | unfiled

    @cached_property
    def _is_warned(self) -> Q:
        warned = IncidentClock.objects.running().filter(warn_at__lte=self.at)
        return Q(pk__in=warned.values("incident_id")) | self._is_warned_without_clock

    @cached_property
    def _is_warned_without_clock(self) -> Q:
        unfiled = Q(stage=Stage.REPORTED.value, reported_at__lte=self.at - self.file_limit[0])
        whole = ExpressionWrapper(
            F("deadline_at") - Coalesce("filed_at", "reported_at"), output_field=DurationField()
        )
        fifth = ExpressionWrapper(whole / 5, output_field=DurationField())
        warn_at = ExpressionWrapper(F("deadline_at") - fifth, output_field=DateTimeField())
        made_up = Q(is_simulated=True, deadline_at__isnull=False) & Q(LessThanOrEqual(warn_at, self.at))
        return unfiled | made_up
