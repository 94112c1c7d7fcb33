"""The staffing of a unit in a week, read whole: who is meant to be where when, gaps, 1+1+1+N, load."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from geogrid.core.errors import Invalid, NotFound
from geogrid.core.models import City, the_city
from geogrid.core.sql import statement
from geogrid.organisations.models import User
from geogrid.organisations.roles import ANSWERS, Action
from grid_units.duties import formula
from grid_units.duties.access import scopes_of, under
from grid_units.duties.gaps import PlannedDuty, Span, merged, spans_of, wall_to_utc
from grid_units.duties.hours import Hole, by_hour, holes
from grid_units.duties.models import DutyArea, Membership
from grid_units.duties.roster import EVER
from grid_units.models import Cell, GridUnit

SQL = Path(__file__).parent / "sql"
DAYS_OF_INCIDENTS = 28
WALLS = ("display", "visitor_display")


@dataclass(frozen=True)
class StandIn:
    """A substitution; `user_id` is None for a leave without anybody, `is_there` False when nobody comes."""

    id: int
    user_id: int | None
    is_there: bool
    span: Span
    reason: str


@dataclass(frozen=True)
class DutyRead:
    """A duty as the database has it, with what of its substitutions touches the week."""

    id: int
    user_id: int
    role: str
    valid_from: datetime
    valid_to: datetime | None
    note: str
    is_there: bool
    units: tuple[str, ...]
    shifts: tuple[tuple[time, time, tuple[int, ...]], ...]  # start, end, weekdays
    stand_ins: tuple[StandIn, ...]

    def planned(self) -> PlannedDuty:
        """The duty as the rules of gaps need it: away when neither the person nor a substitute is there."""
        if self.is_there:
            away: Iterable[Span] = (one.span for one in self.stand_ins if not one.is_there)
        else:
            come = merged(one.span for one in self.stand_ins if one.is_there)
            edges = [EVER[0], *(edge for span in come for edge in span), EVER[1]]
            away = zip(edges[::2], edges[1::2], strict=True)
        shifts = tuple((day, starts, ends) for starts, ends, days in self.shifts for day in days)
        return PlannedDuty(self.units, self.valid_from, self.valid_to, shifts, tuple(away))


@dataclass(frozen=True)
class Week:
    """A week of the city's own calendar, Monday first, and the unit that is looked at."""

    unit: str
    level: str
    name: str
    name_en: str
    monday: date
    span: Span
    city: City

    @property
    def zone(self) -> ZoneInfo:
        return self.city.timezone


def week_of(unit: str, day: date | None) -> Week:
    """The week that holds `day` (today when not given) for a unit of any level.

    Raises:
        NotFound: when there is no such unit.
        Invalid: when the day lies so far off that it has no calendar.
    """
    city = the_city()
    found: GridUnit | Cell | None = GridUnit.objects.filter(code=unit).defer("geom", "geom_3857").first()
    found = found or Cell.objects.filter(code=unit).defer("geom", "geom_3857").first()
    if city is None or found is None:
        raise NotFound(f"There is no unit {unit}.")
    today = timezone.now().astimezone(city.timezone).date()
    asked = day or today
    if abs((asked - today).days) > 3660:
        raise Invalid("The week lies more than ten years off.", {"week": ["A day within ten years."]})
    monday = asked - timedelta(days=asked.weekday())
    midnight = time(0)
    span = (
        wall_to_utc(monday, midnight, city.timezone),
        wall_to_utc(monday + timedelta(days=7), midnight, city.timezone),
    )
    level = found.level if isinstance(found, GridUnit) else "CELL"
    return Week(unit, level, found.name, found.name_en, monday, span, city)


def duties_in(week: Week) -> list[DutyRead]:
    """Duties that touch the week and name a unit within the unit, or one above it."""
    asked: dict[str, Any] = {"unit": week.unit, "starts_at": week.span[0], "ends_at": week.span[1]}
    with connection.cursor() as cursor:
        cursor.execute(statement(SQL, "board_duties"), asked)
        return [_duty(row) for row in cursor.fetchall()]


def _duty(row: Sequence[Any]) -> DutyRead:
    id_, user_id, role, valid_from, valid_to, note, is_there, units, shifts, stand_ins = row
    return DutyRead(
        id=id_,
        user_id=user_id,
        role=role,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note,
        is_there=is_there,
        units=tuple(units or ()),
        shifts=tuple((_clock(starts), _clock(ends), tuple(days)) for starts, ends, days in shifts or ()),
        stand_ins=tuple(
            StandIn(number, substitute, comes, (_moment(starts), _moment(ends)), reason)
            for number, substitute, comes, starts, ends, reason in stand_ins or ()
        ),
    )


