"""What a draft does to households, assets, work and walking: before > after, by cell and by worker.

The figures come from one SQL function (core.figures_of), the same for outlines that are only drawn and for
cells in force: what a draft shows is what its publishing brings.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean, pstdev
from typing import Any

import shapely
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from shapely import Polygon

from geogrid.core.geo import STORAGE_SRID
from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from grid_units.duties.models import DutyArea
from grid_units.models import GridUnit
from grid_units.workshop.changes import Change, descents, duty_moves
from grid_units.workshop.grid import Grid, GridCell, in_force
from grid_units.workshop.models import Draft
from grid_units.workshop.rebasing import pending, rebased

WALKING_M_PER_MIN = 4000 / 60  # 4 km/h, every street that is to be patrolled walked once
WEEKS = 52
_NEW = 2**62  # above every id: a new cell yields what lies on its border to the older one


@dataclass(frozen=True)
class Figures:
    """Figures of a cell or of all cells of a worker. `households` as the cell is told to have, if it is."""

    households: int | None
    counted_households: int
    buildings: int
    assets: int
    assets_by_class: Mapping[str, int]
    incidents_a_week: float
    street_m: float
    area_m2: float

    @property
    def walking_min(self) -> float:
        """Minutes to walk its streets once."""
        return round(self.street_m / WALKING_M_PER_MIN, 1)

    def told(self) -> dict[str, Any]:
        """As the API shows it."""
        return {**vars(self), "assets_by_class": dict(self.assets_by_class), "walking_min": self.walking_min}


@dataclass
class Comparison:
    """What a draft changes. Figures by key before and after; workers by user id."""

    changes: list[Change]
    before: dict[str, Figures]
    after: dict[str, Figures]
    workers_before: dict[int, Figures] = field(default_factory=dict)
    workers_after: dict[int, Figures] = field(default_factory=dict)


def start_of_today() -> datetime:
    """Figures are of the year before this moment, so that they stand still for a day."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def figures_of(cells: Sequence[GridCell], replaced: Iterable[int]) -> dict[str, Figures]:
    """Figures of cells by key. `replaced`: ids of cells in force that these stand for."""
    shown = [cell for cell in cells if cell.shape is not None]
    if not shown:
        return {}
    ranks = [cell.cell_id or _NEW + at for at, cell in enumerate(shown)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, area_m2, street_m, households, buildings, assets, assets_by_class, incidents"
            " FROM core.figures_of(%s, %s::bigint[], %s::geometry[], %s::bigint[], %s)",
            [
                [cell.key for cell in shown],
                ranks,
                [_ewkb(cell.shape) for cell in shown],
                list(replaced),
                start_of_today(),
            ],
        )
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    told = {cell.key: cell.households for cell in shown}
    return {
        key: Figures(
            households=told[key],
            counted_households=households,
            buildings=buildings,
            assets=assets,
            assets_by_class=json.loads(by_class),  # Django leaves jsonb of a plain query as text
            incidents_a_week=round(incidents / WEEKS, 2),
            street_m=street_m,
            area_m2=area_m2,
        )
        for key, (area_m2, street_m, households, buildings, assets, by_class, incidents) in rows.items()
    }


def compare(draft: Draft) -> Comparison:
    """A draft against what is in force; against its base while it clashes with what others published."""
    found = rebased(draft)
    changes = pending(draft) if found.conflicting else found.changes
    touched = {c.key for c in changes}
    areas = _areas_of(changes)
    kept = {key: cell for key, cell in in_force(_ids_in(areas)).items() if key not in touched}
    was = {c.key: c.before for c in changes if c.before is not None} | kept
    will = {c.key: c.after for c in changes if c.after is not None} | kept
    replaced = [cell.cell_id for cell in was.values() if cell.cell_id is not None]
    found_before, found_after = (
        figures_of(list(was.values()), replaced),
        figures_of(list(will.values()), replaced),
    )
    moves = duty_moves(descents(changes), {c.key: c.before.code for c in changes if c.before is not None})
    heirs: dict[str, set[str]] = {}
    for move in moves:
        heirs.setdefault(move.from_key, set()).add(move.to_key)
    comparison = Comparison(
        changes,
        {key: found_before[key] for key in touched & found_before.keys()},
        {key: found_after[key] for key in touched & found_after.keys()},
    )
    codes = dict(GridUnit.objects.filter(level="COMMUNITY").values_list("id", "code"))
    for user_id, theirs in areas.items():
        mine = _cells_of(theirs, was, codes)
        named = {key for key in mine if was[key].code in theirs}
        later = _cells_of(theirs - {was[key].code for key in named}, will, codes)
        later |= {heir for key in named for heir in heirs.get(key, set())} | (named & will.keys())
        comparison.workers_before[user_id] = _sum([found_before[key] for key in sorted(mine)])
        comparison.workers_after[user_id] = _sum([found_after[key] for key in sorted(later)])
    return comparison


def workers_now(user_ids: Iterable[int]) -> dict[int, Figures]:
    """Figures of workers by what is in force now."""
    found = {}
    codes = dict(GridUnit.objects.filter(level="COMMUNITY").values_list("id", "code"))
    areas = _areas(DutyArea.objects.filter(duty__user_id__in=list(user_ids)))
    cells = in_force(_ids_in(areas))
    figures = figures_of(list(cells.values()), [cell.cell_id for cell in cells.values() if cell.cell_id])
    for user_id, theirs in areas.items():
        found[user_id] = _sum([figures[key] for key in sorted(_cells_of(theirs, cells, codes))])
    return found


