"""What becomes of one simulated incident: its moves, one after the other, and who makes them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from geogrid.core.actor import Actor, System
from geogrid.core.errors import NotFound
from geogrid.demo.history_plan import Course, PlannedReport, handling_minutes
from geogrid.demo.history_words import HANDED_IN, REJECTED, RETURNED, one_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from incidents.models import Incident
from incidents.simulation import SimulatedMove
from incidents.workflow import Move

SIMULATION = System("simulation")
ON_THE_SPOT_MINUTES = 15


@dataclass(frozen=True)
class Cast:
    """Who plays: one of each at the centre, and a handler for each unit that has one."""

    operator: User
    dispatcher: User
    inspector: User
    handlers: dict[int, User]
    volunteers: dict[str, User]

    @classmethod
    def of_the_city(cls) -> "Cast":
        """The demo's people by their memberships.

        Raises:
            NotFound: when a role has nobody.
        """
        return cls(
            operator=_first(Role.OPERATOR),
            dispatcher=_first(Role.DISPATCHER),
            inspector=_first(Role.INSPECTOR),
            handlers={unit_id: user for unit_id, _, user in _members(Role.HANDLER)},
            volunteers={prefix: user for _, prefix, user in _members(Role.VOLUNTEER)},
        )

    def volunteer_of(self, unit_code: str) -> User:
        """Somebody of that community who reports as a citizen, or the operator who took the call."""
        return self.volunteers.get(unit_code[:12], self.operator)


def _members(role: Role) -> Iterator[tuple[int, str, User]]:
    """(id of the unit, prefix, person) of the simulated memberships of a role."""
    found = Membership.objects.filter(role=role, user__is_simulated=True, organisation__isnull=False)
    for member in found.select_related("user").order_by("-id"):
        yield member.organisation_id or 0, member.unit_prefix, member.user


def _first(role: Role) -> User:
    found = User.objects.filter(memberships__role=role, is_simulated=True).order_by("id").first()
    if found is None:
        raise NotFound(f"The demonstration has no {role}.")
    return found


def course(
    incident: Incident, planned: PlannedReport, cast: Cast, limit_hours: int
) -> Iterator[SimulatedMove]:
    """The moves of `incident` one after the other. Ask for the next only when the last one was made."""
    waits, at = planned.waits, incident.reported_at
    if planned.course == Course.ON_THE_SPOT:
        at += timedelta(minutes=ON_THE_SPOT_MINUTES)
        worker = incident.reported_by or SIMULATION
        yield SimulatedMove(Move.HANDLE_ON_SPOT, worker, at, one_of(HANDED_IN, planned.words))
        yield from _after_handling(planned, cast, at)
        return
    at += timedelta(minutes=waits.file)
    if planned.course == Course.REJECTED:
        yield SimulatedMove(Move.REJECT, cast.operator, at, one_of(REJECTED, planned.words))
        return
    yield SimulatedMove(Move.FILE, cast.operator, at, deadline_at=at + timedelta(hours=limit_hours))
    yield from _loop(incident, planned, cast, limit_hours, at)


def _loop(
    incident: Incident, planned: PlannedReport, cast: Cast, limit_hours: int, at: datetime
) -> Iterator[SimulatedMove]:
    """From filing on: dispatch, accept, arrive, hand in, and what follows."""
    waits = planned.waits
    unit_id = incident.responsible_unit_id
    handler: Actor = cast.handlers.get(unit_id or 0, SIMULATION)
    at += timedelta(minutes=waits.dispatch)
    yield SimulatedMove(Move.DISPATCH, cast.dispatcher, at, details={"unit": unit_id})
    if planned.course == Course.STUCK:
        return
    at += timedelta(minutes=waits.accept)
    yield SimulatedMove(Move.ACCEPT, handler, at)
    at += timedelta(minutes=waits.arrive)
    yield SimulatedMove(Move.ARRIVE, handler, at)
    at += timedelta(minutes=handling_minutes(waits.handle_part, limit_hours))
    yield SimulatedMove(Move.HAND_IN, handler, at, one_of(HANDED_IN, planned.words))
    if waits.rework_part is not None:
        at += timedelta(minutes=waits.verify)
        yield SimulatedMove(Move.FAIL_CHECK, cast.inspector, at, one_of(RETURNED, planned.words))
        at += timedelta(minutes=handling_minutes(waits.rework_part, limit_hours))
        yield SimulatedMove(Move.HAND_IN, handler, at, one_of(HANDED_IN, planned.words))
    yield from _after_handling(planned, cast, at)


def _after_handling(planned: PlannedReport, cast: Cast, at: datetime) -> Iterator[SimulatedMove]:
    """Verified, closed, evaluated."""
    waits = planned.waits
    at += timedelta(minutes=waits.verify)
    yield SimulatedMove(Move.PASS_CHECK, cast.inspector, at)
    at += timedelta(minutes=waits.close)
    yield SimulatedMove(Move.CLOSE, cast.dispatcher, at)
    at += timedelta(minutes=waits.evaluate)
    yield SimulatedMove(Move.EVALUATE, SIMULATION, at)
