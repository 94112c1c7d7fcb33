"""Issuing a letter: one step, one number, one message to the unit."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from geogrid.core.errors import Conflict, Forbidden, Invalid
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from grid_units.duties.access import may
from incidents.loop import orders, people
from incidents.loop.handling import need_words
from incidents.loop.models import IncidentClock
from incidents.models import Incident
from incidents.papers.models import Letter, number_of
from incidents.taking import take
from incidents.workflow import BY, Move

LETTERS = frozenset({Move.REMIND, Move.SUPERVISE})
_NUMBERS = 7_204_888  # lock of the counting


def limit_of_letter(incident: Incident, at: datetime) -> datetime | None:
    """The nearest limit to come of the leading unit's work: its order's, or the whole incident's."""
    lead = orders.lead_of(incident)
    found = [incident.deadline_at] if incident.deadline_at else []
    if lead is not None:
        running = IncidentClock.objects.running().filter(work_order=lead, due_at__isnull=False)
        found += [due for due in running.values_list("due_at", flat=True) if due]
    return min((due for due in found if due > at), default=None)


def may_issue(incident: Incident, user: User, move: Move) -> bool:
    """The level's dispatcher reminds; who approves there supervises."""
    return may(user, BY[move], people.code_of_level(incident))


@transaction.atomic
def issue(
    *, incident: Incident, move: Move, actor: User, at: datetime, note: str, seen_step: int | None = None
) -> Letter:
    """Issue a reminder letter or a supervision notice to the leading unit.

    Raises:
        Forbidden: for others. Conflict: no unit is at work. Invalid: no words, or no limit to come.
    """
    if not may_issue(incident, actor, move):
        raise Forbidden("Your role does not issue this letter there. 您的角色不能签发该文书。")
    need_words(note)
    lead = orders.lead_of(incident)
    if lead is None:
        raise Conflict("No unit is at work on it. 尚无主办单位，无从签发。")
    due_at = limit_of_letter(incident, at)
    if due_at is None:
        raise Invalid("A letter is issued before the limit passes. 文书须在时限届满前签发。")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NUMBERS])
    city = the_city()
    year = at.astimezone(city.timezone if city else None).year
    nth = (Letter.objects.filter(kind=move.value, year=year).aggregate(last=Max("nth"))["last"] or 0) + 1
    details: dict[str, Any] = {"letter": number_of(move.value, year, nth), **orders.named(lead)}
    step = take(incident, move, actor, at, note=note, details=details, seen_step=seen_step)
    known = incident.asset_class or incident.event_class
    return Letter.objects.create(
        incident=incident, step=step, kind=move.value, year=year, nth=nth, unit=lead.unit, issued_at=at,
        issued_by=actor, due_at=due_at, text=note.strip(),
        said={
            "unit": lead.unit.name,
            "class": f"{known.code} {known.name}" if known else "",
            "place": incident.location_text,
            "cell": incident.unit_code,
            "lng": incident.point.x if incident.point else None,
            "lat": incident.point.y if incident.point else None,
            "sent_at": lead.sent_at.isoformat(),
            "stage": incident.stage,
        },
    )  # fmt: skip
