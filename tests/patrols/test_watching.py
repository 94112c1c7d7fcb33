"""The clock over people on duty: patrols begin and end, alarms are raised once, and never by late data."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from geogrid.organisations.models import User
from grid_units.patrols import actions
from grid_units.patrols.cards import track
from grid_units.patrols.fixes import Fix
from grid_units.patrols.intake import Call, take_all
from grid_units.patrols.models import Absence, Listening, Patrol, PatrolWatch
from grid_units.patrols.protocols import Protocol, Said
from grid_units.patrols.watching import draw_tracks, watch_patrols
from tests.incidents.conftest import MIDDLE, SIDE, WEST, A, D, People
from tests.patrols.conftest import Carried, carried_by, rows

# A Wednesday in winter: Ann's shift in A begins at 08:00 in the city, which is 06:00 UTC.
SHIFT = datetime.fromisoformat("2026-01-14T06:00:00+00:00")


def at(minutes: float) -> datetime:
    return SHIFT + timedelta(minutes=minutes)


def say(
    phone: Carried, minutes: float, cell: str = A, east_m: float = 0.0, received_min: float | None = None
) -> None:
    lng, lat = MIDDLE[cell]
    said = Said((Fix(at(minutes), lng + east_m / 55_400, lat, accuracy_m=5.0),))
    moment = at(minutes if received_min is None else received_min)
    [verdicts] = take_all([Call(phone.digest, said, Protocol.OURS)], moment)
    assert isinstance(verdicts, tuple) and verdicts[0].unused is None, verdicts


def clock(minutes: float, *, doors: bool = True) -> int:
    """A look of the clock; the servers have just said that they are there."""
    if doors:
        Listening.objects.update_or_create(id=1, defaults={"doors_at": at(minutes)})
    return watch_patrols(at(minutes))


def run(begin: int, end: int, each: Callable[[int], None] = lambda minute: None) -> None:
    """The clock looks every half minute; `each` minute something may happen before."""
    for half in range(begin * 2, end * 2):
        if half % 2 == 0:
            each(half // 2)
        clock(half / 2)


def state(user: User) -> str:
    return PatrolWatch.objects.get(worker=user).state


@pytest.fixture
def phone(city: People) -> Carried:
    return carried_by(city.ann)


def test_a_patrol_begins_with_the_first_fix_of_the_shift_and_ends_with_the_shift(
    city: People, phone: Carried
) -> None:
    clock(-5)
    assert not Patrol.objects.exists()

    run(0, 30, lambda minute: say(phone, minute, east_m=minute * 20 % 200))

    patrol = Patrol.objects.get()
    assert (patrol.worker, patrol.started_at, patrol.opened_by) == (city.ann, at(0), "clock")
    assert state(city.ann) == "on_patrol"

    say(phone, 8 * 60 - 1)
    clock(8 * 60)  # 16:00: Bo's shift begins
    patrol.refresh_from_db()
    assert patrol.ended_at is not None
    assert state(city.ann) == "off_duty"


def test_a_long_silence_ends_the_patrol_with_the_last_fix(city: People, phone: Carried) -> None:
    run(0, 10, lambda minute: say(phone, minute))
    clock(16)
    assert state(city.ann) == "silent" and Patrol.objects.running().exists()

    clock(40)

    assert Patrol.objects.get().ended_at == at(9)


def test_a_patrol_that_was_ended_by_hand_is_not_begun_again(city: People, phone: Carried) -> None:
    run(0, 5, lambda minute: say(phone, minute))
    actions.end_patrol(actor=city.ann, patrol=Patrol.objects.get(), at=at(5))

    run(5, 10, lambda minute: say(phone, minute))

    assert Patrol.objects.count() == 1


def test_one_patrol_at_a_time_is_kept_by_the_database(city: People) -> None:
    Patrol.objects.create(worker=city.ann, started_at=SHIFT, opened_by="x")

    with pytest.raises(IntegrityError, match="patrol_is_one_at_a_time"), transaction.atomic():
        Patrol.objects.create(worker=city.ann, started_at=at(1), opened_by="x")


def test_who_is_not_there_is_missed_after_a_quarter_of_an_hour_once(city: People, phone: Carried) -> None:
    run(-20, 15)
    assert not Absence.objects.exists()

    run(15, 25)

    absence = Absence.objects.get()
    assert (absence.worker, absence.unit_codes, absence.raised_at) == (city.ann, [A], at(15))
    [change] = rows("SELECT op, refs, units_after FROM change WHERE kind = 'absence'")
    assert change == ("insert", [str(absence.pk)], [A])


def test_who_is_in_another_cell_is_off_it_and_missed(city: People, phone: Carried) -> None:
    run(-20, 20, lambda minute: say(phone, minute, cell=D, east_m=minute))

    assert state(city.ann) == "off_cell"
    assert Absence.objects.filter(worker=city.ann, ended_at=None).exists()

    run(20, 24, lambda minute: say(phone, minute, cell=A, east_m=minute))

    assert state(city.ann) == "on_patrol"
    assert Absence.objects.get().ended_because == "came"


def test_late_data_raises_no_alarm_and_ends_one_that_it_explains(city: People, phone: Carried) -> None:
    run(-20, 20)
    assert Absence.objects.filter(ended_at=None).count() == 1

    for minute in range(20):  # the phone was in a cellar: it sends everything at once
        say(phone, minute, received_min=20)
    clock(20.5)

    assert Absence.objects.get().ended_because in ("came", "late_data")
    # And a whole day of yesterday, outside the cell, raises nothing.
    for minute in range(-600, -560):
        say(phone, minute, cell=D, received_min=21)
    clock(21)
    assert state(city.ann) == "on_patrol" and not Absence.objects.filter(ended_at=None).exists()


def test_nobody_is_missed_for_the_time_when_we_did_not_listen(city: People, phone: Carried) -> None:
    """The worker was down for an hour, then the servers: nobody could be heard."""
    run(-20, 5, lambda minute: say(phone, minute))

    clock(65)
    clock(65.5)
    assert not Absence.objects.exists()
    for half in range(132, 160):
        clock(half / 2, doors=False)
    assert not Absence.objects.exists()

    run(80, 96)

    assert Absence.objects.count() == 1


def test_the_shift_s_end_ends_the_alarm(city: People, phone: Carried) -> None:
    run(-20, 16)

    clock(8 * 60)

    assert Absence.objects.get(worker=city.ann).ended_because == "off_duty"


def test_who_has_no_device_or_no_shifts_is_not_missed(city: People) -> None:
    carried_by(city.cai, "radio")  # Cai answers for B day and night

    run(-20, 30)

    assert not Absence.objects.exists()


# Tracks ----------------------------------------------------------------------------------------------
def walked(phone: Carried, minutes: int, metres_a_minute: float = 70.0) -> None:
    run(0, minutes, lambda minute: say(phone, minute, east_m=minute * metres_a_minute))


def test_the_track_of_an_ended_patrol_is_a_simple_line_with_times(city: People, phone: Carried) -> None:
    walked(phone, 5)
    patrol = Patrol.objects.get()
    running = track(patrol, at(5))
    clock(8 * 60)

    assert draw_tracks(at(8 * 60)) == 1

    patrol.refresh_from_db()
    drawn = track(patrol, at(8 * 60))
    [part] = drawn["parts"]
    assert [moment for _, _, moment in part] == [at(0).timestamp(), at(4).timestamp()]
    assert part[0][:2] == pytest.approx(MIDDLE[A])
    [(geodesic_m,)] = rows(
        "SELECT ST_Distance(ST_MakePoint(%s, %s)::geography, ST_MakePoint(%s, %s)::geography)",
        *MIDDLE[A],
        MIDDLE[A][0] + 4 * 70 / 55_400,
        MIDDLE[A][1],
    )
    assert patrol.length_m == pytest.approx(geodesic_m, rel=1e-9) == running["length_m"]
    assert (patrol.fixes, patrol.driven_m, patrol.is_track_stale) == (5, 0, False)
    assert draw_tracks(at(8 * 60)) == 0


def test_a_gap_of_more_than_five_minutes_breaks_the_line(city: People, phone: Carried) -> None:
    for minute in (0, 1, 8, 9):
        say(phone, minute, east_m=minute * 10)
    clock(9)
    Patrol.objects.update(started_at=at(0))

    drawn = track(Patrol.objects.get(), at(9))

    assert len(drawn["parts"]) == 2
    assert drawn["length_m"] == pytest.approx(20, rel=0.02)


def test_a_late_fix_has_the_track_drawn_again(city: People, phone: Carried) -> None:
    walked(phone, 5)
    clock(8 * 60)
    draw_tracks(at(8 * 60))

    say(phone, 2.5, east_m=175, received_min=9 * 60)

    assert Patrol.objects.get().is_track_stale
    draw_tracks(at(9 * 60))
    assert Patrol.objects.get().fixes == 6


@pytest.mark.parametrize(("beyond_m", "is_missed"), [(0, False), (15, False), (60, True)])
def test_who_walks_along_the_border_is_not_missed_by_a_drift(
    city: People, phone: Carried, beyond_m: float, is_missed: bool
) -> None:
    border_m = (WEST + SIDE - MIDDLE[A][0]) * 55_400

    run(-20, 20, lambda minute: say(phone, minute, east_m=border_m + beyond_m))

    assert (state(city.ann) == "off_cell") == Absence.objects.exists() == is_missed
