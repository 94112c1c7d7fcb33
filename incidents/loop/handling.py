"""Dispatch and handling (派遣, 处置): units are sent, accept, arrive, return, hand in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from geogrid.core.actor import Actor
from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.organisations.models import Organisation, User
from grid_units.duties.access import may, require
from incidents.loop import orders, people
from incidents.loop.models import Filing, WorkOrder
from incidents.loop.orders import CO, LEAD, Sending
from incidents.messages import outbox
from incidents.models import Incident, StepTaken
from incidents.taking import take
from incidents.workflow import BY, Move

DEFAULT_PHOTOS = ["after"]


def need_words(note: str, field: str = "note") -> None:
    if not note.strip():
        raise Invalid("Please say why. 请说明理由。", {field: ["A reason is needed. 请填写。"]})


def require_on_level(actor: User, move: Move, incident: Incident) -> None:
    """Let pass who makes this move on the incident's level or above it."""
    require(actor, BY[move], people.code_of_level(incident))


@transaction.atomic
def dispatch(
    *,
    incident: Incident,
    units: Sequence[Sending],
    actor: User,
    at: datetime,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """Send units (派遣), exactly one of them as lead. Who was asked before stays accountable until one
    accepts.
    """
    require_on_level(actor, Move.DISPATCH, incident)
    orders.check_sendings(units, leads=1)
    send_out(incident, Move.DISPATCH, units, actor, at, note=note, seen_step=seen_step)


def send_out(
    incident: Incident,
    move: Move,
    units: Sequence[Sending],
    actor: Actor,
    at: datetime,
    *,
    note: str = "",
    seen_step: int | None = None,
    details: dict[str, Any] | None = None,
    meeting_at: datetime | None = None,
    meeting_place: str = "",
) -> list[WorkOrder]:
    """Make the move that sends these units, and their work orders."""
    lead = next((sending.unit for sending in units if sending.role == LEAD), None)
    changes: dict[str, Any] = {}
    if lead is not None:
        handler_id = people.handler_of(lead.pk, at)
        changes["holder_id"] = handler_id or people.dispatcher_for(incident, at)
        # A unit that returned it, or that was asked first, stays accountable until another accepts.
        if not incident.work_orders.filter(is_accountable=True).exists():
            changes["responsible_unit_id"] = lead.pk
    said = [
        {"unit": sending.unit.pk, "unit_name": sending.unit.name, "role": sending.role} for sending in units
    ]
    step = take(
        incident,
        move,
        actor,
        at,
        note=note,
        seen_step=seen_step,
        details={"units": said, **(details or {})},
        **changes,
    )
    sent = orders.send(incident, units, step.taken_at, meeting_at=meeting_at, meeting_place=meeting_place)
    outbox.tell_units(incident, step, sent)
    return sent


@transaction.atomic
def add_unit(
    *,
    incident: Incident,
    units: Sequence[Sending],
    actor: User,
    at: datetime,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """Send more co-handlers (增派协办) to an incident that is at work.

    Raises:
        Invalid: when no unit leads, as where the cell's worker does it again: nobody could hand in for them.
            When one of them leads: nobody would lead any more.
    """
    require_on_level(actor, Move.ADD_UNIT, incident)
    lead = orders.lead_of(incident)
    if lead is None:
        raise Invalid(
            "No unit leads this incident, so none can join it. 本案件无主办单位，不能增派协办单位。",
            {"units": ["Co-handlers join a unit that leads. 协办须有主办单位。"]},
        )
    if lead.unit_id in {sending.unit.pk for sending in units}:
        raise Invalid(
            "This unit leads already; it cannot be its own co-handler. 该单位已是主办单位，不能同时协办。",
            {"units": ["Choose other units. 请选择其他单位。"]},
        )
    orders.check_sendings(units, leads=0)
    send_out(incident, Move.ADD_UNIT, units, actor, at, note=note, seen_step=seen_step)


@transaction.atomic
def whistle(
    *,
    incident: Incident,
    units: Sequence[Sending],
    meeting_at: datetime,
    meeting_place: str,
    actor: Actor,
    at: datetime,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """The community summons units to a time and place (吹哨); the joint phase begins. The clock does so, too.

    Raises:
        Invalid: for a class that does not govern itself, a time that is over, or no place.
    """
    if isinstance(actor, User):
        require_on_level(actor, Move.WHISTLE, incident)
    filing = Filing.objects.filter(incident=incident).first()
    if filing is None or not filing.is_self_governed:
        raise Invalid(
            "The whistle is for self-governed classes; dispatch this one. "
            "仅社区自治类案件可吹哨，请直接派遣。"
        )
    if meeting_at <= at:
        raise Invalid("That time is over. 集合时间已过。", {"meeting_at": ["A time to come. 须为将来时间。"]})
    need_words(meeting_place, "meeting_place")
    lead = orders.lead_of(incident)
    if lead and any(one.unit.pk == lead.unit_id and one.role != LEAD for one in units):
        raise Invalid(
            "The unit that leads stays the leading one. 主办单位不能改为协办单位。",
            {"units": ["Leave it out, or let it lead. 请移除或保留其主办。"]},
        )
    orders.check_sendings(units, leads=0 if lead and lead.unit_id not in {s.unit.pk for s in units} else 1)
    send_out(
        incident,
        Move.WHISTLE,
        units,
        actor,
        at,
        note=note,
        seen_step=seen_step,
        details={"meeting_at": meeting_at.isoformat(), "meeting_place": meeting_place},
        meeting_at=meeting_at,
        meeting_place=meeting_place,
    )
    # A lead that had accepted accepts the joint handling anew.
    incident.work_orders.at_work().filter(role=LEAD).update(state="SENT", accepted_at=None)


@transaction.atomic
def accept(*, incident: Incident, actor: User, at: datetime, seen_step: int | None = None) -> None:
    """The lead accepts (接单): the handler has it from now on, and the unit is responsible.

    After a second dispatch the unit that was asked first stays the responsible one.
    """
    order = orders.own_order(incident, actor, LEAD)
    returned = incident.work_orders.filter(is_accountable=True, state="RETURNED")
    asked_first = incident.work_orders.filter(is_accountable=True).exclude(state="RETURNED").exists()
    changes: dict[str, Any] = {"holder_id": actor.pk}
    if not asked_first:
        changes["responsible_unit_id"] = order.unit_id
    step = take(incident, Move.ACCEPT, actor, at, seen_step=seen_step, details=orders.named(order), **changes)
    returned.update(is_accountable=False)
    order.state, order.handler, order.accepted_at = "ACCEPTED", actor, step.taken_at
    order.save()
    outbox.acknowledge_sending(incident, order.unit_id, actor, step.taken_at)


@transaction.atomic
def arrive(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    move: Move = Move.ARRIVE,
    place: dict[str, float] | None = None,
    note: str = "",
    seen_step: int | None = None,
) -> None:
    """Somebody is there (到场, or 签到 where units were summoned), with the place that the device says."""
    is_worker = actor.pk == incident.cell_worker_id and may(
        actor, BY[Move.VERIFY_REPORT], incident.place_code()
    )
    order = None
    if move == Move.SIGN_IN or not is_worker:
        order = orders.own_order(incident, actor, LEAD if move == Move.ARRIVE else None)
    if move == Move.SIGN_IN and (order is None or order.meeting_at is None):
        raise Conflict("Your unit was not summoned. 贵单位未被召集，无需签到。")
    details: dict[str, Any] = {"place": place} | (orders.named(order) if order else {})
    step = take(incident, move, actor, at, note=note, details=details, seen_step=seen_step)
    if order is not None and order.arrived_at is None:
        order.arrived_at = step.taken_at
        order.save()


@transaction.atomic
def return_(
    *,
    incident: Incident,
    actor: User,
    at: datetime,
    note: str,
    suggested_unit: Organisation | None = None,
    seen_step: int | None = None,
) -> None:
    """The lead gives it back (退回) with a reason. It stays accountable until another unit accepts."""
    order = orders.own_order(incident, actor, LEAD)
    need_words(note)
    step = take(
        incident,
        Move.RETURN,
        actor,
        at,
        note=note,
        seen_step=seen_step,
        details=orders.named(order) | {"suggested_unit": suggested_unit.pk if suggested_unit else None},
        holder_id=people.dispatcher_for(incident, at),
    )
    orders.end(
        order, "RETURNED", step.taken_at, reason=note, suggested_unit=suggested_unit, is_accountable=True
    )


@transaction.atomic
def co_handle(
    *,
    incident: Incident,
    move: Move,
    actor: User,
    at: datetime,
    note: str = "",
    suggested_unit: Organisation | None = None,
    seen_step: int | None = None,
) -> None:
    """A co-handler accepts, returns or hands in (协办). The stage is the lead's and stays.

    Raises:
        Conflict: when that work order stands elsewhere.
    """
    order = orders.own_order(incident, actor, CO)
    if move != Move.CO_ACCEPT:
        need_words(note, "note" if move == Move.CO_RETURN else "result")
    if (move == Move.CO_ACCEPT) != (order.state == "SENT") and move != Move.CO_RETURN:
        raise Conflict(
            "The work order was accepted already. 工单已接。"
            if order.state == "ACCEPTED"
            else "Accept the work order first. 请先接单。"
        )
    step = take(incident, move, actor, at, note=note, details=orders.named(order), seen_step=seen_step)
    match move:
        case Move.CO_ACCEPT:
            order.state, order.handler, order.accepted_at = "ACCEPTED", actor, step.taken_at
            order.save()
            outbox.acknowledge_sending(incident, order.unit_id, actor, step.taken_at)
        case Move.CO_RETURN:
            orders.end(order, "RETURNED", step.taken_at, reason=note, suggested_unit=suggested_unit)
        case _:
            orders.end(order, "DONE", step.taken_at, result=note, done_at=step.taken_at)


def still_needed(incident: Incident) -> dict[str, list[str]]:
    """What the lead still needs before it can hand in: photo roles, and mandatory co-handlers by name."""
    filing = Filing.objects.filter(incident=incident).first()
    roles = filing.photo_roles if filing else DEFAULT_PHOTOS
    begun = StepTaken.objects.filter(
        incident=incident, move__in=[Move.ACCEPT.value, Move.FAIL_CHECK.value]
    ).order_by("-id")
    since = begun.values_list("taken_at", flat=True).first() or incident.reported_at
    links = incident.photo_links.all()
    present = set(links.values_list("photo__role", flat=True))
    # A photo from after is from after the work was taken up, also the second time, and not the verifier's.
    verifiers = incident.verifications.values("verifier_id")
    afters = links.filter(photo__role="after", photo__uploaded_at__gte=since)
    if not afters.exclude(photo__uploaded_by__in=verifiers).exists():
        present.discard("after")
    waiting = incident.work_orders.at_work().filter(role=CO, is_mandatory=True).select_related("unit")
    return {
        "photos": [role for role in roles if role not in present],
        "units": [order.unit.name for order in waiting],
    }


def works_alone(incident: Incident, actor: User) -> bool:
    """A worker who solved it on the spot and was sent back: nobody else was ever asked."""
    return actor.pk == incident.cell_worker_id and not incident.work_orders.exists()


@transaction.atomic
def hand_in(
    *, incident: Incident, actor: User, at: datetime, result: str, seen_step: int | None = None
) -> None:
    """The lead hands in the result (反馈); who verifies it is drawn at once.

    Raises:
        Invalid: without result, required photos, or while a mandatory co-handler is at work.
    """
    order = None if works_alone(incident, actor) else orders.own_order(incident, actor, LEAD)
    need_words(result, "result")
    missing = still_needed(incident)
    if missing["photos"]:
        roles = ", ".join(missing["photos"])
        raise Invalid(
            f"A photo is still needed: {roles}. 还缺照片：{roles}。",
            {"photos": [f"There is no photo with the role {role}." for role in missing["photos"]]},
        )
    if missing["units"]:
        names = "、".join(missing["units"])
        raise Invalid(f"Not done yet: {names}. 协办单位尚未完成：{names}。", {"units": missing["units"]})
    verifier_id = people.draw_verifier(incident, at)
    if order is not None and order.state != "ACCEPTED":
        raise Forbidden("Accept the work order first. 请先接单。")
    step = take(
        incident,
        Move.HAND_IN,
        actor,
        at,
        note=result,
        details=orders.named(order) if order else {},
        seen_step=seen_step,
        holder_id=verifier_id,
    )
    if order is not None:
        orders.end(order, "DONE", step.taken_at, result=result, done_at=step.taken_at)
    for helper in incident.work_orders.at_work():  # those that nobody had to wait for
        orders.end(helper, "WITHDRAWN", step.taken_at, reason="handed in by the lead 主办已反馈")
