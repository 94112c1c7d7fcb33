"""The clocks of an incident follow its moves: what starts, what ends, what stands still.

Deadlines are worked out once, when a clock starts, stops or is extended, and stored with what made them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geogrid.core.errors import Conflict, Invalid
from incidents.clocks.actions import Policy, city_calendar, policy_at
from incidents.clocks.calendar import Calendar
from incidents.clocks.clock import Clock, ClockError
from incidents.clocks.limits import Limit
from incidents.clocks.stages import Span, StageClock
from incidents.loop.models import Filing, IncidentClock, WorkOrder, limit_columns, limit_of
from incidents.models import Incident
from incidents.workflow import LoopLevel, Move, Stage

ORDER = "order"
STAGE_CLOCKS: dict[Stage, StageClock] = {
    Stage.FILED: StageClock.DISPATCH,
    Stage.DISPATCHED: StageClock.ACCEPT,
    Stage.HANDLING: StageClock.ARRIVE,
    Stage.HANDLED: StageClock.VERIFY,
    Stage.VERIFIED: StageClock.CLOSE,
}
PHASES = (StageClock.COMMUNITY_PHASE.value, StageClock.JOINT_PHASE.value)
ENDS_ALL = {Stage.CLOSED, Stage.EVALUATED, Stage.REJECTED, Stage.VOID}
LEVEL_MOVES = {Move.PASS_UP, Move.PASS_DOWN, Move.ESCALATE}
# These begin a stage anew even where it stays the same.
BEGIN_ANEW = LEVEL_MOVES | {Move.WHISTLE, Move.SECOND_DISPATCH}


@dataclass(frozen=True)
class Rules:
    """The calendar and the policy in force, read once for one move."""

    calendar: Calendar
    policy: Policy


def rules_at(at: datetime) -> Rules:
    return Rules(city_calendar(), policy_at(at))


def follow(incident: Incident, move: Move, before: Stage, after: Stage, at: datetime) -> None:
    """Let the clocks follow a move that was just made. Made-up incidents of a demonstration have none."""
    changes_level = move in LEVEL_MOVES
    arrives = move in {Move.ARRIVE, Move.SIGN_IN}
    if move in {Move.SPLIT, Move.SPLIT_REPORT}:
        return  # incidents/duplicates lets the clocks go on that the merge had ended
    if after == before and move not in BEGIN_ANEW and not arrives:
        return
    running = IncidentClock.objects.running().filter(incident=incident)
    if arrives:
        _end(running.filter(span=Span.STAGE, what=StageClock.ARRIVE), at)
        return
    if after in ENDS_ALL:
        if move == Move.REJECT:
            _keep_file_clock(incident, at)
        _end(running, at)
        return
    rules = rules_at(at)
    _end(running.filter(span=Span.STAGE).exclude(what__in=PHASES), at)
    if move in {Move.FILE, Move.HANDLE_ON_SPOT}:
        _keep_file_clock(incident, at, rules)
    if move in {Move.FILE, Move.REOPEN}:
        _begin_round(incident, at, rules)
    if changes_level:
        _end(running.filter(span=Span.LEVEL), at)
        start(incident, Span.LEVEL, incident.level, None, at, rules)
    if changes_level or move == Move.WHISTLE:
        _end(running.filter(span=Span.STAGE, what=StageClock.COMMUNITY_PHASE), at)
    filing = Filing.objects.filter(incident=incident).first()
    governs_itself = filing is not None and filing.is_self_governed
    is_joint = running.filter(span=Span.STAGE, what=StageClock.JOINT_PHASE).exists()
    if move == Move.WHISTLE and governs_itself and not is_joint:  # a second whistle gives no more days
        start(
            incident,
            Span.STAGE,
            StageClock.JOINT_PHASE,
            rules.policy.limits[StageClock.JOINT_PHASE],
            at,
            rules,
        )
    in_phase = running.filter(span=Span.STAGE, what=StageClock.COMMUNITY_PHASE).exists()
    if after in STAGE_CLOCKS and not (after == Stage.FILED and in_phase):
        what = STAGE_CLOCKS[after]
        start(incident, Span.STAGE, what, rules.policy.limits[what], at, rules)


def _begin_round(incident: Incident, at: datetime, rules: Rules) -> None:
    """Total and level clock of a round; the community's phase where the class governs itself."""
    filing = Filing.objects.filter(incident=incident).first()
    total = start(incident, Span.TOTAL, "total", filing.limit if filing else None, at, rules)
    start(incident, Span.LEVEL, incident.level, None, at, rules)
    first_phase = filing and filing.is_self_governed and incident.round == 1
    if first_phase and incident.level == LoopLevel.COMMUNITY:
        phase = StageClock.COMMUNITY_PHASE
        start(incident, Span.STAGE, phase, rules.policy.limits[phase], at, rules)
    if total.due_at is not None:
        _keep_deadline(incident, total.due_at)


