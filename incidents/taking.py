"""Making a move: one transaction, compare-and-set on the row, its step, and the clocks that follow.

A move names the step it was decided on. Of two people who press at once one moves the incident, and the other
is told who did what when.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from geogrid.core.actor import Actor, name_actor
from geogrid.core.errors import Conflict, Invalid
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from incidents.loop import timing
from incidents.loop.loose_ends import tie_up
from incidents.messages import outbox
from incidents.models import Incident, StepTaken
from incidents.move_words import MOVE_WORDS
from incidents.workflow import (
    BESIDE,
    UNFINISHED,
    WHILE_WAITING,
    Move,
    Stage,
    Waiting,
    stage_after,
)

MARKS_TIME: dict[Stage, str] = {
    Stage.FILED: "filed_at",
    Stage.HANDLED: "handled_at",
    Stage.CLOSED: "closed_at",
}
# What a move was decided on: when one of these is another now, somebody else was first.
DECIDED_ON = ("stage", "waiting", "level", "round", "cell_worker_id", "holder_id")


@transaction.atomic
def take(
    incident: Incident,
    move: Move,
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    details: dict[str, Any] | None = None,
    seen_step: int | None = None,
    **changes: Any,
) -> StepTaken:
    """Move `incident` and write the step. `incident` is brought up to date.

    seen_step: id of the last step that the actor saw. What was only noted beside the work since (a
    measurement, a warning) does not matter; anything else refuses the move.

    Raises:
        Conflict: when it stands elsewhere by now, or is suspended; with who did what when.
    """
    name_actor(actor)
    held = held_still(incident, actor, seen_step)
    before = Stage(held.stage)
    try:
        after = stage_after(move, before)
    except ValueError as error:
        raise Conflict(_told(held, actor)) from error
    if held.waiting and move not in WHILE_WAITING:
        raise Conflict(
            f"Incident {held.number} is suspended; resume it first. 案件 {held.number} 已挂账，请先恢复。"
        )
    at = max(at, last_step(held).taken_at)
    if after != before and after in MARKS_TIME:
        changes.setdefault(MARKS_TIME[after], at)
    if move == Move.MAKE_VOID:
        changes.setdefault("waiting", Waiting.NONE.value)
    step = StepTaken.objects.create(
        incident=held,
        move=move.value,
        from_stage=before.value,
        to_stage=after.value,
        level=held.level,
        actor_user=actor if isinstance(actor, User) else None,
        taken_at=at,
        note=note,
        details=details or {},
    )
    Incident.objects.filter(pk=held.pk).update(stage=after.value, **changes)
    if "point" in changes:
        incident.refresh_from_db()
    else:
        for name, value in {"stage": after.value, **changes}.items():
            setattr(incident, name, value)
    timing.follow(incident, move, before, after, at)
    if after not in UNFINISHED and after != before:
        tie_up(incident, at)
    outbox.tell(incident, step)
    return step


def held_still(incident: Incident, actor: Actor, seen_step: int | None = None) -> Incident:
    """The row of `incident`, locked until the transaction ends.

    Raises:
        Conflict: when somebody has moved it since `incident` was read, or since the step that was seen.
    """
    held = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    if any(getattr(held, name) != getattr(incident, name) for name in DECIDED_ON):
        raise Conflict(_told(held, actor))
    if seen_step is not None:
        steps = StepTaken.objects.filter(incident=held)
        if not steps.filter(id=seen_step).exists():
            raise Invalid(
                "This incident has no such step. 本案件没有该环节。",
                {"seen_step": ["Id of the last step of this incident that you saw."]},
            )
        beside = [move.value for move in BESIDE]
        if steps.filter(id__gt=seen_step).exclude(move__in=beside).exists():
            raise Conflict(_told(held, actor))
    return held


def last_step(incident: Incident) -> StepTaken:
    return StepTaken.objects.filter(incident=incident).order_by("-id")[0]


def _told(incident: Incident, actor: Actor) -> str:
    """Who did what when, in both languages. Names appear only to those who may see people there."""
    step = (
        StepTaken.objects.filter(incident=incident)
        .exclude(move__in=[beside.value for beside in BESIDE - {Move.HAND_OVER}])
        .select_related("actor_user")
        .order_by("-id")[0]
    )
    who_zh, who_en = "系统", "The system"
    if step.actor_user is not None:
        sees = isinstance(actor, User) and (
            step.actor_user_id == actor.pk or scopes_of(actor).sees_people_of(incident.place_code())
        )
        who_zh, who_en = (str(step.actor_user),) * 2 if sees else ("他人", "Somebody else")
        if isinstance(actor, User) and step.actor_user_id == actor.pk:
            who_zh, who_en = "您", "You"
    city = the_city()
    when = timezone.localtime(step.taken_at, city.timezone if city else None)
    zh, en = MOVE_WORDS[Move(step.move)]
    return (
        f"{who_en} {en} at {when:%H:%M:%S on %d %b}: incident {incident.number} is {incident.stage} now. "
        f"{who_zh}已于 {when:%m-%d %H:%M:%S} {zh}，案件现为 {incident.stage}，请刷新后再办。"
    )
