"""What the clock does for the loop. Each due change is one transaction, and done once.

Every function looks at the rows as they are, locks one, looks again, and writes step and change
together: killed
at any moment it has done all of it or nothing, and a second clock finds nothing left to do.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef

from geogrid.core.actor import acting_as
from geogrid.organisations.models import Organisation
from incidents.clocks.stages import Span, StageClock
from incidents.loop import ending, handling, levels, orders, timing, two_persons
from incidents.loop.ladder import level_next_to
from incidents.loop.models import FileClockMark, Filing, IncidentClock
from incidents.loop.trying import CLOCK, each, not_held_back
from incidents.models import Incident, StepTaken
from incidents.taking import take
from incidents.workflow import LoopLevel, Move, Stage

LOOKED_BACK = timedelta(minutes=2)  # a report may be committed a little after the time that it names
EVALUATE_AFTER = timedelta(days=7)  # ours: so long the reporter may say how satisfied they are
MEET_AFTER = timedelta(days=1)  # ours: when the clock summons units, to the same hour of the next day
SEALED_AT_ONCE = 500
FILE_CLOCKS_AT_ONCE = 1000


def start_file_clocks(at: datetime) -> int:
    """Give reports that wait to be filed their clock. The intake writes none, so that it stays fast."""
    with acting_as(CLOCK):
        mark = FileClockMark.objects.select_for_update().first()
        if mark is None or at <= mark.reported_to:
            return 0
        rules = timing.rules_at(at)
        limit = rules.policy.limits[StageClock.FILE]
        waiting = Incident.objects.filter(
            reported_at__gt=mark.reported_to - LOOKED_BACK,
            reported_at__lte=at,
            stage=Stage.REPORTED.value,
            is_simulated=False,
        ).exclude(Exists(IncidentClock.objects.filter(incident=OuterRef("pk"), what=StageClock.FILE.value)))
        found = list(waiting.order_by("reported_at").only("pk", "round", "reported_at")[:FILE_CLOCKS_AT_ONCE])
        for incident in found:
            timing.start(incident, Span.STAGE, StageClock.FILE, limit, incident.reported_at, rules)
        is_all = len(found) < FILE_CLOCKS_AT_ONCE
        FileClockMark.objects.update(reported_to=at if is_all else found[-1].reported_at)
    return len(found)


def warn(at: datetime) -> int:
    """Warn of limits of which 80 % have passed (预警), each once."""
    due = IncidentClock.objects.running().filter(warn_at__lte=at, warned_at=None, overdue_at=None)
    return each(not_held_back(due.order_by("warn_at"), "warn", at), _warn_one, at, "warn")


def note_overdue(at: datetime) -> int:
    """Note limits that have passed (超时), each once, and do what follows: second dispatch, whistle,
    new draw.
    """
    due = IncidentClock.objects.running().filter(due_at__lte=at, overdue_at=None)
    return each(not_held_back(due.order_by("due_at"), "overdue", at), _note_one, at, "overdue")


def resume_suspended(at: datetime) -> int:
    """Resume what was suspended until now (恢复)."""
    over = Incident.objects.filter(waiting="suspended").exclude(
        Exists(IncidentClock.objects.running().filter(incident=OuterRef("pk"), stopped_until__gt=at))
    )
    return each(not_held_back(over.order_by("pk"), "resume", at), _resume_one, at, "resume")


def evaluate_closed(at: datetime) -> int:
    """Evaluate what was closed a week ago, or has the reporter's word (评价)."""
    rated = StepTaken.objects.filter(incident=OuterRef("pk"), move=Move.RATE.value)
    closed = Incident.objects.filter(stage=Stage.CLOSED.value, filing__isnull=False)
    ids = not_held_back(closed.filter(closed_at__lte=at - EVALUATE_AFTER), "evaluate", at)
    ids += not_held_back(closed.filter(closed_at__lte=at).filter(Exists(rated)), "evaluate", at)
    return each(dict.fromkeys(ids), _evaluate_one, at, "evaluate")


def seal_old_steps(at: datetime) -> int:
    """Seal steps from before they were chained, some incidents at a time. Returns how many were looked at."""
    with acting_as(CLOCK), connection.cursor() as cursor:
        cursor.callproc("core.seal_old_steps", [SEALED_AT_ONCE])
        return int(cursor.fetchone()[0])


