"""How near somebody came to a place, and when, from the fixes of a device. Pure rules.

Places are degrees (WGS 84); distances are metres in the plane that touches the ellipsoid at the place, good
to a few centimetres within 200 m.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# As coverage does: over more nobody knows the way.
LONGEST_GAP = timedelta(minutes=5)
FARTHEST_M = 150.0
_MAJOR_M = 6_378_137.0  # WGS 84
_ECCENTRICITY_2 = 0.00669437999014


@dataclass(frozen=True)
class Trod:
    """A used fix of somebody. `is_driven`: faster than anybody walks."""

    worker_id: int
    device_id: int
    at: datetime
    lng: float
    lat: float
    is_driven: bool = False


@dataclass(frozen=True)
class Approach:
    """The nearest that somebody came within a window, on foot or driving. Metres to the centimetre."""

    worker_id: int
    device_id: int
    at: datetime
    distance_m: float
    is_driven: bool

    def is_near(self, within_m: float) -> bool:
        """The limit itself is near."""
        return self.distance_m <= within_m


@dataclass(frozen=True)
class Plane:
    """Metres east and north of a place."""

    lng: float
    lat: float

    def metres(self, lng: float, lat: float) -> tuple[float, float]:
        """Where a place lies in this plane."""
        phi = math.radians(self.lat)
        bend = 1 - _ECCENTRICITY_2 * math.sin(phi) ** 2
        north = _MAJOR_M * (1 - _ECCENTRICITY_2) / bend**1.5
        east = _MAJOR_M / math.sqrt(bend) * math.cos(phi)
        across = (lng - self.lng + 180) % 360 - 180
        return math.radians(across) * east, math.radians(lat - self.lat) * north


def approaches(
    trod: Sequence[Trod], plane: Plane, window_from: datetime, window_to: datetime
) -> list[Approach]:
    """For each person and device the nearest on foot and the nearest driving; the window's ends are in it.

    `trod`: any fixes around the window, in any order. Where two follow each other within five minutes and
    150 m, the straight way between them counts, as far as it lies in the window.
    """
    nearest: dict[tuple[int, int, bool], Approach] = {}
    before: Trod | None = None
    for one in sorted(trod, key=lambda t: (t.worker_id, t.device_id, t.at)):
        same = before is not None and (before.worker_id, before.device_id) == (one.worker_id, one.device_id)
        found = _nearest(before if same else None, one, plane, window_from, window_to)
        before = one
        if found is None:
            continue
        key = (found.worker_id, found.device_id, found.is_driven)
        if key not in nearest or found.distance_m < nearest[key].distance_m:
            nearest[key] = found
    return list(nearest.values())


def piece(trod: Sequence[Trod], approach: Approach, around: timedelta = LONGEST_GAP) -> list[list[float]]:
    """The way before and after an approach: [longitude, latitude, Unix seconds] in the order of time."""
    near = [
        one
        for one in trod
        if (one.worker_id, one.device_id) == (approach.worker_id, approach.device_id)
        and abs(one.at - approach.at) <= around
    ]
    return [
        [round(one.lng, 7), round(one.lat, 7), one.at.timestamp()] for one in sorted(near, key=lambda t: t.at)
    ]


def _nearest(
    before: Trod | None, one: Trod, plane: Plane, window_from: datetime, window_to: datetime
) -> Approach | None:
    end = plane.metres(one.lng, one.lat)
    start, began = end, one.at
    if before is not None and before.at < one.at <= before.at + LONGEST_GAP:
        there = plane.metres(before.lng, before.lat)
        if math.dist(there, end) <= FARTHEST_M:
            start, began = there, before.at
    if one.at < window_from or began > window_to:
        return None
    took = (one.at - began).total_seconds()
    first = max(0.0, (window_from - began).total_seconds() / took) if took else 1.0
    last = min(1.0, (window_to - began).total_seconds() / took) if took else 1.0
    part = min(max(_foot(start, end), first), last)
    x = start[0] + part * (end[0] - start[0])
    y = start[1] + part * (end[1] - start[1])
    at = began + part * (one.at - began)
    return Approach(one.worker_id, one.device_id, at, round(math.hypot(x, y), 2), one.is_driven)


def _foot(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Where on the way from start (0) to end (1) it comes nearest to the origin."""
    across, up = end[0] - start[0], end[1] - start[1]
    length_2 = across * across + up * up
    if length_2 == 0:
        return 1.0
    return min(1.0, max(0.0, -(start[0] * across + start[1] * up) / length_2))
