"""The world of the matrix, committed, so that servers and other logins see it too.

Everybody with an area has the first street or its first cell, but for the two `far` ones, who have the
second. The four incidents were reported by the citizen, who has no role at all.
"""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import LineString, MultiLineString, MultiPolygon, Point, Polygon
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from PIL import Image

from assets.cameras.models import Camera
from assets.labels import label_of
from assets.models import Asset, AssetClass, Building, Road
from assets.photos.actions import add_photo
from assets.seen.passing import keep_bits
from assets.sensors import speaking
from assets.sensors.models import Datastream, Station, WaterloggingPoint
from assets.terrain.models import Terrain
from geogrid.core.models import City
from geogrid.organisations.actions import make_token
from geogrid.organisations.display_cookie import COOKIE
from geogrid.organisations.displays import ask_to_pair
from geogrid.organisations.models import Organisation, User
from geogrid.organisations.roles import Role
from grid_units.duties import displays
from grid_units.duties.models import Duty, DutyArea, Membership, Substitution
from grid_units.models import Cell
from grid_units.patrols.models import Device, Pairing, Patrol
from grid_units.workshop.drafts import make_draft
from incidents.intake import Report, report
from incidents.loop.models import Application
from incidents.models import EventClass, Incident, IncidentPhoto
from incidents.patrol_quality.models import Judgement
from tests.grid_units.made_up_city import COUNTY, fill, made_up_city

CELL = f"{COUNTY}001001001"
STREET = CELL[:9]
FAR_CELL = f"{COUNTY}002001001"
FAR_STREET = FAR_CELL[:9]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BACKEND = "django.contrib.auth.backends.ModelBackend"

# Everybody who asks: role, and area by prefix.
STAFF: dict[str, tuple[Role, str]] = {
    "worker": (Role.GRID_WORKER, CELL),
    "far_worker": (Role.GRID_WORKER, FAR_CELL),
    "inspector": (Role.INSPECTOR, COUNTY),
    "superintendent": (Role.SUPERINTENDENT, COUNTY),
    "operator": (Role.OPERATOR, STREET),
    "dispatcher": (Role.DISPATCHER, STREET),
    "handler": (Role.HANDLER, ""),
    "supervisor": (Role.SUPERVISOR, STREET),
    "far_supervisor": (Role.SUPERVISOR, FAR_STREET),
    "commander": (Role.COMMANDER, ""),
    "analyst": (Role.ANALYST, ""),
    "volunteer": (Role.VOLUNTEER, CELL),
    "administrator": (Role.ADMINISTRATOR, ""),
    "display": (Role.DISPLAY, ""),
    "visitor_display": (Role.VISITOR_DISPLAY, ""),
}
# Walls: they come in by the cookie of their pairing.
DISPLAYS = frozenset({"display", "visitor_display"})
# Signed in without a role; with a role that has run out; the administrator's token, for reports only.
OTHERS = ("citizen", "former_operator", "reporting_machine")
VIEWERS = (*STAFF, *OTHERS)
STRANGER = "stranger"


@dataclass
class World:
    """Who is there, and what can be named in an address: `names` fills the paths of the table."""

    users: dict[str, User]
    names: dict[str, Any] = field(default_factory=dict)
    token: str = ""
    sessions: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    def log_everybody_in(self) -> None:
        """One session for each, which the clients of a viewer share."""
        for viewer in self.users.keys() - {"reporting_machine"} - DISPLAYS:
            client = Client()
            client.force_login(self.users[viewer], BACKEND)
            self.sessions[viewer] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self, viewer: str) -> Client:
        """A new client that is `viewer`."""
        if viewer == "reporting_machine":
            return Client(headers={"Authorization": f"Bearer {self.token}"})
        client = Client()
        if viewer in DISPLAYS:
            client.cookies[COOKIE] = self.keys[viewer]
        elif viewer != STRANGER:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[viewer]
        return client


