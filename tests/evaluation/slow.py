"""The indicators' measures worked out slowly and apart from the code: straight from incidents and steps."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from incidents.loop.models import IncidentClock
from incidents.models import Incident, StepTaken

Row = tuple[date, str, str, str]  # day, cell of then, dimension, key


def slow_counts(zone: ZoneInfo) -> Counter[tuple[date, str, str, str, str]]:
    """Count of each (day, cell, dimension, key, measure)."""
    found: Counter[tuple[date, str, str, str, str]] = Counter()
    for incident in Incident.objects.all():
        for day, measure in _of(incident, zone):
            keys = {
                "cell": "",
                "unit": str(incident.responsible_unit_id or ""),
                "person": str(incident.cell_worker_id),
                "class": _class(incident),
                "channel": incident.channel,
            }
            for dimension, key in keys.items():
                place = incident.unit_code if dimension == "cell" else incident.unit_code[:12]
                found[day, place, dimension, key, measure] += 1
    return found


def _class(incident: Incident) -> str:
    if incident.asset_class_id:
        return f"A{incident.asset_class_id}"
    return f"E{incident.event_class_id}" if incident.event_class_id else ""


def _of(incident: Incident, zone: ZoneInfo) -> list[tuple[date, str]]:
    steps = list(StepTaken.objects.filter(incident=incident).order_by("id"))
    moves = [step.move for step in steps]

    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    def first(*names: str) -> datetime | None:
        return next((step.taken_at for step in steps if step.move in names), None)

    found: list[tuple[date, str]] = []
    reported = day(incident.reported_at)
    filed_at = first("file") if incident.stage != "VOID" else None
    found.append((reported, "received"))
    if filed_at:
        found.append((reported, "received_filed"))
    if incident.found_by_patrol:
        found.append((reported, "patrol"))
        if filed_at or "handle_on_spot" in moves:
            found.append((reported, "patrol_valid"))
    rates = [step for step in steps if step.move == "rate"]
    if rates:
        found.append((day(rates[-1].taken_at), "rated"))
        if rates[-1].details["satisfaction"] >= 4:
            found.append((day(rates[-1].taken_at), "satisfied"))
    if filed_at is None:
        return found
    closed_at, deadline = incident.closed_at, incident.deadline_at
    is_closed = closed_at is not None
    on_time = closed_at is not None and deadline is not None and closed_at <= deadline
    reworked = "fail_check" in moves or "reopen" in moves
    suspended, exempt = incident.waiting == "suspended", "exempt" in moves
    orders = [
        clock
        for clock in IncidentClock.objects.filter(incident=incident, span="order").order_by("id")
        if clock.work_order is not None and clock.work_order.role == "lead"
    ]
    handle_due = (orders[-1].due_at if orders else None) or deadline
    handled = incident.handled_at is not None and handle_due is not None and incident.handled_at <= handle_due
    filed = day(filed_at)
    dispatched = "dispatch" in moves or "whistle" in moves
    second = "return" in moves or "second_dispatch" in moves
    second = second or moves.count("dispatch") > 1 + moves.count("reopen")
    of_filed: dict[str, bool] = {
        "filed": True,
        "filed_closed": is_closed,
        "filed_on_time": on_time,
        "filed_handled": handled,
        "filed_reworked": reworked,
        "filed_suspended": "suspend" in moves,
        "filed_extended": "extend" in moves,
        "filed_returned": "return" in moves,
        "dispatched": dispatched,
        "dispatched_right": dispatched and not second,
    }
    found += [(filed, name) for name, holds in of_filed.items() if holds]
    should = not suspended and not exempt
    if deadline is not None:
        of_due = {
            "due": should,
            "due_closed": should and is_closed,
            "due_on_time": should and on_time,
            "due_reworked": should and reworked,
            "left_out_suspended": suspended,
            "left_out_exempt": exempt and not suspended,
        }
        found += [(day(deadline), name) for name, holds in of_due.items() if holds]
    if handle_due is not None and should:
        found.append((day(handle_due), "to_handle"))
        if handled:
            found.append((day(handle_due), "handled_on_time"))
    for what, below, above, done in (
        ("arrive", "to_arrive", "arrived_on_time", first("arrive", "sign_in")),
        ("verify", "to_verify", "verified_on_time", first("pass_check", "fail_check")),
    ):
        clock: Any = (
            IncidentClock.objects.filter(incident=incident, span="stage", what=what).order_by("id").first()
        )
        if clock is None or clock.due_at is None or exempt:
            continue
        found.append((day(clock.due_at), below))
        if done is not None and done <= clock.due_at:
            found.append((day(clock.due_at), above))
    return found
