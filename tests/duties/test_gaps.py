"""Hours without anybody: the rules, and that they agree with the database's own answer."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from geogrid.organisations.models import User
from geogrid.organisations.roles import Role
from grid_units.duties.gaps import PlannedDuty, gaps, merged, spans_of
from grid_units.duties.models import Duty, DutyShift, Substitution
from grid_units.duties.roster import gaps_of_the_city, planned_duties, who_answers
from grid_units.models import Cell
from tests.duties.conftest import CELL, COMMUNITY, LONG_AGO, NOON, OTHER_STREET_CELL, STREET

HELSINKI = ZoneInfo("Europe/Helsinki")
WEEK = (NOON, NOON + timedelta(days=7))
SEGMENTS = (6, 3, 3, 3)
Person = Callable[..., User]
MakeDuty = Callable[..., Duty]


def every_day(starts: int, ends: int) -> tuple[tuple[int, time, time], ...]:
    return tuple((day, time(starts), time(ends)) for day in range(7))


def test_day_and_night_leaves_no_gap():
    duty = PlannedDuty((CELL,), LONG_AGO)

    assert gaps([duty], [CELL], WEEK, HELSINKI, SEGMENTS).cells == 0


def test_three_shifts_leave_no_gap_and_two_leave_the_night():
    shifts = [PlannedDuty((CELL,), LONG_AGO, shifts=every_day(a, b)) for a, b in ((6, 14), (14, 22), (22, 6))]

    assert gaps(shifts, [CELL], WEEK, HELSINKI, SEGMENTS).cells == 0
    found = gaps(shifts[:2], [CELL, OTHER_STREET_CELL], WEEK, HELSINKI, SEGMENTS)
    assert (found.cells, found.worst_h) == (2, 168.0)
    assert gaps(shifts[:2], [CELL], WEEK, HELSINKI, SEGMENTS).worst_h == 7 * 8


def test_the_level_above_fills_the_night():
    day = PlannedDuty((CELL,), LONG_AGO, shifts=every_day(6, 22))
    night = PlannedDuty((STREET,), LONG_AGO, shifts=every_day(22, 6))

    assert gaps([day, night], [CELL], WEEK, HELSINKI, SEGMENTS).cells == 0


def test_a_leave_without_a_substitute_is_a_gap():
    away = ((NOON, NOON + timedelta(hours=3)),)
    duty = PlannedDuty((CELL,), LONG_AGO, away=away)

    assert gaps([duty], [CELL], WEEK, HELSINKI, SEGMENTS).worst_h == 3.0


def test_the_night_of_the_clock_change_is_an_hour_longer():
    night = PlannedDuty((CELL,), LONG_AGO, shifts=((5, time(22), time(6)),))
    october = (datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 10, 26, tzinfo=UTC))

    [(starts, ends)] = spans_of(night, october, HELSINKI)

    assert ends - starts == timedelta(hours=9)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9))))
def test_merged_spans_hold_the_same_hours_once(pieces: list[tuple[int, int]]):
    hours = {hour for starts, length in pieces for hour in range(starts, starts + length)}
    spans = [(NOON + timedelta(hours=a), NOON + timedelta(hours=a + b)) for a, b in pieces]

    whole = merged(spans)

    assert sum((ends - starts for starts, ends in whole), timedelta()) == timedelta(hours=len(hours))
    assert all(before[1] < after[0] for before, after in pairwise(whole))


def test_the_rules_agree_with_who_answers_hour_by_hour(person: Person, duty: MakeDuty):
    worker = duty(person("li"), CELL)
    DutyShift.objects.bulk_create(
        DutyShift(duty=worker, weekday=day, starts=time(22), ends=time(6)) for day in (0, 2, 5)
    )
    duty(person("wang"), COMMUNITY, role=Role.SUPERVISOR, valid_to=NOON + timedelta(hours=30))
    duty(person("helper"), CELL, role=Role.VOLUNTEER)
    gone = duty(person("gone", is_active=False), CELL)
    Substitution.objects.create(
        duty=gone,
        substitute=person("chen"),
        valid_from=NOON + timedelta(hours=40),
        valid_to=NOON + timedelta(hours=50),
    )
    hours = [NOON + timedelta(hours=n) for n in range(72)]

    missing = sum(who_answers(CELL, hour) is None for hour in hours)
    found = gaps_of_the_city((NOON, NOON + timedelta(hours=72)))

    span = (NOON, NOON + timedelta(hours=72))
    in_the_cell = gaps(planned_duties(span), [CELL], span, HELSINKI, SEGMENTS)
    assert found.cells == Cell.objects.count()
    assert in_the_cell.worst_h == missing
