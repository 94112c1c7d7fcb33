"""Work orders (工单): made, found, ended. The moves that use them stand in `handling.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from geogrid.core.errors import Forbidden, Invalid
from geogrid.organisations.models import Organisation, User
from incidents.clocks.limits import Limit
from incidents.loop import timing
from incidents.loop.models import Filing, WorkOrder
from incidents.loop.people import units_of
from incidents.models import Incident

LEAD, CO = "lead", "co"


@dataclass(frozen=True)
class Sending:
    """A unit to send: as lead or co-handler, whether the lead waits for it, and its own limit if it has
    one.
    """

    unit: Organisation
    role: str = LEAD
    is_mandatory: bool = True
    limit: Limit | None = None


def check_sendings(units: Sequence[Sending], *, leads: int) -> None:
    """Refuse what cannot be sent.

    leads: how many of them must be the lead.

    Raises:
        Invalid: no unit, a unit twice, an inactive one, or another number of leads.
    """
    wrong = ""
    if not units:
        wrong = "Name at least one unit. 请至少指定一个责任单位。"
    elif len({sending.unit.pk for sending in units}) < len(units):
        wrong = "A unit is named twice. 同一单位重复。"
    elif any(not sending.unit.is_active for sending in units):
        wrong = "One of the units is not active any more. 其中有单位已停用。"
    elif sum(sending.role == LEAD for sending in units) != leads:
        wrong = (
            "Exactly one unit leads (主办), the others help. 主办单位须有且仅有一个。"
            if leads
            else "There is a lead already: new units come as co-handlers. 已有主办单位，新增单位只能协办。"
        )
    if wrong:
        raise Invalid(wrong, {"units": [wrong]})


def send(
    incident: Incident,
    units: Sequence[Sending],
    at: datetime,
    *,
    meeting_at: datetime | None = None,
    meeting_place: str = "",
) -> list[WorkOrder]:
    """Make the work orders, each with its clock. A unit that still has one gets a new one in its place."""
    nth = incident.work_orders.aggregate(last=Max("nth"))["last"] or 0
    filing = Filing.objects.filter(incident=incident).first()
    rules = timing.rules_at(at)
    made = []
    for sending in units:
        for earlier in incident.work_orders.at_work().filter(unit=sending.unit):
            end(earlier, "WITHDRAWN", at, reason="sent anew 重新派遣")
        nth += 1
        order = WorkOrder.objects.create(
            incident=incident,
            nth=nth,
            round=incident.round,
            unit=sending.unit,
            role=sending.role,
            is_mandatory=sending.is_mandatory,
            sent_at=at,
            meeting_at=meeting_at,
            meeting_place=meeting_place,
        )
        limit = sending.limit or (filing.limit if filing else None)
        timing.start(incident, timing.ORDER, str(nth), limit, at, rules, work_order=order)
        made.append(order)
    return made


def end(order: WorkOrder, state: str, at: datetime, **said: Any) -> None:
    """End a work order as DONE, RETURNED or WITHDRAWN, and its clock."""
    order.state, order.ended_at = state, max(at, order.sent_at)
    for name, value in said.items():
        setattr(order, name, value)
    order.save()
    timing.end_order(order, at)


def withdraw_all(incident: Incident, at: datetime, reason: str) -> None:
    """End all that are still at work."""
    for order in incident.work_orders.at_work():
        end(order, "WITHDRAWN", at, reason=reason)


def lead_of(incident: Incident) -> WorkOrder | None:
    return incident.work_orders.at_work().filter(role=LEAD).select_related("unit").first()


def own_order(incident: Incident, actor: User, role: str | None = None) -> WorkOrder:
    """The work order at work of a unit that `actor` handles for.

    Raises:
        Forbidden: when their units have none in it, or not in that role.
    """
    orders = incident.work_orders.at_work().filter(unit_id__in=units_of(actor))
    if role is not None:
        orders = orders.filter(role=role)
    found = orders.select_related("unit").order_by("nth").first()
    if found is None:
        words = {LEAD: "as lead 主办", CO: "as co-handler 协办", None: ""}[role]
        raise Forbidden(
            f"Your unit has no work order in incident {incident.number} {words}. "
            "您的单位在本案件中没有相应工单。"
        )
    return found


def named(order: WorkOrder) -> dict[str, Any]:
    """What a step says of a work order."""
    return {"order": order.nth, "unit": order.unit_id, "unit_name": order.unit.name, "role": order.role}
