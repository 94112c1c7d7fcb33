"""Duties name units by code: they follow a renumbering, and a unit that is gone is listed."""

from collections.abc import Callable

from django.db import connection

from geogrid.core.actor import System
from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.actions import renumber
from grid_units.duties.access import scopes_of
from grid_units.duties.models import Duty
from grid_units.duties.roster import units_that_are_gone, who_answers
from grid_units.models import GridUnit
from tests.duties.conftest import CELL, COMMUNITY, NEIGHBOUR, NOON

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]


def test_renumbering_carries_duties_and_memberships_along(person: Person, duty: MakeDuty):
    li = person("li", Role.GRID_WORKER, CELL)
    theirs = duty(li, CELL, NEIGHBOUR)

    new_codes = renumber(
        community=GridUnit.objects.get(code=COMMUNITY), actor=System("test"), reason="new numbers"
    )

    assert set(new_codes) >= {CELL, NEIGHBOUR}
    assert {area.unit_code for area in theirs.areas.all()} == {new_codes[CELL], new_codes[NEIGHBOUR]}
    assert scopes_of(User.objects.get(pk=li.pk)).incident_prefixes == (new_codes[CELL],)
    answering = who_answers(new_codes[CELL], NOON)
    assert answering is not None and answering.user_id == li.pk
    assert units_that_are_gone(NOON) == []


def test_a_cell_that_was_merged_away_is_listed(person: Person, duty: MakeDuty):
    duty(person("li"), CELL)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cell WHERE code = %s", [CELL])

    assert units_that_are_gone(NOON) == [CELL]
