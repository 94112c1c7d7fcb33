"""Rules put in order by hand, and rules that never fire: Hypothesis, and cases worked by hand."""

from dataclasses import replace
from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from incidents.responsibility.deciding import Band, Case, Moment, Rule, firing, moments_of_week
from incidents.responsibility.linting import Idle, idle_rules
from incidents.responsibility.ordering import place_before

OPEN_HOURS = {(day, clock): clock == time(8) for day in range(5) for clock in (time(8), time(18))}
CLASSES = [("event", "cn", "0101"), ("event", "cn", "0102"), ("asset", "cn", "0101")]
COMMUNITIES = ["910101001001", "910101001002"]
CODES = sorted([*COMMUNITIES, "910101001001001", "910101001002001"])
LEVELS = ["COMMUNITY", "STREET", "DISTRICT"]


@st.composite
def tables(draw: st.DrawFn) -> list[Rule]:
    made = draw(
        st.lists(
            st.builds(
                Rule,
                name=st.just(""),
                lead=st.integers(1, 3),
                priority=st.integers(-2, 2),
                kind=st.sampled_from(["", "event", "asset"]),
                code=st.sampled_from(["", "01", "0101", "0102"]),
                level=st.sampled_from(["", "STREET"]),
                place=st.sampled_from(["", "910101", "910101001001", "910101001001001"]),
                band=st.sampled_from([Band(), Band(office=True), Band(starts=time(20), ends=time(6))]),
            ),
            min_size=1,
            max_size=7,
        )
    )
    return [replace(rule, name=f"rule {nr}") for nr, rule in enumerate(made)]


@given(tables(), st.data())
def test_a_rule_stands_where_it_was_put_and_the_others_keep_their_order(
    table: list[Rule], data: st.DataObject
):
    moved = data.draw(st.sampled_from(table)).name
    before = data.draw(st.sampled_from([None, *(rule.name for rule in table if rule.name != moved)]))

    changed = place_before(table, moved, before)

    was = [rule.name for rule in sorted(table, key=lambda rule: rule.rank)]
    after = [replace(rule, priority=changed.get(rule.name, rule.priority)) for rule in table]
    names = [rule.name for rule in sorted(after, key=lambda rule: rule.rank)]
    wanted = [name for name in was if name != moved]
    wanted.insert(wanted.index(before) if before else len(wanted), moved)
    assert names == wanted
    assert all(rule.priority != changed[rule.name] for rule in table if rule.name in changed)


def test_only_what_must_gets_another_priority():
    table = [Rule("a", 1, priority=9), Rule("b", 1, priority=5), Rule("c", 1, priority=5), Rule("d", 1)]

    assert place_before(table, "d", "b") == {"d": 6}
    assert place_before(table, "a", "c") == {"a": 6, "b": 6} or place_before(table, "a", "c") == {
        "a": 5,
        "b": 6,
    }
    assert place_before(table, "d", None) == {}


def week_of(table: list[Rule]) -> list[tuple[Moment, str]]:
    return moments_of_week(table, OPEN_HOURS)


@given(tables())
def test_a_rule_called_idle_fires_for_no_case(table: list[Rule]):
    week = week_of(table)
    idle = {one.name for one in idle_rules(table, CLASSES, COMMUNITIES, CODES, LEVELS, week)}

    fired = set()
    for kind, scheme, code in [*CLASSES, ("", "", "")]:
        for place in CODES:
            for level in LEVELS:
                for moment, _ in week:
                    rule = firing(table, Case(kind, scheme, code, level, place, moment))
                    fired |= {rule.name} if rule else set()
    assert idle & fired == set()


def test_each_reason_is_named():
    table = [
        Rule("all", 1, priority=9, kind="event", code="01"),
        Rule("behind", 1, kind="event", code="0101"),
        Rule("no class", 1, kind="event", code="0999"),
        Rule("no place", 1, place="990101"),
        Rule("no hour", 1, band=Band(frozenset({6}), office=True)),
        Rule("rest", 1),
    ]

    found = idle_rules(table, CLASSES, COMMUNITIES, CODES, LEVELS, week_of(table))

    assert found == [
        Idle("behind", "covered", ("all",)),
        Idle("no class", "class"),
        Idle("no place", "place"),
        Idle("no hour", "hours"),
    ]


def test_two_rules_together_can_cover_a_third():
    table = [
        Rule("office", 1, priority=2, band=Band(office=True)),
        Rule("else", 1, priority=1, band=Band(office=False)),
        Rule("never", 1, code="0101", kind="event"),
    ]

    [found] = idle_rules(table, CLASSES, COMMUNITIES, CODES, LEVELS, week_of(table))

    assert (found.name, found.reason, set(found.by)) == ("never", "covered", {"office", "else"})
