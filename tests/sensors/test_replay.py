"""The water as it was: depth, rise and band of then, and its course."""

from datetime import UTC, datetime, timedelta
from typing import Any

from assets.sensors.observing import Reading, observe
from assets.sensors.upkeep import make_observation_days
from tests.incidents.conftest import COUNTY, client_of, person
from tests.sensors.conftest import Gauge

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
THEN = NOW - timedelta(days=20)


def say(gauge: Gauge, *minutes_and_values: tuple[float, float], received: datetime = NOW) -> None:
    """Values of so many minutes before THEN."""
    observe(
        [Reading(gauge.depth.pk, THEN - timedelta(minutes=ago), value) for ago, value in minutes_and_values],
        received_at=received,
    )


def then(gauge: Gauge, minutes: float = 0) -> Any:
    at = (THEN + timedelta(minutes=minutes)).isoformat()
    answer = client_of(gauge.people.ann).get("/api/replay/waterlogging", {"at": at})
    assert answer.status_code == 200, answer.content
    [feature] = answer.json()["features"]
    return feature["properties"]


def test_depth_rise_band_and_course_are_those_of_then(gauge: Gauge):
    say(gauge, (20, 20), (10, 24), (0, 28), received=THEN)
    say(gauge, (-30, 70), received=THEN + timedelta(minutes=30))

    said = then(gauge)

    water = said["water"]
    assert (water["depth_cm"], water["band"], water["cm_per_10min"]) == (28, "watch", 4)
    assert (water["next_band"], water["is_stale"]) == ("serious", False)
    assert datetime.fromisoformat(water["next_band_at"]) == THEN + timedelta(minutes=5)
    assert len(said["course_cm"]) == 36
    assert [depth for depth in said["course_cm"] if depth is not None] == [20, 24]
    assert then(gauge, 30)["water"]["depth_cm"] == 70


def test_a_value_that_came_late_is_there_at_its_own_time(gauge: Gauge):
    say(gauge, (10, 5), received=THEN)
    say(gauge, (5, 40), received=NOW)
    make_observation_days(NOW)

    assert then(gauge)["water"]["depth_cm"] == 40


def test_values_that_are_in_doubt_are_left_out_as_they_are_live(gauge: Gauge):
    say(gauge, (10, 5), (5, 900))

    assert then(gauge)["water"]["depth_cm"] == 5


def test_a_gauge_that_was_silent_then_shows_so(gauge: Gauge):
    say(gauge, (60, 20))

    water = then(gauge)["water"]

    assert (water["depth_cm"], water["is_stale"], water["next_band"]) == (20, True, "")
    assert then(gauge, -120)["water"]["depth_cm"] is None


def test_a_visitors_wall_sees_the_water_and_no_name(gauge: Gauge):
    say(gauge, (0, 20))
    at = THEN.isoformat()

    answer = client_of(person("visitors", "visitor_display", COUNTY)).get(
        "/api/replay/waterlogging", {"at": at}
    )

    assert answer.json()["features"][0]["properties"]["water"]["depth_cm"] == 20
    assert "Ann" not in answer.content.decode()
