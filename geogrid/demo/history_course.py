"""What becomes of one simulated incident: its moves one after the other, as far as time has come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from geogrid.core.actor import Actor, System
from geogrid.core.errors import NotFound
from geogrid.demo.history_plan import Course, PlannedReport, handling_minutes
from geogrid.demo.history_words import HANDED_IN, REJECTED, RETURNED, one_of
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Membership
from incidents import actions
from incidents.models import Incident
from incidents.workflow import Move

SIMULATION = System("simulation")


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


@dataclass(frozen=True)
class _Scene:
    """One move to come."""

    move: Move
    actor: Actor
    at: datetime
    note: str = ""
    details: dict[str, Any] | None = None


def run_course(
    incident: Incident, planned: PlannedReport, cast: Cast, limit_hours: int, now: datetime
) -> None:
    """Make the moves of `incident` that lie before `now`."""
    waits, at = planned.waits, incident.reported_at
    if planned.course == Course.ON_THE_SPOT:
        _play(incident, _after_handling(planned, cast, at + timedelta(minutes=15), on_the_spot=True), now)
        return
    at += timedelta(minutes=waits.file)
    if at >= now:
        return
    if planned.course == Course.REJECTED:
        actions.reject(incident=incident, actor=cast.operator, at=at, note=one_of(REJECTED, planned.words))
        return
    deadline_at = at + timedelta(hours=limit_hours)
    actions.file(incident=incident, actor=cast.operator, at=at, deadline_at=deadline_at)
    _play(incident, _loop(incident, planned, cast, limit_hours), now)


def _play(incident: Incident, scenes: Iterator[_Scene], now: datetime) -> None:
    for scene in scenes:
        if scene.at >= now:
            return
        actions.simulate(
            incident=incident,
            move=scene.move,
            actor=scene.actor,
            at=scene.at,
            note=scene.note,
            details=scene.details,
        )


def _loop(incident: Incident, planned: PlannedReport, cast: Cast, limit_hours: int) -> Iterator[_Scene]:
    """From filing on: dispatch, accept, arrive, hand in, and what follows."""
    waits = planned.waits
    unit_id = incident.responsible_unit_id
    handler: Actor = cast.handlers.get(unit_id or 0, SIMULATION)
    at = incident.filed_at or incident.reported_at
    at += timedelta(minutes=waits.dispatch)
    yield _Scene(Move.DISPATCH, cast.dispatcher, at, details={"unit": unit_id})
    if planned.course == Course.STUCK:
        return
    at += timedelta(minutes=waits.accept)
    yield _Scene(Move.ACCEPT, handler, at)
    at += timedelta(minutes=waits.arrive)
    yield _Scene(Move.ARRIVE, handler, at)
    at += timedelta(minutes=handling_minutes(waits.handle_part, limit_hours))
    yield _Scene(Move.HAND_IN, handler, at, one_of(HANDED_IN, planned.words))
    if waits.rework_part is not None:
        at += timedelta(minutes=waits.verify)
        yield _Scene(Move.FAIL_CHECK, cast.inspector, at, one_of(RETURNED, planned.words))
        at += timedelta(minutes=handling_minutes(waits.rework_part, limit_hours))
        yield _Scene(Move.HAND_IN, handler, at, one_of(HANDED_IN, planned.words))
    yield from _after_handling(planned, cast, at)


def _after_handling(
    planned: PlannedReport, cast: Cast, at: datetime, *, on_the_spot: bool = False
) -> Iterator[_Scene]:
    """Verified, closed, evaluated."""
    waits = planned.waits
    if on_the_spot:
        yield _Scene(Move.HANDLE_ON_SPOT, SIMULATION, at, one_of(HANDED_IN, planned.words))
    at += timedelta(minutes=waits.verify)
    yield _Scene(Move.PASS_CHECK, cast.inspector, at)
    at += timedelta(minutes=waits.close)
    yield _Scene(Move.CLOSE, cast.dispatcher, at)
    at += timedelta(minutes=waits.evaluate)
    yield _Scene(Move.EVALUATE, SIMULATION, at)
