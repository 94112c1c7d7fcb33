"""Another class after the filing: the limit from the filing time, terms frozen anew, the step says both."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from geogrid.core.actor import System
from geogrid.core.errors import Conflict, Forbidden, Invalid
from incidents.clocks.limits import Limit
from incidents.duty_list.actions import add_condition
from incidents.duty_list.conditions import ConditionText
from incidents.duty_list.models import FilingCondition
from incidents.loop import handling
from incidents.loop.models import Filing, IncidentClock
from incidents.loop.orders import Sending
from incidents.loop.reclassing import reclassify
from incidents.models import EventClass, Incident, StepTaken
from incidents.responsibility.actions import add_rule
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, filed, lead, photographed, reported

ACTOR = System("tests")


@pytest.fixture
def noise(loop: Loop) -> EventClass:
    return EventClass.objects.create(
        scheme="cn", version="1", code="0189", name="噪音", name_en="Noise", origin="ours"
    )


def listed(of_class: EventClass, limit: Limit, text: str = "扰民", **said: Any) -> FilingCondition:
    words = ConditionText(text=text, closing="停止", limit=limit, **said)
    return add_condition(one=of_class, said=words, actor=ACTOR, at=NOON)


def change(
    loop: Loop, incident: Incident, of_class: EventClass | None, minutes: int = 60, **said: Any
) -> None:
    reclassify(
        incident=incident, of_class=of_class, actor=loop.people.oona, at=NOON + minutes * MINUTE,
        **{"condition_id": None, "note": "wrong class", **said},
    )  # fmt: skip


def total(incident: Incident) -> IncidentClock:
    return IncidentClock.objects.get(incident=incident, span="total")


def test_the_limit_counts_from_the_filing_and_terms_are_frozen_anew(loop: Loop, noise: EventClass):
    condition = listed(noise, Limit.hours(2), legal_basis="噪声法")
    add_rule(actor=ACTOR, at=NOON, lead=loop.lights, name="noise", code="0189", next_unit_ids=[loop.water.pk])
    incident = filed(loop)

    change(loop, incident, noise)

    incident.refresh_from_db()
    filing = Filing.objects.get(incident=incident)
    assert (incident.event_class, incident.responsible_unit, incident.stage) == (noise, loop.lights, "FILED")
    assert (filing.condition_id, str(filing.limit), filing.legal_basis) == (
        condition.pk,
        "2小时 / 2 hours",
        "噪声法",
    )
    assert (filing.unit_ids, filing.next_unit_ids, filing.filed_at) == (
        [loop.lights.pk],
        [loop.water.pk],
        NOON,
    )
    assert (filing.class_code, filing.rule) == ("0189", "table noise")
    clock = total(incident)
    assert (clock.started_at, clock.due_at, incident.deadline_at) == (NOON, NOON + 2 * HOUR, NOON + 2 * HOUR)
    step = StepTaken.objects.filter(incident=incident).latest("id")
    assert (step.move, step.note) == ("reclassify", "wrong class")
    assert step.details["from"]["limit"] == "4小时 / 4 hours"
    assert step.details["from"]["unit_ids"] == [loop.roads.pk]
    assert step.details["to_class"]["code"] == "0189"


def test_an_overrun_of_the_wrong_limit_is_no_overrun_of_the_right_one(loop: Loop, noise: EventClass):
    listed(noise, Limit.days(2))
    incident = filed(loop)
    IncidentClock.objects.filter(incident=incident, span="total").update(overdue_at=NOON + 4 * HOUR)

    change(loop, incident, noise, minutes=300)

    assert (total(incident).overdue_at, total(incident).due_at) == (None, NOON + timedelta(days=2))


def test_a_shorter_limit_may_have_passed_already(loop: Loop, noise: EventClass):
    listed(noise, Limit.hours(1))
    incident = filed(loop)

    change(loop, incident, noise, minutes=120)

    assert total(incident).due_at == NOON + HOUR


def test_units_at_work_stay_and_their_clocks_follow(loop: Loop, noise: EventClass):
    listed(noise, Limit.hours(2))
    incident = filed(loop)
    own = Limit(Decimal(1), Limit.hours(1).kind)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON + MINUTE)
    handling.add_unit(
        incident=incident,
        units=[Sending(loop.water, "co", True, own)],
        actor=loop.street,
        at=NOON + MINUTE,
    )

    change(loop, incident, noise)

    orders = {clock.what: clock for clock in IncidentClock.objects.filter(incident=incident, span="order")}
    assert orders["1"].due_at == NOON + MINUTE + 2 * HOUR
    assert orders["2"].due_at == NOON + MINUTE + HOUR
    incident.refresh_from_db()
    assert (incident.stage, incident.responsible_unit) == ("DISPATCHED", loop.roads)


def test_the_communitys_phase_begins_with_the_filing_or_ends(loop: Loop, noise: EventClass):
    listed(noise, Limit.days(7), is_self_governed=True)
    incident = filed(loop)
    other = EventClass.objects.create(
        scheme="cn", version="1", code="0505", name="塌陷", name_en="Hole", origin="ours"
    )
    listed(other, Limit.hours(2))

    change(loop, incident, noise)
    running = IncidentClock.objects.running().filter(incident=incident, span="stage")
    phase = list(running.values_list("what", "started_at"))
    change(loop, incident, other, minutes=90)

    assert phase == [("community_phase", NOON)]
    assert [one.what for one in running.all()] == ["dispatch"]


def test_before_the_filing_only_the_class_changes(loop: Loop, noise: EventClass):
    incident = reported(loop.people.oona)

    change(loop, incident, noise)

    assert not Filing.objects.filter(incident=incident).exists()
    assert Incident.objects.get(pk=incident.pk).event_class == noise


def test_what_the_table_says_no_to_is_refused_in_words(loop: Loop, noise: EventClass):
    listed(noise, Limit.hours(2))
    incident = filed(loop)

    with pytest.raises(Invalid, match="why"):
        change(loop, incident, noise, note=" ")
    with pytest.raises(Invalid, match="Choose a class"):
        change(loop, incident, None)
    with pytest.raises(Forbidden):
        reclassify(incident=incident, of_class=noise, condition_id=None, actor=loop.rod, at=NOON, note="x")
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.accept(incident=incident, actor=loop.rod, at=NOON)
    photographed(incident, loop.rod, NOON)
    handling.hand_in(incident=incident, actor=loop.rod, at=NOON, result="done")
    with pytest.raises(Conflict):
        change(loop, incident, noise)


def test_a_choice_of_conditions_is_made_by_a_person(loop: Loop, noise: EventClass):
    first, second = listed(noise, Limit.hours(2)), listed(noise, Limit.hours(6), text="夜间扰民")
    incident = filed(loop)

    with pytest.raises(Invalid, match="Choose a filing condition"):
        change(loop, incident, noise)
    incident = Incident.objects.get(pk=incident.pk)
    change(loop, incident, noise, condition_id=first.pk)
    change(loop, incident, noise, condition_id=second.pk, minutes=70)
    with pytest.raises(Invalid, match="already"):
        change(loop, incident, noise, condition_id=second.pk, minutes=80)

    assert total(incident).due_at == NOON + 6 * HOUR


def test_the_database_wants_the_step(loop: Loop, noise: EventClass):
    incident = filed(loop)
    with pytest.raises(DatabaseError, match="without a step that does so"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(event_class=noise)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match="without a step that does so"), transaction.atomic():
        Filing.objects.filter(incident=incident).update(condition="x")
