"""Who is on duty: `core.on_duty` against examples a person can check, and against the oracle."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grid_units.duties
from geogrid.core.models import City
from geogrid.organisations.models import User
from geogrid.organisations.roles import ANSWERS, Role
from grid_units.duties.models import Duty, DutyArea, DutyShift, Substitution
from tests.duties.conftest import CELL, COMMUNITY, LONG_AGO, NEIGHBOUR, NOON, OTHER_STREET_CELL, STREET
from tests.duties.oracle import Answering, Leave, Shift, who_answers

Person = Callable[..., User]
MakeDuty = Callable[..., Duty]


def on_duty(code: str, at: datetime) -> tuple[int, int, str, str, bool, datetime | None] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM core.on_duty(%s, %s)", [code, at])
        rows = cursor.fetchall()
    assert len(rows) <= 1
    return rows[0] if rows else None


def test_the_worker_of_the_cell_answers_for_it(person: Person, duty: MakeDuty):
    worker = person("li")
    theirs = duty(worker, CELL, NEIGHBOUR)

    assert on_duty(CELL, NOON) == (worker.id, theirs.id, CELL, "CELL", False, None)


def test_nobody_in_the_cell_means_the_community_then_the_street_then_the_district(
    person: Person, duty: MakeDuty
):
    of_community = duty(person("a"), COMMUNITY)
    of_street = duty(person("b"), STREET, role=Role.SUPERVISOR)
    of_district = duty(person("c"), STREET[:6], role=Role.INSPECTOR)

    levels = []
    for gone in (of_community, of_street, of_district):
        found = on_duty(CELL, NOON)
        assert found is not None and found[1] == gone.id
        levels.append(found[3])
        Duty.objects.filter(id=gone.id).update(valid_to=NOON)

    assert levels == ["COMMUNITY", "STREET", "DISTRICT"]
    assert on_duty(CELL, NOON) is None


def test_a_worker_of_another_street_does_not_answer(person: Person, duty: MakeDuty):
    duty(person("li"), OTHER_STREET_CELL)

    assert on_duty(CELL, NOON) is None


@pytest.mark.parametrize(
    ("local", "answers"),
    [("21:59", False), ("22:00", True), ("23:59", True), ("05:59", True), ("06:00", False)],
)
def test_a_night_shift_runs_over_midnight(person: Person, duty: MakeDuty, local: str, answers: bool):
    night = duty(person("li"), CELL)
    DutyShift.objects.create(duty=night, weekday=2, starts=time(22), ends=time(6))
    day = 3 if local > "12" else 4  # Wednesday 3 June evening, Thursday 4 June morning
    at = datetime.combine(
        datetime(2026, 6, day, tzinfo=UTC), time.fromisoformat(local), tzinfo=ZoneInfo("Europe/Helsinki")
    )

    found = on_duty(CELL, at)

    assert (found is not None) == answers
    if found is not None:
        assert found[5] == datetime(2026, 6, 4, 3, tzinfo=UTC)


def test_a_night_shift_is_an_hour_longer_when_the_clocks_go_back(person: Person, duty: MakeDuty):
    night = duty(person("li"), CELL)
    DutyShift.objects.create(duty=night, weekday=5, starts=time(22), ends=time(6))
    starts = datetime(2026, 10, 24, 19, tzinfo=UTC)  # Saturday 22:00 in summer time

    held = [h for h in range(12) if on_duty(CELL, starts + timedelta(hours=h)) is not None]

    assert held == list(range(9))


def test_a_substitute_answers_from_to_and_says_until_when(person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)
    stand_in = person("wang")
    back = NOON + timedelta(hours=5)
    Substitution.objects.create(duty=theirs, substitute=stand_in, valid_from=NOON, valid_to=back)

    assert on_duty(CELL, NOON) == (stand_in.id, theirs.id, CELL, "CELL", True, back)
    assert on_duty(CELL, NOON - timedelta(seconds=1)) == (
        theirs.user_id,
        theirs.id,
        CELL,
        "CELL",
        False,
        NOON,
    )
    assert on_duty(CELL, back) == (theirs.user_id, theirs.id, CELL, "CELL", False, None)


def test_on_leave_without_a_substitute_the_next_level_answers(person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)
    duty(person("chen"), COMMUNITY)
    Substitution.objects.create(duty=theirs, valid_from=NOON, valid_to=NOON + timedelta(days=1))

    found = on_duty(CELL, NOON)

    assert found is not None and found[3] == "COMMUNITY"


def test_volunteers_and_deactivated_people_do_not_answer(person: Person, duty: MakeDuty):
    duty(person("helper"), CELL, role=Role.VOLUNTEER)
    duty(person("gone", is_active=False), CELL)

    assert on_duty(CELL, NOON) is None


def test_a_grid_worker_goes_before_an_inspector_with_an_earlier_duty(person: Person, duty: MakeDuty):
    duty(person("inspector"), CELL, role=Role.INSPECTOR)
    workers = duty(person("li"), CELL)

    found = on_duty(CELL, NOON)

    assert found is not None and found[1] == workers.id


def test_a_duty_for_a_place_that_does_not_exist_is_refused(person: Person, city: City):
    with pytest.raises(IntegrityError, match="There is no cell, community, street or district"):
        Duty.objects.create(user=person("li")).areas.create(unit_code="999999999999999")


def test_two_substitutes_at_once_are_refused(person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)
    day = timedelta(days=1)
    Substitution.objects.create(duty=theirs, valid_from=NOON, valid_to=NOON + 2 * day)

    with pytest.raises(IntegrityError, match="substitution_is_one_at_a_time"):
        Substitution.objects.create(duty=theirs, valid_from=NOON + day, valid_to=NOON + 3 * day)


def test_nobody_stands_in_for_themself(person: Person, duty: MakeDuty):
    theirs = duty(person("li"), CELL)

    with pytest.raises(IntegrityError, match="Nobody can stand in for themself"):
        Substitution.objects.create(
            duty=theirs, substitute=theirs.user, valid_from=NOON, valid_to=NOON + timedelta(days=1)
        )


def test_the_roles_that_answer_are_the_same_in_sql_and_in_python():
    sql = (Path(grid_units.duties.__file__).parent / "migrations/sql/0002_1_on_duty.sql").read_text()

    ranked = re.search(r"array_position\(ARRAY\[([^\]]*)\], role\)", sql)

    assert ranked is not None
    assert re.findall(r"'(\w+)'", ranked[1]) == [role.value for role in ANSWERS]


WHOLE_HOURS = st.integers(0, 23).map(time)
MOMENTS = st.one_of(
    # around both changes of the clocks of Helsinki, and an ordinary week
    st.integers(0, 4 * 24 * 2).map(lambda n: datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=30 * n)),
    st.integers(0, 4 * 24 * 2).map(lambda n: datetime(2026, 10, 23, tzinfo=UTC) + timedelta(minutes=30 * n)),
    st.integers(0, 8 * 24 * 2).map(lambda n: datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=30 * n)),
)
UNITS = [CELL, NEIGHBOUR, COMMUNITY, STREET, STREET[:6], OTHER_STREET_CELL]


@st.composite
def answering(draw: st.DrawFn) -> Answering:
    starts = draw(st.one_of(st.just(LONG_AGO), MOMENTS))
    leave_from = draw(MOMENTS)
    keys = draw(st.lists(st.tuples(st.integers(0, 6), WHOLE_HOURS), max_size=4, unique=True))
    return Answering(
        person=draw(st.integers(0, 4)),
        role=draw(st.sampled_from([Role.GRID_WORKER, Role.GRID_WORKER, Role.SUPERVISOR, Role.VOLUNTEER])),
        units=draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=3, unique=True)),
        valid_from=starts,
        valid_to=draw(st.one_of(st.none(), st.integers(1, 300).map(lambda h: starts + timedelta(hours=h)))),
        shifts=[Shift(weekday, begin, draw(WHOLE_HOURS)) for weekday, begin in keys],
        leaves=draw(
            st.lists(
                st.builds(
                    Leave,
                    st.one_of(st.none(), st.integers(5, 7)),
                    st.just(leave_from),
                    st.integers(1, 100).map(lambda h: leave_from + timedelta(hours=h)),
                ),
                max_size=1,
            )
        ),
    )


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    duties=st.lists(answering(), max_size=6),
    code=st.sampled_from([CELL, NEIGHBOUR, OTHER_STREET_CELL]),
    moments=st.lists(MOMENTS, min_size=1, max_size=12),
    zone=st.sampled_from(["Europe/Helsinki", "Asia/Shanghai"]),
    inactive=st.sets(st.integers(0, 7), max_size=2),
)
def test_the_oracle_agrees(
    city: City,
    person: Person,
    duties: list[Answering],
    code: str,
    moments: list[datetime],
    zone: str,
    inactive: set[int],
):
    with transaction.atomic():
        City.objects.update(zone=zone)
        people = [person(f"p{n}", is_active=n not in inactive) for n in range(8)]
        made = [
            Duty.objects.create(
                user=people[d.person], role=d.role, valid_from=d.valid_from, valid_to=d.valid_to
            )
            for d in duties
        ]
        for known, row in zip(duties, made, strict=True):
            DutyArea.objects.bulk_create(DutyArea(duty=row, unit_code=unit) for unit in known.units)
            DutyShift.objects.bulk_create(
                DutyShift(duty=row, weekday=s.weekday, starts=s.starts, ends=s.ends) for s in known.shifts
            )
            for leave in known.leaves:
                ends_first = known.valid_to is not None and known.valid_to <= leave.valid_from
                if ends_first or leave.valid_to <= known.valid_from:
                    continue  # refused: it would say nothing
                Substitution.objects.create(
                    duty=row,
                    substitute=None if leave.substitute is None else people[leave.substitute],
                    valid_from=leave.valid_from,
                    valid_to=leave.valid_to,
                )

        for at in moments:
            expected = who_answers(duties, code, at, ZoneInfo(zone), inactive)
            found = on_duty(code, at)
            if expected is None:
                assert found is None
                continue
            index, number, stands_in = expected
            assert found is not None
            assert (found[1], found[0], found[4]) == (made[index].id, people[number].id, stands_in)
            if found[5] is not None:
                just_before = who_answers(
                    [duties[index]], code, found[5] - timedelta(microseconds=1), ZoneInfo(zone), inactive
                )
                assert just_before is not None and just_before[1:] == (number, stands_in)

        transaction.set_rollback(True)
