"""Passing an incident between community, street and district (上报上级, 下派), and to the next unit or
level.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from geogrid.core.actor import Actor
from geogrid.core.errors import Conflict, Forbidden
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action
from grid_units.duties.access import may
from incidents.loop import orders, people
from incidents.loop.handling import need_words, require_on_level, send_out
from incidents.loop.ladder import LEVELS, goes_back, level_next_to
from incidents.loop.models import Filing
from incidents.loop.orders import LEAD, Sending
from incidents.models import Incident, StepTaken
from incidents.taking import take
from incidents.workflow import LoopLevel, Move

PASSES = (Move.PASS_UP.value, Move.PASS_DOWN.value)


def passes_of(incident: Incident) -> list[Move]:
    """The passes of this round, the first first."""
    steps = StepTaken.objects.filter(incident=incident)
    reopened = steps.filter(move=Move.REOPEN.value).order_by("-id").values_list("id", flat=True).first()
    made = steps.filter(move__in=PASSES, id__gt=reopened or 0).order_by("id")
    return [Move(move) for move in made.values_list("move", flat=True)]


def may_pass(incident: Incident, user: User, move: Move) -> bool:
    """Whether `user` may pass it on: the level's dispatcher; back for the second time, the level above
    both.
    """
    level = LoopLevel(incident.level)
    there = level_next_to(level, move)
    if there is None:
        return False
    if not goes_back(passes_of(incident), move):
        return may(user, Action.DISPATCH, people.code_of_level(incident))
    higher = max(level, there, key=LEVELS.index)
    above = level_next_to(higher, Move.PASS_UP)
    if above is None:  # above the district is who approves there
        return may(user, Action.APPROVE, people.code_of_level(incident, higher))
    return may(user, Action.DISPATCH, people.code_of_level(incident, above))


@transaction.atomic
def pass_on(
    *, incident: Incident, move: Move, actor: User, at: datetime, note: str, seen_step: int | None = None
) -> None:
    """Pass up or down. The number stays; the sender's level clock ends and the receiver's starts.

    Raises:
        Conflict: there is no such level. Forbidden: for others, or back a second time.
    """
    there = level_next_to(LoopLevel(incident.level), move)
    if there is None:
        raise Conflict("There is no level beyond this one. 没有更高或更低的层级。")
    if not may_pass(incident, actor, move):
        require_on_level(actor, move, incident)
        raise Forbidden("It went back once already: the level above decides. 已退回过一次，须由上级决定。")
    need_words(note)
    go_to_level(incident, move, there, actor, at, note=note, seen_step=seen_step)


def go_to_level(
    incident: Incident,
    move: Move,
    there: LoopLevel,
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    seen_step: int | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Make the move to another level; work orders that are still at work end."""
    step = take(
        incident,
        move,
        actor,
        at,
        note=note,
        seen_step=seen_step,
        details={"from": incident.level, "to": there.value, **(details or {})},
        level=there.value,
        holder_id=people.dispatcher_for(incident, at, there),
    )
    orders.withdraw_all(incident, step.taken_at, f"passed to {there.value} 转至 {there.value}")


@transaction.atomic
def second_dispatch(*, incident: Incident, actor: Actor, at: datetime, details: dict[str, Any]) -> bool:
    """Unsolved at the limit (二次派遣): to the next unit of the rule, else to the next level.

    The first unit stays accountable and goes on as co-handler. False: neither is left, or nobody was
    sent yet.
    """
    lead = orders.lead_of(incident)
    filing = Filing.objects.filter(incident=incident).first()
    asked = set(incident.work_orders.values_list("unit_id", flat=True))
    left = [unit_id for unit_id in (filing.next_unit_ids if filing else []) if unit_id not in asked]
    units = Organisation.objects.filter(pk__in=left, is_active=True).in_bulk()
    follower = next((units[unit_id] for unit_id in left if unit_id in units), None)
    if lead is not None and follower is not None:
        send_second(incident, lead, follower, actor, at, details)
        return True
    there = level_next_to(LoopLevel(incident.level), Move.PASS_UP)
    if there is None:
        return False
    if lead is not None:
        _stays_accountable(lead)
    go_to_level(incident, Move.ESCALATE, there, actor, at, details=details)
    return True


def send_second(
    incident: Incident, lead: Any, follower: Organisation, actor: Actor, at: datetime, details: dict[str, Any]
) -> None:
    lead.role, lead.is_mandatory = "co", False
    _stays_accountable(lead)
    send_out(
        incident,
        Move.SECOND_DISPATCH,
        [Sending(follower, LEAD)],
        actor,
        at,
        details=details | {"accountable": lead.unit_id},
    )


def _stays_accountable(lead: Any) -> None:
    lead.is_accountable = True
    lead.save()