_clocks: dict[str, time] = {}


def _clock(text: str) -> time:
    # Tens of thousands of shifts begin and end at the same few times.
    if text not in _clocks and len(_clocks) < 5000:
        _clocks[text] = time.fromisoformat(text)
    return _clocks.get(text) or time.fromisoformat(text)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)


def board(week: Week, viewer: User) -> dict[str, Any]:
    """Content of BoardSerializer: rows of places, the duties on them and the people by name."""
    duties = duties_in(week)
    scopes = scopes_of(viewer)
    prefixes = scopes.prefixes(Action.STAFF_CELLS)
    rows = _rows(week, duties)
    shown = {row["code"] for row in rows}
    people = {duty.user_id for duty in duties}
    people |= {one.user_id for duty in duties for one in duty.stand_ins if one.user_id is not None}
    return {
        "unit": _unit(week),
        "week": week.monday,
        "starts_at": week.span[0],
        "ends_at": week.span[1],
        "may_staff": scopes.may(Action.STAFF_CELLS, week.unit),
        "formula": [{"key": p.key, "role": p.role, "at_least": p.at_least} for p in formula.FORMULA],
        "rows": rows,
        "people": _named(people),
        "duties": [_shown(duty, shown, prefixes) for duty in duties],
    }


def _unit(week: Week) -> dict[str, Any]:
    return {"code": week.unit, "level": week.level, "name": week.name, "name_en": week.name_en}


def _rows(week: Week, duties: Sequence[DutyRead]) -> list[dict[str, Any]]:
    """The units above, the unit, and all within it, in the order of their codes."""
    segments = week.city.code_segments
    above = [week.unit[: sum(segments[:n])] for n in range(1, 5) if sum(segments[:n]) < len(week.unit)]
    units = GridUnit.objects.filter(Q(code__in=above) | Q(code__startswith=week.unit))
    cells = Cell.objects.within(week.unit).values_list("code", "name", "name_en", "households")
    counted = formula.counts(
        [(duty.user_id, duty.role, duty.units) for duty in duties], [row[0] for row in cells], segments
    )
    full = [code for code, found in counted.items() if formula.is_complete(found)]
    rows: list[dict[str, Any]] = [
        {
            "code": code, "level": level, "name": name, "name_en": name_en, "households": None, "found": [],
            "complete": sum(one.startswith(code) for one in full),
            "cells": sum(one.startswith(code) for one in counted),
        }
        for code, level, name, name_en in units.values_list("code", "level", "name", "name_en")
    ]  # fmt: skip
    rows += [
        {
            "code": code, "level": "CELL", "name": name, "name_en": name_en, "households": households,
            "found": list(counted[code]), "complete": int(formula.is_complete(counted[code])), "cells": 1,
        }
        for code, name, name_en, households in cells
    ]  # fmt: skip
    return sorted(rows, key=lambda row: str(row["code"]))


def _shown(duty: DutyRead, shown: set[str], prefixes: tuple[str, ...]) -> dict[str, Any]:
    here = [code for code in duty.units if code in shown]
    yours = bool(duty.units) and all(code.startswith(prefixes) for code in duty.units)
    return {
        "id": duty.id,
        "user": duty.user_id,
        "role": duty.role,
        "units": here,
        "elsewhere": len(duty.units) - len(here),
        "shifts": [
            {"starts": starts.isoformat(), "ends": ends.isoformat(), "weekdays": days}
            for starts, ends, days in duty.shifts
        ],
        "valid_from": duty.valid_from,
        "valid_to": duty.valid_to,
        "note": duty.note,
        "is_there": duty.is_there,
        "stand_ins": [
            {
                "id": one.id,
                "user": one.user_id,
                "is_there": one.is_there,
                "valid_from": one.span[0],
                "valid_to": one.span[1],
                "reason": one.reason if yours else "",  # why somebody is away is for those who staff
            }
            for one in duty.stand_ins
        ],
        "yours": yours,
    }


def _named(ids: set[int]) -> list[dict[str, Any]]:
    people = User.objects.filter(pk__in=ids).order_by("username")
    return [{"id": one.pk, "username": one.username, "name": str(one)} for one in people]


