"""What each odd fix does: the table of issue B, line B4, and what holds for any fixes in any order."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid_units.patrols.fixes import Doubt, Fix, Place, Unused, Verdict, distance_m, judge

NOON = datetime(2026, 6, 3, 12, tzinfo=UTC)
HERE = Fix(NOON, 24.94, 60.17, accuracy_m=5.0)
METRE = 1 / 111_195  # of latitude, in degrees


def after(seconds: float, metres: float = 0.0, **more: Any) -> Fix:
    """A fix so many seconds after noon, so many metres north."""
    return replace(HERE, at=NOON + timedelta(seconds=seconds), lat=HERE.lat + metres * METRE, **more)


def place(fix: Fix) -> Place:
    return Place(fix.at, fix.lng, fix.lat, fix.accuracy_m)


USED = Verdict(None, is_newest=True)
# Name: (what is sent after `HERE`, seconds until it is received, what is decided)
TABLE: dict[str, tuple[Fix, float, Verdict]] = {
    "walked": (after(5, 7), 6, USED),
    "the same place": (after(5), 6, USED),
    "driven by its own word": (after(5, 40, speed_mps=8.0), 6, Verdict(None, is_driven=True, is_newest=True)),
    "driven by the way": (after(5, 60), 6, Verdict(None, is_driven=True, is_newest=True)),
    "late but the newest": (after(60, 50), 60 + 301, Verdict(None, is_late=True, is_newest=True)),
    "just not late": (after(60, 50), 60 + 300, USED),
    "out of order": (after(-5, -7), 1, Verdict(None)),
    "out of order and late": (after(-400, -7), 1, Verdict(None, is_late=True)),
    "said twice": (after(0), 2, Verdict(Unused.DUPLICATE)),
    "two places at one time": (after(0, 500), 2, Verdict(Unused.DUPLICATE)),
    "three minutes ahead": (after(180), 1, Verdict(Unused.FUTURE)),
    "a minute ahead": (after(60), 1, USED),
    "in the year 9999": (replace(HERE, at=datetime.max.replace(tzinfo=UTC)), 1, Verdict(Unused.FUTURE)),
    "in 1970": (replace(HERE, at=datetime(1970, 1, 1, tzinfo=UTC)), 1, Verdict(Unused.STALE, is_late=True)),
    "31 days old": (after(-31 * 86_400), 1, Verdict(Unused.STALE, is_late=True)),
    "null island": (replace(after(5), lng=0.0, lat=0.0), 6, Verdict(Unused.NULL_ISLAND)),
    "almost null island": (replace(after(5), lng=-0.0004, lat=0.0004), 6, Verdict(Unused.NULL_ISLAND)),
    "said to be invalid": (after(5, is_valid=False), 6, Verdict(Unused.INVALID)),
    "by a cell tower": (after(5, 100, accuracy_m=900.0), 6, Verdict(Unused.ACCURACY)),
    "accuracy not said": (after(5, 7, accuracy_m=None), 6, USED),
    "faster than anybody": (after(5, 7, speed_mps=90.0), 6, Verdict(Unused.SPEED)),
    "teleported": (after(5, 3_000), 6, Verdict(Unused.JUMP)),
    "far, but after an hour": (after(3_600, 30_000), 3_601, USED),
    "far by as much as it is unsure": (after(1, 50, accuracy_m=49.0), 2, USED),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name: str) -> None:
    fix, received_s, expected = TABLE[name]
    received_at = NOON + timedelta(seconds=received_s)

    judged = judge([fix], received_at=received_at, newest=place(HERE), known_at=frozenset({NOON}))

    assert judged.verdicts == (expected,)
    moved = expected.is_newest
    assert judged.newest == (place(fix) if moved else place(HERE))


def test_a_place_that_lasts_is_no_jump_any_more() -> None:
    """A device that wakes elsewhere is doubted for a minute, then believed."""
    sent = [after(5 * n, 5_000 + n) for n in range(1, 20)]

    judged = judge(sent, received_at=sent[-1].at, newest=place(HERE))

    reasons = [verdict.unused for verdict in judged.verdicts]
    assert reasons == [Unused.JUMP] * 12 + [None] * 7
    assert judged.newest == place(sent[-1]) and judged.doubt is None


def test_a_doubt_is_carried_from_one_call_to_the_next() -> None:
    newest, doubt = place(HERE), None
    reasons = []
    for n in range(1, 20):
        fix = after(5 * n, 5_000 + n)
        judged = judge([fix], received_at=fix.at, newest=newest, doubt=doubt)
        newest, doubt = judged.newest or newest, judged.doubt
        reasons.append(judged.verdicts[0].unused)

    assert reasons == [Unused.JUMP] * 12 + [None] * 7


def test_spikes_to_different_places_are_never_believed() -> None:
    sent = [after(5 * n, (-1) ** n * 5_000 * n) for n in range(1, 12)]

    judged = judge(sent, received_at=sent[-1].at, newest=place(HERE))

    assert {verdict.unused for verdict in judged.verdicts} == {Unused.JUMP}
    assert isinstance(judged.doubt, Doubt)


def test_a_late_fix_is_compared_with_its_neighbours_in_time() -> None:
    """Now the device is 3 km on; a fix of an hour ago beside where it was then is good, beside now is not."""
    then, now = after(-3_600), after(0, 3_000)

    judged = judge(
        [after(-3_590, 10), after(-3_580, 3_000)], received_at=NOON, newest=place(now), around=[place(then)]
    )

    assert [verdict.unused for verdict in judged.verdicts] == [None, Unused.JUMP]
    assert judged.newest == place(now)


def test_the_first_fix_of_a_device_has_nothing_to_jump_from() -> None:
    assert judge([HERE], received_at=NOON).verdicts == (USED,)


def test_a_degree_of_latitude_is_as_long_as_on_the_sphere() -> None:
    assert distance_m(HERE, replace(HERE, lat=HERE.lat + 1)) == pytest.approx(111_195, rel=1e-4)


moments = st.integers(-3_000_000, 4_000).map(lambda seconds: NOON + timedelta(seconds=seconds))
any_fix = st.builds(
    Fix,
    at=moments,
    lng=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    accuracy_m=st.none() | st.floats(0, 1e6),
    speed_mps=st.none() | st.floats(0, 1e6),
    is_valid=st.booleans(),
)


@given(st.lists(any_fix, max_size=12), any_fix)
def test_the_newest_never_goes_back_and_never_comes_from_the_future(sent: list[Fix], first: Fix) -> None:
    newest = place(first) if first.at <= NOON else None

    judged = judge(sent, received_at=NOON, newest=newest)

    assert len(judged.verdicts) == len(sent)
    if newest is not None:
        assert judged.newest is not None and judged.newest.at >= newest.at
    for fix, verdict in zip(sent, judged.verdicts, strict=True):
        if verdict.is_newest:
            assert verdict.unused is None and fix.at <= NOON + timedelta(minutes=2)
    used = [fix.at for fix, v in zip(sent, judged.verdicts, strict=True) if v.unused is None]
    assert len(set(used)) == len(used)


@given(st.lists(any_fix, max_size=8), st.randoms(use_true_random=False))
def test_the_order_within_a_request_does_not_matter(sent: list[Fix], chance: random.Random) -> None:
    sent = list({fix.at: fix for fix in sent}.values())  # which of two at one time counts does depend on it
    shuffled = chance.sample(range(len(sent)), len(sent))

    straight = judge(sent, received_at=NOON).verdicts
    mixed = judge([sent[n] for n in shuffled], received_at=NOON).verdicts

    assert [straight[n].unused for n in shuffled] == [verdict.unused for verdict in mixed]


@given(st.lists(any_fix, min_size=1, max_size=8))
def test_what_is_sent_again_is_a_duplicate_or_unused_as_before(sent: list[Fix]) -> None:
    first = judge(sent, received_at=NOON)
    known = frozenset(
        fix.at for fix, v in zip(sent, first.verdicts, strict=True) if v.unused is not Unused.FUTURE
    )

    again = judge(sent, received_at=NOON, newest=first.newest, known_at=known)

    assert not any(verdict.unused is None for verdict in again.verdicts)
