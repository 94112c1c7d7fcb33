"""A city to draw on paper: four square cells of 0.0078125 degrees, two communities, and people on duty.

        north   C  D      C, D: community 910101001002
        south   A  B      A, B: community 910101001001

A begins at (24.9375, 60.125). Ann answers for A from 08 to 16 and Bo from 16 to 08; Cai for B, always;
Dan for the first community, always; Eve for the district. C and D have nobody of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from geogrid.core.models import City
from geogrid.organisations.models import User
from grid_units.duties.models import Duty, DutyArea, DutyShift, Membership

SIDE = 2.0**-7
WEST, SOUTH = 24.9375, 60.125
COUNTY = "910101"
A, B = "910101001001001", "910101001001002"
C, D = "910101001002001", "910101001002002"
MIDDLE = {
    A: (WEST + SIDE / 2, SOUTH + SIDE / 2),
    B: (WEST + SIDE * 1.5, SOUTH + SIDE / 2),
    C: (WEST + SIDE / 2, SOUTH + SIDE * 1.5),
    D: (WEST + SIDE * 1.5, SOUTH + SIDE * 1.5),
}
# A Wednesday. The city's clock is two hours ahead of UTC in winter.
MORNING = datetime(2026, 1, 14, 8, 0, tzinfo=UTC)
EVENING = datetime(2026, 1, 14, 18, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class People:
    """Who works in the city of four cells."""

    ann: User
    bo: User
    cai: User
    dan: User
    eve: User
    oona: User  # operator of the district
    dispatcher: User
    volunteer: User
    stranger: User  # may log in, has no role


def _square(column: int, row: int) -> str:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + SIDE, south + SIDE
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    return f"SRID=4326;POLYGON(({ring}))"


def draw_city() -> None:
    City.objects.create(name="示例区", name_en="Example", county_code=COUNTY, zone="Europe/Helsinki")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN" if not connection.in_atomic_block else "SELECT 1")
        cursor.execute("SELECT core.permit_first_load('four cells')")
        cursor.execute(
            """
            WITH district AS (
                INSERT INTO grid_unit (code, level, name, name_en, is_simulated)
                VALUES ('910101', 'DISTRICT', '示例区', 'Example', false)
                RETURNING id
            )
            INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)
            SELECT '910101001', 'STREET', '一街', 'First street', false, id FROM district
            """
        )
        cursor.execute(
            """
            INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)
            SELECT u.code, 'COMMUNITY', u.name, '', false, g.id
            FROM (VALUES ('910101001001', '南社区'), ('910101001002', '北社区')) AS u (code, name)
            JOIN grid_unit AS g ON g.code = '910101001'
            """
        )
        for code, column, row in ((A, 0, 0), (B, 1, 0), (C, 0, 1), (D, 1, 1)):
            cursor.execute(
                "INSERT INTO cell (code, community_id, name, geom)"
                " SELECT %s, id, %s, %s FROM grid_unit WHERE code = %s",
                [code, f"格{code[-3:]}", _square(column, row), code[:12]],
            )
        if not connection.in_atomic_block:
            cursor.execute("COMMIT")


def person(name: str, role: str | None = None, prefix: str = "") -> User:
    user = User.objects.create(username=name, display_name=name.title())
    if role:
        Membership.objects.create(user=user, role=role, unit_prefix=prefix, valid_from=LONG_AGO)
    return user


def on_duty(user: User, unit_code: str, *shifts: tuple[time, time], role: str = "grid_worker") -> Duty:
    duty = Duty.objects.create(user=user, role=role, valid_from=LONG_AGO)
    DutyArea.objects.create(duty=duty, unit_code=unit_code)
    for starts, ends in shifts:
        DutyShift.objects.bulk_create(
            DutyShift(duty=duty, weekday=day, starts=starts, ends=ends) for day in range(7)
        )
    return duty


def staff_city() -> People:
    people = People(
        ann=person("ann", "grid_worker", A),
        bo=person("bo", "grid_worker", A),
        cai=person("cai", "grid_worker", B),
        dan=person("dan", "supervisor", "910101001001"),
        eve=person("eve", "administrator"),
        oona=person("oona", "operator", COUNTY),
        dispatcher=person("dispatcher", "dispatcher", COUNTY),
        volunteer=person("volunteer", "volunteer", COUNTY),
        stranger=person("stranger"),
    )
    on_duty(people.ann, A, (time(8), time(16)))
    on_duty(people.bo, A, (time(16), time(8)))
    on_duty(people.cai, B)
    on_duty(people.dan, "910101001001", role="supervisor")
    on_duty(people.eve, COUNTY, role="commander")
    return people


@pytest.fixture
def city(db: None) -> People:
    """The city in a transaction that is rolled back."""
    draw_city()
    return staff_city()


@pytest.fixture
def lasting_city(transactional_db: None) -> Iterator[People]:
    """The city, committed: for triggers that fire at the end of a transaction, and for several clients."""
    draw_city()
    yield staff_city()


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def settle() -> None:
    """Let the deferred triggers speak now, inside a test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
