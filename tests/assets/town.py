"""A town to draw on paper: three square cells of 2^-7 degree in a row, from (24.9375, 60.125) eastwards.

A  B | C      A, B: first street, 910101001; C: second street, 910101002
"""

from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from geogrid.core.models import City
from geogrid.organisations.models import User
from grid_units.duties.models import Membership

SIDE = 2.0**-7
WEST, SOUTH = 24.9375, 60.125
A, B, C = "910101001001001", "910101001001002", "910101002001001"
MIDDLE = {code: (WEST + SIDE * (i + 0.5), SOUTH + SIDE / 2) for i, code in enumerate((A, B, C))}
NOON = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@transaction.atomic
def draw_town() -> City:
    """City, units and cells."""
    city = City.objects.create(name="示例区", name_en="Example", county_code="910101", zone="Europe/Helsinki")
    units = [
        ("910101", "DISTRICT", "示例区"),
        ("910101001", "STREET", "一街"),
        ("910101002", "STREET", "二街"),
        ("910101001001", "COMMUNITY", "南社区"),
        ("910101002001", "COMMUNITY", "北社区"),
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT core.permit_first_load('town')")
        for code, level, name in units:
            cursor.execute(
                """
                INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)
                SELECT %s, %s, %s, '', false, (SELECT id FROM grid_unit WHERE code = %s)
                """,
                [code, level, name, code[:-3]],
            )
        for column, code in enumerate((A, B, C)):
            west, east, north = WEST + column * SIDE, WEST + (column + 1) * SIDE, SOUTH + SIDE
            ring = f"{west} {SOUTH},{east} {SOUTH},{east} {north},{west} {north},{west} {SOUTH}"
            cursor.execute(
                "INSERT INTO cell (code, community_id, name, geom)"
                " SELECT %s, id, %s, %s FROM grid_unit WHERE code = %s",
                [code, f"格{code[-3:]}", f"SRID=4326;POLYGON(({ring}))", code[:12]],
            )
    return city


def person(name: str, role: str | None = None, prefix: str = "") -> User:
    """A user; with a role, one who has it in the units under `prefix`."""
    user = User.objects.create(username=name, display_name=name.title())
    if role:
        Membership.objects.create(user=user, role=role, unit_prefix=prefix, valid_from=LONG_AGO)
    return user


def point_at(code: str) -> dict[str, Any]:
    """GeoJSON of the middle of a cell."""
    return {"type": "Point", "coordinates": list(MIDDLE[code])}
