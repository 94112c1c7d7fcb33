"""Where people were: by the clocks of their devices, as far as one may see people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from geogrid.organisations.models import User
from grid_units.patrols.replay import positions_then
from tests.incidents.conftest import COUNTY, MIDDLE, A, B, C, People, client_of, person
from tests.patrols.conftest import Carried, carried_by, rows

NOW = timezone.now().replace(microsecond=0)
THEN = NOW - timedelta(days=3)
MINUTE = timedelta(minutes=1)


def fix(
    carried: Carried,
    worker: User,
    at: datetime,
    place: Sequence[float],
    received: datetime | None = None,
    unused: str = "",
) -> None:
    """A fix as the doors keep it."""
    rows(
        "INSERT INTO fix (device_id, worker_id, at, received_at, point, protocol, unused_because)"
        " VALUES (%s, %s, %s, %s, ST_SetSRID(ST_MakePoint(%s, %s), 4326), 'geogrid', %s) RETURNING 1",
        carried.device.pk, worker.pk, at, received or at, *place, unused,
    )  # fmt: skip


def told(viewer: User, at: datetime = THEN) -> list[tuple[str, str, tuple[float, float]]]:
    return [
        (row["worker_name"], row["state"], (row["lng"], row["lat"])) for row in positions_then(viewer, at)
    ]


def test_the_newest_fix_up_to_then_counts_and_no_later_one(city: People) -> None:
    phone = carried_by(city.cai)
    fix(phone, city.cai, THEN - 4 * MINUTE, MIDDLE[A])
    fix(phone, city.cai, THEN - MINUTE, MIDDLE[B])
    fix(phone, city.cai, THEN + MINUTE, MIDDLE[C])

    assert told(city.oona) == [("Cai", "fresh", MIDDLE[B])]
    assert told(city.oona, THEN - 2 * MINUTE) == [("Cai", "fresh", MIDDLE[A])]


def test_who_had_said_nothing_for_five_minutes_was_silent_and_for_a_day_is_not_told(city: People) -> None:
    fix(carried_by(city.cai), city.cai, THEN - 10 * MINUTE, MIDDLE[A])

    assert told(city.oona) == [("Cai", "silent", MIDDLE[A])]
    assert told(city.oona, THEN + timedelta(days=1)) == []


def test_what_came_late_is_shown_where_it_belongs(city: People) -> None:
    phone = carried_by(city.cai)
    fix(phone, city.cai, THEN - 2 * MINUTE, MIDDLE[A])
    fix(phone, city.cai, THEN - MINUTE, MIDDLE[B], received=NOW)

    assert told(city.oona) == [("Cai", "fresh", MIDDLE[B])]


@pytest.mark.parametrize("why", ["jump", "accuracy", "null_island", "duplicate"])
def test_fixes_that_are_not_used_are_not_shown(city: People, why: str) -> None:
    phone = carried_by(city.cai)
    fix(phone, city.cai, THEN - 2 * MINUTE, MIDDLE[A])
    fix(phone, city.cai, THEN - MINUTE, (0.0, 0.0), unused=why)

    assert told(city.oona) == [("Cai", "fresh", MIDDLE[A])]


def test_one_person_with_two_phones_is_in_one_place(city: People) -> None:
    fix(carried_by(city.cai, name="old"), city.cai, THEN - 2 * MINUTE, MIDDLE[A])
    fix(carried_by(city.cai, name="new"), city.cai, THEN - MINUTE, MIDDLE[B])

    assert told(city.oona) == [("Cai", "fresh", MIDDLE[B])]


def test_a_phone_that_changed_hands_tells_of_who_had_it_then(city: People) -> None:
    phone = carried_by(city.cai)
    fix(phone, city.cai, THEN - MINUTE, MIDDLE[A])
    rows("UPDATE device_pairing SET valid_to = %s RETURNING 1", THEN + MINUTE)
    rows(
        "INSERT INTO device_pairing (device_id, worker_id, valid_from) VALUES (%s, %s, %s) RETURNING 1",
        phone.device.pk, city.dan.pk, THEN + MINUTE,
    )  # fmt: skip
    fix(phone, city.dan, THEN + 2 * MINUTE, MIDDLE[B])

    assert told(city.oona) == [("Cai", "fresh", MIDDLE[A])]
    assert told(city.oona, THEN + 3 * MINUTE) == [("Dan", "fresh", MIDDLE[B])]


def test_off_duty_nobody_is_shown_but_on_a_patrol_of_their_own(city: People) -> None:
    local_noon = THEN.replace(hour=10, minute=0, second=0)  # Ann answers from 08 to 16, Bo from 16 to 08
    bo = carried_by(city.bo)
    fix(bo, city.bo, local_noon - MINUTE, MIDDLE[A])

    assert told(city.oona, local_noon) == []
    rows(
        "INSERT INTO patrol (public_id, worker_id, started_at, ended_at, opened_by)"
        " VALUES (gen_random_uuid(), %s, %s, %s, 'bo') RETURNING 1",
        city.bo.pk, local_noon - 5 * MINUTE, local_noon + MINUTE,
    )  # fmt: skip
    assert told(city.oona, local_noon) == [("Bo", "fresh", MIDDLE[A])]


def test_each_sees_their_own_part_of_the_city_and_visitors_nobody(city: People) -> None:
    fix(carried_by(city.cai), city.cai, THEN - MINUTE, MIDDLE[B])
    far = person("far", "supervisor", "910101001002")
    visitors = person("visitors", "visitor_display", COUNTY)

    assert [len(told(viewer)) for viewer in (city.oona, city.dan, far, visitors)] == [1, 1, 0, 0]
    assert told(city.cai) == [("Cai", "fresh", MIDDLE[B])]


def test_over_http_with_the_moment_it_is_of(city: People) -> None:
    fix(carried_by(city.cai), city.cai, THEN - MINUTE, MIDDLE[B])

    answer: Any = client_of(city.oona).get("/api/replay/positions", {"at": THEN.isoformat()})

    assert answer.status_code == 200, answer.content
    assert datetime.fromisoformat(answer.json()["at"]) == THEN
    assert [row["worker_name"] for row in answer.json()["results"]] == ["Cai"]


@pytest.mark.parametrize("door", ["positions", "waterlogging", "coverage"])
@pytest.mark.parametrize("days", [31, -1])
def test_past_thirty_days_and_in_the_future_nothing_is_made_up(city: People, door: str, days: int) -> None:
    at = (NOW - timedelta(days=days)).isoformat()

    answer = client_of(city.oona).get(f"/api/replay/{door}", {"at": at})

    assert answer.status_code == 422
    assert "thirty days" in answer.json()["fields"]["at"][0]
