"""Setting a simulation up in the demonstration city: stations and waterlogging points at its low places,
devices for the people on duty, tokens, and the ways that they will walk. All marked as simulated.

Done again it makes only what is missing. What moves afterwards goes through the public doors.
"""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import shapely
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Max, QuerySet

from assets import catalogue
from assets.models import Asset, AssetClass
from assets.sensors import actions as sensors
from assets.sensors.models import Datastream, Station, StationToken
from geogrid.core.actor import System, acting_as
from geogrid.core.errors import Conflict
from geogrid.core.geo import STORAGE_SRID
from geogrid.core.models import the_city
from geogrid.core.sql import statement
from geogrid.demo.roster import units_of_class
from geogrid.demo.terrain import low_places
from geogrid.organisations.actions import make_token as make_api_token
from geogrid.organisations.authentication import digest_of
from geogrid.organisations.models import ApiToken, Organisation, User
from geogrid.organisations.roles import Action, Role
from geogrid.simulate.plan import SEED, Gauge, Line, Plan, Shift, Target, Walker, read_plan, write_plan
from geogrid.simulate.streets import Streets
from geogrid.simulate.walking import PIECE, untold
from grid_units.duties.models import Duty, Membership
from grid_units.models import Cell
from grid_units.patrols.actions import make_device
from grid_units.patrols.models import Device, Pairing, Patrol

SIMULATION: Final = System("simulation")
SQL: Final = Path(__file__).parent / "sql"
SOURCE: Final = "simulated"
STATION_CLASS: Final = "0599"  # 监测点
NAME: Final = "模拟 simulation"
BACK: Final = timedelta(days=3)
AHEAD: Final = timedelta(days=30)
TARGETS: Final = 400
LOCK: Final = (72101, 5)  # one preparation at a time
# How much of what a place can hold a storm fills; the twelve places of the demonstration in their order.
PEAKS_CM: Final = (92, 78, 61, 26, 55, 34, 66, 19, 47, 52, 12, 70)
LAG_S: Final = (0, 300, 900, 1500, 600, 1800, 1200, 2400, 300, 900, 2100, 600)
RAIN_AT: Final = (0, 6, 10)  # the places beside which a rain gauge stands
RAIN_PEAK_MM_H: Final = 28.0
THRESHOLDS: Final = [
    {"level": "watch", "from": 15},
    {"level": "serious", "from": 30},
    {"level": "critical", "from": 50},
]


def plan_path() -> Path:
    """Where the plan is kept."""
    return Path(settings.VAR_DIR) / "simulation" / "plan.json"


