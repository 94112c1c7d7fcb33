"""Coverage as it was at a minute of the day, late data included."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assets.seen.passing import note_passed
from assets.seen.replay import coverage_then
from geogrid.core.models import the_city
from geogrid.organisations.models import User
from tests.incidents.conftest import COUNTY, A, People, client_of, person
from tests.patrols.conftest import Carried, carried_by
from tests.seen.conftest import along, walk

NOW = timezone.now().replace(microsecond=0)
# Ten in the morning of the city's clock, three days ago.
START = (NOW - timedelta(days=3)).replace(hour=8, minute=0, second=0)
STEPS = [along(m) for m in range(0, 211, 7)]  # 30 steps of five seconds each


def walked(viewer: User, seconds: int, level: str = "CELL") -> dict[str, tuple[float, float, float]]:
    city = the_city()
    assert city is not None
    found = coverage_then(
        at=START + timedelta(seconds=seconds), zone=city.timezone, level=level, viewer=viewer
    )
    return {
        one.code: (round(one.due_m, -1), round(one.walked_m, -1), round(one.driven_m, -1)) for one in found
    }


def test_it_grows_with_the_walk_and_begins_anew_at_midnight(
    street: int, ann_phone: Carried, lasting_city: People
):
    walk(ann_phone.device, STEPS, start=START)
    note_passed(NOW)

    minutes = [walked(lasting_city.oona, seconds)[A] for seconds in (-60, 75, 3600, 24 * 3600)]

    assert [due for due, _, _ in minutes] == [300] * 4
    before, half, after, next_day = (metres for _, metres, _ in minutes)
    assert (before, next_day) == (0, 0)
    assert 100 <= half <= 130 and 220 <= after <= 230
    assert walked(lasting_city.oona, 3600, "STREET") == {"910101001": minutes[2]}


def test_what_came_late_counts_from_when_it_was_so(street: int, ann_phone: Carried, lasting_city: People):
    walk(ann_phone.device, STEPS, start=START, received=NOW)
    note_passed(NOW)

    assert walked(lasting_city.oona, 3600)[A][1] >= 220


def test_driven_is_apart_until_somebody_has_walked_it(street: int, ann_phone: Carried, lasting_city: People):
    walk(ann_phone.device, [along(m) for m in range(0, 211, 30)], start=START, driven=True)
    second = carried_by(lasting_city.bo, name="second")
    walk(second.device, STEPS, start=START + timedelta(hours=2))
    note_passed(NOW)

    (_, on_foot, by_car), (_, on_foot_later, by_car_later) = (
        walked(lasting_city.oona, seconds)[A] for seconds in (3600, 3 * 3600)
    )

    assert (on_foot, by_car_later) == (0, 0) and by_car >= 210 and on_foot_later >= 220


def test_who_may_not_see_where_people_walk_is_told_nothing(street: int, lasting_city: People):
    path = f"/api/replay/coverage?at={START:%Y-%m-%dT%H:%M:%SZ}"

    assert client_of(lasting_city.oona).get(path).json()["results"][0]["due_m"] == pytest.approx(
        300, rel=0.01
    )
    for refused in (lasting_city.stranger, person("visitors", "visitor_display", COUNTY)):
        assert client_of(refused).get(path).status_code == 403
