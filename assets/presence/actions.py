"""What the clock does for ten-minute presence: count it, and keep the last result."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.db import connection, transaction

from assets.presence.ground import Ground, Grounds
from assets.presence.models import PresenceRule, PresenceRun
from assets.presence.network import Floats, Reach, reach
from geogrid.core.sql import statement

SQL = Path(__file__).parent / "sql"
_grounds = Grounds()


def keep_presence(at: datetime) -> int:
    """Count where somebody on duty can be on foot within the rule's minutes; how many people there were."""
    return count_presence(at=at, grounds=_grounds)


@transaction.atomic
def count_presence(*, at: datetime, grounds: Grounds) -> int:
    """Count once, as of `at`, and keep the result in place of the last."""
    began = time.monotonic()
    rule = PresenceRule.objects.get_or_create(id=1)[0]
    ground = grounds.now()
    people = people_now(at, timedelta(minutes=rule.fresh_minutes))
    reached = reach(ground.network, people, rule.minutes * rule.walking_m_per_min)
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "keep"), {"cells": json.dumps(by_cell(ground, reached))})
    PresenceRun.objects.update_or_create(
        id=1,
        defaults={
            "at": at,
            "people": len(people),
            "minutes": rule.minutes,
            "walking_m_per_min": rule.walking_m_per_min,
            "took_ms": round((time.monotonic() - began) * 1000),
        },
    )
    return len(people)


def people_now(at: datetime, fresh: timedelta) -> Floats:
    """Longitude and latitude of everybody who is on duty or on a patrol and has been heard of lately."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "people"), {"at": at, "since": at - fresh})
        return np.array([row[1:] for row in cursor.fetchall()], dtype=float).reshape(-1, 2)


def by_cell(ground: Ground, reached: Reach) -> list[dict[str, Any]]:
    """One row for each cell: metres, households, and the streets that nobody reaches as hexadecimal WKB."""
    network, size = ground.network, len(ground.cells)
    inside = ground.cell_of_piece >= 0
    cell = ground.cell_of_piece[inside]
    street_m = np.bincount(cell, network.length_m[inside], size)
    reached_m = np.bincount(cell, reached.reached_m()[inside], size)
    lives = ground.cell_of_home >= 0
    households = np.bincount(ground.cell_of_home[lives], ground.households[lives], size)
    at_home = ground.households * reached.at(ground.homes)
    reached_households = np.bincount(ground.cell_of_home[lives], at_home[lives], size)
    gaps = _gaps_by_cell(ground, reached)
    return [
        {
            "cell_id": pk,
            "unit_code": code,
            "street_m": round(float(street_m[n]), 2),
            "reached_m": round(float(min(reached_m[n], street_m[n])), 2),
            "households": int(households[n]),
            "reached_households": int(reached_households[n]),
            "gaps": gaps.get(n),
        }
        for n, (pk, code) in enumerate(ground.cells)
    ]


def _gaps_by_cell(ground: Ground, reached: Reach) -> dict[int, str]:
    network = ground.network
    open_ones = reached.gaps
    piece = open_ones[:, 0].astype(np.int64)
    cell = ground.cell_of_piece[piece]
    a, b = network.corners[network.start[piece]], network.corners[network.end[piece]]
    length = network.length_m[piece]
    ends = [a + (open_ones[:, n] / length)[:, None] * (b - a) for n in (1, 2)]
    lines = np.asarray(shapely.linestrings(np.stack(ends, axis=1)), dtype=object)
    order = np.argsort(cell, kind="stable")
    found: dict[int, str] = {}
    for group in np.split(order, np.flatnonzero(np.diff(cell[order])) + 1):
        if len(group) and cell[group[0]] >= 0:
            merged = shapely.line_merge(shapely.multilinestrings(lines[group]))
            parts = shapely.get_parts(merged)
            found[int(cell[group[0]])] = str(shapely.to_wkb(shapely.multilinestrings(parts), hex=True))
    return found
