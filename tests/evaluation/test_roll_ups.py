"""Roll-ups against a slow and independent computation, over histories that Hypothesis makes."""

from collections import Counter
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from incidents.evaluation.asking import Asked, By, Seen, View
from incidents.evaluation.figures import figures, total
from incidents.evaluation.keeping import keep_all
from incidents.evaluation.measures import MEASURES
from incidents.evaluation.models import DayCounts, Fact, MonthCounts
from incidents.loop import ending, handling
from incidents.models import Incident
from tests.evaluation.slow import slow_counts
from tests.loop.conftest import HOUR, NOON, Loop, filed, lead, photographed, reported
from tests.loop.walk import Tally, Walk

ZONE = ZoneInfo("Europe/Helsinki")
EVERYWHERE = Seen(("",), (), unplaced=True)
WINTER = (date(2026, 1, 1), date(2026, 12, 31))


class History(Walk):
    """Random histories. What must hold of them after every step is E1's own matter."""

    def all_is_well(self) -> None:
        """Not looked at here."""


def kept(model: type[DayCounts] | type[MonthCounts] = DayCounts) -> Counter[tuple[date, str, str, str, str]]:
    found: Counter[tuple[date, str, str, str, str]] = Counter()
    for row in model.objects.all():
        for measure in MEASURES:
            if count := getattr(row, measure):
                found[row.day, row.place_was, row.by, row.key, measure] += count
    return found


def test_roll_ups_are_what_a_slow_count_of_the_steps_finds(lasting_loop: Loop):
    Walk.loop, Walk.tally = lasting_loop, Tally()
    keep_all()
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=8, stateful_step_count=15, deadline=None, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

    keep_all()

    slow = slow_counts(ZONE)
    assert Fact.objects.count() == Incident.objects.count() == Walk.tally.walks
    assert kept() == slow
    by_month: Counter[tuple[date, str, str, str, str]] = Counter()
    for (day, *rest), count in slow.items():
        by_month[(day.replace(day=1), *rest)] += count  # type: ignore[index]  # still five
    assert kept(MonthCounts) == by_month
    whole = total(Asked(By.CHANNEL, *WINTER, seen=EVERYWHERE))
    in_all = Counter[str]()
    for (day, _, dimension, _, measure), count in slow.items():
        if dimension == "channel" and WINTER[0] <= day <= WINTER[1]:
            in_all[measure] += count
    assert {name: count for name, count in whole.items() if count} == dict(in_all)
    print(f"{Walk.tally.walks} walks, {Walk.tally.steps} steps, {sum(slow.values())} counts agree")


def test_roll_ups_and_facts_answer_alike(lasting_loop: Loop):
    for n in range(6):
        one = filed(lasting_loop, NOON + timedelta(days=n * 9))
        if n % 2:
            handling.dispatch(
                incident=one, units=[lead(lasting_loop.roads)], actor=lasting_loop.street, at=NOON + HOUR
            )
    reported(lasting_loop.people.oona)
    keep_all()
    asked = Asked(By.UNIT, date(2026, 1, 10), date(2026, 2, 20), seen=EVERYWHERE)
    of_unit = Asked(
        By.UNIT, asked.start, asked.end, seen=Seen((), (str(lasting_loop.roads.pk), "")), view=View.IS
    )

    assert asked.roll_up() == "unit" and of_unit.roll_up() is None
    by_roll_up = {one.key: one.counts for one in figures(asked)}
    by_facts = {one.key: one.counts for one in figures(of_unit)}
    assert by_roll_up == by_facts and by_roll_up


def test_a_new_step_moves_an_incident_from_one_count_to_the_other(lasting_loop: Loop):
    one = filed(lasting_loop)
    keep_all()
    asked = Asked(By.DISTRICT, date(2026, 1, 14), date(2026, 1, 14), seen=EVERYWHERE)
    before = total(asked)
    handling.dispatch(incident=one, units=[lead(lasting_loop.roads)], actor=lasting_loop.street, at=NOON)
    handling.accept(incident=one, actor=lasting_loop.rod, at=NOON)
    photographed(one, lasting_loop.rod, NOON)
    handling.hand_in(incident=one, actor=lasting_loop.rod, at=NOON + HOUR, result="已排水")
    verifier = ending.verification_of(Incident.objects.get(pk=one.pk))
    assert verifier is not None
    photographed(one, verifier.verifier, NOON + HOUR)
    ending.verify_result(
        incident=Incident.objects.get(pk=one.pk), actor=verifier.verifier, at=NOON + HOUR, passes=True, mark=5
    )

    keep_all()

    after = total(asked)
    changed = {name: after[name] - before[name] for name in MEASURES if after[name] != before[name]}
    assert (before["due"], before["due_closed"], before["received"]) == (1, 0, 1)
    assert changed["handled_on_time"] == changed["verified_on_time"] == changed["dispatched_right"] == 1
    assert "received" not in changed and "due_closed" not in changed
