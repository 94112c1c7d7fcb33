"""The decision table: one rule fires or there is a gap, and it is the same however the rules are listed."""

from datetime import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.responsibility.deciding import ALWAYS, Band, Case, Moment, Rule, firing, gaps, moments_of_week

# A pause of the machine is no fault of the rules.
SLOW_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOON = Moment(2, time(12, 30), False)
CASE = Case("asset", "cn", "0137", "STREET", "910101001001001", NOON, (7, 8))

clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
bands = st.builds(
    Band,
    st.frozensets(st.integers(0, 6), min_size=1),
    clocks,
    clocks,
    st.sampled_from([None, True, False]),
)
moments = st.builds(Moment, st.integers(0, 6), clocks, st.booleans())
codes = st.sampled_from(["", "01", "0137", "0138", "02"])
places = st.sampled_from(["", "9101", "910101001", "910101001002", "920101"])
levels = st.sampled_from(["", "COMMUNITY", "STREET"])


@st.composite
def tables(draw: st.DrawFn) -> list[Rule]:
    return [
        Rule(
            name=f"r{number}",
            lead=draw(st.integers(1, 5)),
            priority=draw(st.integers(0, 2)),
            kind=draw(st.sampled_from(["", "asset", "event"])),
            code=draw(codes),
            level=draw(levels),
            place=draw(places),
            asset_unit=draw(st.sampled_from([None, None, 7, 9])),
            band=draw(st.one_of(st.just(ALWAYS), bands)),
            pk=draw(st.integers(1, 999)),
        )
        for number in range(draw(st.integers(0, 8)))
    ]


cases = st.builds(
    Case,
    st.sampled_from(["asset", "event"]),
    st.just("cn"),
    st.sampled_from(["0137", "0138", "0201"]),
    st.sampled_from(["COMMUNITY", "STREET"]),
    st.sampled_from(["910101001001001", "910101001002001", "920101001001001"]),
    moments,
    st.sampled_from([(), (7,), (9, 7)]),
)


@SLOW_MACHINE
@given(tables(), cases, st.randoms())
def test_there_is_one_answer_or_a_gap_and_neither_order_nor_ids_matter(table, case, random):
    fired = firing(table, case)
    shuffled = list(table)
    random.shuffle(shuffled)
    renumbered = [Rule(**{**rule.__dict__, "pk": 1000 - rule.pk}) for rule in shuffled]

    matching = [rule for rule in table if rule.matches(case)]
    again = firing(renumbered, case)

    assert (fired is None) == (matching == [])
    assert (again.name if again else None) == (fired.name if fired else None)
    if fired is not None:
        assert fired.priority == max(rule.priority for rule in matching)


@SLOW_MACHINE
@given(tables(), cases)
def test_a_rule_that_does_not_match_changes_nothing(table, case):
    fired = firing(table, case)

    assert firing([rule for rule in table if rule.matches(case)], case) == fired


@given(bands, moments)
def test_a_band_and_the_rest_of_the_day_hold_at_every_moment_exactly_once(band, moment):
    every_day = Band(starts=band.starts, ends=band.ends)
    rest = Band(starts=band.ends, ends=band.starts)

    if band.starts == band.ends:
        assert every_day.holds(moment)
    else:
        assert every_day.holds(moment) != rest.holds(moment)


@pytest.mark.parametrize(
    ("more", "less", "why"),
    [
        ({"priority": 1}, {"code": "0137", "place": "910101001001001"}, "priority before everything"),
        ({"asset_unit": 7}, {"code": "0137"}, "the asset's unit before the class"),
        ({"code": "0137"}, {"code": "01", "place": "910101001"}, "more of the class before the place"),
        ({"place": "910101001"}, {"place": "9101", "level": "STREET"}, "the smaller place before the level"),
        ({"level": "STREET"}, {"band": Band(office=False)}, "the level before the hours"),
        ({"band": Band(office=False)}, {}, "hours before always"),
    ],
)
def test_the_more_particular_rule_fires(more, less, why: str):
    # The names say the opposite, so that they cannot have decided.
    table = [Rule(name="a", lead=1, **less), Rule(name="b", lead=2, **more)]

    assert firing(table, CASE) == table[1], why


def test_a_night_belongs_to_the_day_on_which_it_begins():
    friday_night = Band(frozenset({4}), time(22), time(6))

    assert friday_night.holds(Moment(4, time(23), False))
    assert friday_night.holds(Moment(5, time(5, 59), False))
    assert not friday_night.holds(Moment(5, time(6), False))
    assert not friday_night.holds(Moment(4, time(5), False))


def test_gaps_name_the_class_the_places_and_the_hours():
    table = [
        Rule(name="lights by day", lead=1, code="0137", band=Band(starts=time(6), ends=time(22))),
        Rule(
            name="lights by night in the north",
            lead=1,
            code="0137",
            place="02",
            band=Band(starts=time(22), ends=time(6)),
        ),
        Rule(name="all else", lead=1, code="02"),
        Rule(name="only for one owner", lead=1, code="0301", asset_unit=3),
    ]
    classes = [("asset", "cn", "0137"), ("asset", "cn", "0201"), ("asset", "cn", "0301")]

    found = gaps(table, classes, ["01", "02"], ["COMMUNITY", "STREET"], moments_of_week(table, {}))

    lights, other = found
    assert (lights.code, lights.places) == ("0137", ("01",))
    assert lights.hours[:3] == ("0 00:00-06:00", "0 22:00-24:00", "1 00:00-06:00")
    assert len(lights.hours) == 14
    assert (other.code, other.places, len(other.hours)) == ("0301", ("01", "02"), 21)


def test_a_rule_for_one_level_leaves_the_others_open():
    table = [Rule(name="street only", lead=1, level="STREET")]

    found = gaps(table, [("event", "cn", "0506")], ["01"], ["STREET", "DISTRICT"], moments_of_week(table, {}))

    assert [gap.code for gap in found] == ["0506"]


def test_office_hours_are_told_apart_in_the_week():
    table = [
        Rule(name="open", lead=1, band=Band(office=True)),
        Rule(name="weekend", lead=1, band=Band(frozenset({5, 6}), office=False)),
    ]
    week = moments_of_week(table, {(0, time(8)): True, (0, time(12)): False})

    (gap,) = gaps(table, [("event", "cn", "0506")], ["01"], ["STREET"], week)

    assert "0 08:00-12:00" not in gap.hours
    assert "0 12:00-24:00" in gap.hours
    assert not any(words.startswith(("5", "6")) for words in gap.hours)
