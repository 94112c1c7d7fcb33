"""A city to draw on paper: four square cells in two communities, a lamp in each, a street, a house.

        C  D      community 910101001002
        A  B      community 910101001001

A begins at (24.9375, 60.125); a side is 2^-7 degree.
"""

from collections.abc import Sequence
from typing import Any

import psycopg2
from django.db import connection

from geogrid.core.models import City

SIDE = 2.0**-7
WEST, SOUTH = 24.9375, 60.125
A, B = "910101001001001", "910101001001002"
C, D = "910101001002001", "910101001002002"
PLACES = {A: (0, 0), B: (1, 0), C: (0, 1), D: (1, 1)}
MIDDLE = {
    code: (WEST + SIDE * (column + 0.5), SOUTH + SIDE * (row + 0.5)) for code, (column, row) in PLACES.items()
}


def square(column: int, row: int) -> str:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    east, north = west + SIDE, south + SIDE
    ring = f"{west} {south},{east} {south},{east} {north},{west} {north},{west} {south}"
    return f"SRID=4326;POLYGON(({ring}))"


def _execute(statements: Sequence[tuple[str, Any]]) -> None:
    """Run as the app, in one transaction."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)


def draw() -> None:
    """Committed when called from a test with transactional_db."""
    City.objects.create(name="示例区", name_en="Example", county_code="910101", zone="Europe/Helsinki")
    units = [
        ("910101", "DISTRICT", "示例区", "Example", None),
        ("910101001", "STREET", "钟楼街道", "Belfry Street Office", "910101"),
        ("910101001001", "COMMUNITY", "松园社区", "Pine Park", "910101001"),
        ("910101001002", "COMMUNITY", "码头社区", "Quay", "910101001"),
    ]
    statements: list[tuple[str, list[Any]]] = [
        (
            "INSERT INTO grid_unit (code, level, name, name_en, is_simulated, parent_id)"
            " SELECT %s, %s, %s, %s, false, (SELECT id FROM grid_unit WHERE code = %s)",
            list(unit),
        )
        for unit in units
    ]
    statements.append(("SELECT core.permit_first_load('four cells')", []))
    statements += [
        (
            "INSERT INTO cell (code, community_id, name, geom)"
            " SELECT %s, id, %s, %s FROM grid_unit WHERE code = %s",
            [code, f"松园第{code[-1]}网格", square(*place), code[:12]],
        )
        for code, place in PLACES.items()
    ]
    statements.append(
        (
            "INSERT INTO asset_class (scheme, version, code, major_name, major_name_en, name, name_en,"
            " geometry_kind, attributes_schema, icon, origin, is_active)"
            " VALUES ('test', '1', '0901', '设施', 'Things', '试验路灯', 'Test lamp',"
            " 'point', '{}', 'maki:circle', 'ours', true)",
            [],
        )
    )
    statements += [add_lamp_statement(*MIDDLE[code]) for code in PLACES]
    statements += [
        (
            "INSERT INTO road (source, source_id, name, kind, geom)"
            " VALUES ('test', '1', '长安街', 'primary', %s)",
            [f"SRID=4326;MULTILINESTRING(({WEST} {SOUTH + SIDE},{WEST + SIDE} {SOUTH + SIDE}))"],
        ),
        (
            "INSERT INTO building (source, source_id, name, geom) SELECT 'test', '1', '钟楼',"
            " ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(%s, %s), 4326), 0.0005))",
            list(MIDDLE[A]),
        ),
    ]
    _execute(statements)


def add_lamp_statement(lng: float, lat: float, name: str = "") -> tuple[str, list[Any]]:
    return (
        "INSERT INTO asset (public_id, code, asset_class_id, name, geom)"
        " SELECT gen_random_uuid(), '', id, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326)"
        " FROM asset_class WHERE scheme = 'test' AND code = '0901'",
        [name, lng, lat],
    )


def add_lamp(lng: float, lat: float, name: str = "") -> None:
    _execute([add_lamp_statement(lng, lat, name)])


def report(number: str, place: tuple[float, float], worker_id: int, *, stage: str = "REPORTED") -> None:
    """An incident with the step that reports it, as the database demands."""
    _execute(
        [
            (
                """
                WITH reported AS (
                    INSERT INTO incident (
                        public_id, number, stage, point, description, channel, cell_worker_id, worker_level,
                        reported_at, level
                    )
                    VALUES (
                        gen_random_uuid(), %(number)s, 'REPORTED',
                        ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326),
                        'a lamp is dark', 'test', %(worker)s, 'CELL', now(), 'COMMUNITY'
                    )
                    RETURNING id
                )
                INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, taken_at, actor)
                SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', now(), 'test'
                FROM reported
                """,
                {"number": number, "lng": place[0], "lat": place[1], "worker": worker_id},
            )
        ]
    )


def as_owner(url: str, sql: str) -> None:
    """One statement as the owner of the tables."""
    with psycopg2.connect(url) as opened, opened.cursor() as cursor:
        cursor.execute(sql)
