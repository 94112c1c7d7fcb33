"""The simulated history: through the actions, the same every time, never twice."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import F

from assets.actions import load_catalogue
from geogrid.changes import announcing
from geogrid.core.errors import Conflict
from geogrid.core.models import City
from geogrid.demo import history, tasks
from geogrid.demo.history import make_history
from geogrid.demo.history_plan import FEWEST, MOST, plan_of
from geogrid.organisations.models import Organisation, User
from grid_units.duties.models import Membership
from incidents.actions import load_event_classes
from incidents.models import Incident, StepTaken
from tests.incidents.conftest import COUNTY, LONG_AGO, MORNING, People, settle


@pytest.fixture
def demo_city(city: People) -> People:
    City.objects.update(is_demo=True)
    load_catalogue()
    load_event_classes()
    unit = Organisation.objects.create(code="X", name="X", kinds=["handling_unit"], is_simulated=True)
    for role in ("operator", "dispatcher", "inspector", "handler", "volunteer"):
        user = User.objects.create(username=f"demo-{role}", is_simulated=True)
        prefix = "" if role == "handler" else COUNTY
        Membership.objects.create(
            user=user, role=role, unit_prefix=prefix, organisation=unit, valid_from=LONG_AGO
        )
    return city


@pytest.mark.parametrize("back", range(14))
def test_a_day_has_twenty_to_thirty_reports_and_is_the_same_every_time(back: int) -> None:
    day = date(2026, 1, 14) - timedelta(days=back)

    plan = plan_of(day)

    assert FEWEST <= len(plan) <= MOST
    assert plan == plan_of(day)
    assert plan != plan_of(day - timedelta(days=1))


def test_the_announcer_of_changes_and_the_history_do_not_wait_for_each_other() -> None:
    first, second = history.LOCK

    assert f"({first}, {second})" not in announcing._LOCK


def test_after_each_day_others_come_first(demo_city: People) -> None:
    worked: list[float] = []

    make_history(MORNING, days=3, rest=worked.append)

    assert len(worked) == 3 and all(seconds > 0 for seconds in worked)


def test_rests_are_as_long_as_the_work_and_end() -> None:
    slept: list[float] = []
    rest = tasks.Rests(slept.append)

    for _ in range(4):
        rest(tasks.LONGEST_RESTS_S * 0.4)

    assert slept == pytest.approx([4, 4, 2, 0])


def test_the_days_are_made_once_and_all_moves_have_steps(demo_city: People) -> None:
    made = make_history(MORNING, days=4)
    again = make_history(MORNING, days=4)

    settle()
    assert 3 * FEWEST <= made <= 4 * MOST and again == 0
    assert Incident.objects.filter(is_simulated=True).count() == made
    assert not Incident.objects.filter(reported_at__gte=MORNING).exists()
    assert not StepTaken.objects.filter(taken_at__gte=MORNING).exists()
    stages = Counter(Incident.objects.values_list("stage", flat=True))
    assert stages["EVALUATED"] + stages["CLOSED"] > made / 3
    assert stages["REJECTED"] and len(stages) >= 5


def test_a_history_that_was_cut_off_goes_on_with_the_days_that_are_missing(demo_city: People) -> None:
    first = make_history(MORNING, days=1)

    rest = make_history(MORNING, days=3)

    assert Incident.objects.count() == first + rest
    assert rest >= 2 * FEWEST


def test_not_all_is_closed_on_time_and_most_is(demo_city: People) -> None:
    make_history(MORNING, days=12)

    due = Incident.objects.filter(deadline_at__lt=MORNING)
    on_time = due.filter(closed_at__lte=F("deadline_at")).count() / due.count()
    assert 0.6 < on_time < 0.95


def test_a_real_city_gets_no_simulated_incidents(city: People) -> None:
    with pytest.raises(Conflict):
        make_history(MORNING, days=1)
