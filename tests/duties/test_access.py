"""What a person's memberships add up to."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from geogrid.core.errors import Forbidden
from geogrid.core.models import City
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Action, Role
from grid_units.duties.access import may, require, scopes_of, under
from grid_units.duties.models import Membership
from grid_units.models import Cell
from tests.duties.conftest import CELL, COMMUNITY, NOON, OTHER_STREET_CELL, STREET

Person = Callable[..., User]


def test_a_supervisor_staffs_their_own_street_and_no_other(person: Person):
    wang = person("wang", Role.SUPERVISOR, STREET)

    assert may(wang, Action.STAFF_CELLS, CELL)
    assert may(wang, Action.STAFF_CELLS)
    assert not may(wang, Action.STAFF_CELLS, OTHER_STREET_CELL)
    assert not may(wang, Action.STAFF_CELLS, STREET[:6])
    with pytest.raises(Forbidden, match=f"in {OTHER_STREET_CELL}: staff cells"):
        require(wang, Action.STAFF_CELLS, OTHER_STREET_CELL)


def test_actions_for_the_whole_city_need_a_membership_for_everywhere(person: Person):
    local = person("local", Role.ADMINISTRATOR, STREET)
    chief = person("chief", Role.ADMINISTRATOR)

    assert not may(local, Action.MANAGE_CITY) and not may(local, Action.IMPORT)
    assert Action.MANAGE_CITY not in scopes_of(local).actions
    assert may(local, Action.EDIT_GRID, CELL)
    assert may(chief, Action.MANAGE_CITY) and may(chief, Action.IMPORT)


def test_a_handler_reaches_the_business_of_their_unit_and_no_territory(person: Person):
    unit = Organisation.objects.create(code="U1", name="路灯所")
    zhao = person("zhao", Role.HANDLER, "", unit)

    scopes = scopes_of(zhao)

    assert scopes.organisation_ids == (unit.id,)
    assert scopes.incident_prefixes == () and not scopes.everywhere
    assert not scopes.sees_incidents_of(CELL) and not scopes.sees_people_of(CELL)
    assert may(zhao, Action.REPORT)


def test_a_handler_without_a_unit_is_refused_by_the_database(person: Person):
    with pytest.raises(IntegrityError, match="membership_of_a_handler_names_the_unit"):
        person("zhao", Role.HANDLER)


def test_prefixes_hold_only_the_outermost(person: Person):
    li = person("li", Role.GRID_WORKER, CELL)
    Membership.objects.create(user=li, role=Role.INSPECTOR, unit_prefix=COMMUNITY)
    Membership.objects.create(user=li, role=Role.VOLUNTEER, unit_prefix=OTHER_STREET_CELL)

    assert scopes_of(li).incident_prefixes == (COMMUNITY,)
    assert scopes_of(li).people_prefixes == (COMMUNITY,)


def test_a_membership_counts_from_to_with_the_end_excluded(person: Person):
    li = person("li")
    Membership.objects.create(
        user=li, role=Role.OPERATOR, valid_from=NOON, valid_to=NOON + timedelta(hours=1)
    )

    seen = [bool(scopes_of(li, NOON + timedelta(minutes=minutes)).actions) for minutes in (-1, 0, 59, 60)]

    assert seen == [False, True, True, False]


def test_the_stranger_and_the_deactivated_may_nothing(person: Person):
    gone = person("gone", Role.ADMINISTRATOR, is_active=False)

    for nobody in (AnonymousUser(), gone):
        assert scopes_of(nobody).actions == frozenset()
        assert not any(may(nobody, action) for action in Action)


def test_the_operators_way_back_in_is_a_superuser(person: Person):
    assert scopes_of(person("root", is_superuser=True)).actions == frozenset(Action)


def test_one_query_answers_all_questions_of_a_request(person: Person):
    wang = person("wang", Role.SUPERVISOR, STREET)

    with CaptureQueriesContext(connection) as queries:
        for action in Action:
            may(wang, action, CELL)

    assert len(queries) == 1


@pytest.mark.parametrize(
    ("prefixes", "cells"), [(("",), 16), ((), 0), ((STREET,), 8), ((CELL, COMMUNITY), 4)]
)
def test_lists_are_filtered_by_prefix(city: City, prefixes: tuple[str, ...], cells: int):
    assert Cell.objects.filter(under(prefixes, "code")).count() == cells


def test_a_membership_that_has_run_out_is_gone_from_the_next_request(person: Person):
    li = person("li", Role.OPERATOR)
    Membership.objects.update(valid_to=timezone.now() - timedelta(seconds=1))

    assert scopes_of(li).actions == frozenset()
