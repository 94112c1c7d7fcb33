"""Who answers here, and why: the same question that the intake asks, put in words."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from geogrid.core.sql import statement
from geogrid.organisations.models import User
from grid_units.duties.access import scopes_of
from grid_units.models import Cell, CellKind, GridUnit
from incidents.models import county_code

SQL = Path(__file__).parent / "sql"

LEVELS: dict[str, tuple[str, str]] = {
    "CELL": ("单元网格", "the cell"),
    "COMMUNITY": ("社区", "the community"),
    "STREET": ("街道", "the street"),
    "DISTRICT": ("区", "the district"),
}


@dataclass(frozen=True)
class Answering:
    """Where a point lies and who answers there. `unit_code` is None outside the grid; `until` is when this
    answer ends by itself, None when no end is known or nobody is on duty."""

    unit_code: str | None
    cell_name: str | None
    border_unit_codes: list[str]
    user_id: int
    level: str
    is_substitute: bool
    duty_unit_code: str | None
    role: str | None
    until: datetime | None


def answering_at(*, lng: float, lat: float, at: datetime) -> Answering:
    """Cell and worker of a point (degrees, WGS 84) at a moment.

    Raises:
        IntegrityError: when there is not a single person who could answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "answers"), {"lng": lng, "lat": lat, "at": at})
        return Answering(*cursor.fetchone())


def answers(*, lng: float, lat: float, viewer: User, at: datetime) -> dict[str, Any]:
    """The card of "who answers here": cell, units, worker, reasons in zh and en, cells over the border.

    The worker's name and telephone are left out for those who may not see people there.
    """
    found = answering_at(lng=lng, lat=lat, at=at)
    cell = (
        Cell.objects.select_related("owner", "community__parent__parent").filter(code=found.unit_code).first()
    )
    beyond = Cell.objects.filter(code__in=found.border_unit_codes).order_by("code")
    return {
        "cell": {"code": cell.code, "name": cell.name, "name_en": cell.name_en} if cell else None,
        "units": _units_above(cell),
        "worker": _worker(found, viewer),
        "why": _why(found, cell),
        "border_cells": list(beyond.values("code", "name", "name_en")),
    }


def _units_above(cell: Cell | None) -> list[dict[str, str]]:
    unit: GridUnit | None = cell.community if cell else None
    found = []
    while unit is not None:
        found.append({"code": unit.code, "level": unit.level, "name": unit.name, "name_en": unit.name_en})
        unit = unit.parent
    return found


def _worker(found: Answering, viewer: User) -> dict[str, Any]:
    seen = found.user_id == viewer.pk or scopes_of(viewer).sees_people_of(found.unit_code or county_code())
    person = User.objects.get(pk=found.user_id)
    return {
        "id": person.pk if seen else None,
        "name": str(person) if seen else "",
        "role": found.role or "",
        "phone": person.phone if seen else "",
        "level": found.level,
        "is_substitute": found.is_substitute,
        "until": found.until,
    }


def _why(found: Answering, cell: Cell | None) -> list[dict[str, str]]:
    """The reasons, from the place to the person."""
    said = [_where(found, cell)]
    if cell is not None and cell.kind == CellKind.EXCLUSIVE:
        owner = cell.owner.name if cell.owner else ""
        owner_en = (cell.owner.name_en or owner) if cell.owner else ""
        said.append(
            {
                "zh": f"这是专属网格{f'，权属单位：{owner}' if owner else ''}。",
                "en": f"This is an exclusive grid of {owner_en or 'one owner'}.",
            }
        )
    if found.border_unit_codes:
        codes = ", ".join(found.border_unit_codes)
        said.append(
            {
                "zh": f"距边界不足 5 米，相邻单元网格 {codes} 也能看到。",
                "en": f"Less than 5 m from a border: cell {codes} sees it too.",
            }
        )
    said.append(_who(found))
    if found.is_substitute:
        said.append(
            {"zh": "本人不在岗，由替班人员负责。", "en": "The person is away; this is the substitute."}
        )
    return said


def _where(found: Answering, cell: Cell | None) -> dict[str, str]:
    if cell is None:
        return {
            "zh": "该点在网格之外，由区级负责。",
            "en": "The point lies outside the grid, so the district has it.",
        }
    return {
        "zh": f"该点位于单元网格 {cell.code} {cell.name}。",
        "en": f"The point lies in cell {cell.code} {cell.name_en or cell.name}.".replace(" .", "."),
    }


def _who(found: Answering) -> dict[str, str]:
    if found.level == "FALLBACK":
        return {
            "zh": "各级目前都无人值守，暂由责任人（或管理员）跟进。",
            "en": "Nobody is on duty at any level now; whose duty it is (or an administrator) keeps it.",
        }
    zh, en = LEVELS[found.level]
    if found.level == "CELL":
        return {"zh": "本单元网格有人值守。", "en": "Somebody is on duty for this cell."}
    if found.unit_code is None:
        return {"zh": f"由{zh}值班人员负责。", "en": f"The person on duty for {en} has it."}
    return {
        "zh": f"本单元网格目前无人值守，由上级（{zh}）值班人员负责。",
        "en": f"Nobody is on duty in the cell now, so the person on duty for {en} has it.",
    }