def _keep_file_clock(incident: Incident, at: datetime, rules: Rules | None = None) -> None:
    """The clock of the filing: intake writes none, so it is kept when it ends, if it was not begun before."""
    what = StageClock.FILE
    begun = IncidentClock.objects.filter(incident=incident, span=Span.STAGE, what=what)
    if incident.is_simulated or begun.exists():
        begun.filter(ended_at=None).update(ended_at=at)
        return
    rules = rules or rules_at(at)
    start(incident, Span.STAGE, what, rules.policy.limits[what], incident.reported_at, rules)
    _end(begun, max(at, incident.reported_at))


def start(
    incident: Incident,
    span: Span | str,
    what: str,
    limit: Limit | None,
    at: datetime,
    rules: Rules,
    work_order: WorkOrder | None = None,
) -> IncidentClock:
    """Start a clock at `at`, with its deadline and what made that."""
    clock = made(incident, span, what, limit, at, rules, work_order)
    clock.save(force_insert=True)
    return clock


def made(
    incident: Incident,
    span: Span | str,
    what: str,
    limit: Limit | None,
    at: datetime,
    rules: Rules,
    work_order: WorkOrder | None = None,
) -> IncidentClock:
    """A clock with its deadline, not yet written."""
    clock = IncidentClock(
        incident=incident,
        work_order=work_order,
        span=str(span),
        what=str(what),
        round=incident.round,
        started_at=at,
        **limit_columns(limit),
        policy={
            "policy": rules.policy.version,
            "warn_share": rules.policy.warn_share,
            "zone": str(rules.calendar.zone),
            "limit": str(limit) if limit else "",
        },
    )
    _set_deadline(clock, clock.value, rules)
    return clock


def of_a_filing(incident: Incident, filing: Filing, at: datetime, rules: Rules) -> list[IncidentClock]:
    """The clocks that a first filing starts, as `follow` does, not yet written: total, level, and the stage's
    or the community's phase.
    """
    total = made(incident, Span.TOTAL, "total", filing.limit, at, rules)
    level = made(incident, Span.LEVEL, incident.level, None, at, rules)
    in_phase = filing.is_self_governed and incident.level == LoopLevel.COMMUNITY
    what = StageClock.COMMUNITY_PHASE if in_phase else StageClock.DISPATCH
    return [total, level, made(incident, Span.STAGE, what, rules.policy.limits[what], at, rules)]


def file_clock(incident: Incident, at: datetime, rules: Rules) -> IncidentClock:
    """The clock of a filing that has just ended, not yet written."""
    limit = rules.policy.limits[StageClock.FILE]
    clock = made(incident, Span.STAGE, StageClock.FILE, limit, incident.reported_at, rules)
    clock.ended_at = max(at, incident.reported_at)
    return clock


def _set_deadline(clock: IncidentClock, value: Clock, rules: Rules) -> None:
    clock.due_at = value.due_at(rules.calendar)
    clock.warn_at = value.warn_at(rules.calendar, rules.policy.warn_share)


def _end(clocks: Any, at: datetime) -> None:
    for clock in clocks.filter(ended_at=None):
        clock.ended_at = max(at, clock.started_at)
        # One that stands still is over with what it waited for.
        if clock.stopped_at and clock.stopped_until and clock.stopped_until > clock.ended_at:
            clock.stopped_until = clock.ended_at if clock.ended_at > clock.stopped_at else None
            clock.stopped_at = clock.stopped_at if clock.stopped_until else None
        clock.save(update_fields=["ended_at", "stopped_at", "stopped_until"])


def end_order(order: WorkOrder, at: datetime) -> None:
    """End the clock of a work order."""
    _end(IncidentClock.objects.filter(work_order=order), at)


def _keep_deadline(incident: Incident, due_at: datetime) -> None:
    Incident.objects.filter(pk=incident.pk).update(deadline_at=due_at)
    incident.deadline_at = due_at


