"""Moves that one person applies for and another approves (申请审批): suspend, extend, exempt, close, void."""

from datetime import datetime
from typing import Any

from django.db import transaction

from geogrid.core.actor import Actor
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may, require
from incidents.clocks.clock import LONGEST_SUSPENSION
from incidents.duplicates.linking import link
from incidents.loop import people, timing
from incidents.loop.handling import need_words
from incidents.loop.models import Application, IncidentClock
from incidents.models import Incident
from incidents.taking import held_still, take
from incidents.workflow import (
    BY,
    HANDLERS_APPLY,
    MOST_TIMES,
    MOVES,
    WITHOUT_HANDLING,
    ClosingCode,
    Move,
    Stage,
    Waiting,
)


def may_apply(incident: Incident, user: User, move: Move) -> bool:
    """Who applies: the level's desk (for a void, the operator there), and handlers of a unit at work."""
    place = incident.place_code() if move == Move.MAKE_VOID else people.code_of_level(incident)
    if may(user, BY[move], place):
        return True
    if move not in HANDLERS_APPLY:
        return False
    return incident.work_orders.filter(unit_id__in=people.units_of(user)).exists()


def may_decide(application: Application, user: User) -> bool:
    """Somebody else, who approves on the incident's level or above."""
    if application.asked_by_id == user.pk:
        return False
    return may(user, Action.APPROVE, people.code_of_level(application.incident))


def approved_times(incident: Incident, move: Move) -> int:
    return Application.objects.filter(incident=incident, move=move.value, verdict="approved").count()


@transaction.atomic
def apply(
    *,
    incident: Incident,
    move: Move,
    actor: User,
    at: datetime,
    note: str,
    until: datetime | None = None,
    code: ClosingCode | None = None,
    into: Incident | None = None,
    seen_step: int | None = None,
) -> Application:
    """Ask for a move that a second person approves.

    into: with the code `duplicate`, the incident that it is the same problem as; both are then linked.

    Raises:
        Forbidden: for who may not ask. Conflict: it waits already, was approved as often as can be, or cannot
            be made from here. Invalid: without a reason, a date for a suspension, a code for a closing.
    """
    if not may_apply(incident, actor, move):
        raise Forbidden("Your role does not apply for this. 您的角色不能提出该申请。")
    need_words(note)
    if Stage(incident.stage) not in MOVES[move][0]:
        raise Conflict(f"This cannot be done at {incident.stage}. 案件处于 {incident.stage}，不能办理。")
    if approved_times(incident, move) >= MOST_TIMES.get(move, 99):
        raise Conflict("It was approved as often as it can be. 批准次数已达上限。")
    if Application.objects.filter(incident=incident, move=move.value, verdict="pending").exists():
        raise Conflict("Such an application waits already. 已有同类申请待审批。")
    details = _details_of(incident, move, at, until, code)
    if into is not None:
        details |= {"into": into.number}
    held_still(incident, actor, seen_step)
    application = Application.objects.create(
        incident=incident, move=move.value, asked_by=actor, asked_at=at, reason=note, details=details
    )
    said = {"for": move.value, "application": application.pk} | details
    take(incident, Move.APPLY, actor, at, note=note, details=said)
    return application


def _details_of(
    incident: Incident, move: Move, at: datetime, until: datetime | None, code: ClosingCode | None
) -> dict[str, Any]:
    if move == Move.SUSPEND:
        if until is None or not at < until <= at + LONGEST_SUSPENSION:
            raise Invalid(
                "Until when? A date to come, at most a year away. 请填写挂账截止时间，最长一年。",
                {"until": ["A time to come, at most a year away."]},
            )
        return {"until": until.isoformat()}
    if move == Move.CLOSE_WITH_CODE:
        if code not in WITHOUT_HANDLING:
            raise Invalid(
                "Which code? 请选择结案代码。", {"code": ["duplicate, does_not_exist or transferred_out"]}
            )
        return {"code": code.value}
    if move == Move.EXTEND:
        total = IncidentClock.objects.running().filter(incident=incident, span="total").first()
        if total is None or total.due_at is None or at > total.due_at:
            raise Conflict(
                "The limit has passed, or there is none: it cannot be extended. "
                "时限已过或没有时限，不能延期。"
            )
    return {}


def _still_pending(application: Application, actor: User) -> Application:
    held = Application.objects.select_for_update().select_related("incident").get(pk=application.pk)
    if held.verdict != "pending":
        raise Conflict("This application was decided already. 该申请已审批。")
    require(actor, Action.APPROVE, people.code_of_level(held.incident))
    if held.asked_by_id == actor.pk:
        raise Forbidden("Somebody else approves what you applied for. 本人申请须由他人审批。")
    return held


@transaction.atomic
def approve(
    *, application: Application, actor: User, at: datetime, note: str = "", seen_step: int | None = None
) -> None:
    """Approve, and make the move (批准).

    Raises:
        Forbidden: for the applicant, and who does not approve there. Conflict: decided already, or the
            incident has moved on so that it cannot be done any more.
    """
    held = _still_pending(application, actor)
    incident, move = held.incident, Move(held.move)
    held_still(incident, actor, seen_step)
    held.verdict, held.decided_by, held.decided_at, held.decision = "approved", actor, at, note
    held.nth = approved_times(incident, move) + 1
    held.save()
    details = {"application": held.pk, "asked_by": held.asked_by_id, **held.details}
    changes: dict[str, Any] = {"waiting": Waiting.SUSPENDED.value} if move == Move.SUSPEND else {}
    step = take(incident, move, actor, at, note=held.reason, details=details, **changes)
    match move:
        case Move.SUSPEND:
            timing.stop(incident, step.taken_at, datetime.fromisoformat(held.details["until"]))
        case Move.EXTEND:
            timing.extend(incident, step.taken_at)
        case Move.EXEMPT:
            timing.exempt(incident)
        case Move.CLOSE_WITH_CODE if "into" in held.details:
            into = Incident.objects.get(number=held.details["into"])
            link(duplicate=incident, into=into, actor=actor, at=step.taken_at, note=held.reason)


@transaction.atomic
def refuse(*, application: Application, actor: User, at: datetime, note: str) -> None:
    """Do not approve (驳回), with a reason."""
    held = _still_pending(application, actor)
    need_words(note)
    incident = held.incident
    said = {"for": held.move, "application": held.pk, "asked_by": held.asked_by_id}
    take(incident, Move.REFUSE, actor, at, note=note, details=said)
    held.verdict, held.decided_by, held.decided_at, held.decision = "refused", actor, at, note
    held.save()


@transaction.atomic
def resume(
    *, incident: Incident, actor: Actor, at: datetime, note: str = "", seen_step: int | None = None
) -> None:
    """End a suspension (恢复): by a dispatcher before its date, by the clock on it."""
    if isinstance(actor, User):
        require(actor, BY[Move.RESUME], people.code_of_level(incident))
        need_words(note)
    if not incident.waiting:
        raise Conflict("It is not suspended. 案件未挂账。")
    step = take(incident, Move.RESUME, actor, at, note=note, seen_step=seen_step, waiting=Waiting.NONE.value)
    timing.go_on(incident, step.taken_at)
