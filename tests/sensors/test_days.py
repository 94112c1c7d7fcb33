"""Partitions: made ahead by the clock, filled from what came before them, dropped when they are old."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from assets.sensors.checks import BEHIND_AT_MOST
from assets.sensors.models import Observation, RefusedMessage
from assets.sensors.observing import Reading, observe
from assets.sensors.upkeep import keep_observation_days, trim_roll_ups
from tests.incidents.conftest import rows
from tests.sensors.conftest import Gauge

NOW = datetime.now(UTC)
DAYS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'observation'::regclass"


@pytest.fixture(autouse=True)
def no_days_yet(owner: Any) -> None:
    """Without those that tests of the clock have left."""
    with owner.cursor() as cursor:
        cursor.execute(DAYS)
        for (name,) in cursor.fetchall():
            if name != "observation_other":
                cursor.execute(f"DROP TABLE {name}")


def days() -> set[str]:
    return {name for (name,) in rows(DAYS)}


def name_of(day: date) -> str:
    return f"observation_{day:%Y%m%d}"


def where_lies(observation_id: int) -> str:
    return str(rows("SELECT tableoid::regclass::text FROM observation WHERE id = %s", observation_id)[0][0])


def test_days_are_made_ahead_and_once(gauge: Gauge):
    made = keep_observation_days(NOW)

    assert made == 5
    assert days() == {"observation_other"} | {
        name_of((NOW + timedelta(days=nr)).date()) for nr in (-1, 0, 1, 2, 3)
    }
    assert keep_observation_days(NOW) == 0


def test_what_came_before_its_day_was_made_moves_into_it(gauge: Gauge):
    long_ago = NOW - timedelta(days=40)
    [today, late, wild] = observe(
        [
            Reading(gauge.depth.pk, NOW, 1),
            Reading(gauge.depth.pk, long_ago, 2),
            Reading(gauge.depth.pk, datetime(1970, 1, 1, tzinfo=UTC), 3),
        ],
        received_at=NOW,
    )
    before = {where_lies(one.observation_id) for one in (today, late, wild)}

    keep_observation_days(NOW)

    assert before == {"observation_other"}
    assert where_lies(today.observation_id) == name_of(NOW.date())
    assert where_lies(late.observation_id) == name_of(long_ago.date())
    assert where_lies(wild.observation_id) == "observation_other"
    [again] = observe([Reading(gauge.depth.pk, NOW, 1)], received_at=NOW)
    assert not again.is_new and again.observation_id == today.observation_id


def test_old_days_are_dropped_whole_and_hours_stay(gauge: Gauge):
    old = NOW - timedelta(days=80)
    observe([Reading(gauge.depth.pk, old, 2), Reading(gauge.depth.pk, NOW, 1)], received_at=NOW)
    keep_observation_days(NOW)
    later = NOW + timedelta(days=12)

    keep_observation_days(later)
    trim_roll_ups(later)

    assert name_of(old.date()) not in days()
    assert [one.value for one in Observation.objects.all()] == [1]
    assert rows("SELECT count(*) FROM observation_hour") == [(2,)]
    assert rows("SELECT count(*) FROM observation_minute") == [(1,)]


def test_nobody_drops_what_is_younger_than_a_month(gauge: Gauge):
    observe([Reading(gauge.depth.pk, NOW - timedelta(days=20), 2)], received_at=NOW)
    keep_observation_days(NOW)

    rows("SELECT core.drop_observation_days(%s)", NOW + timedelta(days=300))

    assert name_of((NOW - timedelta(days=20)).date()) in days()


def test_no_table_is_made_for_a_day_far_away(gauge: Gauge):
    with pytest.raises(IntegrityError, match="no day to keep observations of"):
        rows("SELECT core.make_observation_day('2001-01-01')")


def test_a_day_in_use_waits_and_the_clock_goes_on(lasting_gauge: Gauge, owner: Any):
    holder = owner.cursor()
    holder.execute("BEGIN; LOCK TABLE observation_other IN SHARE MODE")

    assert keep_observation_days(NOW) == 0

    holder.execute("ROLLBACK")
    assert keep_observation_days(NOW) == 5
    assert connection.is_usable()


def test_refused_messages_are_forgotten_after_a_month(gauge: Gauge):
    RefusedMessage.objects.create(received_at=NOW - timedelta(days=31), topic="x", payload="", reason="x")
    RefusedMessage.objects.create(received_at=NOW, topic="x", payload="", reason="x")

    trim_roll_ups(NOW)

    assert RefusedMessage.objects.count() == 1
    assert timedelta(days=31) < BEHIND_AT_MOST
