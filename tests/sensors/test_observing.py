"""Values taken in: once each, the last value forward only, roll-ups exact, alarms by the newest known."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from assets.sensors.models import Alarm, AlarmTurn, DatastreamState, Observation, water_bands
from assets.sensors.thresholds import problem_of
from tests.incidents.conftest import rows
from tests.sensors.conftest import NOON, THRESHOLDS, Gauge


def state_of(gauge: Gauge) -> DatastreamState:
    return DatastreamState.objects.get(datastream=gauge.depth)


def minutes(at: datetime) -> float:
    return (at - NOON).total_seconds() / 60


def turns() -> list[tuple[str, str, float]]:
    return [(turn.turn, turn.level, turn.value) for turn in AlarmTurn.objects.order_by("id")]


def test_a_value_is_kept_and_becomes_the_last(gauge: Gauge):
    [kept] = gauge.say((0, 12.5))

    found = Observation.objects.get(id=kept.observation_id)
    assert kept.is_new
    assert (found.datastream_id, found.phenomenon_at, found.value, found.flag) == (
        gauge.depth.pk,
        NOON,
        12.5,
        "",
    )
    assert (state_of(gauge).last_at, state_of(gauge).last_value) == (NOON, 12.5)


def test_what_is_sent_again_is_known_and_the_first_stays(gauge: Gauge):
    [first] = gauge.say((0, 12.5))

    again, twice = gauge.say((0, 99), (0, 12.5))

    assert not again.is_new and not twice.is_new
    assert again.observation_id == twice.observation_id == first.observation_id
    assert Observation.objects.get().value == 12.5
    assert rows("SELECT samples, total FROM observation_minute") == [(1, 12.5)]


def test_the_same_value_twice_in_one_gathering_is_kept_once(gauge: Gauge):
    first, second = gauge.say((0, 12.5), (0, 12.5))

    assert (first.is_new, second.is_new) == (True, False)
    assert first.observation_id == second.observation_id


def test_a_late_value_never_moves_the_last_back(gauge: Gauge):
    gauge.say((10, 8))

    gauge.say((5, 60), received=NOON + timedelta(minutes=11))

    assert (state_of(gauge).last_value, Observation.objects.count()) == (8, 2)
    assert not Alarm.objects.exists()


def test_the_database_too_refuses_to_move_the_last_value_back(gauge: Gauge):
    gauge.say((10, 8))

    with pytest.raises(IntegrityError, match="Values that come late"), transaction.atomic():
        DatastreamState.objects.update(last_at=NOON)


def test_roll_ups_are_what_the_values_say_in_whatever_order_they_come(gauge: Gauge):
    order = random.Random(7)
    values = [(n / 3, float(order.randrange(100))) for n in range(400)]
    shuffled = order.sample(values, len(values))

    for at in range(0, 400, 37):
        gauge.say(*shuffled[at : at + 37], received=NOON + timedelta(minutes=140))
        gauge.say(*shuffled[at : at + 5], received=NOON + timedelta(minutes=140))

    for table, width in (("minute", "1 minute"), ("hour", "1 hour")):
        kept = rows(
            f"SELECT at, samples, total, lowest, highest, last_value FROM observation_{table} ORDER BY at"
        )
        meant = rows(
            "SELECT date_bin(%s, phenomenon_at, 'epoch') AS at, count(*), sum(value), min(value), max(value),"
            " (array_agg(value ORDER BY phenomenon_at DESC))[1]"
            " FROM observation WHERE flag IN ('', 'gap', 'stuck') GROUP BY 1 ORDER BY 1",
            width,
        )
        assert kept == meant


@pytest.mark.parametrize(
    ("at", "flag"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "wild"),
        (datetime(1, 1, 2, tzinfo=UTC), "wild"),
        (datetime(9999, 12, 30, tzinfo=UTC), "wild"),
        (NOON + timedelta(minutes=6), "wild"),
        (NOON - timedelta(days=91), "wild"),
        (NOON + timedelta(minutes=4), ""),
        (NOON - timedelta(days=40), ""),
    ],
)
def test_no_time_is_so_wild_that_its_value_is_lost(gauge: Gauge, at: datetime, flag: str):
    [kept] = gauge.say((minutes(at), 60), received=NOON)

    assert kept.flag == flag
    assert Observation.objects.get().phenomenon_at == at
    assert state_of(gauge).last_at == (None if flag else at)
    assert Alarm.objects.exists() == (flag == "")


@pytest.mark.parametrize(
    ("value", "flag"), [(-1, "range"), (301, "range"), (100, "rate"), (11, ""), (10, "")], ids=str
)
def test_a_value_that_cannot_be_is_kept_and_used_for_nothing(gauge: Gauge, value: float, flag: str):
    gauge.say((0, 10))

    [kept] = gauge.say((1, value))

    assert kept.flag == flag
    assert state_of(gauge).last_value == (10 if flag else value)
    assert not Alarm.objects.exists()
    assert rows("SELECT sum(samples) FROM observation_hour") == [(1 if flag else 2,)]


def test_a_stuck_instrument_raises_no_alarm(gauge: Gauge):
    for hour in range(6):
        gauge.say((60 * hour, 14))
    [kept] = gauge.say((60 * 6, 14))

    assert kept.flag == "stuck"
    assert state_of(gauge).last_flag == "stuck"


def test_the_newest_value_alarms_though_it_comes_late(gauge: Gauge):
    gauge.say((0, 40), received=NOON + timedelta(hours=5))

    alarm = Alarm.objects.get()
    assert (alarm.level, alarm.opened_at, alarm.worst_value) == ("serious", NOON, 40)


def test_a_value_superseded_in_its_own_gathering_alarms_not(gauge: Gauge):
    gauge.say((0, 60), (10, 3))

    assert not Alarm.objects.exists()


def test_a_watch_needs_two_hours_without_a_break(gauge: Gauge):
    for minute in (0, 60, 119):
        gauge.say((minute, 16))
    before = Alarm.objects.count()

    gauge.say((120, 13.5))  # within the hysteresis of 2 cm

    assert (before, [alarm.level for alarm in Alarm.objects.all()]) == (0, ["watch"])


def test_dwell_counts_over_values_that_came_together(gauge: Gauge):
    gauge.say(*((float(minute), 16.0) for minute in range(0, 125, 5)))

    assert Alarm.objects.get().level == "watch"


def test_an_alarm_runs_its_course_and_the_next_is_another(gauge: Gauge):
    for minute, value in ((0, 35), (5, 55), (10, 32), (15, 5), (20, 31), (25, 5), (30, 4), (35, 3), (40, 33)):
        gauge.say((minute, value))

    assert turns() == [
        ("opened", "serious", 35),
        ("raised", "critical", 55),
        ("falling", "critical", 5),
        ("rising", "critical", 31),
        ("falling", "critical", 5),
        ("closed", "critical", 3),
        ("opened", "serious", 33),
    ]
    first, second = Alarm.objects.order_by("id")
    assert (minutes(first.opened_at), minutes(first.raised_at)) == (0, 5)
    assert first.falling_at is not None and first.closed_at is not None
    assert (minutes(first.falling_at), minutes(first.closed_at), first.worst_value) == (25, 35, 55)
    assert (second.closed_at, state_of(gauge).alarm_id) == (None, second.pk)


def test_the_database_keeps_a_second_open_alarm_out(gauge: Gauge):
    gauge.say((0, 40))

    with pytest.raises(IntegrityError, match="datastream_has_one_open_alarm"), transaction.atomic():
        Alarm.objects.create(
            datastream=gauge.depth, level="watch", opened_at=NOON, raised_at=NOON, worst_value=1
        )


@pytest.mark.parametrize(
    "thresholds",
    [
        {},
        [1],
        [{"level": "watch"}],
        [{"level": "watch", "from": "15"}],
        [{"level": "red", "from": 15}],
        [{"level": "serious", "from": 30}, {"level": "watch", "from": 15}],
        [{"level": "watch", "from": 30}, {"level": "serious", "from": 15}],
        [{"level": "watch", "from": 15}, {"level": "watch", "from": 30}],
        [{"level": "watch", "from": 15, "dwell_s": -1}],
        [{"level": "watch", "from": 15, "dwell_s": "long"}],
    ],
    ids=str,
)
def test_thresholds_that_make_no_sense_are_refused(gauge: Gauge, thresholds: object):
    assert problem_of(thresholds)
    gauge.depth.thresholds = thresholds

    with (
        pytest.raises(IntegrityError, match="datastream_thresholds_run_from_mild_to_bad"),
        transaction.atomic(),
    ):
        gauge.depth.save()


def test_thresholds_that_make_sense_are_found_so_by_both():
    assert problem_of(THRESHOLDS) is None
    assert problem_of(water_bands()) is None
    assert (
        problem_of([{"level": "watch", "from": 3}, {"level": "serious", "from": 1}], is_worse_below=True)
        is None
    )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE observation SET value = 0",
        "DELETE FROM observation",
        "INSERT INTO observation_other (datastream_id, phenomenon_at, received_at, value)"
        " SELECT id, now(), now(), 1 FROM datastream",
        "DELETE FROM alarm",
        "DELETE FROM alarm_turn",
        "UPDATE alarm_turn SET value = 0",
        "DELETE FROM datastream_state",
        "DROP TABLE observation_other",
    ],
)
def test_the_application_may_not_rewrite_what_was_measured(gauge: Gauge, sql: str):
    gauge.say((0, 40))

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        rows(sql)


def test_one_gathering_is_one_change_for_the_live_feed(gauge: Gauge):
    before = rows("SELECT coalesce(max(id), 0) FROM change")[0][0]

    gauge.say((0, 1), (1, 2), (2, 3))

    told = rows("SELECT kind, refs, units_after FROM change WHERE id > %s ORDER BY kind", before)
    assert told == [
        ("station", ["S1"], ["910101001001001"]),
        ("waterlogging", ["W1"], ["910101001001001"]),
    ]


def test_a_transaction_that_fails_keeps_nothing(gauge: Gauge):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        gauge.say((0, 40))
        raise ZeroDivisionError

    assert not Observation.objects.exists() and not Alarm.objects.exists()
    assert state_of(gauge).last_at is None
    assert connection.is_usable()
