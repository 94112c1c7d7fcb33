"""The calendar as data: what the migrations bring, what the packages tell, what the database refuses."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
from django.db import DatabaseError, connection, transaction

from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from geogrid.core.models import City
from incidents.clocks.actions import city_calendar, load_holidays, policy_at, policy_of
from incidents.clocks.holiday_packages import country_of, days_of, years_known
from incidents.clocks.limits import Limit, LimitKind
from incidents.clocks.models import CalendarDay, CalendarYear, ClockPolicy, OfficeWindow
from incidents.clocks.stages import DEFAULTS

NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
ACTOR = System("tests")


@pytest.fixture
def shanghai(db: None) -> City:
    return City.objects.create(id=1, name="鼓楼区", county_code="320106", zone="Asia/Shanghai")


def test_both_packages_agree_on_every_day_of_china_since_2010():
    for year in range(2010, 2027):
        days = {one.day: one.is_working for one in days_of("CN", year)}
        other = holidays.country_holidays("CN", years=year)
        day = date(year, 1, 1)
        while day.year == year:
            assert days.get(day, day.weekday() < 5) == other.is_working_day(day), day
            day += timedelta(days=1)


def test_chinas_years_end_where_the_state_council_has_decided_no_more():
    known = years_known("CN", 2026)

    assert 2026 in known
    assert days_of("CN", known[-1] + 1) == []


def test_a_time_zone_names_its_country():
    assert [country_of(zone) for zone in ("Asia/Shanghai", "Europe/Helsinki", "UTC")] == ["CN", "FI", ""]


def test_holidays_are_loaded_and_a_year_that_nobody_knows_stays_uncovered(shanghai: City):
    loaded = load_holidays(years=[2026, 2099], actor=ACTOR, at=NOW)

    calendar = city_calendar()
    assert list(loaded) == [2026]
    assert not calendar.is_working_day(date(2026, 10, 1))
    assert calendar.is_working_day(date(2026, 10, 10)), "a Saturday that is worked for National Day"
    assert calendar.uncovered(NOW, datetime(2027, 1, 15, tzinfo=UTC)) == [2027]


def test_what_a_clerk_entered_survives_loading_again(shanghai: City):
    load_holidays(years=[2026], actor=ACTOR, at=NOW)
    CalendarDay.objects.filter(day=date(2026, 10, 7)).update(is_working=True, source="hand", name="加班")

    load_holidays(years=[2026], actor=ACTOR, at=NOW)

    assert city_calendar().is_working_day(date(2026, 10, 7))
    assert CalendarYear.objects.count() == 1


def test_a_country_without_a_package_is_refused_in_words(shanghai: City):
    with pytest.raises(Invalid, match="enter them by hand"):
        load_holidays(years=[2026], actor=ACTOR, at=NOW, country="QQ")


def test_the_first_policy_is_what_the_domain_page_says(db: None):
    policy = policy_at(NOW)

    assert policy.limits == DEFAULTS
    assert policy.warn_share == 0.8
    assert policy_of(policy.version) == policy


def test_a_policy_in_force_is_never_changed_and_none_begins_in_the_past(db: None):
    ClockPolicy.objects.create(in_force_from=datetime(2100, 1, 1, tzinfo=UTC), verify_limit="1个工作日")
    for words, statement in (
        ("is in force", "UPDATE clock_policy SET close_limit = '9天' WHERE in_force_from < now()"),
        ("is in force", "DELETE FROM clock_policy WHERE in_force_from < now()"),
        (
            "begin now or later",
            "UPDATE clock_policy SET in_force_from = '2001-01-01' WHERE in_force_from > now()",
        ),
    ):
        with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    later = policy_at(datetime(2100, 1, 2, tzinfo=UTC))
    assert later.limits[next(iter(DEFAULTS))] == Limit.minutes(3)
    assert Limit.working_days(1) in later.limits.values()


def test_summer_hours_take_the_place_of_the_usual_ones_on_their_day(db: None):
    OfficeWindow.objects.filter(weekday=0, opens=time(14)).update(valid_to=date(2026, 5, 1))
    OfficeWindow.objects.create(weekday=0, opens=time(14), closes=time(17), valid_from=date(2026, 5, 1))

    calendar = city_calendar()

    assert [len(calendar.office_hours(date(2026, 4, 27))), len(calendar.office_hours(date(2026, 5, 4)))] == [
        2,
        2,
    ]
    assert calendar.office_hours(date(2026, 4, 27))[-1][1].hour == 18
    assert calendar.office_hours(date(2026, 5, 4))[-1][1].hour == 17


def test_office_windows_of_a_weekday_do_not_overlap(db: None):
    insert = "INSERT INTO office_window (weekday, opens, closes, valid_from) VALUES (%s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(insert, [5, "09:00", None, None])
        cursor.execute(insert, [0, "18:00", "19:00", None])
    with pytest.raises(DatabaseError, match="overlap"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(insert, [0, "11:00", "13:00", "2026-06-01"])

    saturday = datetime(2026, 9, 5, 1, tzinfo=UTC)
    assert city_calendar().elapsed(
        saturday, saturday + timedelta(days=1), LimitKind.WORKING_HOUR
    ) == timedelta(hours=15)
