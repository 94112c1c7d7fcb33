"""90 days of simulated incidents, made through the actions with a passed-in clock, the newest day first.

A day is one transaction, so a history that was cut off goes on with the days that are missing, and a whole
one is left as it is. Every incident is marked as simulated.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.gis.geos import Point
from django.db import connection, transaction
from django.db.models import Max, Min, QuerySet
from django.utils import timezone

from assets.models import Asset
from geogrid.core.errors import Conflict
from geogrid.core.geo import STORAGE_SRID
from geogrid.core.models import the_city
from geogrid.demo import history_plan
from geogrid.demo.history_course import Cast, course
from geogrid.demo.history_plan import EVENTS, Channel, PlannedReport, hours_for_asset, plan_of
from geogrid.demo.history_words import words_for
from geogrid.organisations.models import User
from grid_units.models import Cell
from incidents.answers import answering_at
from incidents.intake import Report, report
from incidents.known_classes import KnownClasses
from incidents.models import EventClass, Incident
from incidents.simulation import SimulatedMove, simulate

DAYS = 90
METRE_DEG = 1 / 111_320
HOUSEHOLDS_A_SHARE = 60  # a cell gets one share, and one more for so many households
LOCK = (72101, 4)  # one history at a time; 3 is the announcer of changes, who keeps it
Course = tuple[Incident, Iterator[SimulatedMove]]


def make_history(
    now: datetime | None = None, days: int = DAYS, rest: Callable[[float], None] = lambda worked_s: None
) -> int:
    """Make the days that are missing up to `now`; how many incidents were made. `rest` is called after each
    day, outside of any transaction, with the seconds that the day took.

    Raises:
        Conflict: when this is no demonstration city.
    """
    now = now or timezone.now()
    city = the_city()
    if city is None or not city.is_demo:
        raise Conflict("Simulated incidents belong into a demonstration city only.")
    today = now.astimezone(city.timezone).date()
    ground, cast, made = Ground(), Cast.of_the_city(), 0
    for day in (today - timedelta(days=back) for back in range(days)):
        began = monotonic()
        made += _make_day(day, city.timezone, ground, cast, now)
        rest(monotonic() - began)
    return made


@transaction.atomic
def _make_day(day: date, zone: ZoneInfo, ground: "Ground", cast: Cast, now: datetime) -> int:
    """Make a local day unless it is there; how many incidents."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
    midnight = datetime.combine(day, time(), zone)
    # What came by a door (it names a client) belongs to no plan.
    is_there = Incident.objects.filter(
        is_simulated=True,
        client="",
        reported_at__gte=midnight,
        reported_at__lt=midnight + timedelta(days=1),
    )
    if is_there.exists():
        return 0
    reports = [(planned, midnight + timedelta(minutes=planned.minute)) for planned in plan_of(day)]
    told = [_report(planned, at, ground, cast) for planned, at in reports if at < now]
    incidents = Incident.objects.select_related("asset", "cell_version", "reported_by").in_bulk(
        [number for _, number, _ in told], field_name="number"
    )
    courses = [
        (incidents[number], course(incidents[number], planned, cast, limit_hours))
        for planned, number, limit_hours in told
    ]
    while courses:
        courses = _play_on(courses, now)
    return len(told)


def _report(
    planned: PlannedReport, at: datetime, ground: "Ground", cast: Cast
) -> tuple[PlannedReport, str, int]:
    """Report it; the plan, the number, and the hours that its class allows."""
    said, limit_hours = ground.report(planned)
    answer = report(said=said, actor=_reporter(planned, said, at, cast), at=at).answer
    return planned, answer["number"], limit_hours


def _play_on(courses: list[Course], now: datetime) -> list[Course]:
    """Make the next move of each incident, all at once; those that have moves left before `now`."""
    played: list[tuple[Incident, SimulatedMove]] = []
    left: list[Course] = []
    for incident, moves in courses:
        move = next(moves, None)
        if move is not None and move.at < now:
            played.append((incident, move))
            left.append((incident, moves))
    simulate(played)
    return left


