"""Writing messages: in the transaction of the move that causes them, so that none is lost and none
invented.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from geogrid.core.models import the_city
from geogrid.organisations.models import User
from incidents.loop import people
from incidents.loop.models import WorkOrder
from incidents.messages.models import NAMESPACE, Message, UnitChannel
from incidents.models import Incident, StepTaken
from incidents.workflow import BY_TWO, MOVE_WORDS, Move

# Ours: so long a unit has to accept or acknowledge before the message counts as stuck.
ACKNOWLEDGE_WITHIN = timedelta(minutes=30)
DESK_SHIFT_ENDED = "desk_shift_ended"  # reason of a hand-over by the clock at the end of a dispatcher's shift
# Moves after which somebody else has it: the new holder is told.
TO_THE_HOLDER = frozenset(
    {Move.FILE, Move.RETURN, Move.HAND_IN, Move.HANDLE_ON_SPOT, Move.DRAW, Move.PASS_CHECK, Move.FAIL_CHECK}
    | {Move.REOPEN, Move.PASS_UP, Move.PASS_DOWN, Move.ESCALATE, Move.WARN, Move.OVERDUE, Move.RESUME}
)
# What the unit that answers for it is told besides.
TO_THE_UNIT = frozenset({Move.WARN, Move.OVERDUE, Move.FAIL_CHECK, Move.EXTEND, Move.SUSPEND, Move.RESUME})
# Letters go to the unit at work, which acknowledges them.
LETTERS = frozenset({Move.REMIND, Move.SUPERVISE})
TO_THE_REPORTER = frozenset({Move.FILE, Move.REJECT, Move.CLOSE, Move.CLOSE_WITH_CODE, Move.MAKE_VOID})


def tell(incident: Incident, step: StepTaken) -> None:
    """Write what this step tells holder, responsible unit and reporter, who approves and who applied."""
    move = Move(step.move)
    people_told = list(_people_to_tell(incident, step, move))
    if move in TO_THE_UNIT and incident.responsible_unit_id is not None:
        _to_unit(incident, step, incident.responsible_unit_id, None)
    if move in LETTERS:
        _to_unit(incident, step, step.details["unit"], step.taken_at + ACKNOWLEDGE_WITHIN)
    for user_id in dict.fromkeys(people_told):
        if user_id is not None and user_id != step.actor_user_id:
            _to_person(incident, step, user_id)


def _people_to_tell(incident: Incident, step: StepTaken, move: Move) -> Iterable[int | None]:
    if move in TO_THE_HOLDER or step.details.get("reason") == DESK_SHIFT_ENDED:
        yield incident.holder_id
    if move in TO_THE_REPORTER and incident.reported_by_id != incident.holder_id:
        yield incident.reported_by_id
    if move == Move.APPLY:
        yield from people.approvers_for(incident, step.taken_at, besides=step.actor_user_id)
    if move in BY_TWO or move == Move.REFUSE:
        yield step.details.get("asked_by")


def tell_units(incident: Incident, step: StepTaken, orders: Iterable[WorkOrder]) -> None:
    """Write to the units that were just sent. Accepting the work order acknowledges it."""
    for order in orders:
        _to_unit(incident, step, order.unit_id, step.taken_at + ACKNOWLEDGE_WITHIN)


def acknowledge_sending(incident: Incident, unit_id: int, user: User, at: datetime) -> None:
    """The unit has accepted: what it was sent by whatever channel has arrived."""
    told = Message.objects.filter(incident=incident, to_unit_id=unit_id, acknowledged_at=None)
    told.filter(ack_due_at__isnull=False).exclude(state="waiting").update(
        state="acknowledged", acknowledged_at=at, acknowledged_by=user
    )
    # What has not gone out yet still goes, but nobody waits for an answer.
    told.filter(state="waiting").update(ack_due_at=None)


def _to_person(incident: Incident, step: StepTaken, user_id: int | None) -> None:
    person = User.objects.filter(pk=user_id, is_active=True).first() if user_id is not None else None
    if person is None:
        return
    rows = [_message(incident, step, "app", to_user=person)]
    if person.email:
        rows.append(_message(incident, step, "email", to_user=person, address=person.email))
    Message.objects.bulk_create(rows)


def _to_unit(incident: Incident, step: StepTaken, unit_id: int, ack_due_at: datetime | None) -> None:
    rows = [_message(incident, step, "app", to_unit_id=unit_id, ack_due_at=ack_due_at)]
    rows += [
        _message(
            incident,
            step,
            channel.channel,
            to_unit_id=unit_id,
            unit_channel=channel,
            address=channel.address,
            ack_due_at=ack_due_at,
        )
        for channel in UnitChannel.objects.filter(unit_id=unit_id, is_active=True)
    ]
    Message.objects.bulk_create(rows)


def _message(incident: Incident, step: StepTaken, channel: str, **to: Any) -> Message:
    """One row. In the app it has arrived when it is committed."""
    whom = f"{getattr(to.get('to_user'), 'pk', '')}/{to.get('to_unit_id', '')}/{to.get('address', '')}"
    zh, en = words(incident, step)
    is_here = channel == "app"
    return Message(
        key=uuid.uuid5(NAMESPACE, f"{step.pk}/{channel}/{whom}"),
        incident=incident,
        step=step,
        kind=step.move,
        channel=channel,
        text_zh=zh,
        text_en=en,
        created_at=step.taken_at,
        state="sent" if is_here else "waiting",
        sent_at=step.taken_at if is_here else None,
        next_try_at=None if is_here else step.taken_at,
        **to,
    )


def words(incident: Incident, step: StepTaken) -> tuple[str, str]:
    """What it says in both languages: number, class, what happened, until when. No names, no contacts."""
    zh, en = MOVE_WORDS[Move(step.move)]
    wanted = step.details.get("for")
    if wanted in MOVE_WORDS:  # an application, or its refusal: for what
        zh, en = f"{zh}{MOVE_WORDS[Move(wanted)][0]}", f"{en} ({wanted})"
    if letter := step.details.get("letter"):
        zh, en = f"{zh} {letter}：{step.note}", f"{en} {letter}: {step.note}"
    known = incident.asset_class or incident.event_class
    what_zh, what_en = (known.name, known.name_en) if known else ("", "")
    city = the_city()
    due = ""
    if incident.deadline_at is not None:
        due = f"{timezone.localtime(incident.deadline_at, city.timezone if city else None):%Y-%m-%d %H:%M}"
    parts_zh = [f"案件 {incident.number}", what_zh, zh, f"时限 {due}" if due else ""]
    parts_en = [f"Incident {incident.number}", what_en, f"somebody {en}", f"due {due}" if due else ""]
    return "，".join(filter(None, parts_zh)) + "。", ", ".join(filter(None, parts_en)) + "."
