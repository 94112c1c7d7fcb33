"""The contact card of a place (联系卡, R34): who answers for it at each level, now, and by which office."""

from datetime import datetime
from typing import Any

from django.db import connection

from geogrid.core.errors import NotFound
from geogrid.organisations.models import Organisation, User
from grid_units.cards import units_above
from grid_units.duties.access import scopes_of
from grid_units.duties.roster import OnDuty, on_duty_all, people_of, who_answers
from grid_units.models import Cell, GridUnit


def contacts(code: str, *, viewer: User, at: datetime) -> list[dict[str, Any]]:
    """Content of ContactLevelSerializer, the level of the place first, the district last.

    Offices and their telephones are for everybody who is signed in. Names and telephones of people are shown
    to those who may see people of the place; others are told which roles are on duty, and nobody's name.

    Raises:
        NotFound: when there is no such cell or unit.
    """
    places = _places(code)
    found = on_duty_all(code, at)
    answers = who_answers(code, at)
    names = scopes_of(viewer).sees_people_of(code)
    people = people_of(found) if names else {}
    return [
        {
            "level": place.level if isinstance(place, GridUnit) else "CELL",
            "code": place.code,
            "name": place.name,
            "name_en": place.name_en,
            "offices": _offices(place),
            "on_duty": [
                _person(one, people, is_answering=_same(one, answers))
                for one in found
                if one.unit_code == place.code
            ],
        }
        for place in places
    ]


def _places(code: str) -> list[Cell | GridUnit]:
    above = "parent__parent"
    cell = (
        Cell.objects.select_related(f"community__{above}", "owner", "maintainer", "community__organisation")
        .filter(code=code)
        .first()
    )
    if cell is not None:
        return [cell, *units_above(cell.community)]
    unit = GridUnit.objects.select_related(above, "organisation").filter(code=code).first()
    if unit is None:
        raise NotFound(f"There is no cell or unit {code}.")
    return list(units_above(unit))


def _offices(place: Cell | GridUnit) -> list[dict[str, str]]:
    """The organisations of a place; one that is both owner and maintainer stands there once."""
    if isinstance(place, GridUnit):
        return [_office("office", place.organisation)] if place.organisation else []
    offices = []
    if place.owner:
        offices.append(_office("owner", place.owner))
    if place.maintainer and place.maintainer != place.owner:
        offices.append(_office("maintainer", place.maintainer))
    return offices


def _office(kind: str, unit: Organisation) -> dict[str, str]:
    return {"kind": kind, "name": unit.name, "name_en": unit.name_en, "phone": unit.phone}


def _same(one: OnDuty, answers: OnDuty | None) -> bool:
    return answers is not None and (one.duty_id, one.unit_code) == (answers.duty_id, answers.unit_code)


def _person(one: OnDuty, people: dict[int, User], *, is_answering: bool) -> dict[str, Any]:
    user = people.get(one.user_id)
    return {
        "id": user.pk if user else None,
        "name": str(user) if user else "",
        "phone": user.phone if user else "",
        "role": one.role,
        "is_substitute": one.is_substitute,
        "until": one.until,
        "is_answering": is_answering,
    }


def surroundings(code: str) -> list[dict[str, Any]]:
    """What a printed map of a cell draws; content of SurroundingSerializer.

    Raises:
        NotFound: when there is no such cell.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, ref, name, name_en, sort, geometry, lng, lat FROM core.surroundings_of_cell(%s)",
            [code],
        )
        names = ("kind", "ref", "name", "name_en", "sort", "geometry", "lng", "lat")
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if not found:
        raise NotFound(f"There is no cell {code}.")
    return found
