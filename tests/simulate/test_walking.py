"""Somebody's shift: the same whenever it is asked, on their streets, at a walker's pace."""

import random
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.ops import nearest_points

from geogrid.simulate.plan import Shift, Walker
from geogrid.simulate.streets import OUT_M, Streets
from geogrid.simulate.walking import DRIFT_M, HABITS, PIECE, Habit, Walk, metres, times, untold

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
SHIFT = Shift(MORNING, MORNING + timedelta(hours=8))
# Three streets that meet, about 110 m each in latitude.
CORNERS = [(24.94, 60.17), (24.94, 60.171), (24.942, 60.171), (24.942, 60.175)]


def walker(nr: int) -> Walker:
    return Walker(nr, f"walker-{nr}", "t", tuple(CORNERS[:3]), tuple(CORNERS), (SHIFT,))


def with_habit(habit: Habit) -> Walk:
    nr = next(nr for nr in range(len(HABITS)) if Walk(walker(nr), SHIFT).habit is habit)
    return Walk(walker(nr), SHIFT)


def test_the_same_walk_comes_out_whenever_it_is_asked():
    at = MORNING + timedelta(hours=3, seconds=8)

    assert Walk(walker(1), SHIFT).where(at) == Walk(walker(1), SHIFT).where(at)


def test_nobody_walks_before_or_after_the_shift():
    walk = with_habit(Habit.WALKS)

    assert walk.where(SHIFT.begins_at) is not None
    assert walk.where(SHIFT.begins_at - timedelta(seconds=1)) is None
    assert walk.where(SHIFT.ends_at) is None


def test_a_walker_keeps_to_the_streets_at_a_walkers_pace():
    walk, street = with_habit(Habit.WALKS), shapely.LineString(CORNERS[:3])
    seen = [walk.where(at) for at in times(SHIFT.begins_at, SHIFT.ends_at, timedelta(seconds=30))]

    assert all(seen)
    for one, other in pairwise(seen):
        assert one and other
        away = nearest_points(street, shapely.Point(one.lng, one.lat))[0]
        assert metres((one.lng, one.lat), (away.x, away.y)) < 8 * DRIFT_M
        assert metres((one.lng, one.lat), (other.lng, other.lat)) < 30 * 1.45 + 10 * DRIFT_M


def test_each_habit_is_there_in_every_shift_and_does_what_it_says():
    moments = list(times(SHIFT.begins_at, SHIFT.ends_at, timedelta(minutes=1)))
    told = {habit: [with_habit(habit).where(at) for at in moments] for habit in Habit}

    assert set(HABITS) == set(Habit)
    assert None in told[Habit.FALLS_SILENT] and None not in told[Habit.WALKS]
    assert max(seen.speed_mps for seen in told[Habit.DRIVES] if seen) > 15 / 3.6
    assert max(seen.lat for seen in told[Habit.STRAYS] if seen) > 60.172
    assert max(seen.lat for seen in told[Habit.WALKS] if seen) < 60.172
    stood = [sum(not seen.speed_mps for seen in told[habit] if seen) for habit in (Habit.STANDS, Habit.WALKS)]
    assert stood[0] > 2 * stood[1]


@given(
    pattern=st.integers(0, 2**61 - 1),
    begins=st.integers(0, 500),
    lasts=st.integers(1, 100),
)
def test_what_is_not_known_is_told_once_and_nothing_else(pattern: int, begins: int, lasts: int):
    day = datetime(2026, 6, 1, tzinfo=UTC)
    shift = Shift(day + timedelta(minutes=begins), day + timedelta(minutes=begins + lasts))
    heard = {day + nr * PIECE for nr in range(61) if pattern >> nr & 1}

    parts = untold([shift], heard, day, day + timedelta(days=1))

    minutes = {at for part in parts for at in times(part.begins_at, part.ends_at, timedelta(minutes=1))}
    wanted = {
        at
        for at in times(shift.begins_at, shift.ends_at, timedelta(minutes=1))
        if at - (at - day) % PIECE not in heard
    }
    assert minutes == wanted
    assert sum((part.ends_at - part.begins_at for part in parts), timedelta()) == timedelta(
        minutes=len(wanted)
    )


def test_a_round_stays_on_its_ground_and_the_way_out_leaves_it():
    streets = Streets([CORNERS, [CORNERS[1], (24.938, 60.171)]])
    ground = shapely.box(24.9395, 60.1695, 24.9425, 60.1715)

    walked = streets.round_in(ground, random.Random(1))
    out = streets.way_out(walked[0], ground)

    assert set(walked) == set(CORNERS[:3])
    assert out[0] == walked[0]
    assert shapely.Point(out[-1]).distance(ground) > 0.8 * OUT_M / 111_320
    assert streets.round_in(shapely.box(0, 0, 1, 1), random.Random(1)) == ()


def test_shifts_follow_the_citys_clock_and_go_over_midnight():
    preparing = pytest.importorskip("geogrid.simulate.preparing")
    now = datetime(2026, 3, 30, 12, tzinfo=UTC)  # the day after the clocks of Helsinki went ahead

    found = preparing.shifts_of(
        [(5, time(22), time(6)), (0, time(6), time(14))], ZoneInfo("Europe/Helsinki"), now
    )

    nights = [shift for shift in found if (shift.begins_at.month, shift.begins_at.day) == (3, 28)]
    assert nights == [Shift(datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 3, tzinfo=UTC))]
    assert Shift(datetime(2026, 3, 30, 3, tzinfo=UTC), datetime(2026, 3, 30, 11, tzinfo=UTC)) in found
