"""What somebody on duty is doing, by dwell, accuracy and hysteresis."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_units.patrols.fixes import Place
from grid_units.patrols.states import DWELL, Seen, State, Watch, is_absent, look

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
METRE = 1 / 111_195
Step = tuple[float, float, float]  # seconds after noon, metres north of the start, metres outside the cell


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seen(step: Step, accuracy_m: float = 5.0) -> Seen:
    seconds, north_m, outside_m = step
    return Seen(Place(after(seconds), 24.94, 60.17 + north_m * METRE, accuracy_m), outside_m)


def watched(*steps: Step, accuracy_m: float = 5.0, watch: Watch | None = None) -> Watch:
    """The watch after a look at each fix a second after its time."""
    for step in steps:
        watch = look(watch, seen(step, accuracy_m), after(step[0] + 1))
    assert watch is not None
    return watch


def walk(begin_s: int, end_s: int, outside_m: float = 0.0) -> list[Step]:
    """A fix every ten seconds at 1.3 m/s."""
    return [(second, second * 1.3, outside_m) for second in range(begin_s, end_s, 10)]


def stand(begin_s: int, end_s: int, north_m: float = 0.0, outside_m: float = 0.0) -> list[Step]:
    """A fix every ten seconds at one place, drifting by eight metres."""
    return [(second, north_m + second // 10 % 3 * 4, outside_m) for second in range(begin_s, end_s, 10)]


def test_who_walks_in_the_cell_is_on_patrol() -> None:
    assert watched(*walk(0, 1_200)).state is State.ON_PATROL


def test_who_drifts_at_one_place_for_ten_minutes_stands() -> None:
    assert watched(*stand(0, 590)).state is State.ON_PATROL
    assert watched(*stand(0, 620)).state is State.STANDING


def test_who_stands_is_not_walking_again_by_a_drift() -> None:
    watch = watched(*stand(0, 620))

    assert watched((620, 38, 0), watch=watch).state is State.STANDING
    assert watched((620, 48, 0), watch=watch).state is State.ON_PATROL


def test_two_minutes_outside_are_off_the_cell_and_one_is_not() -> None:
    assert watched(*walk(0, 60), *walk(60, 170, 60)).state is State.ON_PATROL
    assert watched(*walk(0, 60), *walk(60, 200, 60)).state is State.OFF_CELL


def test_a_step_over_the_border_within_what_is_unsure_is_no_step() -> None:
    assert watched(*walk(0, 600, 24)).state is State.ON_PATROL
    assert watched(*walk(0, 600, 60), accuracy_m=45.0).state is State.ON_PATROL


def test_along_the_border_it_does_not_flicker() -> None:
    """In and out every twenty seconds: neither way holds long enough."""
    steps = [(second, second * 1.3, 40.0 if second // 20 % 2 else 0.0) for second in range(0, 1_800, 10)]
    states = set()
    watch = None
    for step in steps:
        watch = look(watch, seen(step), after(step[0] + 1))
        states.add(watch.state)

    assert states == {State.ON_PATROL}


def test_who_is_off_comes_back_after_half_a_minute_inside() -> None:
    off = watched(*walk(0, 200, 60))
    assert off.state is State.OFF_CELL

    assert watched(*walk(200, 220), watch=off).state is State.OFF_CELL
    assert watched(*walk(200, 250), watch=off).state is State.ON_PATROL
    # Only just outside is neither: the way back is inside.
    assert watched(*walk(200, 400, 10), watch=off).state is State.OFF_CELL


def test_five_minutes_without_a_fix_are_silence_and_the_next_ends_it() -> None:
    watch = watched(*walk(0, 60))

    assert look(watch, None, after(50 + 300)).state is State.ON_PATROL
    silent = look(watch, None, after(50 + 301))
    assert silent.state is State.SILENT and silent.since == after(351)
    assert watched((360, 500, 0), watch=silent).state is State.ON_PATROL


def test_a_silence_proves_no_dwell_outside() -> None:
    """Outside before and after twenty minutes without a fix: where it was between nobody knows."""
    watch = watched(*walk(0, 60), *walk(60, 100, 60))

    back = watched((1_300, 0, 60), watch=watch)

    assert back.state is State.ON_PATROL
    assert watched(*walk(1_310, 1_450, 60), watch=back).state is State.OFF_CELL


def test_late_and_repeated_fixes_change_nothing() -> None:
    watch = watched(*walk(0, 100))

    assert look(watch, seen((40, 900, 900)), after(101)) == watch
    assert look(watch, seen((90, 117, 0)), after(101)) == watch


def test_who_has_no_cell_cannot_be_off_it() -> None:
    watch = None
    for second in range(0, 1_000, 10):
        watch = look(watch, Seen(Place(after(second), 24.94, 60.17 + second * METRE, 5), None), after(second))

    assert watch is not None and watch.state is State.ON_PATROL


steps = st.lists(
    st.tuples(st.integers(1, 400), st.floats(-300, 300), st.floats(0, 500), st.floats(1, 50)), max_size=40
)


@given(steps)
def test_nobody_is_off_the_cell_without_two_minutes_of_fixes_outside(
    said: list[tuple[int, float, float, float]],
) -> None:
    watch, second, outside_since = None, 0, None
    for pause, north_m, outside_m, accuracy_m in said:
        second += pause
        watch = look(watch, seen((second, north_m, outside_m), accuracy_m), after(second))
        if outside_m <= 0:
            outside_since = None
        elif outside_since is None:
            outside_since = second
        if watch.state is State.OFF_CELL and outside_since is not None:
            assert second - outside_since >= 120 or watch.since < after(outside_since)
        assert watch.state is not State.SILENT


@pytest.mark.parametrize(
    ("began_min", "inside_min", "watched_min", "expected"),
    [
        (16, None, 60, True),
        (14, None, 60, False),  # the shift has just begun
        (60, 14, 60, False),  # was there a moment ago
        (60, 16, 60, True),
        (60, None, 14, False),  # we were not listening
        (15, None, 15, True),
    ],
)
def test_absent_is_who_was_not_there_for_a_quarter_of_an_hour_of_duty_that_we_heard(
    began_min: int, inside_min: int | None, watched_min: int, expected: bool
) -> None:
    def ago(minutes: int) -> datetime:
        return NOON - timedelta(minutes=minutes)

    assert expected is is_absent(
        on_duty_since=ago(began_min),
        in_area_at=None if inside_min is None else ago(inside_min),
        watched_since=ago(watched_min),
        now=NOON,
    )


def test_the_thresholds_leave_room_for_the_way_back() -> None:
    assert DWELL.stands_within_m < DWELL.walks_beyond_m
