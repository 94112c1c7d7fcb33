"""Who is on duty, worked out slowly in plain Python: the judge of `core.on_duty`."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from geogrid.organisations.roles import ANSWERS, Role


@dataclass
class Shift:
    weekday: int
    starts: time
    ends: time


@dataclass
class Leave:
    substitute: int | None
    valid_from: datetime
    valid_to: datetime


@dataclass
class Answering:
    """One duty as the oracle knows it. People are numbers; `inactive` ones never answer."""

    person: int
    role: Role
    units: list[str]
    valid_from: datetime
    valid_to: datetime | None = None
    shifts: list[Shift] = field(default_factory=list)
    leaves: list[Leave] = field(default_factory=list)


def as_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """UTC of a wall-clock time. Skipped: the offset before the change. Repeated: the second time."""
    first, second = wall.replace(tzinfo=zone, fold=0), wall.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    assert before is not None and after is not None
    return (first if before <= after else second).astimezone(UTC)


def shift_holds(shift: Shift, at: datetime, zone: ZoneInfo) -> bool:
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=2), today - timedelta(days=1), today, today + timedelta(days=1)):
        if day.weekday() != shift.weekday:
            continue
        last_day = day + timedelta(days=1) if shift.ends <= shift.starts else day
        begins = as_utc(datetime.combine(day, shift.starts), zone)
        if begins <= at < as_utc(datetime.combine(last_day, shift.ends), zone):
            return True
    return False


def who_answers(
    duties: list[Answering], code: str, at: datetime, zone: ZoneInfo, inactive: set[int]
) -> tuple[int, int, bool] | None:
    """(index of the duty, person, is_substitute) for a 15-digit cell code, or None."""
    for digits in (15, 12, 9, 6):
        found = []
        for index, duty in enumerate(duties):
            if code[:digits] not in duty.units or duty.role not in ANSWERS:
                continue
            if at < duty.valid_from or (duty.valid_to is not None and at >= duty.valid_to):
                continue
            if duty.shifts and not any(shift_holds(shift, at, zone) for shift in duty.shifts):
                continue
            person: int | None = duty.person
            stands_in = False
            for leave in duty.leaves:
                if leave.valid_from <= at < leave.valid_to:
                    person, stands_in = leave.substitute, True
            if person is None or person in inactive:
                continue
            found.append((ANSWERS.index(duty.role), index, person, stands_in))
        if found:
            _, index, person, stands_in = min(found)
            return index, person, stands_in
    return None
