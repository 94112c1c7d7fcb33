"""What a fix (定位点) is worth: used or not and why, late or not, driven or walked. Pure rules.

Every fix is kept as it came; what is decided here is a flag beside it. Fixes are judged in the order of the
device's own clock, so that one that comes late is compared with its neighbours in time and not with what
came last.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EARTH_RADIUS_M = 6_371_008.8  # mean radius; against the ellipsoid at most 0.6 % wrong, enough for speeds


class Unused(StrEnum):
    """Why a fix is not used. The first that holds counts, in this order."""

    FUTURE = "future"  # 时间超前: the device's clock is ahead of ours
    STALE = "stale"  # 过期: older than what coverage is still amended for
    INVALID = "invalid"  # 无效: the device itself says that it has no position
    NULL_ISLAND = "null_island"  # 零坐标: 0° 0°, what broken receivers send
    ACCURACY = "accuracy"  # 精度不足
    SPEED = "speed"  # 速度异常: the device states a speed that nobody on duty has
    DUPLICATE = "duplicate"  # 重复: this device has said where it was at that moment
    JUMP = "jump"  # 漂移: too far from where it was just before


@dataclass(frozen=True)
class Limits:
    """The thresholds. All are ours but where a source is named."""

    ahead: timedelta = timedelta(minutes=2)  # clocks of phones that set themselves differ by seconds
    late: timedelta = timedelta(minutes=5)  # later than this says nothing about now
    stale: timedelta = timedelta(days=30)
    null_island_deg: float = 0.001  # about 100 m around 0° 0°
    accuracy_m: float = 50.0  # a receiver under the open sky says 3 to 15; a cell tower hundreds
    speed_mps: float = 60.0  # 216 km/h
    jump_mps: float = 42.0  # 151 km/h from one fix to the next, their accuracies taken off
    believed_after: timedelta = timedelta(seconds=60)  # a new place that lasts so long is no jump any more
    driven_mps: float = 15 / 3.6  # issue B: passed above 15 km/h is driven
    metres_per_hdop: float = 5.0  # error of one range at HDOP 1, where a device gives no accuracy


LIMITS = Limits()


@dataclass(frozen=True)
class Fix:
    """One position as a device said it. Degrees (WGS 84), metres, metres per second, UTC; None: not said."""

    at: datetime
    lng: float
    lat: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    battery_pct: float | None = None
    is_valid: bool = True


@dataclass(frozen=True)
class Place:
    """Where a device was: a fix that was used, as far as the next ones are compared with it."""

    at: datetime
    lng: float
    lat: float
    accuracy_m: float | None = None


@dataclass(frozen=True)
class Doubt:
    """A run of fixes, taken for jumps, that agree with each other: it may have moved after all."""

    since: datetime
    last: Place


@dataclass(frozen=True)
class Verdict:
    """What is decided of one fix. `unused` None: it is used. `is_newest`: newer than all used before."""

    unused: Unused | None
    is_late: bool = False
    is_driven: bool = False
    is_newest: bool = False


@dataclass(frozen=True)
class Judged:
    """The verdicts in the order of the fixes, and what to remember for the next ones."""

    verdicts: tuple[Verdict, ...]
    newest: Place | None
    doubt: Doubt | None


def accuracy_of_hdop(hdop: float, limits: Limits = LIMITS) -> float:
    """Metres that a horizontal dilution of precision stands for, roughly."""
    return hdop * limits.metres_per_hdop


def distance_m(one: Place | Fix, other: Place | Fix) -> float:
    """Metres between two places on the sphere (haversine)."""
    low, high = math.radians(one.lat), math.radians(other.lat)
    across = math.radians(other.lng - one.lng)
    half = math.sin((high - low) / 2) ** 2 + math.cos(low) * math.cos(high) * math.sin(across / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def judge(
    fixes: Sequence[Fix],
    *,
    received_at: datetime,
    newest: Place | None = None,
    around: Iterable[Place] = (),
    known_at: frozenset[datetime] = frozenset(),
    doubt: Doubt | None = None,
    limits: Limits = LIMITS,
) -> Judged:
    """Judge what one device sent together.

    newest: the used fix with the latest device time so far. around: used fixes of before that lie near those
    that are not newer (a neighbour before them at least). known_at: device times that this device has
    reported before. doubt: what the last call returned.
    """
    used = sorted({*around, *((newest,) if newest else ())}, key=lambda place: place.at)
    times = [place.at for place in used]
    seen = set(known_at) | {place.at for place in used}
    verdicts: list[Verdict] = [Verdict(None)] * len(fixes)
    for number in sorted(range(len(fixes)), key=lambda n: fixes[n].at):
        fix = fixes[number]
        is_late = received_at - fix.at > limits.late
        unused = _unusable(fix, received_at, limits)
        if unused is None and fix.at in seen:
            unused = Unused.DUPLICATE
        if unused not in (Unused.FUTURE, Unused.STALE):
            seen.add(fix.at)
        if unused is not None:
            verdicts[number] = Verdict(unused, is_late=is_late)
            continue
        place = Place(fix.at, fix.lng, fix.lat, fix.accuracy_m)
        slot = bisect_right(times, fix.at)
        before = used[slot - 1] if slot else None
        is_newest = slot == len(used)
        if before is not None and _speed_mps(before, place) > limits.jump_mps:
            is_believed, doubt = _doubted(place, doubt, is_newest, limits)
            if not is_believed:
                verdicts[number] = Verdict(Unused.JUMP, is_late=is_late)
                continue
        if is_newest:
            doubt = None
        used.insert(slot, place)
        times.insert(slot, fix.at)
        verdicts[number] = Verdict(None, is_late, _is_driven(fix, before, limits), is_newest)
    last = used[-1] if used else None
    return Judged(tuple(verdicts), last, doubt)


def _unusable(fix: Fix, received_at: datetime, limits: Limits) -> Unused | None:
    """What is wrong with a fix by itself."""
    if fix.at > received_at + limits.ahead:
        return Unused.FUTURE
    if fix.at < received_at - limits.stale:
        return Unused.STALE
    if not fix.is_valid:
        return Unused.INVALID
    if abs(fix.lng) < limits.null_island_deg and abs(fix.lat) < limits.null_island_deg:
        return Unused.NULL_ISLAND
    if fix.accuracy_m is not None and fix.accuracy_m > limits.accuracy_m:
        return Unused.ACCURACY
    if fix.speed_mps is not None and fix.speed_mps > limits.speed_mps:
        return Unused.SPEED
    return None


def _speed_mps(before: Place, after: Place) -> float:
    """Speed that it takes at least to get from one to the other, as sure as they are."""
    unsure_m = (before.accuracy_m or 0.0) + (after.accuracy_m or 0.0)
    seconds = (after.at - before.at).total_seconds()
    sure_m = max(0.0, distance_m(before, after) - unsure_m)
    return sure_m / seconds if seconds > 0 else (math.inf if sure_m > 0 else 0.0)


def _doubted(place: Place, doubt: Doubt | None, is_newest: bool, limits: Limits) -> tuple[bool, Doubt | None]:
    """Whether a jump is believed by now, and the doubt that remains."""
    if not is_newest:
        return False, doubt
    agrees = (
        doubt is not None and place.at > doubt.last.at and _speed_mps(doubt.last, place) <= limits.jump_mps
    )
    if doubt is None or not agrees:
        return False, Doubt(place.at, place)
    return place.at - doubt.since >= limits.believed_after, Doubt(doubt.since, place)


def _is_driven(fix: Fix, before: Place | None, limits: Limits) -> bool:
    """Faster than anybody walks: by what the device says, else by the way from the fix before."""
    if fix.speed_mps is not None:
        return fix.speed_mps > limits.driven_mps
    if before is None or fix.at - before.at > limits.late:
        return False
    return _speed_mps(before, Place(fix.at, fix.lng, fix.lat, fix.accuracy_m)) > limits.driven_mps
