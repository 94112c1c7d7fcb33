"""Moves of simulated incidents, for the history of a demonstration: the whole workflow, many at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from geogrid.core.actor import Actor
from geogrid.organisations.models import User
from incidents.models import Incident
from incidents.routing import responsible_unit_id
from incidents.workflow import Move, Stage, stage_after


@dataclass(frozen=True)
class SimulatedMove:
    """A move to make with a simulated incident. `deadline_at` counts for filing."""

    move: Move
    actor: Actor
    at: datetime
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    deadline_at: datetime | None = None


def simulate(moves: Sequence[tuple[Incident, SimulatedMove]]) -> None:
    """Make one move of each of these incidents, with its step. The incidents are brought up to date.

    Raises:
        IntegrityError: when one of them is real, or not in the stage that it seems to be in.
        ValueError: when a move does not start at the stage of its incident.
    """
    if not moves:
        return
    rows = [_row(incident, move) for incident, move in moves]
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.simulate_moves(%s::jsonb)", [json.dumps(rows)])
    for (incident, move), row in zip(moves, rows, strict=True):
        incident.stage = row["to_stage"]
        if move.move == Move.FILE:
            incident.filed_at, incident.deadline_at = move.at, move.deadline_at
            incident.responsible_unit_id = row["responsible_unit_id"]


def _row(incident: Incident, move: SimulatedMove) -> dict[str, Any]:
    before = Stage(incident.stage)
    filing = move.move == Move.FILE
    return {
        "incident_id": incident.pk,
        "move": move.move.value,
        "from_stage": before.value,
        "to_stage": stage_after(move.move, before).value,
        "at": move.at.isoformat(),
        "actor": move.actor.get_username(),
        "actor_user_id": move.actor.pk if isinstance(move.actor, User) else None,
        "note": move.note,
        "details": move.details,
        "responsible_unit_id": responsible_unit_id(incident) if filing else None,
        "deadline_at": move.deadline_at.isoformat() if filing and move.deadline_at else None,
    }
