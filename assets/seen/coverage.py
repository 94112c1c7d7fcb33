"""How much of the streets was walked, by cell, community or street (街道)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from geogrid.organisations.models import User
from geogrid.organisations.roles import Action
from grid_units.duties.access import scopes_of
from grid_units.models import Cell, GridUnit

LEVELS = ("CELL", "COMMUNITY", "STREET", "DISTRICT")


@dataclass
class Coverage:
    """What is to be patrolled in a unit and what was, on one local day.

    Metres of streets; square metres of ground for cells that have no street to patrol (`due_m2`, `seen_m2`).
    `driven_m` was passed above 15 km/h only and is no part of `walked_m`.
    """

    code: str
    name: str = ""
    name_en: str = ""
    due_m: float = 0.0
    walked_m: float = 0.0
    driven_m: float = 0.0
    due_m2: float = 0.0
    seen_m2: float = 0.0
    last_visit_at: datetime | None = None

    def add(self, other: "Coverage") -> None:
        """Take a part's figures in."""
        for field in ("due_m", "walked_m", "driven_m", "due_m2", "seen_m2"):
            setattr(self, field, getattr(self, field) + getattr(other, field))
        visits = [at for at in (self.last_visit_at, other.last_visit_at) if at is not None]
        self.last_visit_at = max(visits, default=None)


def coverage(*, day: date, level: str, viewer: User, patrol_id: int | None = None) -> list[Coverage]:
    """Of every unit of the level whose patrols the viewer may see, by code.

    With `patrol_id` only what that patrol walked. Units above a cell show what the viewer may see of them.
    """
    prefixes = list(scopes_of(viewer).prefixes(Action.SEE_POSITIONS))
    return by_unit(_cells(day, prefixes, patrol_id), level)


def by_unit(cells: Iterable[Coverage], level: str) -> list[Coverage]:
    """The figures of cells added up by unit of the level, with its names, by code."""
    found: dict[str, Coverage] = {}
    above = _codes_above(level)
    for cell in cells:
        code = above.get(cell.code, cell.code)
        found.setdefault(code, Coverage(code)).add(cell)
    _name(found, level)
    return [found[code] for code in sorted(found)]


def _cells(day: date, prefixes: list[str], patrol_id: int | None) -> list[Coverage]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT unit_code, measure, due, walked, driven, last_visit_at"
            " FROM core.coverage_of(%s, %s::text[], %s)",
            [day, prefixes, patrol_id],
        )
        return [_read(row) for row in cursor.fetchall()]


def _read(row: tuple[Any, ...]) -> Coverage:
    code, measure, due, walked, driven, last_visit_at = row
    if measure == "streets":
        return Coverage(code, due_m=due, walked_m=walked, driven_m=driven, last_visit_at=last_visit_at)
    return Coverage(code, due_m2=due, seen_m2=walked, last_visit_at=last_visit_at)


def _codes_above(level: str) -> dict[str, str]:
    """The code of the unit of this level that each cell lies in; nothing for cells themselves."""
    if level == "CELL":
        return {}
    up = {"COMMUNITY": "community", "STREET": "community__parent", "DISTRICT": "community__parent__parent"}
    return dict(Cell.objects.values_list("code", f"{up[level]}__code"))


def _name(found: dict[str, Coverage], level: str) -> None:
    named = Cell.objects.all() if level == "CELL" else GridUnit.objects.filter(level=level)
    for code, name, name_en in named.filter(code__in=list(found)).values_list("code", "name", "name_en"):
        found[code].name, found[code].name_en = name, name_en
