"""What somebody on duty is doing: on patrol, standing, off the cell, silent. A pure state machine.

Positions drift by metres and receivers pause, so nothing is believed at once: a change holds for a while
before it counts (dwell), how sure the position is comes off every distance, and the way back has another
threshold than the way out (hysteresis). Time is the device's: a fix that comes late changes nothing here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from grid_units.patrols.fixes import Place, distance_m


class State(StrEnum):
    """States of a patrol."""

    ON_PATROL = "on_patrol"  # 巡查中
    STANDING = "standing"  # 停留
    OFF_CELL = "off_cell"  # 离岗: outside the own cells
    SILENT = "silent"  # 失联: nothing heard lately
    OFF_DUTY = "off_duty"  # 下岗


@dataclass(frozen=True)
class Dwell:
    """The thresholds, all ours."""

    silent_after: timedelta = timedelta(minutes=5)
    standing_after: timedelta = timedelta(minutes=10)
    off_cell_after: timedelta = timedelta(minutes=2)
    back_after: timedelta = timedelta(seconds=30)
    stands_within_m: float = 25.0
    walks_beyond_m: float = 40.0
    off_by_m: float = 20.0  # further outside than this and the accuracy
    unsure_m: float = 10.0  # accuracy of a fix that states none


DWELL = Dwell()


@dataclass(frozen=True)
class Seen:
    """The newest used fix of a person. `outside_m`: metres to their own cells, 0 inside; None: no cells."""

    place: Place
    outside_m: float | None


@dataclass(frozen=True)
class Watch:
    """What is remembered of a person between two looks.

    anchor: where they have been since; a walk takes it along. turning_at: since when the position has said
    the contrary of `is_outside`. in_area_at: when they were last inside, or not surely outside.
    """

    state: State
    since: datetime
    anchor: Place | None = None
    is_outside: bool = False
    turning_at: datetime | None = None
    in_area_at: datetime | None = None
    looked_at: datetime | None = None  # device time of the fix that was looked at last


def look(watch: Watch | None, seen: Seen | None, now: datetime, dwell: Dwell = DWELL) -> Watch:
    """The watch after a look at the newest fix at the moment `now`."""
    if watch is None or watch.state is State.OFF_DUTY:
        watch = Watch(State.SILENT, now)
    if seen is not None and (watch.looked_at is None or seen.place.at > watch.looked_at):
        watch = _moved(watch, seen, dwell)
    return _named(watch, now, dwell)


def _moved(watch: Watch, seen: Seen, dwell: Dwell) -> Watch:
    """The watch after a new fix: where the anchor is, and on which side of the border they are."""
    place, at = seen.place, seen.place.at
    unsure_m = place.accuracy_m if place.accuracy_m is not None else dwell.unsure_m
    was_silent = watch.looked_at is None or at - watch.looked_at > dwell.silent_after
    anchor, is_outside, turning_at = watch.anchor, watch.is_outside, watch.turning_at
    if anchor is None or distance_m(anchor, place) - unsure_m > _leash_m(watch, dwell):
        anchor = place
    in_area_at = watch.in_area_at
    if seen.outside_m is None:
        is_outside, turning_at = False, None
    else:
        says_outside = seen.outside_m > unsure_m + dwell.off_by_m
        if not says_outside:
            in_area_at = at
        says_inside = seen.outside_m <= 0
        if says_inside if is_outside else says_outside:
            # What a silence hides proves no dwell: it counts from the first fix after it.
            turning_at = at if turning_at is None or was_silent else turning_at
            if at - turning_at >= (dwell.back_after if is_outside else dwell.off_cell_after):
                is_outside, turning_at = not is_outside, None
        else:
            turning_at = None
    return replace(
        watch,
        anchor=anchor,
        is_outside=is_outside,
        turning_at=turning_at,
        in_area_at=in_area_at,
        looked_at=at,
    )


def _leash_m(watch: Watch, dwell: Dwell) -> float:
    """How far from the anchor is still the same place: further for those who stand already."""
    return dwell.walks_beyond_m if watch.state is State.STANDING else dwell.stands_within_m


def _named(watch: Watch, now: datetime, dwell: Dwell) -> Watch:
    """The watch with the state that follows from it at a moment."""
    if watch.looked_at is None or now - watch.looked_at > dwell.silent_after:
        state = State.SILENT
    elif watch.is_outside:
        state = State.OFF_CELL
    elif watch.anchor is not None and watch.looked_at - watch.anchor.at >= dwell.standing_after:
        state = State.STANDING
    else:
        state = State.ON_PATROL
    return watch if state is watch.state else replace(watch, state=state, since=now)


ABSENT_AFTER = timedelta(minutes=15)  # ours


def is_absent(
    *,
    on_duty_since: datetime,
    in_area_at: datetime | None,
    watched_since: datetime,
    now: datetime,
    after: timedelta = ABSENT_AFTER,
) -> bool:
    """Whether somebody should be there and is not (应到未到).

    Their shift began `after` ago or longer, we have been listening all that time, and no fix of that time
    lies in their cells.
    """
    if now - max(on_duty_since, watched_since) < after:
        return False
    return in_area_at is None or now - in_area_at >= after
