"""The calendar kept over HTTP and by the clock: days, office hours, years; what is missing is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from geogrid.core.actor import System
from geogrid.core.errors import Invalid
from geogrid.organisations.models import User
from grid_units.duties.models import Membership
from incidents.clocks.actions import city_calendar, keep_holidays, needed_years, set_windows
from incidents.clocks.models import CalendarDay, CalendarYear, OfficeWindow
from tests.incidents.conftest import LONG_AGO, People

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def chief(city: People, api: Callable[[User], APIClient]) -> APIClient:
    user = User.objects.create(username="chief", display_name="Chief")
    Membership.objects.create(user=user, role="administrator", unit_prefix="", valid_from=LONG_AGO)
    return api(user)


def test_a_day_is_made_a_holiday_and_a_working_saturday_and_plain_again(chief: APIClient):
    off = chief.put("/api/calendar/days/2026-03-05", {"is_working": False, "name": "城市日"}).json()
    assert [(one["day"], one["name"], one["source"]) for one in off["days"]] == [
        ("2026-03-05", "城市日", "hand")
    ]
    assert not city_calendar().is_working_day(date(2026, 3, 5))

    chief.put("/api/calendar/days/2026-03-07", {"is_working": True, "works_as": 3})
    assert city_calendar().is_working_day(date(2026, 3, 7))

    assert chief.delete("/api/calendar/days/2026-03-05").status_code == 200
    assert city_calendar().is_working_day(date(2026, 3, 5))
    assert chief.delete("/api/calendar/days/2026-03-05").status_code == 404
    assert chief.put("/api/calendar/days/2026-02-30", {"is_working": False}).status_code == 404


def test_office_hours_change_from_a_day_on_and_before_it_stay(city: People):
    day = date(2026, 7, 1)
    summer = [(weekday, time(7), time(15)) for weekday in range(5)]

    set_windows(from_day=day, windows=summer, actor=System("tests"))
    set_windows(from_day=day, windows=[*summer, (5, time(9), None)], actor=System("tests"))

    calendar = city_calendar()
    zone = calendar.zone
    hours = [
        [(a.astimezone(zone).hour, b.astimezone(zone).hour) for a, b in calendar.office_hours(one)]
        for one in (day - timedelta(days=1), day, date(2026, 7, 4))
    ]
    assert hours == [[(8, 12), (14, 18)], [(7, 15)], [(9, 0)]]
    assert OfficeWindow.objects.filter(valid_from=day).count() == 6
    with pytest.raises(Invalid, match="overlap"):
        set_windows(from_day=day, windows=[*summer, (0, time(14), None)], actor=System("tests"))


def test_the_clock_brings_in_this_year_and_the_next_once(city: People):
    assert keep_holidays(AT) == 2
    assert keep_holidays(AT) == 0
    assert set(CalendarYear.objects.values_list("year", flat=True)) == {2026, 2027}
    assert CalendarDay.objects.filter(day=date(2027, 12, 25)).exists()


def test_a_year_entered_by_hand_stays_as_it_is(chief: APIClient):
    chief.put("/api/calendar/years/2027", {"by_hand": True})

    keep_holidays(AT)

    assert not CalendarDay.objects.filter(day__year=2027).exists()
    assert CalendarYear.objects.get(year=2027).source == "hand"
    assert chief.put("/api/calendar/years/2190", {}).status_code == 422


def test_a_missing_year_is_told_two_months_ahead(city: People):
    zone = ZoneInfo("Asia/Shanghai")
    assert needed_years(datetime(2026, 10, 1, tzinfo=UTC), zone) == [2026]
    assert needed_years(datetime(2026, 11, 3, tzinfo=UTC), zone) == [2026, 2027]


def test_the_calendar_says_which_needed_year_is_missing(chief: APIClient):
    said = chief.get("/api/calendar", {"year": 2031}).json()
    needed = needed_years(datetime.now(UTC), ZoneInfo("Europe/Helsinki"))

    assert said["missing_years"] == needed
    assert str(needed[0]) in said["missing_warning"]["en"]
    keep_holidays(datetime.now(UTC))
    assert chief.get("/api/calendar").json()["missing_warning"] is None
