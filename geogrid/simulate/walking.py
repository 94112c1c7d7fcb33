"""How somebody walks a shift: legs with pauses, and where they are at any moment. Pure and seeded.

The same walker, shift and seed always give the same way, so what was walked before a start and what is walked
after it fit together.
"""

import math
import random
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from geogrid.simulate.plan import SEED, Line, Shift, Walker

EARTH_RADIUS_M: Final = 6_371_008.8
WALK_MPS: Final = (1.15, 1.45)
DRIVE_MPS: Final = (5.0, 7.0)  # above 15 km/h, which counts as driven
PIECE: Final = timedelta(minutes=10)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
DRIFT_M: Final = 2.0  # standard deviation each way of a receiver under the open sky


class Habit(StrEnum):
    """What is peculiar about somebody's shift."""

    WALKS = "walks"
    STANDS = "stands"  # stops for longer than a rest takes
    DRIVES = "drives"
    STRAYS = "strays"  # leaves the own cells again and again
    FALLS_SILENT = "falls_silent"  # nothing is heard from the device for a while


# Of eleven people on duty; taken in turn, so that each kind is there in every shift.
HABITS: Final = (
    Habit.WALKS,
    Habit.DRIVES,
    Habit.WALKS,
    Habit.STANDS,
    Habit.WALKS,
    Habit.WALKS,
    Habit.STRAYS,
    Habit.WALKS,
    Habit.WALKS,
    Habit.FALLS_SILENT,
    Habit.WALKS,
)
SILENT_OF_SHIFT: Final = (0.35, 0.5)  # the part of the shift without a word


@dataclass(frozen=True)
class Where:
    """A place on the way. Degrees (WGS 84), metres per second, degrees from north."""

    lng: float
    lat: float
    speed_mps: float
    heading_deg: float
    accuracy_m: float


@dataclass(frozen=True)
class _Leg:
    begins_s: float
    from_m: float
    speed_mps: float


class Way:
    """A line that is walked to its end and back, measured in metres."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._at_m = [0.0]
        for one, other in pairwise(line):
            self._at_m.append(self._at_m[-1] + metres(one, other))
        self.length_m = self._at_m[-1]

    def place(self, walked_m: float) -> tuple[float, float, float]:
        """(longitude, latitude, heading) after so many metres."""
        if self.length_m == 0:
            return *self._line[0], 0.0
        along = walked_m % (2 * self.length_m)
        is_back = along > self.length_m
        along = 2 * self.length_m - along if is_back else along
        nr = min(bisect_right(self._at_m, along), len(self._line) - 1)
        (west, south), (east, north) = self._line[nr - 1], self._line[nr]
        part = (along - self._at_m[nr - 1]) / ((self._at_m[nr] - self._at_m[nr - 1]) or 1.0)
        across = (east - west) * math.cos(math.radians(south))
        heading = math.degrees(math.atan2(across, north - south)) % 360
        return (
            west + (east - west) * part,
            south + (north - south) * part,
            (heading + 180) % 360 if is_back else heading,
        )


class Walk:
    """One walker's shift."""

    def __init__(self, walker: Walker, shift: Shift, seed: int = SEED) -> None:
        self.shift = shift
        self.habit = HABITS[(walker.nr + shift.begins_at.toordinal()) % len(HABITS)]
        self._name = f"{seed}:{walker.username}:{shift.begins_at.isoformat()}"
        self._way = Way(_straying(walker) if self.habit is Habit.STRAYS else walker.home)
        self._legs = list(self._plan(random.Random(self._name)))
        self._begins = [leg.begins_s for leg in self._legs]

    def _plan(self, chance: random.Random) -> Iterator[_Leg]:
        """Walk some minutes, rest a little, walk on."""
        shift_s = (self.shift.ends_at - self.shift.begins_at).total_seconds()
        pace = DRIVE_MPS if self.habit is Habit.DRIVES else WALK_MPS
        at_s, at_m, nr = 0.0, chance.uniform(0, 2 * self._way.length_m), 0
        while at_s < shift_s:
            speed = chance.uniform(*pace)
            yield _Leg(at_s, at_m, speed)
            walked_s = chance.uniform(240, 900)
            at_s, at_m, nr = at_s + walked_s, at_m + walked_s * speed, nr + 1
            yield _Leg(at_s, at_m, 0.0)
            is_long = self.habit is Habit.STANDS and nr % 2 == 1
            at_s += chance.uniform(1200, 1800) if is_long else chance.uniform(20, 150)

    def where(self, moment: datetime) -> Where | None:
        """Where the device says it is; None when it says nothing: off duty, or fallen silent."""
        if not self.shift.begins_at <= moment < self.shift.ends_at:
            return None
        since_s = (moment - self.shift.begins_at).total_seconds()
        if self.habit is Habit.FALLS_SILENT:
            part = since_s / (self.shift.ends_at - self.shift.begins_at).total_seconds()
            if SILENT_OF_SHIFT[0] <= part < SILENT_OF_SHIFT[1]:
                return None
        leg = self._legs[bisect_right(self._begins, since_s) - 1]
        lng, lat, heading = self._way.place(leg.from_m + (since_s - leg.begins_s) * leg.speed_mps)
        chance = random.Random(f"{self._name}:{moment.timestamp():.0f}")
        east_m, north_m = chance.gauss(0, DRIFT_M), chance.gauss(0, DRIFT_M)
        metre_deg = 1 / (math.radians(1) * EARTH_RADIUS_M)
        return Where(
            lng=round(lng + east_m * metre_deg / math.cos(math.radians(lat)), 7),
            lat=round(lat + north_m * metre_deg, 7),
            speed_mps=round(leg.speed_mps, 2),
            heading_deg=round(heading, 1),
            accuracy_m=round(chance.uniform(4, 9), 1),
        )


def times(since: datetime, until: datetime, every: timedelta) -> Iterator[datetime]:
    """Whole multiples of `every` (since 1970) in [since, until): the same however often they are asked."""
    step = every.total_seconds()
    at = math.ceil(since.timestamp() / step) * step
    while at < until.timestamp():
        yield datetime.fromtimestamp(at, since.tzinfo)
        at += step


def untold(
    shifts: Iterable[Shift], known: Container[datetime], since: datetime, until: datetime
) -> list[Shift]:
    """The parts of shifts in [since, until) of which nothing is known. known: beginnings of the pieces of
    PIECE, whole multiples of it, in which anything was heard."""
    found: list[Shift] = []
    for shift in shifts:
        at, ends = max(shift.begins_at, since), min(shift.ends_at, until)
        begun: datetime | None = None
        while at < ends:
            piece = datetime.fromtimestamp(
                at.timestamp() // PIECE.total_seconds() * PIECE.total_seconds(), UTC
            )
            if piece in known:
                found += [Shift(begun, at)] if begun else []
                begun = None
            else:
                begun = begun or at
            at = piece + PIECE
        found += [Shift(begun, ends)] if begun else []
    return found


def _straying(walker: Walker) -> Line:
    """A part of the own way, and then out of the cells; or the own way where none leads out."""
    if len(walker.away) < 2:
        return walker.home
    return (*reversed(walker.home[: max(2, len(walker.home) // 8)]), *walker.away[1:])


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two places, on a plane around the first: they are a street's length apart at most."""
    north = math.radians(other[1] - one[1])
    east = math.radians(other[0] - one[0]) * math.cos(math.radians(one[1]))
    return EARTH_RADIUS_M * math.hypot(north, east)
