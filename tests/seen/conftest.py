"""A street across the city of four cells, and somebody who walks along it."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection

from assets.seen.passing import keep_bits
from grid_units.patrols.models import Device
from tests.incidents.conftest import (  # noqa: F401 (fixtures)
    MIDDLE,
    MORNING,
    WEST,
    A,
    People,
    city,
    lasting_city,
)
from tests.patrols.conftest import Carried, carried_by

LATITUDE = MIDDLE[A][1]
M_EAST = 1 / 55_800.0  # a metre to the east in degrees, at this latitude
M_NORTH = 1 / 111_400.0
Place = tuple[float, float]


def along(east_m: float, north_m: float = 0.0) -> Place:
    """So far east and north of where the street begins, 20 m inside of cell A."""
    return WEST + (20 + east_m) * M_EAST, LATITUDE + north_m * M_NORTH


def line(*places: Place) -> str:
    text = ",".join(f"{lng} {lat}" for lng, lat in places)
    return f"SRID=4326;MULTILINESTRING(({text}))"


def lay_road(name: str, *places: Place, kind: str = "residential", attributes: str = "{}") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO road (source, source_id, name, kind, geom, attributes)"
            " VALUES ('paper', %s, %s, %s, %s, %s) RETURNING id",
            [name, name, kind, line(*places), attributes],
        )
        return int(cursor.fetchone()[0])


def walk(
    device: Device,
    places: Sequence[Place],
    *,
    start: datetime = MORNING,
    every_s: float = 5,
    driven: bool = False,
    received: datetime | None = None,
    unused: str = "",
    is_late: bool = False,
) -> None:
    """Fixes as the doors keep them, committed."""
    rows = []
    for n, (lng, lat) in enumerate(places):
        at = start + timedelta(seconds=n * every_s)
        rows.append((device.pk, at, received or at, lng, lat, unused, driven))
    with connection.cursor() as cursor:
        for device_id, at, received_at, lng, lat, unused_because, is_driven in rows:
            cursor.execute(
                "INSERT INTO fix"
                " (device_id, worker_id, at, received_at, point, protocol, unused_because, is_driven,"
                " is_late)"
                " SELECT %s, p.worker_id, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), 'geogrid',"
                " %s, %s, %s"
                " FROM device_pairing p WHERE p.device_id = %s",
                [device_id, at, received_at, lng, lat, unused_because, is_driven, is_late, device_id],
            )


@pytest.fixture
def ann_phone(lasting_city: People) -> Carried:  # noqa: F811
    return carried_by(lasting_city.ann)


@pytest.fixture
def street(lasting_city: People) -> int:  # noqa: F811
    """300 m from west to east through cell A, in 60 bits."""
    road = lay_road("Long street", along(0), along(300))
    keep_bits(MORNING)
    return road


@pytest.fixture
def seen_m() -> Callable[[], tuple[int, int]]:
    """Metres walked and only driven on the day of MORNING, in the whole city, rounded to 10 m."""

    def ask() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT sum(walked), sum(driven) FROM core.coverage_of(%s, ARRAY[''])"
                " WHERE measure = 'streets'",
                [MORNING.date()],
            )
            walked, driven = cursor.fetchone()
        return round(walked, -1), round(driven, -1)

    return ask
