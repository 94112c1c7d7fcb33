"""Two streets with the same things in each, and analysts who reach one of them.

A  B | C      A, B: first street, 910101001; C: second street, 910101002 (tests/assets/town.py). What lies in
the second street has `secret` in every text.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg2
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db import connection, transaction
from django.utils import timezone

from assets.models import Asset, AssetClass, Building, Road
from assets.sensors.models import Datastream, Station, WaterloggingPoint
from assets.terrain.models import Depression, Terrain
from geogrid.core.geo import STORAGE_SRID
from geogrid.embedded.logins import Login
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Duty, DutyArea
from grid_units.patrols.models import Patrol
from incidents.models import EventClass, IncidentContact
from tests.assets.town import LONG_AGO, MIDDLE, A, B, C, draw_town, person
from tiles.gis.actions import make_role

NEAR, FAR = "910101001", "910101002"
WORDS = {A: "near", C: "secret"}


@dataclass
class Analyst:
    """A person with a database role, and how to come in with it."""

    user: User
    name: str
    password: str = field(repr=False)

    def connect(self, server: Login, **options: str) -> Any:
        """A psycopg2 connection as this analyst, each statement committed at once, as QGIS does it."""
        connect: Any = psycopg2.connect
        opened = connect(
            host=server.host,
            port=server.port,
            dbname=server.database,
            user=self.name,
            password=self.password,
            **options,
        )
        opened.autocommit = True
        return opened


def analyst(name: str, prefix: str, kind: str = "editor") -> Analyst:
    """A person with the role of an analyst under `prefix`, and a login to the database."""
    user = person(name, "analyst", prefix)
    made = make_role(user=user, kind=kind, days=1, at=timezone.now())
    return Analyst(user, made.role.role_name, made.password)


def asset_class(code: str, geometry_kind: str = "point") -> AssetClass:
    made, _ = AssetClass.objects.get_or_create(
        scheme="test",
        version="1",
        code=code,
        defaults={
            "major_name": "大类",
            "major_name_en": "Major",
            "name": f"类{code}",
            "name_en": f"Class {code}",
            "geometry_kind": geometry_kind,
            "origin": "ours",
        },
    )
    return made


def report(number: str, place: tuple[float, float], worker: User, words: str) -> None:
    """An incident with the step that reports it and a reporter's telephone."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH reported AS (
                INSERT INTO incident (
                    public_id, number, stage, point, description, location_text, channel, event_class_id,
                    cell_worker_id, worker_level, reported_at, level
                )
                SELECT
                    gen_random_uuid(), %(number)s, 'REPORTED',
                    ST_SetSRID(ST_MakePoint(%(lng)s, %(lat)s), 4326),
                    %(words)s, %(words)s, 'test', k.id, %(worker)s, 'CELL', now(), 'COMMUNITY'
                FROM event_class k
                WHERE k.scheme = 'test' AND k.code = '0101'
                RETURNING id
            )
            INSERT INTO step_taken (incident_id, move, from_stage, to_stage, level, taken_at, actor)
            SELECT id, 'report', '', 'REPORTED', 'COMMUNITY', now(), 'test' FROM reported
            RETURNING incident_id
            """,
            {"number": number, "lng": place[0], "lat": place[1], "worker": worker.pk, "words": words},
        )
        [incident_id] = cursor.fetchone()
    IncidentContact.objects.create(incident_id=incident_id, name=words, phone=f"555-{words}")


def furnish() -> None:
    """The town, and in cells A and C one thing of every kind."""
    draw_town()
    unit = Organisation.objects.create(code="water", name="水务", name_en="Water", phone="555-secret")
    lamp, bench = asset_class("0137"), asset_class("0407")
    for code in ("0101", "0102"):
        EventClass.objects.create(
            scheme="test", version="1", code=code, major_name="事件", major_name_en="Events",
            name=f"事件{code}", name_en=f"Event {code}", origin="ours",
        )  # fmt: skip
    terrain = Terrain.objects.create(
        name="ground", vertical_unit="metre", crs="EPSG:4326", transform=[1, 0, 0, 0, 1, 0],
        width=3, height=3, pixel_m=1, outline=Polygon.from_bbox((0, 0, 1, 1)), pieces=1,
        state="ready", ready_at=timezone.now(),
    )  # fmt: skip
    for code, words in WORDS.items():
        lng, lat = MIDDLE[code]
        place = Point(lng, lat, srid=STORAGE_SRID)
        ground = MultiPolygon(place.buffer(0.0005), srid=STORAGE_SRID)
        worker = person(f"worker_{words}")
        duty = Duty.objects.create(user=worker, role="grid_worker", valid_from=LONG_AGO)
        DutyArea.objects.create(duty=duty, unit_code=code[:9])
        Asset.objects.create(asset_class=lamp, name=f"{words} lamp", note=words, geom=place, owner=unit)
        Asset.objects.create(asset_class=bench, name=f"{words} bench", geom=place)
        box = Asset.objects.create(asset_class=asset_class("0599"), name=f"{words} gauge", geom=place)
        station = Station.objects.create(code=f"ST-{words}", name=f"{words} station", asset=box)
        Datastream.objects.create(
            station=station, code="level", phenomenon="level", name=f"{words} level", unit_symbol="cm"
        )
        point = WaterloggingPoint.objects.create(code=f"WL-{words}", name=f"{words} underpass", place=place)
        point.stations.add(station)
        Building.objects.create(source="test", source_id=words, name=f"{words} house", geom=ground)
        road = MultiLineString(LineString((lng - 0.001, lat), (lng + 0.001, lat)), srid=STORAGE_SRID)
        Road.objects.create(source="test", source_id=words, name=f"{words} road", kind="primary", geom=road)
        Depression.objects.create(
            terrain=terrain, piece=0, geom=ground, deepest=place, area_m2=1, volume_m3=1, depth_m=1,
            deepest_level_m=1, spill_level_m=2, at_edge=False,
        )  # fmt: skip
        now = timezone.now()
        patrol = Patrol.objects.create(
            worker=worker, duty=duty, started_at=now - timedelta(hours=2), ended_at=now, opened_by=words
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE patrol SET track = ST_SetSRID(ST_GeomFromText(%s), 4326) WHERE id = %s",
                [f"MULTILINESTRING M (({lng} {lat} 1, {lng + 0.001} {lat} 2))", patrol.pk],
            )
        report(f"N-{words}", (lng, lat), worker, words)


__all__ = ["FAR", "MIDDLE", "NEAR", "A", "Analyst", "B", "C", "analyst", "furnish", "report"]