def gaps_in(week: Week) -> dict[str, Any]:
    """Content of GapsSerializer: the holes of the unit's cells, and their sums by hour."""
    found = _holes(week, duties_in(week))
    return {
        "unit": _unit(week),
        "hours": [vars(hour) for hour in by_hour(found, week.span)],
        "holes": [{"cells": hole.cells, "own": hole.own, "nobody": hole.nobody} for hole in found],
    }


def _holes(week: Week, duties: Iterable[DutyRead]) -> list[Hole]:
    answering = {role.value for role in ANSWERS}
    planned = [duty.planned() for duty in duties if duty.role in answering]
    cells = Cell.objects.within(week.unit).order_by("code").values_list("code", flat=True)
    return holes(planned, cells, week.span, week.zone, week.city.code_segments)


def loads_in(week: Week) -> list[dict[str, Any]]:
    """Rows of LoadSerializer: what the cells of each person within the unit add up to, and their hours.

    Incidents are those reported in the cells within DAYS_OF_INCIDENTS before now. Cells that several people
    share by shifts count whole for each of them; the hours say how much of the week is theirs.
    """
    since = timezone.now() - timedelta(days=DAYS_OF_INCIDENTS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, households, incidents, street_m FROM core.load_of_cells(%s, %s)", [week.unit, since]
        )
        of_cell = {code: figures for code, *figures in cursor.fetchall()}
    within: dict[str, set[str]] = defaultdict(set)
    for cell in of_cell:
        for length in range(len(week.unit), len(cell) + 1):
            within[cell[:length]].add(cell)
    held: dict[tuple[int, str], set[str]] = defaultdict(set)
    hours: dict[tuple[int, str], list[Span]] = defaultdict(list)
    for duty in duties_in(week):
        named = [code for code in duty.units if code.startswith(week.unit)]
        if not named:
            continue
        key = (duty.user_id, duty.role)
        for code in named:
            held[key] |= within[code]
        own = duty.planned()
        theirs = spans_of(_with_away(own, [one.span for one in duty.stand_ins]), week.span, week.zone)
        hours[key] += theirs if duty.is_there else []
        for one in duty.stand_ins:
            if one.user_id is not None and one.is_there:
                hours[one.user_id, duty.role] += spans_of(_within(own, one.span), week.span, week.zone)
    people = {one["id"]: one for one in _named({user for user, _ in held})}
    return [
        {
            **people[user],
            "role": role,
            "cells": len(cells),
            "households": sum(of_cell[cell][0] or 0 for cell in cells),
            "incidents": sum(of_cell[cell][1] for cell in cells),
            "street_m": sum(of_cell[cell][2] for cell in cells),
            "hours": sum(((b - a).total_seconds() for a, b in merged(hours[user, role])), 0.0) / 3600,
        }
        for (user, role), cells in sorted(held.items())
    ]


def _with_away(duty: PlannedDuty, away: Sequence[Span]) -> PlannedDuty:
    return PlannedDuty(duty.units, duty.valid_from, duty.valid_to, duty.shifts, tuple(away))


def _within(duty: PlannedDuty, span: Span) -> PlannedDuty:
    ends = min(span[1], duty.valid_to) if duty.valid_to else span[1]
    return PlannedDuty(duty.units, max(span[0], duty.valid_from), ends, duty.shifts)


def people_for(unit: str, staffer: User) -> list[dict[str, Any]]:
    """Rows of CandidateSerializer: who can be put on duty in a unit.

    People with a role or a duty in what `staffer` staffs, and those with a role in a unit above `unit`.
    """
    prefixes = scopes_of(staffer).prefixes(Action.STAFF_CELLS)
    in_force = Membership.objects.in_force().exclude(role__in=WALLS)
    above = [unit[:n] for n in range(len(unit) + 1)]
    roles = in_force.filter(under(prefixes, "unit_prefix") | Q(unit_prefix__in=above))
    named: dict[int, list[dict[str, str]]] = defaultdict(list)
    for user_id, role, prefix in roles.order_by("id").values_list("user_id", "role", "unit_prefix"):
        named[user_id].append({"role": role, "unit": prefix})
    on_duty = DutyArea.objects.filter(under(prefixes, "unit_code")).values("duty__user_id")
    people = User.objects.filter(Q(pk__in=named) | Q(pk__in=on_duty), is_active=True, display=None)
    return [
        {"id": one.pk, "username": one.username, "name": str(one), "roles": named[one.pk]}
        for one in people.order_by("username")
    ]
