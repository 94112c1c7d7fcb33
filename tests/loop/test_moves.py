"""The moves of the table: who, what is needed, what follows, and who has it then."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from geogrid.core.errors import Conflict, Forbidden, Invalid
from incidents import actions
from incidents.loop import ending, handling, levels, people, two_persons
from incidents.loop.ladder import goes_back
from incidents.loop.models import Filing, IncidentClock, Verification, WorkOrder
from incidents.models import Incident, StepTaken
from incidents.taking import last_step
from incidents.workflow import AXES, ClosingCode, Move, transitions
from tests.incidents.conftest import rows, settle
from tests.loop.conftest import HOUR, MINUTE, NOON, Loop, co, filed, lead, photographed, reported


def test_a_pass_goes_back_when_it_turns_for_the_second_time():
    assert goes_back([Move.PASS_UP, Move.PASS_DOWN], Move.PASS_UP)
    assert not goes_back([Move.PASS_UP], Move.PASS_DOWN)


def test_transitions_and_axes_are_those_of_the_database(loop: Loop):
    assert set(rows("SELECT move, from_stage, to_stage FROM incident_transition")) == transitions()
    assert set(rows("SELECT axis, move FROM incident_move_axis")) == {
        (axis.value, move.value) for axis, moves in AXES.items() for move in moves
    }


def handled(loop: Loop) -> Incident:
    """Reported, filed, dispatched to roads with lights as co-handler, done and handed in."""
    incident = filed(loop)
    handling.dispatch(
        incident=incident, units=[lead(loop.roads), co(loop.lights)], actor=loop.street, at=NOON
    )
    handling.accept(incident=incident, actor=loop.rod, at=NOON + MINUTE)
    handling.arrive(incident=incident, actor=loop.rod, at=NOON + 2 * MINUTE, place={"lng": 1.0, "lat": 2.0})
    handling.co_handle(incident=incident, move=Move.CO_ACCEPT, actor=loop.lou, at=NOON + 3 * MINUTE)
    handling.co_handle(
        incident=incident, move=Move.CO_HAND_IN, actor=loop.lou, at=NOON + 4 * MINUTE, note="灯已修"
    )
    photographed(incident, loop.rod, NOON + 5 * MINUTE)
    handling.hand_in(incident=incident, actor=loop.rod, at=NOON + 6 * MINUTE, result="已抽干")
    return incident


def verifier_of(incident: Incident):
    return Verification.objects.get(incident=incident, verdict="waiting").verifier


def test_a_whole_life_with_two_units(loop: Loop):
    incident = handled(loop)
    verifier = verifier_of(incident)
    assert (incident.stage, incident.holder) == ("HANDLED", verifier)
    assert verifier not in {loop.rod, loop.lou}

    photographed(incident, verifier, NOON + 7 * MINUTE)
    ending.verify_result(incident=incident, actor=verifier, at=NOON + 8 * MINUTE, passes=True, mark=4)
    assert incident.holder == loop.street
    ending.close(incident=incident, actor=loop.street, at=NOON + HOUR, code=ClosingCode.SOLVED)
    ending.rate(incident=incident, actor=loop.people.oona, at=NOON + 2 * HOUR, satisfaction=5)
    ending.evaluate(incident=incident, actor=loop.people.oona, at=NOON + 3 * HOUR)

    settle()
    incident.refresh_from_db()
    assert incident.stage == "EVALUATED"
    assert last_step(incident).details == {"satisfaction": 5, "mark": 4}
    assert incident.responsible_unit == loop.roads
    assert not IncidentClock.objects.running().filter(incident=incident).exists()
    assert [order.state for order in incident.work_orders.order_by("nth")] == ["DONE", "DONE"]


def test_what_was_in_force_is_frozen_and_the_deadline_stored_with_what_made_it(loop: Loop):
    incident = filed(loop)

    filing = Filing.objects.get(incident=incident)
    assert (filing.condition, str(filing.limit)) == ("积水超过 15 cm", "4小时 / 4 hours")
    total = IncidentClock.objects.get(incident=incident, span="total")
    assert (total.due_at, total.warn_at) == (NOON + 4 * HOUR, NOON + 0.8 * 4 * HOUR)
    assert (incident.deadline_at, total.policy["limit"]) == (total.due_at, "4小时 / 4 hours")
    with pytest.raises(DatabaseError, match="without a step that does so"), transaction.atomic():
        Filing.objects.filter(incident=incident).update(condition="x")


def test_the_lead_waits_for_photos_and_for_mandatory_co_handlers(loop: Loop):
    incident = filed(loop)
    handling.dispatch(
        incident=incident,
        units=[lead(loop.roads), co(loop.lights), co(loop.water, is_mandatory=False)],
        actor=loop.street,
        at=NOON,
    )
    handling.accept(incident=incident, actor=loop.rod, at=NOON)

    with pytest.raises(Invalid, match="photo"):
        handling.hand_in(incident=incident, actor=loop.rod, at=NOON, result="x")
    photographed(incident, loop.rod, NOON)
    with pytest.raises(Invalid, match="路灯所"):
        handling.hand_in(incident=incident, actor=loop.rod, at=NOON, result="x")
    handling.co_handle(incident=incident, move=Move.CO_ACCEPT, actor=loop.lou, at=NOON)
    handling.co_handle(incident=incident, move=Move.CO_HAND_IN, actor=loop.lou, at=NOON, note="x")
    handling.hand_in(incident=incident, actor=loop.rod, at=NOON, result="x")

    settle()
    states = dict(incident.work_orders.values_list("unit__code", "state"))
    assert states == {"R": "DONE", "L": "DONE", "W": "WITHDRAWN"}


def test_a_returning_unit_stays_accountable_until_another_accepts(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    handling.return_(
        incident=incident, actor=loop.rod, at=NOON, note="不属于我单位", suggested_unit=loop.water
    )
    assert (incident.stage, incident.holder, incident.responsible_unit) == ("FILED", loop.street, loop.roads)

    handling.dispatch(incident=incident, units=[lead(loop.water)], actor=loop.street, at=NOON)
    sent = incident.responsible_unit_id
    handling.accept(incident=incident, actor=loop.wat, at=NOON)

    settle()
    assert (sent, incident.responsible_unit_id) == (loop.roads.pk, loop.water.pk)
    assert not WorkOrder.objects.filter(is_accountable=True).exists()


def test_only_who_was_drawn_verifies_and_a_failed_one_goes_back_to_the_handler(loop: Loop):
    incident = handled(loop)
    verifier = verifier_of(incident)
    other = loop.ines if verifier != loop.ines else loop.ivo
    photographed(incident, other, NOON + HOUR, "near")
    for nobody in (other, loop.rod, loop.street):
        with pytest.raises(Forbidden):
            ending.verify_result(incident=incident, actor=nobody, at=NOON + HOUR, passes=True, mark=5)
    with pytest.raises(Invalid, match="photo"):
        ending.verify_result(incident=incident, actor=verifier, at=NOON + HOUR, passes=False, note="x")

    photographed(incident, verifier, NOON + HOUR)
    ending.verify_result(incident=incident, actor=verifier, at=NOON + HOUR, passes=False, note="仍有积水")

    assert (incident.stage, incident.holder, incident.handled_at) == ("HANDLING", loop.rod, None)
    with pytest.raises(Invalid, match="photo"):  # the old picture from after shows the old work
        handling.hand_in(incident=incident, actor=loop.rod, at=NOON + 2 * HOUR, result="x")
    photographed(incident, loop.rod, NOON + 2 * HOUR)
    handling.hand_in(incident=incident, actor=loop.rod, at=NOON + 2 * HOUR, result="再抽")
    settle()
    assert incident.work_orders.get(unit=loop.roads).rework == 1


def test_a_draw_can_be_repeated_from_its_seed(loop: Loop):
    incident = handled(loop)
    draw = Verification.objects.get(incident=incident)

    assert people.drawn(draw.seed, incident.pk, draw.candidates) == draw.verifier_id
    assert {loop.ines.pk, loop.ivo.pk, loop.people.ann.pk} <= set(draw.candidates)
    assert {loop.people.cai.pk, loop.rod.pk}.isdisjoint(draw.candidates)


def test_the_second_click_is_told_who_did_what_when(loop: Loop):
    incident = filed(loop)
    seen = last_step(incident).pk
    stale = Incident.objects.get(pk=incident.pk)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    with pytest.raises(
        Conflict, match=r"Street dispatched it at 10:00:00 on 14 Jan.*Street已于 01-14 10:00:00 派遣"
    ):
        handling.dispatch(incident=stale, units=[lead(loop.water)], actor=loop.district, at=NOON)
    fresh = Incident.objects.get(pk=incident.pk)
    with pytest.raises(Conflict, match="dispatched it"):
        handling.accept(incident=fresh, actor=loop.rod, at=NOON, seen_step=seen)
    handling.accept(incident=fresh, actor=loop.rod, at=NOON, seen_step=last_step(incident).pk)


def test_what_needs_two_persons_is_not_done_by_one(loop: Loop):
    incident = filed(loop)
    ask: dict[str, Any] = {"incident": incident, "actor": loop.district, "at": NOON, "note": "台风"}
    application = two_persons.apply(move=Move.SUSPEND, until=NOON + timedelta(days=3), **ask)
    with pytest.raises(Forbidden):
        two_persons.approve(application=application, actor=loop.district, at=NOON)
    with pytest.raises(Forbidden):
        two_persons.approve(application=application, actor=loop.people.oona, at=NOON)

    two_persons.approve(application=application, actor=loop.chief, at=NOON)

    settle()
    incident.refresh_from_db()
    assert incident.waiting == "suspended"
    total = IncidentClock.objects.get(incident=incident, span="total")
    assert total.due_at == NOON + timedelta(days=3) + 4 * HOUR
    with pytest.raises(Conflict, match="suspended"):
        handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)
    two_persons.resume(incident=incident, actor=loop.district, at=NOON + HOUR, note="雨停")
    total.refresh_from_db()
    assert total.due_at == NOON + 5 * HOUR
    with pytest.raises(Conflict, match="as often"):
        two_persons.apply(move=Move.SUSPEND, until=NOON + timedelta(days=3), **ask)


def test_the_database_refuses_a_void_without_a_second_person(loop: Loop):
    incident = filed(loop)
    with pytest.raises(IntegrityError, match="needs a second person"), transaction.atomic():
        StepTaken.objects.create(
            incident=incident,
            move="void",
            from_stage="FILED",
            to_stage="VOID",
            level="COMMUNITY",
            taken_at=NOON,
        )
        Incident.objects.filter(pk=incident.pk).update(stage="VOID")
        settle()


def test_extended_twice_at_most_and_only_before_the_limit(loop: Loop):
    incident = filed(loop)

    def extend(at):
        application = two_persons.apply(
            incident=incident, move=Move.EXTEND, actor=loop.district, at=at, note="备件"
        )
        two_persons.approve(application=application, actor=loop.chief, at=at)
        incident.refresh_from_db()

    extend(NOON)
    extend(NOON + HOUR)
    assert incident.deadline_at == NOON + 12 * HOUR
    with pytest.raises(Conflict, match="as often"):
        extend(NOON + 2 * HOUR)
    late = filed(loop)
    with pytest.raises(Conflict, match="passed"):
        two_persons.apply(incident=late, move=Move.EXTEND, actor=loop.district, at=NOON + 5 * HOUR, note="x")


def test_closing_without_handling_takes_two_and_a_code_that_allows_it(loop: Loop):
    incident = filed(loop)
    ask: dict[str, Any] = {
        "incident": incident,
        "move": Move.CLOSE_WITH_CODE,
        "actor": loop.street,
        "at": NOON,
        "note": "重复",
    }
    with pytest.raises(Invalid):
        two_persons.apply(code=ClosingCode.SOLVED, **ask)
    application = two_persons.apply(code=ClosingCode.DUPLICATE, **ask)

    two_persons.approve(application=application, actor=loop.chief, at=NOON)

    settle()
    incident.refresh_from_db()
    assert (incident.stage, last_step(incident).details["code"]) == ("CLOSED", "duplicate")
    assert last_step(incident).details["asked_by"] == loop.street.pk


def test_passed_up_and_down_it_keeps_its_number_and_goes_back_once(loop: Loop):
    incident = filed(loop)
    number = incident.number
    levels.pass_on(incident=incident, move=Move.PASS_UP, actor=loop.street, at=NOON, note="超出能力")
    assert (incident.level, incident.stage, incident.number) == ("STREET", "FILED", number)
    levels.pass_on(incident=incident, move=Move.PASS_DOWN, actor=loop.street, at=NOON + HOUR, note="可自办")
    with pytest.raises(Forbidden, match="level above"):
        levels.pass_on(incident=incident, move=Move.PASS_UP, actor=loop.street, at=NOON + HOUR, note="x")

    levels.pass_on(incident=incident, move=Move.PASS_UP, actor=loop.district, at=NOON + HOUR, note="裁定")

    settle()
    ended = IncidentClock.objects.filter(incident=incident, span="level").order_by("id")
    assert [(clock.what, bool(clock.ended_at)) for clock in ended] == [
        ("COMMUNITY", True), ("STREET", True), ("COMMUNITY", True), ("STREET", False)
    ]  # fmt: skip


def test_reopened_it_is_the_next_round_and_the_reporter_has_fifteen_days(loop: Loop):
    incident = handled(loop)
    verifier = verifier_of(incident)
    photographed(incident, verifier, NOON + HOUR)
    ending.verify_result(incident=incident, actor=verifier, at=NOON + HOUR, passes=True, mark=3)
    ending.close(incident=incident, actor=loop.street, at=NOON + HOUR, code=ClosingCode.SOLVED)
    with pytest.raises(Forbidden):
        ending.reopen(incident=incident, actor=loop.people.oona, at=NOON + timedelta(days=16), note="又积水")

    ending.reopen(incident=incident, actor=loop.people.oona, at=NOON + timedelta(days=2), note="又积水")

    settle()
    incident.refresh_from_db()
    assert (incident.stage, incident.round, incident.closed_at) == ("FILED", 2, None)
    assert incident.deadline_at == NOON + timedelta(days=2) + 4 * HOUR


def test_a_unit_that_leads_is_not_added_as_its_own_co_handler(loop: Loop):
    incident = filed(loop)
    handling.dispatch(incident=incident, units=[lead(loop.roads)], actor=loop.street, at=NOON)

    with pytest.raises(Invalid, match="leads already"):
        handling.add_unit(
            incident=incident, units=[co(loop.lights), co(loop.roads)], actor=loop.street, at=NOON
        )

    assert [(order.unit, order.role) for order in incident.work_orders.at_work()] == [(loop.roads, "lead")]


def test_no_unit_is_added_where_the_worker_does_it_again(loop: Loop):
    incident = reported(loop.people.oona)
    for role in ("before", "after"):
        photographed(incident, loop.people.ann, NOON, role)
    actions.handle_on_spot(incident=incident, actor=loop.people.ann, at=NOON)
    verifier = verifier_of(incident)
    photographed(incident, verifier, NOON + MINUTE)
    ending.verify_result(incident=incident, actor=verifier, at=NOON + 2 * MINUTE, passes=False, note="还没好")

    with pytest.raises(Invalid, match="No unit leads"):
        handling.add_unit(incident=incident, units=[co(loop.lights)], actor=loop.street, at=NOON + HOUR)


def test_a_community_whistles_and_the_units_sign_in(loop: Loop):
    incident = filed(loop, is_self_governed=True)
    phase = IncidentClock.objects.get(incident=incident, what="community_phase")
    assert phase.due_at == NOON + timedelta(days=3)
    handling.whistle(
        incident=incident,
        units=[lead(loop.roads), co(loop.water)],
        meeting_at=NOON + 2 * HOUR,
        meeting_place="南门",
        actor=loop.people.dan,
        at=NOON + HOUR,
    )
    handling.arrive(incident=incident, actor=loop.wat, at=NOON + 2 * HOUR, move=Move.SIGN_IN)

    settle()
    assert incident.work_orders.get(unit=loop.water).arrived_at == NOON + 2 * HOUR
    running = IncidentClock.objects.running().filter(incident=incident, span="stage")
    assert sorted(running.values_list("what", flat=True)) == ["accept", "joint_phase"]
    plain = filed(loop)
    with pytest.raises(Invalid, match="self-governed"):
        handling.whistle(
            incident=plain, units=[lead(loop.roads)], meeting_at=NOON + HOUR, meeting_place="x",
            actor=loop.people.dan, at=NOON,
        )  # fmt: skip


def test_the_worker_checks_a_report_when_the_desk_asks(loop: Loop):
    incident = reported(loop.people.oona)
    ann = loop.people.ann
    with pytest.raises(Conflict, match="asked"):
        ending.verify_report(incident=incident, actor=ann, at=NOON, is_true=True)
    ending.ask_check(incident=incident, actor=loop.people.oona, at=NOON)
    with pytest.raises(Invalid, match="photo"):
        ending.verify_report(incident=incident, actor=ann, at=NOON, is_true=True)
    photographed(incident, ann, NOON, "near")

    ending.verify_report(incident=incident, actor=ann, at=NOON, is_true=False, note="没有积水")

    assert last_step(incident).details == {"is_true": False}


def test_nobody_is_nobody(loop: Loop):
    incident = filed(loop)
    with pytest.raises(IntegrityError, match="incident_always_has_a_holder"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(holder=None)
    with pytest.raises(IntegrityError, match="holder of incident"), transaction.atomic():
        Incident.objects.filter(pk=incident.pk).update(holder=loop.rod)
        StepTaken.objects.create(
            incident=incident,
            move="sensor",
            from_stage="FILED",
            to_stage="FILED",
            level="COMMUNITY",
            taken_at=NOON,
        )
        settle()
    with pytest.raises(IntegrityError, match="without a step"), transaction.atomic(), connection.cursor():
        Incident.objects.filter(pk=incident.pk).update(round=2)
        settle()


def test_a_worker_who_solves_it_on_the_spot_does_not_verify_it(loop: Loop):
    incident = reported(loop.people.ann)
    for role in ("before", "after"):
        photographed(incident, loop.people.ann, NOON, role)

    actions.handle_on_spot(incident=incident, actor=loop.people.ann, at=NOON)

    settle()
    assert incident.holder_id != loop.people.ann.pk
    assert loop.people.ann.pk not in Verification.objects.get(incident=incident).candidates
