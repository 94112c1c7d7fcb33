"""Whose clock runs next: dispatchers of the level, handlers of a unit, and a verifier drawn blind."""

import hashlib
import secrets
from datetime import datetime

from django.db import connection

from geogrid.core.models import the_city
from geogrid.organisations.models import User
from geogrid.organisations.roles import Action, Role, roles_that_may
from grid_units.duties.models import Membership
from incidents.loop.models import Verification
from incidents.models import Incident, StepTaken
from incidents.workflow import LoopLevel, Move

_SEGMENTS_OF = {LoopLevel.COMMUNITY: 3, LoopLevel.STREET: 2, LoopLevel.DISTRICT: 1}


def code_of_level(incident: Incident, level: LoopLevel | None = None) -> str:
    """Code of the community, street or district whose level has the incident (or would have it)."""
    city = the_city()
    segments = city.code_segments if city else [6, 3, 3, 3]
    return incident.place_code()[: sum(segments[: _SEGMENTS_OF[level or LoopLevel(incident.level)]])]


def dispatcher_for(incident: Incident, at: datetime, level: LoopLevel | None = None) -> int:
    """Id of who dispatches on the incident's level: on duty there or above, nearest first.

    Nobody on duty: a dispatcher of that part of the city; none at all: the cell worker, so that
    somebody has it.
    """
    code = code_of_level(incident, level)
    found = dispatcher_on_duty(code, at)
    if found is not None:
        return found
    held = Membership.objects.in_force(at).filter(role=Role.DISPATCHER, user__is_active=True)
    above = [code[:digits] for digits in range(len(code) + 1)]
    named = (
        held.filter(unit_prefix__in=above).order_by("-unit_prefix", "id").values_list("user_id", flat=True)
    )
    return named.first() or incident.cell_worker_id


def dispatcher_on_duty(code: str, at: datetime) -> int | None:
    """Id of the dispatcher on duty for a unit or above it, nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT user_id FROM core.on_duty_all(%s, %s) WHERE role = 'dispatcher' LIMIT 1", [code, at]
        )
        found = cursor.fetchone()
    return int(found[0]) if found else None


def approvers_for(incident: Incident, at: datetime, *, besides: int | None = None) -> list[int]:
    """Ids of those who can approve on the incident's level: of the smallest part of the city that has any."""
    code = code_of_level(incident)
    roles = [role.value for role in roles_that_may(Action.APPROVE) - {Role.ADMINISTRATOR}]
    held = (
        Membership.objects.in_force(at)
        .filter(role__in=roles, user__is_active=True)
        .filter(unit_prefix__in=[code[:digits] for digits in range(len(code) + 1)])
    )
    if besides is not None:
        held = held.exclude(user_id=besides)
    found = list(held.values_list("unit_prefix", "user_id"))
    nearest = max((len(prefix) for prefix, _ in found), default=0)
    return sorted({user_id for prefix, user_id in found if len(prefix) == nearest})


def handler_of(unit_id: int, at: datetime) -> int | None:
    """Id of who takes work in for a unit, or None when it has nobody here."""
    held = Membership.objects.in_force(at).filter(
        role=Role.HANDLER, organisation_id=unit_id, user__is_active=True
    )
    return held.order_by("id").values_list("user_id", flat=True).first()


def units_of(user: User) -> set[int]:
    """Ids of the units that `user` handles for."""
    held = Membership.objects.in_force().filter(user=user, role=Role.HANDLER, organisation__isnull=False)
    return {unit for unit in held.values_list("organisation_id", flat=True) if unit is not None}


def candidates_for(incident: Incident, at: datetime) -> list[int]:
    """Ids of the workers and inspectors who may verify its result: none of a unit that worked on it,
    and nobody
    who took a step of the work themselves. Those of the smallest part of the city that has any."""
    unit_ids = list(incident.work_orders.values_list("unit_id", flat=True))
    took = {Move.ACCEPT, Move.HAND_IN, Move.CO_HAND_IN, Move.HANDLE_ON_SPOT, Move.ARRIVE}
    own_work = StepTaken.objects.filter(incident=incident, move__in=[move.value for move in took])
    own_ids = own_work.exclude(actor_user=None).values_list("actor_user_id", flat=True)
    code = incident.place_code()
    roles = [role.value for role in roles_that_may(Action.CHECK) - {Role.ADMINISTRATOR}]
    held = (
        Membership.objects.in_force(at)
        .filter(role__in=roles, user__is_active=True)
        .exclude(user_id__in=list(own_ids))
        .exclude(user__organisation_id__in=unit_ids)
        .exclude(user__memberships__organisation_id__in=unit_ids)
    )
    # An inspector answers for many cells and a worker for the own one: both reach the place.
    reaching = held.filter(unit_prefix__in=[code[:digits] for digits in range(len(code) + 1)])
    found = set(reaching.values_list("user_id", flat=True))
    if not found:
        neighbours = held.filter(unit_prefix__startswith=code_of_level(incident, LoopLevel.COMMUNITY))
        found = set(neighbours.values_list("user_id", flat=True))
    return sorted(found)


def drawn(seed: str, incident_id: int, candidates: list[int]) -> int:
    """Who is drawn: the same for the same seed, so that everybody can repeat the draw."""
    digest = hashlib.sha256(f"{seed}|{incident_id}".encode()).digest()
    return candidates[int.from_bytes(digest, "big") % len(candidates)]


def draw_verifier(incident: Incident, at: datetime, *, besides: int | None = None) -> int:
    """Draw who verifies the result. With nobody to draw from, the dispatcher has to find somebody.

    besides: id of somebody who was drawn before and did not come to it.
    """
    candidates = [person for person in candidates_for(incident, at) if person != besides]
    if not candidates:
        return dispatcher_for(incident, at)
    seed = secrets.token_hex(16)
    verifier_id = drawn(seed, incident.pk, candidates)
    Verification.objects.create(
        incident=incident,
        round=incident.round,
        verifier_id=verifier_id,
        drawn_at=at,
        seed=seed,
        candidates=candidates,
    )
    return verifier_id