def balance(figures: Sequence[Figures]) -> float | None:
    """How evenly work lies on cells or workers: 100 when all have the same, less the more they differ.

    The load of one is the mean of its shares of households, assets, incidents and street metres; the index is
    100 x (1 - standard deviation / mean), at least 0. None when there is nothing to share.
    """
    if not figures:
        return None
    columns = [
        [float(f.households if f.households is not None else f.counted_households) for f in figures],
        [float(f.assets) for f in figures],
        [f.incidents_a_week for f in figures],
        [f.street_m for f in figures],
    ]
    shares = [[value / sum(column) for value in column] for column in columns if sum(column) > 0]
    if not shares:
        return None
    loads = [fmean(each) for each in zip(*shares, strict=True)]
    return round(max(0.0, 100 * (1 - pstdev(loads) / fmean(loads))), 1)


def told(comparison: Comparison, viewer: User) -> dict[str, Any]:
    """A comparison as the API shows it; workers by name for those who may see people everywhere they work."""
    before, after = comparison.before, comparison.after
    scopes = scopes_of(viewer)
    seen = [c.before.code for c in comparison.changes if c.before is not None]
    names = {}
    if all(scopes.sees_people_of(code) for code in seen):
        people = User.objects.filter(pk__in=comparison.workers_before)
        names = {user.pk: user.display_name or user.username for user in people}
    return {
        "cells": [
            {
                "key": c.key,
                "code": c.before.code if c.before is not None else "",
                "before": before[c.key].told() if c.key in before else None,
                "after": after[c.key].told() if c.key in after else None,
            }
            for c in comparison.changes
        ],
        "workers": [
            {
                "user_id": user_id,
                "name": name,
                "before": comparison.workers_before[user_id].told(),
                "after": comparison.workers_after[user_id].told(),
            }
            for user_id, name in sorted(names.items())
        ],
        "balance": {
            "cells": {"before": balance(list(before.values())), "after": balance(list(after.values()))},
            "workers": {
                "before": balance(list(comparison.workers_before.values())),
                "after": balance(list(comparison.workers_after.values())),
            },
        },
        "lineage": [vars(origin) for origin in descents(comparison.changes)],
    }


def _areas_of(changes: Sequence[Change]) -> dict[int, frozenset[str]]:
    """Units of the workers on duty (whatever the hour) whose cells change, by user id."""
    codes = {c.before.code for c in changes if c.before is not None}
    touched = codes | {code[:-3] for code in codes}
    communities = {c.cell.community_id for c in changes}
    touched |= set(GridUnit.objects.filter(id__in=communities).values_list("code", flat=True))
    users = _now(DutyArea.objects.filter(unit_code__in=touched)).values("duty__user_id")
    return _areas(DutyArea.objects.filter(duty__user_id__in=users))


def _areas(rows: Any) -> dict[int, frozenset[str]]:
    areas: dict[int, set[str]] = {}
    for user_id, code in _now(rows).values_list("duty__user_id", "unit_code"):
        areas.setdefault(user_id, set()).add(code)
    return {user_id: frozenset(codes) for user_id, codes in areas.items()}


def _now(rows: Any) -> Any:
    now = timezone.now()
    return rows.filter(
        Q(duty__valid_to=None) | Q(duty__valid_to__gt=now),
        duty__valid_from__lte=now,
        duty__role="grid_worker",
    )


def _ids_in(areas: Mapping[int, frozenset[str]]) -> list[int]:
    codes = sorted({code for theirs in areas.values() for code in theirs})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.id FROM unnest(%s::text[]) AS u (code)"
            " JOIN cell AS c ON starts_with(c.code, u.code)",
            [codes],
        )
        return [cell_id for (cell_id,) in cursor.fetchall()]


def _cells_of(areas: frozenset[str], cells: Grid, communities: Mapping[int, str]) -> set[str]:
    """Keys of the cells that units hold: by a cell's own code, or by that of a unit above."""
    return {
        key
        for key, cell in cells.items()
        if cell.code in areas
        or any(communities.get(cell.community_id, "").startswith(code) for code in areas)
    }


def _sum(figures: Sequence[Figures]) -> Figures:
    by_class: Counter[str] = Counter()
    for each in figures:
        by_class.update(each.assets_by_class)
    known = [each.households for each in figures if each.households is not None]
    return Figures(
        households=sum(known) if known else None,
        counted_households=sum(each.counted_households for each in figures),
        buildings=sum(each.buildings for each in figures),
        assets=sum(each.assets for each in figures),
        assets_by_class=dict(sorted(by_class.items())),
        incidents_a_week=round(sum(each.incidents_a_week for each in figures), 2),
        street_m=round(sum(each.street_m for each in figures), 1),
        area_m2=round(sum(each.area_m2 for each in figures), 1),
    )


def _ewkb(shape: Polygon | None) -> str:
    return str(shapely.to_wkb(shapely.set_srid(shape, STORAGE_SRID), hex=True, include_srid=True))
