"""A small made-up city (16 cells, 4 communities, 2 streets) and people in it."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from geogrid.core.models import City
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Role
from grid_units.duties.models import Duty, DutyArea, Membership
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

CELL = f"{COUNTY}001001001"
NEIGHBOUR = f"{COUNTY}001001002"
COMMUNITY = CELL[:12]
STREET = CELL[:9]
OTHER_STREET_CELL = f"{COUNTY}002001001"
NOON = datetime(2026, 6, 3, 9, tzinfo=UTC)  # a Wednesday, 12:00 in Helsinki
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def city(db: None) -> City:
    city = City.objects.create(name="示例区", name_en="Sample", county_code=COUNTY, zone="Europe/Helsinki")
    with connection.cursor() as cursor:
        fill(cursor, made_up_city(4, 4, block=2))
    return city


@pytest.fixture
def person(db: None) -> Callable[..., User]:
    """Makes a user; with a role, also the membership."""

    def make(
        username: str,
        role: Role | None = None,
        prefix: str = "",
        unit: Organisation | None = None,
        **fields: object,
    ) -> User:
        user = User.objects.create(username=username, display_name=username.title(), **fields)
        if role is not None:
            Membership.objects.create(
                user=user, role=role, unit_prefix=prefix, organisation=unit, valid_from=LONG_AGO
            )
        return user

    return make


@pytest.fixture
def duty(city: City) -> Callable[..., Duty]:
    """Makes a duty of a user for some units, day and night unless shifts are added."""

    def make(user: User, *units: str, role: Role = Role.GRID_WORKER, **fields: object) -> Duty:
        made = Duty.objects.create(user=user, role=role, **{"valid_from": LONG_AGO, **fields})
        DutyArea.objects.bulk_create(DutyArea(duty=made, unit_code=code) for code in units)
        return made

    return make