def stop(incident: Incident, at: datetime, until: datetime) -> None:
    """Let all running clocks stand still (挂账) until a date at most a year away.

    Raises:
        Invalid: when the date is over or too far away, or a clock was suspended before.
    """
    rules = rules_at(at)
    _change(incident, at, rules, lambda clock: clock.suspend(max(at, clock.start), until))


def go_on(incident: Incident, at: datetime) -> None:
    """Let the clocks run again. At or after the date of the suspension they run already."""
    rules = rules_at(at)
    _change(incident, at, rules, lambda clock: clock.resume(at) if clock.is_suspended(at) else clock)


def extend(incident: Incident, at: datetime) -> datetime:
    """Add the original limit to the total clock once more; the new deadline.

    Raises:
        Conflict: when there is no limit, it has passed, or was extended twice.
    """
    rules = rules_at(at)
    total = IncidentClock.objects.running().filter(incident=incident, span=Span.TOTAL).first()
    if total is None:
        raise Conflict("没有计时，无从延期。There is no clock to extend.")
    try:
        value = total.value.extend(at, rules.calendar)
    except ClockError as error:
        raise Conflict(str(error)) from error
    _store(total, value, rules)
    assert total.due_at is not None  # noqa: S101  extended, so it has a limit
    _keep_deadline(incident, total.due_at)
    return total.due_at


def derive_anew(incident: Incident, was: Filing, now: Filing, at: datetime) -> None:
    """Let the clocks follow another class: limits of the filing become those of now, from where they started.

    A work order with a limit of its own keeps it. The community's phase ends, or is there from the filing on.
    """
    rules = rules_at(at)
    running = IncidentClock.objects.running().filter(incident=incident)
    for clock in running.filter(span__in=[Span.TOTAL, ORDER]):
        if clock.span == ORDER and limit_of(clock.limit_amount, clock.limit_kind) != was.limit:
            continue
        for name, value in limit_columns(now.limit).items():
            setattr(clock, name, value)
        clock.policy |= {"policy": rules.policy.version, "limit": str(now.limit) if now.limit else ""}
        _set_deadline(clock, clock.value, rules)
        # Noted overruns stay in the steps; whether this clock is overrun follows from its new deadline.
        clock.warned_at = None
        if clock.due_at is None or clock.due_at > at:
            clock.overdue_at = None
        clock.save()
        if clock.span == Span.TOTAL:
            Incident.objects.filter(pk=incident.pk).update(deadline_at=clock.due_at)
            incident.deadline_at = clock.due_at
    if was.is_self_governed == now.is_self_governed:
        return
    dispatch, phase = StageClock.DISPATCH, StageClock.COMMUNITY_PHASE
    if was.is_self_governed:
        in_phase = running.filter(span=Span.STAGE, what=phase).exists()
        _end(running.filter(span=Span.STAGE, what__in=PHASES), at)
        if in_phase and incident.stage == Stage.FILED:
            start(incident, Span.STAGE, dispatch, rules.policy.limits[dispatch], at, rules)
    elif incident.stage == Stage.FILED and incident.level == LoopLevel.COMMUNITY and incident.round == 1:
        _end(running.filter(span=Span.STAGE, what=dispatch), at)
        start(incident, Span.STAGE, phase, rules.policy.limits[phase], now.filed_at, rules)


def exempt(incident: Incident) -> None:
    """Take the overruns out of the figures (免责). They stay facts.

    Raises:
        Conflict: when no limit was overrun.
    """
    late = IncidentClock.objects.filter(incident=incident, overdue_at__isnull=False)
    if not late.update(is_exempt=True):
        raise Conflict("没有超时，无需免责。No limit was overrun: there is nothing to exempt.")


def _change(incident: Incident, at: datetime, rules: Rules, how: Any) -> None:
    for clock in IncidentClock.objects.running().filter(incident=incident):
        try:
            value = how(clock.value)
        except ClockError as error:
            raise Invalid(str(error), {"until": [str(error)]}) from error
        _store(clock, value, rules)
        if clock.span == Span.TOTAL and clock.due_at is not None:
            _keep_deadline(incident, clock.due_at)


def _store(clock: IncidentClock, value: Clock, rules: Rules) -> None:
    clock.stopped_at = value.stops[0].since if value.stops else None
    clock.stopped_until = value.stops[0].until if value.stops else None
    clock.extended_at = list(value.extensions)
    was_due = clock.due_at
    _set_deadline(clock, value, rules)
    if was_due != clock.due_at and clock.overdue_at is None:
        clock.warned_at = None  # the new deadline has its own warning
    clock.save()
