"""The end of a dispatcher's shift (值班交接): what they hold goes to the dispatcher who is on duty then.

The cell worker's incidents are passed on by the database (`core.hand_over_open`); this is about the desk.
One who holds as a drawn verifier or as a unit's handler keeps it: that is work of their own, not of the desk.
"""

from datetime import datetime

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q

from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from incidents.loop import people
from incidents.loop.models import Verification
from incidents.loop.trying import CLOCK, each, not_held_back
from incidents.messages.outbox import DESK_SHIFT_ENDED
from incidents.models import Incident, IncidentQuerySet
from incidents.taking import take
from incidents.workflow import Move, Stage

WHAT = "desk_shift"
AT_THE_DESK = [Stage.FILED.value, Stage.DISPATCHED.value, Stage.HANDLED.value, Stage.VERIFIED.value]
_COMMUNITY_DIGITS = 12
_ON_DUTY = """
SELECT DISTINCT p.user_id
FROM (
  SELECT DISTINCT a.unit_code
  FROM duty_area AS a
  JOIN duty AS d ON d.id = a.duty_id
  WHERE d.role = 'dispatcher'
) AS place
CROSS JOIN LATERAL core.on_duty_in(
  place.unit_code, %(at)s, core.city_zone(), (%(at)s AT TIME ZONE core.city_zone())::date
) AS p
WHERE p.role = 'dispatcher'
"""


def pass_on_desks(at: datetime) -> int:
    """Give what dispatchers off duty hold to who is on duty for that place. Returns how many changed hands.

    Nobody on duty: it stays where it is, so that somebody has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ON_DUTY, {"at": at})
        on_duty = {int(user_id) for (user_id,) in cursor.fetchall()}
    if not on_duty:
        return 0
    dispatchers = Membership.objects.filter(role=Role.DISPATCHER).values_list("user_id", flat=True)
    held = _held_by(set(dispatchers) - on_duty)
    done = 0
    places: dict[tuple[str, str], Incident] = {}
    for incident in (
        held.only("level", "unit_code").distinct("level", "unit_code").order_by("level", "unit_code")
    ):
        places.setdefault((incident.level, incident.unit_code[:_COMMUNITY_DIGITS]), incident)
    for (level, community), one in places.items():
        if people.dispatcher_on_duty(people.code_of_level(one), at) is None:
            continue
        there = held.filter(level=level)
        there = there.filter(unit_code__startswith=community) if community else there.filter(unit_code="")
        done += each(not_held_back(there.order_by("pk"), WHAT, at), _pass_one, at, WHAT)
    return done


def _held_by(user_ids: set[int]) -> IncidentQuerySet:
    drawn = Verification.objects.filter(
        incident=OuterRef("pk"), verdict="waiting", verifier_id=OuterRef("holder_id")
    )
    as_handler = Membership.objects.filter(
        role=Role.HANDLER,
        user_id=OuterRef("holder_id"),
        organisation__work_orders__incident_id=OuterRef("pk"),
        organisation__work_orders__state__in=["SENT", "ACCEPTED"],
    )
    return (
        Incident.objects.filter(holder_id__in=user_ids, stage__in=AT_THE_DESK)
        .exclude(holder_id=F("cell_worker_id"))
        .filter(~Q(Exists(drawn)), ~Q(Exists(as_handler)))
    )


def _pass_one(incident_id: int, at: datetime) -> int:
    free = Incident.objects.select_for_update(no_key=True, skip_locked=True)
    incident = free.filter(pk=incident_id, stage__in=AT_THE_DESK).first()
    if incident is None or incident.holder_id is None:
        return 0
    successor_id = people.dispatcher_on_duty(people.code_of_level(incident), at)
    if successor_id is None or successor_id == incident.holder_id:
        return 0
    take(
        incident,
        Move.HAND_OVER,
        CLOCK,
        at,
        details={
            "reason": DESK_SHIFT_ENDED,
            "from_holder": {"id": incident.holder_id},
            "to_holder": {"id": successor_id},
        },
        holder_id=successor_id,
    )
    return 1