def _still(clock_id: int, at: datetime, **expected: None) -> IncidentClock | None:
    """The clock, when it still is as it was found. Its incident is locked first, as every move does; one that
    somebody is moving right now waits for the next tick."""
    incident_id = IncidentClock.objects.values_list("incident_id", flat=True).get(pk=clock_id)
    free = Incident.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=incident_id)
    if not free.exists():
        return None
    found = IncidentClock.objects.running().select_for_update(no_key=True, of=("self",))
    return found.filter(pk=clock_id, **expected).select_related("incident").first()


def _warn_one(clock_id: int, at: datetime) -> int:
    clock = _still(clock_id, at, warned_at=None, overdue_at=None)
    if clock is None or clock.incident.waiting or clock.warn_at is None or clock.warn_at > at:
        return 0
    clock.warned_at = at
    clock.save(update_fields=["warned_at"])
    take(clock.incident, Move.WARN, CLOCK, at, details=_said(clock))
    return 1


def _note_one(clock_id: int, at: datetime) -> int:
    clock = _still(clock_id, at, overdue_at=None)
    if clock is None or clock.incident.waiting or clock.due_at is None or clock.due_at > at:
        return 0
    clock.overdue_at = at
    clock.save(update_fields=["overdue_at"])
    incident = clock.incident
    take(incident, Move.OVERDUE, CLOCK, at, details=_said(clock))
    match clock.span, clock.what:
        case Span.TOTAL, _:
            if incident.stage in {Stage.FILED, Stage.DISPATCHED, Stage.HANDLING}:
                levels.second_dispatch(incident=incident, actor=CLOCK, at=at, details={"clock": clock.pk})
        case Span.STAGE, StageClock.VERIFY:
            ending.redraw(incident=incident, actor=CLOCK, at=at)
        case Span.STAGE, StageClock.COMMUNITY_PHASE:
            _end_community_phase(incident, at)
    return 1


def _end_community_phase(incident: Incident, at: datetime) -> None:
    """After the community's days the units of the rule are summoned (吹哨); without any, the street has
    it.
    """
    if incident.stage not in {Stage.FILED, Stage.DISPATCHED, Stage.HANDLING}:
        return
    filing = Filing.objects.get(incident=incident)
    units = Organisation.objects.filter(pk__in=filing.unit_ids, is_active=True).in_bulk()
    named = [units[unit_id] for unit_id in filing.unit_ids if unit_id in units]
    lead = orders.lead_of(incident)
    if lead is not None:
        named = [unit for unit in named if unit.pk != lead.unit_id]
    if not named:
        there = level_next_to(LoopLevel(incident.level), Move.PASS_UP)
        if there is not None:
            levels.go_to_level(incident, Move.ESCALATE, there, CLOCK, at, details={"reason": "phase_ended"})
        return
    sendings = [
        orders.Sending(unit, orders.LEAD if lead is None and unit is named[0] else orders.CO)
        for unit in named
    ]
    handling.whistle(
        incident=incident,
        units=sendings,
        meeting_at=at + MEET_AFTER,
        meeting_place=incident.location_text or incident.number,
        actor=CLOCK,
        at=at,
    )


def _said(clock: IncidentClock) -> dict[str, object]:
    return {
        "clock": clock.pk,
        "span": clock.span,
        "what": clock.what,
        "due_at": clock.due_at.isoformat() if clock.due_at else None,
        "limit": clock.policy.get("limit", ""),
    }


def _resume_one(incident_id: int, at: datetime) -> int:
    free = Incident.objects.select_for_update(no_key=True, skip_locked=True)
    incident = free.filter(pk=incident_id, waiting="suspended").first()
    if incident is None:
        return 0
    two_persons.resume(incident=incident, actor=CLOCK, at=at)
    return 1


def _evaluate_one(incident_id: int, at: datetime) -> int:
    free = Incident.objects.select_for_update(no_key=True, skip_locked=True)
    incident = free.filter(pk=incident_id, stage=Stage.CLOSED.value).first()
    if incident is None:
        return 0
    ending.evaluate(incident=incident, actor=CLOCK, at=at)
    return 1
