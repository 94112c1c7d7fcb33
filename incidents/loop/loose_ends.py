"""What is left open when an incident ends: work orders, applications, a verifier who need not come any
more.
"""

from datetime import datetime

from incidents.loop import timing
from incidents.loop.models import Application, Verification
from incidents.models import Incident


def tie_up(incident: Incident, at: datetime) -> None:
    """End what is still open of an incident that has just ended."""
    for order in incident.work_orders.at_work():
        order.state, order.ended_at, order.reason = "WITHDRAWN", max(at, order.sent_at), "ended 案件已办结"
        order.save()
        timing.end_order(order, at)
    Application.objects.filter(incident=incident, verdict="pending").update(verdict="lapsed", decided_at=at)
    Verification.objects.filter(incident=incident, verdict="waiting").update(
        verdict="replaced", decided_at=at
    )
