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
from incidents.duplicates.models import Follower, Merge
from incidents.inbound.models import Source
from incidents.loop import people
from incidents.loop.models import WorkOrder
from incidents.messages.models import NAMESPACE, Message, UnitChannel
from incidents.models import Incident, StepTaken
from incidents.move_words import MOVE_WORDS
from incidents.texts.models import ResponseText
from incidents.workflow import BY_TWO, Move

# Ours: so long a unit has to accept or acknowledge before the message counts as stuck.
ACKNOWLEDGE_WITHIN = timedelta(minutes=30)
DESK_SHIFT_ENDED = "desk_shift_ended"  # reason of a hand-over by the clock at the end of a dispatcher's shift
# Moves after which somebody else has it: the new holder is told.
TO_THE_HOLDER = frozenset(
    {Move.FILE, Move.RETURN, Move.HAND_IN, Move.HANDLE_ON_SPOT, Move.DRAW, Move.PASS_CHECK, Move.FAIL_CHECK}
    | {Move.REOPEN, Move.PASS_UP, Move.PASS_DOWN, Move.ESCALATE, Move.WARN, Move.OVERDUE, Move.RESUME}
    | {Move.SPLIT, Move.SPLIT_REPORT}
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
    reporters = _who_told([incident])[incident.pk] if move in TO_THE_REPORTER else set()
    reporters -= {incident.holder_id, step.actor_user_id}
    for user_id in dict.fromkeys(people_told):
        if user_id is not None and user_id != step.actor_user_id and user_id not in reporters:
            _to_person(incident, step, user_id)
    for user_id in reporters:
        _to_person(incident, step, user_id, _response(step))
    if move in TO_THE_REPORTER and (unit_id := _sources([incident]).get(incident.client)) is not None:
        _to_unit(incident, step, unit_id, None, _response(step))


def _people_to_tell(incident: Incident, step: StepTaken, move: Move) -> Iterable[int | None]:
    if move in TO_THE_HOLDER or step.details.get("reason") == DESK_SHIFT_ENDED:
        yield incident.holder_id
    if move == Move.APPLY:
        yield from people.approvers_for(incident, step.taken_at, besides=step.actor_user_id)
    if move in BY_TWO or move == Move.REFUSE:
        yield step.details.get("asked_by")


def _response(step: StepTaken) -> tuple[str, str]:
    """What reporters are told besides, in both languages: the text that was chosen, if one was."""
    code = step.details.get("response")
    found = ResponseText.objects.filter(move=step.move, code=code).first() if code else None
    return (found.text, found.text_en) if found else ("", "")


def rows_of_filings(filed: list[tuple[Incident, StepTaken]]) -> list[Message]:
    """What `tell` writes when these are filed at once, not yet written: to who has it now, and receipts."""
    told = _who_told([incident for incident, _ in filed])
    whom = {
        incident.pk: told[incident.pk] | ({incident.holder_id} if incident.holder_id is not None else set())
        for incident, _ in filed
    }
    users = User.objects.filter(is_active=True).in_bulk(list(set().union(*whom.values())))
    rows = [
        row
        for incident, step in filed
        for user_id in sorted(whom[incident.pk] & users.keys())
        for row in _rows_to(incident, step, users[user_id])
    ]
    sources = _sources([incident for incident, _ in filed])
    for incident, step in filed:
        if (unit_id := sources.get(incident.client)) is not None:
            rows += _rows_to_unit(incident, step, unit_id, None)
    return rows


def _sources(incidents: list[Incident]) -> dict[str, int]:
    """Ids of the units of the other systems that sent them, by the client that they are kept under."""
    codes = {one.client.removeprefix("source:") for one in incidents if one.client.startswith("source:")}
    if not codes:
        return {}
    found = Source.objects.filter(code__in=codes, unit__isnull=False).values_list("code", "unit_id")
    return {f"source:{code}": unit_id for code, unit_id in found if unit_id is not None}


def _who_told(incidents: list[Incident]) -> dict[int, set[int]]:
    """For each: ids of the reporter, of who follows, and of who reported what was merged into it."""
    told = {
        incident.pk: {incident.reported_by_id} if incident.reported_by_id is not None else set()
        for incident in incidents
    }
    followers = Follower.objects.filter(incident__in=incidents).values_list("incident_id", "user_id")
    merged = Merge.objects.standing().filter(into__in=incidents)
    for pk, user_id in (*followers, *merged.values_list("into_id", "duplicate__reported_by_id")):
        if user_id is not None:
            told[pk].add(user_id)
    return told


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


def _to_person(
    incident: Incident, step: StepTaken, user_id: int | None, more: tuple[str, str] = ("", "")
) -> None:
    person = User.objects.filter(pk=user_id, is_active=True).first() if user_id is not None else None
    if person is None:
        return
    Message.objects.bulk_create(_rows_to(incident, step, person, more))


def _rows_to(
    incident: Incident, step: StepTaken, person: User, more: tuple[str, str] = ("", "")
) -> list[Message]:
    rows = [_message(incident, step, "app", more, to_user=person)]
    if person.email:
        rows.append(_message(incident, step, "email", more, to_user=person, address=person.email))
    return rows


def _to_unit(
    incident: Incident,
    step: StepTaken,
    unit_id: int,
    ack_due_at: datetime | None,
    more: tuple[str, str] = ("", ""),
) -> None:
    Message.objects.bulk_create(_rows_to_unit(incident, step, unit_id, ack_due_at, more))


def _rows_to_unit(
    incident: Incident,
    step: StepTaken,
    unit_id: int,
    ack_due_at: datetime | None,
    more: tuple[str, str] = ("", ""),
) -> list[Message]:
    rows = [_message(incident, step, "app", more, to_unit_id=unit_id, ack_due_at=ack_due_at)]
    rows += [
        _message(
            incident,
            step,
            channel.channel,
            more,
            to_unit_id=unit_id,
            unit_channel=channel,
            address=channel.address,
            ack_due_at=ack_due_at,
        )
        for channel in UnitChannel.objects.filter(unit_id=unit_id, is_active=True)
    ]
    return rows


def _message(
    incident: Incident, step: StepTaken, channel: str, more: tuple[str, str] = ("", ""), **to: Any
) -> Message:
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
        text_zh="\n".join(filter(None, (zh, more[0]))),
        text_en="\n".join(filter(None, (en, more[1]))),
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