def prepare(now: datetime) -> Plan:
    """Make what is missing and write the plan; the plan.

    Raises:
        Conflict: when this is no demonstration city.
    """
    city = the_city()
    if city is None or not city.is_demo:
        raise Conflict("People and water are simulated in the demonstration city only: geogrid demo.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
        before = read_plan(plan_path())
        gauges = _gauges(now)
        people = _people_on_duty()
        tokens = _device_tokens(people, before, now)
        walkers = _walkers(people, tokens, city.timezone, now, before)
        _open_past_patrols(people, walkers, now)
        plan = Plan(
            made_at=before.made_at if before else now,
            walkers=walkers,
            gauges=gauges,
            gateway_token=_gateway_token(before),
            citizen_token=_citizen_token(before, now),
            targets=_targets(),
        )
        write_plan(plan, plan_path())
    return plan


# Water ---------------------------------------------------------------------------------------------------
def _gauges(now: datetime) -> tuple[Gauge, ...]:
    """A waterlogging point with its station at each low place, and three rain gauges."""
    kind = AssetClass.objects.get(scheme=catalogue.SCHEME, version=catalogue.VERSION, code=STATION_CLASS)
    roles = ("competent_authority", "owner", "maintainer")
    units: dict[str, Any] = {
        role: Organisation.objects.filter(code=code).first()
        for role, code in zip(roles, units_of_class(STATION_CLASS), strict=True)
    }
    gauges: list[Gauge] = []
    for nr, place in enumerate(low_places()):
        point = Point(place.lng, place.lat, srid=STORAGE_SRID)
        code = f"SIM-W{nr + 1:02}"
        station = Station.objects.filter(code=code).first()
        if station is None:
            name, name_en = f"{place.street} 积水监测（模拟）", f"{place.street} water gauge (simulated)"
            station = _station(code, name, name_en, point, kind, units)
            _level_stream(station)
            sensors.make_waterlogging_point(
                code=f"SIM-P{nr + 1:02}",
                name=place.street,
                place=point,
                stations=[station],
                is_simulated=True,
                actor=SIMULATION,
            )
        peak = min(PEAKS_CM[nr % len(PEAKS_CM)], 90 * place.depth_m)
        gauges.append(
            Gauge(code, "level", "level", place.street, place.lng, place.lat, peak, LAG_S[nr % len(LAG_S)])
        )
        if nr in RAIN_AT:
            gauges.append(_rain_gauge(nr, place.street, point, kind, units))
    heard = dict(
        Datastream.objects.filter(station__code__in=[gauge.station for gauge in gauges])
        .values_list("station__code")
        .annotate(at=Max("state__last_at"))
    )
    return tuple(Gauge(**{**vars(gauge), "heard_at": heard.get(gauge.station)}) for gauge in gauges)


def _rain_gauge(nr: int, street: str, beside: Point, kind: AssetClass, units: dict[str, Any]) -> Gauge:
    code = f"SIM-R{nr + 1:02}"
    point = Point(beside.x + 2e-4, beside.y + 1e-4, srid=STORAGE_SRID)
    if not Station.objects.filter(code=code).exists():
        name, name_en = f"{street} 雨量站（模拟）", f"{street} rain gauge (simulated)"
        station = _station(code, name, name_en, point, kind, units)
        fields = {"phenomenon": "rain", "name": "雨量", "name_en": "rain", "unit_symbol": "mm"}
        limits = {"expected_interval_s": 300, "lowest": 0, "highest": 200}
        sensors.add_datastream(station=station, fields={"code": "rain", **fields, **limits}, actor=SIMULATION)
    return Gauge(code, "rain", "rain", street, point.x, point.y, RAIN_PEAK_MM_H, 0)


def _station(
    code: str, name: str, name_en: str, point: Point, kind: AssetClass, units: dict[str, Any]
) -> Station:
    with acting_as(SIMULATION):
        asset = Asset.objects.create(
            asset_class=kind,
            geom=point,
            name=name,
            source=SOURCE,
            source_id=code,
            simulated_fields=["geom", "name", "state", *units],
            **units,
        )
    return sensors.make_station(
        code=code, asset=asset, name=name, name_en=name_en, is_simulated=True, actor=SIMULATION
    )


def _level_stream(station: Station) -> None:
    sensors.add_datastream(
        station=station,
        fields={
            "code": "level",
            "phenomenon": "level",
            "name": "积水深度",
            "name_en": "water depth",
            "unit_symbol": "cm",
            "expected_interval_s": 300,
            "lowest": 0,
            "highest": 300,
            "thresholds": THRESHOLDS,
            "hysteresis": 2,
            "clear_s": 60,
            "event_code": "0506",
        },
        actor=SIMULATION,
    )


def _gateway_token(before: Plan | None) -> str:
    """A token that speaks for all simulated stations: the one of before, else a new one."""
    stations = list(Station.objects.filter(is_simulated=True, code__startswith="SIM-"))
    if before is not None:
        known = StationToken.objects.filter(digest=digest_of(before.gateway_token), revoked_at=None).first()
        if known is not None and known.stations.count() == len(stations):
            return before.gateway_token
    return sensors.make_token(stations=stations, name=NAME, actor=SIMULATION)[1]


# People --------------------------------------------------------------------------------------------------
def _people_on_duty() -> list[Duty]:
    """The simulated grid workers' duties, in the order of their log-in names."""
    duties = Duty.objects.filter(role=Role.GRID_WORKER, user__is_simulated=True, valid_to=None)
    return list(
        duties.select_related("user").prefetch_related("areas", "shifts").order_by("user__username", "id")
    )


def _device_tokens(people: list[Duty], before: Plan | None, now: datetime) -> dict[str, str]:
    """By log-in name the token of the person's device; devices whose token is lost are ended."""
    tokens = {walker.username: walker.token for walker in before.walkers} if before else {}
    usable = set(_simulated_devices().filter(revoked_at=None).values_list("digest", flat=True))
    kept = {name: token for name, token in tokens.items() if digest_of(token) in usable}
    lost = _simulated_devices().filter(revoked_at=None).exclude(digest__in=map(digest_of, kept.values()))
    with acting_as(SIMULATION):
        Pairing.objects.filter(device__in=lost, valid_to=None, valid_from__lt=now).update(valid_to=now)
        lost.update(revoked_at=now)
    chief = Membership.objects.administrators().order_by("id").first()
    if chief is None:
        raise Conflict("The demonstration city has no administrator; remove var/ and start it anew.")
    for duty in people:
        if duty.user.username not in kept:
            device, kept[duty.user.username] = make_device(
                actor=chief.user, name=f"{NAME}", kind="phone", worker=duty.user, at=now
            )
            Device.objects.filter(pk=device.pk).update(is_simulated=True)
            # Carried since long ago, so that the days before are walked by somebody.
            Pairing.objects.filter(device=device).update(valid_from=now - BACK - timedelta(days=1))
    return kept


def _simulated_devices() -> QuerySet[Device]:
    return Device.objects.filter(is_simulated=True)


def _walkers(
    people: list[Duty], tokens: dict[str, str], zone: ZoneInfo, now: datetime, before: Plan | None
) -> tuple[Walker, ...]:
    known = _known_pieces(now)
    ways = _ways_of(people, before)
    walkers: list[Walker] = []
    for duty in people:
        name = duty.user.username
        home, away = ways[name]
        if len(home) < 2:
            continue
        shifts = tuple(shifts_of(_weekly(duty), zone, now))
        past = tuple(untold(shifts, known.get(name, frozenset()), now - BACK, now))
        walkers.append(Walker(len(walkers), name, tokens[name], home, away, shifts, past))
    return tuple(walkers)


def _ways_of(people: list[Duty], before: Plan | None) -> dict[str, tuple[Line, Line]]:
    """By log-in name the way through the own cells and the one out of them. Those of before are kept."""
    kept = {walker.username: (walker.home, walker.away) for walker in before.walkers} if before else {}
    if kept.keys() >= {duty.user.username for duty in people}:
        return kept
    streets = Streets(_street_lines())
    ground = {cell.code: shapely.from_wkb(bytes(cell.geom.wkb)) for cell in Cell.objects.only("code", "geom")}
    found: dict[tuple[str, ...], tuple[Line, Line]] = {(): ((), ())}
    for duty in people:
        cells = tuple(sorted(area.unit_code for area in duty.areas.all() if area.unit_code in ground))
        if cells not in found:
            own = shapely.union_all([ground[code] for code in cells])
            home = streets.round_in(own, random.Random(f"{SEED}:{cells}"))
            found[cells] = home, (streets.way_out(home[0], own) if home else ())
        kept[duty.user.username] = found[cells]
    return kept


def _known_pieces(now: datetime) -> dict[str, set[datetime]]:
    """By log-in name the pieces of the days before in which anything was heard."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement(SQL, "known_pieces"), {"since": now - BACK, "piece_s": PIECE.total_seconds()}
        )
        return {name: set(pieces) for name, pieces in cursor.fetchall()}


def _street_lines() -> Iterable[list[tuple[float, float]]]:
    """The streets that are to be patrolled, as lists of places."""
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "walked_streets"))
        lines = [shapely.from_wkb(bytes(wkb)) for (wkb,) in cursor.fetchall()]
    return [[(place[0], place[1]) for place in line.coords] for line in lines]


def _weekly(duty: Duty) -> list[tuple[int, time, time]]:
    return [(shift.weekday, shift.starts, shift.ends) for shift in duty.shifts.all()]


def shifts_of(weekly: Iterable[tuple[int, time, time]], zone: ZoneInfo, now: datetime) -> list[Shift]:
    """The shifts of the days around `now`, in order. weekly: (weekday, starts, ends) in the city's own time;
    one that ends at or before its start ends the next day. Without any: day and night."""
    listed = list(weekly) or [(day, time(), time()) for day in range(7)]
    first = (now - BACK).astimezone(zone).date() - timedelta(days=1)
    found: list[Shift] = []
    for back in range((BACK + AHEAD).days + 2):
        day: date = first + timedelta(days=back)
        for weekday, starts, ends in listed:
            if weekday == day.weekday():
                until = day if ends > starts else day + timedelta(days=1)
                begins_at = datetime.combine(day, starts, zone).astimezone(now.tzinfo)
                found.append(Shift(begins_at, datetime.combine(until, ends, zone).astimezone(now.tzinfo)))
    return sorted(found, key=lambda shift: shift.begins_at)


def _open_past_patrols(people: list[Duty], walkers: tuple[Walker, ...], now: datetime) -> None:
    """Patrols of the shifts that nobody watched, so that what is told of them belongs to somebody's walk."""
    duties = {duty.user.username: duty for duty in people}
    names = [walker.username for walker in walkers]
    known = Patrol.objects.filter(worker__username__in=names, started_at__gte=now - BACK - timedelta(days=2))
    there: dict[str, list[Patrol]] = {}
    for patrol in known.select_related("worker"):
        there.setdefault(patrol.worker.username, []).append(patrol)
    made = []
    for walker in walkers:
        for shift in walker.shifts:
            is_past = shift.begins_at < now and shift.ends_at > now - BACK
            others = there.get(walker.username, [])
            if not is_past or any(
                one.started_at < shift.ends_at and (one.ended_at or now) > shift.begins_at for one in others
            ):
                continue
            made.append(
                Patrol(
                    worker=duties[walker.username].user,
                    duty=duties[walker.username],
                    started_at=shift.begins_at,
                    ended_at=min(shift.ends_at, now),  # the clock begins what goes on
                    opened_by=SIMULATION.name,
                )
            )
    with acting_as(SIMULATION):
        Patrol.objects.bulk_create(made)


# Citizens ------------------------------------------------------------------------------------------------
def _citizen_token(before: Plan | None, now: datetime) -> str:
    """A token with which an invented volunteer reports: the one of before, else a new one."""
    if before is not None:
        digest = digest_of(before.citizen_token)
        if ApiToken.objects.filter(digest=digest, revoked_at=None).exists():
            return before.citizen_token
    volunteer = (
        User.objects.filter(is_simulated=True, memberships__role=Role.VOLUNTEER).order_by("id").first()
    )
    if volunteer is None:
        raise Conflict("The demonstration city has no volunteer; remove var/ and start it anew.")
    ApiToken.objects.filter(user=volunteer, name=NAME, revoked_at=None).update(revoked_at=now)
    return make_api_token(owner=volunteer, name=NAME, scopes=[Action.REPORT.value], expires_at=None, at=now)[
        1
    ]


def _targets() -> tuple[Target, ...]:
    """Objects all over the city, always the same ones."""
    standing = Asset.objects.standing().exclude(code="").order_by("id")
    ids = list(standing.values_list("id", flat=True))
    chosen = random.Random(SEED).sample(ids, min(TARGETS, len(ids)))
    found = []
    for asset in Asset.objects.filter(pk__in=chosen).order_by("id").only("code", "geom"):
        place = asset.geom.point_on_surface
        found.append(Target(asset.code, round(place.x, 7), round(place.y, 7)))
    return tuple(found)
