"""Thresholds and checks by generated values."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.sensors.checks import Flag, Last, Limits, flag_of, followed
from assets.sensors.thresholds import (
    SEVERITY,
    AlarmRules,
    Level,
    Standing,
    Threshold,
    Turn,
    band,
    decide,
    passed,
    seconds_to_next,
)

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)
BANDS = (
    Threshold(Level.NOTICE, 0),
    Threshold(Level.WATCH, 15),
    Threshold(Level.SERIOUS, 30),
    Threshold(Level.CRITICAL, 50),
)
RULES = AlarmRules(
    (Threshold(Level.WATCH, 15, 1800), Threshold(Level.SERIOUS, 30, 600), Threshold(Level.CRITICAL, 50)),
    hysteresis=2,
    clear_s=900,
)
# Steps of five minutes; values where the thresholds are.
depths = st.lists(st.floats(0, 80).map(lambda value: round(value, 1)), min_size=1, max_size=60)


def at(step: int) -> datetime:
    return NOON + timedelta(minutes=5 * step)


def course(values: list[float], rules: AlarmRules = RULES) -> tuple[Standing, list[tuple[int, Turn]]]:
    """Every value as it comes."""
    standing, told = Standing(), []
    for step, value in enumerate(values):
        standing = passed(standing, rules, at(step), value)
        standing, turns = decide(standing, rules, at(step))
        told += [(step, turn) for turn in turns]
    return standing, told


@given(depths)
def test_turns_come_in_an_order_that_makes_sense(values: list[float]):
    allowed = {
        None: {Turn.OPENED},
        Turn.OPENED: {Turn.RAISED, Turn.FALLING},
        Turn.RAISED: {Turn.RAISED, Turn.FALLING},
        Turn.FALLING: {Turn.RISING, Turn.CLOSED},
        Turn.RISING: {Turn.RAISED, Turn.FALLING},
        Turn.CLOSED: {Turn.OPENED},
    }

    _, told = course(values)

    before = None
    for _, turn in told:
        assert turn in allowed[before]
        before = turn


@given(depths)
def test_no_alarm_without_its_dwell(values: list[float]):
    _, told = course(values)

    for step, turn in told:
        if turn == Turn.OPENED:
            held = [
                one
                for one in RULES.thresholds
                if values[step] >= one.start - RULES.hysteresis
                and all(
                    value >= one.start - RULES.hysteresis
                    for value in values[max(0, step - int(one.dwell_s / 300)) : step + 1]
                )
                and step >= one.dwell_s / 300
            ]
            assert held


@given(depths)
def test_values_between_a_threshold_and_its_hysteresis_change_nothing(values: list[float]):
    standing, _ = course(values)
    inside = [one for one in RULES.thresholds if one.level in standing.since]
    if not inside:
        return

    after = passed(standing, RULES, at(len(values)), inside[-1].start - RULES.hysteresis / 2)

    assert after.since == standing.since


@given(depths, st.integers(1, 20))
def test_what_came_together_tells_the_same_past_and_alarms_no_sooner(values: list[float], together: int):
    alone, _ = course(values)

    gathered = Standing()
    for begin in range(0, len(values), together):
        some = values[begin : begin + together]
        for step, value in enumerate(some, begin):
            gathered = passed(gathered, RULES, at(step), value)
        gathered, _ = decide(gathered, RULES, at(begin + len(some) - 1))

    assert (gathered.since, gathered.mild_since) == (alone.since, alone.mild_since)
    if gathered.alarm_level and alone.alarm_level:
        assert SEVERITY[gathered.alarm_level] <= SEVERITY[alone.alarm_level]


@given(depths)
def test_low_values_can_be_the_bad_ones(values: list[float]):
    mirrored = AlarmRules(
        tuple(Threshold(one.level, -one.start, one.dwell_s) for one in RULES.thresholds),
        RULES.hysteresis,
        RULES.clear_s,
        is_worse_below=True,
    )

    assert course([-value for value in values], mirrored)[1] == course(values)[1]


@pytest.mark.parametrize(
    ("depth", "level"),
    [
        (-1, None),
        (0, "notice"),
        (14.9, "notice"),
        (15, "watch"),
        (30, "serious"),
        (50, "critical"),
        (200, "critical"),
    ],
)
def test_bands(depth: float, level: str | None):
    assert band(BANDS, depth) == level


@pytest.mark.parametrize(
    ("depth", "per_minute", "expected"),
    [
        (10, 1, ("watch", 300)),
        (15, 3, ("serious", 300)),
        (10, 0, None),
        (10, -1, None),
        (60, 5, None),
        (10, 0.001, None),
    ],
)
def test_seconds_to_the_next_band(depth: float, per_minute: float, expected: tuple[str, float] | None):
    found = seconds_to_next(BANDS, depth, per_minute / 60)

    assert (found and (found[0], round(found[1]))) == expected


finite = st.floats(-1e6, 1e6)


@given(finite, finite, st.integers(1, 100_000), st.floats(0.001, 1000))
def test_a_jump_is_believed_after_as_long_as_it_would_take(
    before: float, after: float, seconds: int, rate: float
):
    last = Last(NOON, before, NOON)
    now = NOON + timedelta(seconds=seconds)

    flag = flag_of(Limits(most_per_s=rate), last, now, after, now)

    assert (flag == Flag.RATE) == (abs(after - before) > rate * seconds)


@given(st.lists(st.tuples(st.integers(0, 1000), finite), max_size=30))
def test_the_last_value_is_that_of_the_latest_time(said: list[tuple[int, float]]):
    last = None
    for second, value in said:
        last = followed(last, NOON + timedelta(seconds=second), value)

    if said:
        assert last is not None and last.at == NOON + timedelta(seconds=max(second for second, _ in said))
        assert last.same_since <= last.at


def test_an_instrument_rests_at_the_bottom_of_its_range():
    limits = Limits(lowest=0, stuck_s=3600)
    later = NOON + timedelta(hours=5)

    assert flag_of(limits, Last(NOON, 0, NOON), later, 0, later) == Flag.GOOD
    assert flag_of(limits, Last(NOON, 7, NOON), later, 7, later) == Flag.STUCK


def test_the_first_value_after_a_gap_says_so():
    later = NOON + timedelta(minutes=16)

    assert flag_of(Limits(expected_s=300), Last(NOON, 1, NOON), later, 2, later) == Flag.GAP
    assert flag_of(Limits(expected_s=600), Last(NOON, 1, NOON), later, 2, later) == Flag.GOOD