def _reporter(planned: PlannedReport, said: Report, at: datetime, cast: Cast) -> User:
    """The worker on duty for what a patrol finds, a citizen for what comes by web, else the desk."""
    if planned.channel == Channel.HOTLINE or said.lng is None or said.lat is None:
        return cast.operator
    there = answering_at(lng=said.lng, lat=said.lat, at=at)
    if planned.channel == Channel.PATROL or planned.course == history_plan.Course.ON_THE_SPOT:
        return User.objects.get(pk=there.user_id)
    return cast.volunteer_of(there.unit_code or "")


class Ground:
    """Where things happen: in cells, more where more households are, and to the objects that can break."""

    def __init__(self) -> None:
        cells = Cell.objects.order_by("code").only("code", "geom", "households")
        self._cells = [
            cell for cell in cells for _ in range(1 + (cell.households or 0) // HOUSEHOLDS_A_SHARE)
        ]
        self._event_classes = KnownClasses(EventClass)
        ends = self._objects().aggregate(first=Min("id"), last=Max("id"))
        self._first_id, self._last_id = ends["first"], ends["last"]

    def report(self, planned: PlannedReport) -> tuple[Report, int]:
        """What is said, and the hours that its class allows."""
        if planned.event_code or self._first_id is None:
            return self._of_an_event(planned)
        return self._of_an_object(planned)

    def _objects(self) -> QuerySet[Asset]:
        return Asset.objects.standing()

    def _of_an_object(self, planned: PlannedReport) -> tuple[Report, int]:
        wanted_id = self._first_id + int(planned.pick * (self._last_id - self._first_id))
        found = self._objects().filter(id__gte=wanted_id).select_related("asset_class").order_by("id")
        asset = found[0]
        place = asset.geom.point_on_surface if not isinstance(asset.geom, Point) else asset.geom
        east, north = planned.spread
        code = asset.asset_class.code
        said = Report(
            **_told_by(planned),
            description=words_for("", code, planned.words),
            lng=place.x + east * 2 * METRE_DEG,
            lat=place.y + north * METRE_DEG,
            # A worker and a label name the object; others are found by class and place.
            asset_id=asset.pk if planned.channel in (Channel.PATROL, Channel.QR) else None,
            asset_class_id=asset.asset_class_id,
        )
        return said, hours_for_asset(code)

    def _of_an_event(self, planned: PlannedReport) -> tuple[Report, int]:
        cell = self._cells[int(planned.pick * len(self._cells))]
        point = _inside(cell, planned.spread)
        code = planned.event_code or next(iter(EVENTS))
        said = Report(
            **_told_by(planned),
            description=words_for(code, "", planned.words),
            lng=point.x,
            lat=point.y,
            event_class_id=self._event_classes.id_of(code),
        )
        return said, EVENTS[code][1]


def _told_by(planned: PlannedReport) -> dict[str, Any]:
    """Channel, and an invented contact for what came by telephone."""
    is_call = planned.channel == Channel.HOTLINE
    return {
        "channel": planned.channel.value,
        "found_by_patrol": planned.channel == Channel.PATROL,
        "contact_name": "演示来电人 Demo caller" if is_call else "",
        "contact_phone": "000 0000" if is_call else "",
        "is_simulated": True,
    }


def _inside(cell: Cell, spread: tuple[float, float]) -> Point:
    """A point of the cell: as far out as `spread` (-1 to 1 each way) says, drawn in until it lies inside."""
    west, south, east, north = cell.geom.extent
    inner = cell.geom.point_on_surface
    x = (west + east) / 2 + spread[0] * (east - west) / 2
    y = (south + north) / 2 + spread[1] * (north - south) / 2
    for part in (1.0, 0.8, 0.6, 0.4, 0.2):
        point = Point(inner.x + (x - inner.x) * part, inner.y + (y - inner.y) * part, srid=STORAGE_SRID)
        if cell.geom.contains(point):
            return point
    return inner