def make_world() -> World:
    """Make everything, committed."""
    City.objects.create(name="示例区", name_en="Sample", county_code=COUNTY, zone="Europe/Helsinki")
    with transaction.atomic(), connection.cursor() as cursor:
        fill(cursor, made_up_city(4, 4, block=2))
    lighting = Organisation.objects.create(code="LIGHT", name="路灯所", kinds=["handling_unit"])
    people = [name for name in (*STAFF, *OTHERS) if name not in DISPLAYS]
    users = {name: User.objects.create(username=name, display_name=name.title()) for name in people}
    for name, (role, prefix) in STAFF.items():
        if name in DISPLAYS:
            continue
        Membership.objects.create(
            user=users[name],
            role=role,
            unit_prefix=prefix,
            organisation=lighting if role == Role.HANDLER else None,
            valid_from=LONG_AGO,
        )
    Membership.objects.create(
        user=users["former_operator"],
        role=Role.OPERATOR,
        valid_from=LONG_AGO,
        valid_to=LONG_AGO.replace(year=2021),
    )
    world = World(users)
    world.token = make_token(
        owner=users["administrator"],
        name="reports",
        scopes=["report"],
        expires_at=None,
        at=timezone.now(),
    )[1]
    world.log_everybody_in()
    _walls(world)
    _on_duty(world)
    _incidents(world, lighting)
    _things(world)
    _patrol(world)
    draft = make_draft(actor=world.users["supervisor"], name="spring")
    world.names |= {"draft": draft.pk, "edition": draft.base_id}
    return world


def _walls(world: World) -> None:
    for name in sorted(DISPLAYS):
        waiting, world.keys[name] = ask_to_pair(address="", at=timezone.now())
        display = displays.confirm(
            code=waiting.code,
            name=name.title(),
            unit=None,
            hides_people=name == "visitor_display",
            actor=world.users["commander"],
            at=timezone.now(),
        )
        world.users[name] = display.user
        world.names[name] = display.pk
    world.names["code"] = ask_to_pair(address="", at=timezone.now())[0].code


def _on_duty(world: World) -> None:
    for name, unit in (("worker", CELL), ("far_worker", FAR_CELL)):
        duty = Duty.objects.create(user=world.users[name], valid_from=LONG_AGO)
        DutyArea.objects.create(duty=duty, unit_code=unit)
        world.names[f"duty_of_{name}"] = duty.pk
    # Those without a place, and all other cells.
    district = Duty.objects.create(user=world.users["inspector"], role="inspector", valid_from=LONG_AGO)
    DutyArea.objects.create(duty=district, unit_code=COUNTY)
    world.names["substitution"] = Substitution.objects.create(
        duty_id=world.names["duty_of_worker"],
        substitute=world.users["volunteer"],
        valid_from=LONG_AGO,
        valid_to=LONG_AGO.replace(month=2),
    ).pk


def middle_of(code: str) -> tuple[float, float]:
    inside = Cell.objects.get(code=code).geom.point_on_surface
    return inside.x, inside.y


def _incidents(world: World, lighting: Organisation) -> None:
    citizen, now = world.users["citizen"], timezone.now()
    places: dict[str, tuple[float, float] | None] = {
        "near": middle_of(CELL),
        "far": middle_of(FAR_CELL),
        "handlers": middle_of(FAR_CELL),
        "unplaced": None,
    }
    for name, place in places.items():
        said = Report(
            channel="hotline",
            description=f"secret {name}",
            lng=place[0] if place else None,
            lat=place[1] if place else None,
            location_text="somewhere",
            contact_name="Mrs Secret",
            contact_phone="555-SECRET",
        )
        with transaction.atomic():
            number = report(said=said, actor=citizen, at=now).answer["number"]
        world.names[name] = number
    Incident.objects.filter(number=world.names["handlers"]).update(responsible_unit=lighting)
    photo = add_photo(file=a_photo(), role="near", uploaded_by=citizen, at=now)
    world.names["tomorrow"] = (now + timedelta(days=1)).isoformat()
    near = Incident.objects.get(number=world.names["near"])
    IncidentPhoto.objects.create(incident=near, photo=photo)
    world.names["application"] = Application.objects.create(
        incident=near,
        move="extend",
        asked_by=world.users["far_supervisor"],
        asked_at=now,
        reason="secret",
    ).pk
    Judgement.objects.create(
        incident=near,
        verdict="miss",
        because="walked_past",
        first_verdict="miss",
        window_from=near.reported_at - timedelta(hours=2),
        window_to=near.reported_at,
        worker=world.users["worker"],
        nearest_at=near.reported_at - timedelta(hours=1),
        nearest_m=5.0,
        judged_at=near.reported_at,
    )
    world.names["incident_photo"] = photo.public_id


