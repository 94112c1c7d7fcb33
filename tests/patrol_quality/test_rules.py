"""How near somebody came, and how long something can be seen: rules without a database."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from incidents.patrol_quality.judging import Because, Known, OnDuty, hours_back, judge, moments_between
from incidents.patrol_quality.passing import Approach, Plane, Trod, approaches

HERE = Plane(24.95, 60.17)
START = datetime(2026, 1, 14, 9, tzinfo=UTC)
END = START + timedelta(hours=2)
EAST, NORTH = (
    1 / metres for metres in (Plane(24.95, 60.17).metres(25.95, 60.17)[0], HERE.metres(24.95, 61.17)[1])
)


def trod(after_s: float, east_m: float, north_m: float, driven: bool = False) -> Trod:
    at = START + timedelta(seconds=after_s)
    return Trod(1, 1, at, HERE.lng + east_m * EAST, HERE.lat + north_m * NORTH, driven)


def nearest(*fixes: Trod) -> list[tuple[float, float]]:
    """(metres, seconds after the window began) of each approach."""
    return [(a.distance_m, (a.at - START).total_seconds()) for a in approaches(fixes, HERE, START, END)]


def test_twenty_metres_are_near_and_a_centimetre_more_is_not():
    [at_limit] = approaches([trod(60, -30, 20), trod(90, 30, 20)], HERE, START, END)
    [beyond] = approaches([trod(60, -30, 20.01), trod(90, 30, 20.01)], HERE, START, END)

    assert at_limit.distance_m == 20.0 and at_limit.is_near(20)
    assert beyond.distance_m == 20.01 and not beyond.is_near(20)


def test_of_a_way_that_crosses_the_end_of_the_window_only_the_part_inside_counts():
    # 40 m towards the place in the last 20 s, and 40 m on after the report.
    [found] = nearest(trod(7180, -80, 0), trod(7220, 0, 0))

    assert found == (40.0, 7200.0)
    assert nearest(trod(-60, 0, 0), trod(20, 80, 0)) == [(60.0, 0.0)]
    assert nearest(trod(7201, 0, 0)) == [] and nearest(trod(-1, 0, 0)) == []


def test_walking_and_driving_are_told_apart_and_order_does_not_matter():
    fixes = [trod(10, 5, 0, driven=True), trod(70, 300, 0), trod(75, 290, 0)]

    assert sorted(nearest(*reversed(fixes))) == [(5.0, 10.0), (290.0, 75.0)]


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-200, 200), st.floats(-200, 200))
def test_distances_are_those_of_the_ellipsoid_to_a_few_centimetres(lat, lng, east_m, north_m):
    geod = Geod(ellps="WGS84")
    far = math.hypot(east_m, north_m)
    to_lng, to_lat, _ = geod.fwd(lng, lat, math.degrees(math.atan2(east_m, north_m)), far)

    # Near the poles the plane bends: nobody patrols there.
    if abs(lat) < 80:
        assert math.hypot(*Plane(lng, lat).metres(to_lng, to_lat)) == pytest.approx(far, abs=0.05)


@given(st.lists(st.tuples(st.integers(-600, 9000), st.floats(-500, 500), st.floats(-500, 500)), max_size=12))
def test_nobody_is_nearer_than_the_nearest_way_and_the_pass_lies_in_the_window(points):
    found = approaches([trod(*point) for point in points], HERE, START, END)

    for one in found:
        assert START <= one.at <= END
    inside = [math.hypot(x, y) for after, x, y in points if 0 <= after <= 7200]
    if inside:
        assert min(a.distance_m for a in found) <= min(inside) + 0.02


def test_who_was_on_duty_before_and_after_the_pass_counts_and_nobody_else():
    moments = moments_between(START, END)
    roster = [OnDuty(at, 1, "grid_worker") for at in moments[3:]]
    known = Known(START, END, moments=moments, roster=roster, carrying=frozenset({1}), heard=frozenset({1}))

    def said(minutes: int, worker: int = 1) -> Because:
        passed = Approach(worker, 1, START + timedelta(minutes=minutes), 5.0, False)
        return judge(Known(**{**vars(known), "approaches": [passed]})).because

    assert said(40) is Because.WALKED_PAST
    assert said(25) is Because.ELSEWHERE  # the shift began between two looks: in doubt for the person
    assert said(40, worker=2) is Because.ELSEWHERE


def test_the_longest_code_listed_says_how_long_something_can_be_seen():
    table = {
        ("", "", ""): 2.0,
        ("event", "", "04"): 1.0,
        ("event", "", "0499"): 0.0,
        ("event", "own", "0499"): 3.0,
    }

    assert hours_back(None, table) == 2
    assert hours_back(("asset", "x", "0101"), table) == 2
    assert hours_back(("event", "x", "0401"), table) == 1
    assert hours_back(("event", "x", "0499"), table) == 0
    assert hours_back(("event", "own", "0499"), table) == 3
