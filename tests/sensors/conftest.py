"""A gauge on paper: the four cells of tests/incidents/conftest.py, a station in cell A that tells depth."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.gis.geos import Point

from assets.models import Asset, AssetClass
from assets.sensors.models import Datastream, Station, WaterloggingPoint
from assets.sensors.observing import Kept, Reading, observe
from geogrid.core.geo import STORAGE_SRID
from incidents.models import EventClass
from tests.incidents.conftest import MIDDLE, A, People, draw_city, staff_city

NOON = datetime(2026, 1, 14, 10, 0, tzinfo=UTC)
THRESHOLDS = [
    {"level": "watch", "from": 15, "dwell_s": 7200},
    {"level": "serious", "from": 30},
    {"level": "critical", "from": 50},
]


@dataclass(frozen=True)
class Gauge:
    """A station at the middle of cell A and its datastream of depth in cm."""

    people: People
    station: Station
    depth: Datastream
    point: WaterloggingPoint

    def say(self, *minutes_and_values: tuple[float, float], received: datetime | None = None) -> list[Kept]:
        """Values of so many minutes after noon, in one gathering; received at the last of them."""
        readings = [
            Reading(self.depth.pk, NOON + timedelta(minutes=minute), value)
            for minute, value in minutes_and_values
        ]
        return observe(readings, received_at=received or max(one.at for one in readings))


def station_at(code: str, place: tuple[float, float], **how: Any) -> Station:
    kind, _ = AssetClass.objects.get_or_create(
        scheme="test",
        version="9",
        code="0599",
        defaults={
            "major_name": "其他",
            "major_name_en": "Other",
            "name": "监测点",
            "name_en": "Monitoring station",
            "geometry_kind": "point",
            "origin": "ours",
        },
    )
    asset = Asset.objects.create(asset_class=kind, geom=Point(*place, srid=STORAGE_SRID))
    return Station.objects.create(code=code, asset=asset, name=f"{code} 站", name_en=f"{code} station", **how)


def depth_of(station: Station, **how: Any) -> Datastream:
    said: dict[str, Any] = {
        "code": "level",
        "phenomenon": "level",
        "name": "积水深度",
        "name_en": "Depth of water",
        "unit_symbol": "cm",
        "unit_name": "centimetre",
        "expected_interval_s": 300,
        "lowest": 0,
        "highest": 300,
        "most_per_s": 1,
        "stuck_s": 6 * 3600,
        "thresholds": THRESHOLDS,
        "hysteresis": 2,
        "clear_s": 600,
        "event_code": "0506",
    }
    return Datastream.objects.create(station=station, **(said | how))


def set_up(people: People) -> Gauge:
    EventClass.objects.create(
        scheme="test",
        version="9",
        code="0506",
        major_name="突发事件",
        major_name_en="Emergencies",
        name="道路积水",
        name_en="Waterlogged road",
        origin="standard",
    )
    station = station_at("S1", MIDDLE[A])
    point = WaterloggingPoint.objects.create(
        code="W1", name="下穿桥", name_en="Underpass", place=Point(*MIDDLE[A], srid=STORAGE_SRID)
    )
    point.stations.add(station)
    return Gauge(people, station, depth_of(station), point)


@pytest.fixture
def gauge(db: None) -> Gauge:
    """In a transaction that is rolled back."""
    draw_city()
    return set_up(staff_city())


@pytest.fixture
def lasting_gauge(transactional_db: None) -> Iterator[Gauge]:
    """Committed: for several clients, and for processes that tests start."""
    draw_city()
    yield set_up(staff_city())