def _patrol(world: World) -> None:
    worker = world.users["worker"]
    phone = Device.objects.create(name="phone", digest="0" * 64, made_by=world.users["supervisor"])
    Pairing.objects.create(device=phone, worker=worker, valid_from=LONG_AGO)
    patrol = Patrol.objects.create(worker=worker, started_at=timezone.now(), opened_by="clock")
    world.names |= {"device": phone.pk, "patrol": str(patrol.public_id)}


def _things(world: World) -> None:
    lamp_class = AssetClass.objects.filter(code="0137").first() or AssetClass.objects.create(
        scheme="test",
        version="9",
        code="0137",
        major_name="公用",
        major_name_en="Public",
        name="路灯",
        name_en="Lamp",
        geometry_kind="point",
        origin="standard",
    )
    for name, code in (("lamp", CELL), ("far_lamp", FAR_CELL)):
        lamp = Asset.objects.create(asset_class=lamp_class, geom=Point(*middle_of(code), srid=4326))
        world.names[name] = Asset.objects.get(pk=lamp.pk).code
    lamp = Asset.objects.get(code=world.names["lamp"])
    photo = add_photo(
        file=a_photo(), role="near", uploaded_by=world.users["supervisor"], at=timezone.now(), asset=lamp
    )
    ground = Cell.objects.get(code=CELL).geom
    building = Building.objects.create(
        source="test",
        source_id="1",
        geom=MultiPolygon(Polygon.from_bbox(ground.point_on_surface.buffer(1e-4).extent)),
    )
    lng, lat = middle_of(CELL)
    road = Road.objects.create(
        source="test",
        source_id="1",
        kind="residential",
        geom=MultiLineString(LineString((lng, lat), (lng + 1e-4, lat)), srid=4326),
    )
    keep_bits(timezone.now())
    world.names["road"] = road.pk
    station = Station.objects.create(code="near-gauge", asset=lamp, name="Gauge")
    depth = Datastream.objects.create(
        station=station, code="level", phenomenon="level", name="Depth", unit_symbol="cm"
    )
    point = WaterloggingPoint.objects.create(code="near-water", name="Bridge", place=lamp.geom)
    point.stations.add(station)
    world.names |= {
        "station": station.code,
        "datastream": depth.pk,
        "waterlogging": point.code,
        "station_token": speaking.make_token(name="x", stations=[station])[0].pk,
    }
    camera_asset = Asset.objects.create(asset_class=lamp_class, geom=Point(*middle_of(CELL), srid=4326))
    world.names["camera"] = Camera.objects.create(asset=camera_asset, heading_deg=0).pk
    world.names["terrain"] = Terrain.objects.create(
        name="ground", vertical_unit="metre", crs="EPSG:3857", transform=[1, 0, 0, 0, -1, 0],
        width=9, height=9, pixel_m=1, pieces=1, outline=Polygon.from_bbox((0, 0, 1, 1)),
    ).pk  # fmt: skip
    world.names["label"] = label_of(asset=lamp, actor=world.users["supervisor"], at=timezone.now()).code
    lng, lat = middle_of(CELL)
    far_lng, far_lat = middle_of(FAR_CELL)
    world.names |= {
        "asset_photo": photo.public_id,
        "building": building.pk,
        "cell": CELL,
        "far_cell": FAR_CELL,
        "street": STREET,
        "lng": lng,
        "lat": lat,
        "far_lng": far_lng,
        "far_lat": far_lat,
        "an_hour_ago": (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "event": EventClass.objects.values_list("code", flat=True).first() or "",
    }


def a_photo() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG")
    out.seek(0)
    return out
