"""The loop of one incident as the API shows it: timeline, clocks with lights, work orders, what is
offered.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from incidents.cards import timeline
from incidents.clocks.actions import city_calendar
from incidents.clocks.calendar import Calendar
from incidents.clocks.stages import DEFAULTS, Span, StageClock
from incidents.loop.models import Application, Filing, IncidentClock, WorkOrder, limit_of
from incidents.loop.offers import decidable, offered
from incidents.models import Incident
from incidents.responsibility.telling import area_told, told_of
from incidents.taking import last_step
from incidents.viewer import Viewer
from incidents.workflow import Stage

WORST = ("red", "yellow", "green")


def loop_of(incident: Incident, viewer: Viewer, at: datetime) -> dict[str, Any]:
    """Everything about the loop, as `LoopOut` says."""
    calendar = city_calendar()
    rows = list(IncidentClock.objects.filter(incident=incident).order_by("id"))
    clocks = [(row, clock_shown(row, calendar, at)) for row in rows]
    if not rows and incident.stage == Stage.REPORTED:
        clocks = [(None, _not_begun(incident, calendar, at))]  # type: ignore[list-item]
    running = [shown["light"] for _, shown in clocks if shown["is_running"]]
    by_order: dict[int, list[dict[str, Any]]] = {}
    for row, shown in clocks:
        if row is not None and row.work_order_id is not None:
            by_order.setdefault(row.work_order_id, []).append(shown)
    mine = {application.pk for application in decidable(incident, viewer.user)}
    orders = incident.work_orders.select_related("unit", "handler", "suggested_unit").order_by("nth")
    asked = Application.objects.filter(incident=incident).select_related("asked_by", "decided_by")
    return {
        "number": incident.number,
        "stage": incident.stage,
        "waiting": incident.waiting,
        "level": incident.level,
        "round": incident.round,
        "holder": viewer.name(incident, incident.holder),
        "cell_worker": viewer.name(incident, incident.cell_worker),
        "responsible_unit": incident.responsible_unit,
        "deadline_at": incident.deadline_at,
        "light": next((light for light in WORST if light in running), "green"),
        "last_step": last_step(incident).pk,
        "told": [area_told(area) for area in told_of(incident)] if incident.stage == Stage.REPORTED else [],
        "filing": Filing.objects.filter(incident=incident).first(),
        "steps": timeline(incident, viewer),
        "clocks": [shown for row, shown in clocks if row is None or row.work_order_id is None],
        "work_orders": [order_shown(order, viewer, incident, by_order.get(order.pk, [])) for order in orders],
        "applications": [
            _application_shown(one, viewer, incident, one.pk in mine) for one in asked.order_by("id")
        ],
        "moves": offered(incident, viewer.user, at),
    }


def clock_shown(row: IncidentClock, calendar: Calendar, at: datetime) -> dict[str, Any]:
    """A clock with its light. Lights follow the stored moments, so that lists and cards agree."""
    value, limit = row.value, limit_of(row.limit_amount, row.limit_kind)
    end = row.ended_at or at
    light = "green"
    if row.due_at is not None and end > row.due_at:
        light = "red"
    elif row.warn_at is not None and end >= row.warn_at:
        light = "yellow"
    return {
        "span": row.span,
        "what": row.what,
        "round": row.round,
        "started_at": row.started_at,
        "limit": {"zh": limit.zh, "en": limit.en} if limit else None,
        "warn_at": row.warn_at,
        "due_at": row.due_at,
        "ended_at": row.ended_at,
        "stopped_until": row.stopped_until if row.stopped_until and row.stopped_until > at else None,
        "extensions": len(row.extended_at),
        "is_exempt": row.is_exempt,
        "light": light,
        "is_running": row.ended_at is None,
        "spent_s": _seconds(value.spent(calendar, max(at, row.started_at))),
        "left_s": _seconds(value.left(calendar, max(at, row.started_at))) if limit else None,
        "policy": row.policy,
    }


def _not_begun(incident: Incident, calendar: Calendar, at: datetime) -> dict[str, Any]:
    """The filing clock of a report that the clock has not come to yet: intake writes none."""
    limit = DEFAULTS[StageClock.FILE]
    clock = IncidentClock(
        incident=incident,
        span=Span.STAGE.value,
        what=StageClock.FILE.value,
        round=incident.round,
        started_at=incident.reported_at,
        limit_amount=limit.amount,
        limit_kind=limit.kind.value,
        extended_at=[],
    )
    clock.due_at, clock.warn_at = clock.value.due_at(calendar), clock.value.warn_at(calendar)
    return clock_shown(clock, calendar, at)


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def order_shown(
    order: WorkOrder, viewer: Viewer, incident: Incident, clocks: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """A work order. What people wrote in it is kept from a screen that strangers look at."""
    plain = (
        "nth", "round", "unit", "role", "is_mandatory", "is_accountable", "state", "sent_at", "meeting_at",
        "accepted_at", "arrived_at", "done_at", "ended_at", "suggested_unit", "rework",
    )  # fmt: skip
    return {name: getattr(order, name) for name in plain} | {
        "handler": viewer.name(incident, order.handler),
        "meeting_place": viewer.words(incident, order.meeting_place),
        "result": viewer.words(incident, order.result),
        "reason": viewer.words(incident, order.reason),
        "clocks": list(clocks),
    }


def _application_shown(one: Application, viewer: Viewer, incident: Incident, is_mine: bool) -> dict[str, Any]:
    return {
        "id": one.pk,
        "move": one.move,
        "asked_by": viewer.name(incident, one.asked_by),
        "asked_at": one.asked_at,
        "reason": viewer.words(incident, one.reason),
        "details": one.details,
        "verdict": one.verdict,
        "decided_by": viewer.name(incident, one.decided_by),
        "decided_at": one.decided_at,
        "decision": viewer.words(incident, one.decision),
        "is_mine_to_decide": is_mine,
    }
